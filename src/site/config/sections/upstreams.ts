/** `upstreams`: groups of servers that answer what this one cannot. docs/proxy.md explains it. */
import { z } from 'zod';
import { TrustList } from '../../../proxy/fields/trust.js';
import type { HashKey, UpstreamOptions } from '../../../proxy/options.js';
import { serverUrlProblem } from '../../../proxy/server-url.js';
import { checked, choice, count, duration, key, list, required, section, size, text, toggle } from '../keys.js';
import { given, kept } from './kept.js';

const LARGEST = 2 ** 31 - 1;
const URL_FORM = 'the URL of a server, such as http://127.0.0.1:3000, or unix:/run/app.sock';

const SERVER = section({
  url: required(checked(URL_FORM, serverUrlProblem), {
    description: 'Where the server is.',
    example: 'http://127.0.0.1:3000',
  }),
  weight: key(count(1, 1_000), { description: 'Its share of the requests beside the other servers.', default: 1 }),
  backup: key(toggle(), { description: 'It gets requests only while no other server is up.', default: false }),
});

/** A URL alone, or a mapping. */
const server = z
  .union([z.string(), SERVER], { error: `must be ${URL_FORM}, or a mapping with url, weight and backup` })
  .transform((value, context) => {
    if (typeof value !== 'string') return value;
    const message = serverUrlProblem(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
    return { url: value };
  });

const PARTS = 'target, path, address, header NAME, cookie NAME or query NAME';

function parseHashKey(value: string): HashKey {
  const [of = '', name, ...rest] = value.split(/\s+/);
  if (of === 'target' || of === 'path' || of === 'address') {
    if (name === undefined) return { of };
  } else if ((of === 'header' || of === 'cookie' || of === 'query') && name !== undefined && rest.length === 0) {
    return { of, name };
  }
  throw new RangeError(`Not ${PARTS}.`);
}

const trusted = checked('an address or a network, such as 10.0.0.0/8', (value) => {
  try {
    new TrustList([value]);
    return undefined;
  } catch {
    return 'must be an address or a network, such as 10.0.0.0/8';
  }
});

const RETRY = section({
  attempts: key(count(0, 10), { description: 'How often a request is sent once more at most.', default: 1 }),
  on: key(list(choice('connect', 'reset', 'timeout', 'unavailable'), 'reasons'), {
    description:
      'When: no connection came about (`connect`: the only reason for a POST), the connection broke before an answer ' +
      '(`reset`), no answer came in time (`timeout`), the answer is 502, 503 or 504 (`unavailable`).',
    default: ['connect', 'reset'],
  }),
  body: key(size(0, 16 * 1024 * 1024, 'a size of at most 16M, such as 64k'), {
    description: 'A request with a longer body is not sent once more.',
    default: '64k',
  }),
});

const PASSIVE = section({
  failures: key(count(0, 1_000), {
    description: 'So many failed requests pause a server. 0: it is never paused.',
    default: 3,
  }),
  within: key(duration(1, LARGEST), { description: 'In which time they must fall.', default: '10s' }),
  pause: key(duration(1, LARGEST), {
    description: 'For how long. Then one request that is answered brings the server back.',
    default: '10s',
  }),
});

const CHECK = section({
  path: required(checked('a path that begins with /', pathProblem), {
    description: 'The target of a GET to each server now and then.',
    example: '/healthz',
  }),
  host: key(checked('a host', hostProblem), {
    description: 'Its Host field.',
    defaultText: "the server's own name",
    example: 'example.org',
  }),
  every: key(duration(10, LARGEST), { description: 'Between two checks.', default: '5s' }),
  timeout: key(duration(1, LARGEST), { description: 'For the whole answer.', default: '2s' }),
  status: key(text('a status or a range of them, such as 200 or 200-399', parseStatuses), {
    description: 'The statuses that are right.',
    default: '200-399',
  }),
  rise: key(count(1, 100), { description: 'Right answers in a row until a server is up again.', default: 2 }),
  fall: key(count(1, 100), { description: 'Failures in a row until it is down.', default: 3 }),
});

function pathProblem(value: string): string | undefined {
  return /^\/[\x21\x22\x24-\x7e]*$/.test(value) ? undefined : 'must be a path that begins with /, such as /healthz';
}

function hostProblem(value: string): string | undefined {
  return /^[\w.:[\]-]+$/.test(value) ? undefined : 'must be a host, such as example.org';
}

function parseStatuses(value: string): [number, number] {
  const [, least, most = least] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(value) ?? [];
  if (least === undefined || Number(most) < Number(least)) throw new RangeError('Not a status.');
  return [Number(least), Number(most)];
}

const KEYS = section({
  servers: required(list(server, 'servers').min(1, { error: 'must have at least one server' }), {
    description: 'The servers: each a URL, or a mapping with `url`, `weight` (1 to 1000) and `backup` (true or false).',
    example: ['http://127.0.0.1:3000'],
  }),
  balance: key(choice('round-robin', 'least-connections', 'hash'), {
    description:
      'How the server of a request is chosen: in turn by weight, by the fewest requests for its weight, or always the ' +
      'same one for the same `hash`.',
    default: 'round-robin',
  }),
  hash: key(text(PARTS, parseHashKey), {
    description: `With \`balance: hash\`, what decides: ${PARTS}.`,
    default: 'target',
  }),
  host: key(choice('keep', 'upstream'), {
    description: "The Host field that a server sees: the client's (`keep`), or its own name (`upstream`).",
    default: 'keep',
  }),
  forwarded: key(choice('both', 'x-forwarded', 'rfc7239', 'none'), {
    description: 'The fields that tell a server of the client: X-Forwarded-For, -Proto and -Host, Forwarded, or both.',
    default: 'both',
  }),
  trust: key(list(trusted, 'addresses and networks'), {
    description: 'Front proxies whose X-Forwarded-* and Forwarded are believed. Those of all others are dropped.',
    default: [],
    example: ['10.0.0.0/8'],
  }),
  connections: key(count(1, 65_535), {
    description: 'Requests that one server has at a time, and so the connections to it.',
    default: 128,
  }),
  tunnels: key(count(0, 65_535), {
    description: 'WebSockets and the like that one server has at a time; they do not count as requests.',
    default: 4_096,
  }),
  queue: key(count(0, 65_535), {
    description: 'Requests that wait while all servers have as many as they may; more get 503.',
    default: 1_024,
  }),
  queueTimeout: key(duration(1, LARGEST), { description: 'How long each may wait; then 503.', default: '5s' }),
  connectTimeout: key(duration(1, LARGEST), {
    description: 'Until a connection is there, TLS included; then 504.',
    default: '5s',
  }),
  sendTimeout: key(duration(1, LARGEST), {
    description: 'How long a server may take nothing of a body that waits for it; then 504.',
    default: '60s',
  }),
  headTimeout: key(duration(1, LARGEST), {
    description: 'From the end of a request to the head of its answer; then 504.',
    default: '60s',
  }),
  bodyTimeout: key(duration(1, LARGEST), {
    description: 'The longest silence within an answer; then it is cut.',
    default: '60s',
  }),
  keepAlive: key(duration(1, LARGEST), {
    description: 'How long an idle connection is kept, if the server does not say less by Keep-Alive.',
    default: '4s',
  }),
  header: key(size(1_024, 1024 * 1024, 'a size from 1k to 1M, such as 32k'), {
    description: 'The longest head of an answer, and its longest trailer section.',
    default: '32k',
  }),
  retry: key(RETRY, { description: 'When a request is sent once more.' }),
  passive: key(PASSIVE, { description: 'When a server is left alone because requests failed.' }),
  check: key(CHECK, { description: 'Requests of our own that find out whether a server works.' }),
  cache: key(kept(), {
    description: 'Answers are kept, and sent to others as long as they are fresh: `true`, or a mapping.',
    default: false,
  }),
  slowStart: key(duration(0, LARGEST), {
    description: 'For how long the share of a server grows that has come back.',
    default: '0s',
  }),
});

type Values = z.output<typeof KEYS>;

const UPSTREAM = KEYS.superRefine(checkTogether).transform(optionsOf);

/** What is wrong although each value is right by itself. */
function checkTogether({ servers, balance, hash }: Values, context: z.RefinementCtx): void {
  for (const [place, { url }] of servers.entries()) {
    if (servers.findIndex((each) => each.url === url) === place) continue;
    context.addIssue({ code: 'custom', path: ['servers', place], message: 'stands here twice: give it a weight' });
  }
  if (hash === undefined || balance === 'hash') return;
  context.addIssue({ code: 'custom', path: ['hash'], message: 'has no effect without "balance: hash"' });
}

const NAME = /^[A-Za-z][\w.-]{0,62}$/;
/** Each has its counters and its connections. */
const MOST_UPSTREAMS = 256;

/** By name. */
export const UPSTREAMS = z
  .record(checked('a name', nameProblem), UPSTREAM, {
    error: 'must be a mapping of names to upstreams, such as "app: {servers: [http://127.0.0.1:3000]}"',
  })
  .refine((value) => Object.keys(value).length <= MOST_UPSTREAMS, {
    error: `must have at most ${MOST_UPSTREAMS} upstreams`,
  });

function nameProblem(value: string): string | undefined {
  return NAME.test(value) ? undefined : 'is no name of an upstream: letters, digits, "-", "_" and ".", a letter first';
}

/** The names of src/proxy/options.ts. */
function optionsOf(values: Values): UpstreamOptions {
  const { servers, balance, host, forwarded, trust, connections, tunnels, queue, retry, passive, check } = values;
  return {
    servers,
    ...given({
      ...{ balance, host, forwarded, trust, connections, tunnels, queue, cache: values.cache },
      hashKey: values.hash,
      queueTimeoutMs: values.queueTimeout,
      connectTimeoutMs: values.connectTimeout,
      sendTimeoutMs: values.sendTimeout,
      headTimeoutMs: values.headTimeout,
      bodyTimeoutMs: values.bodyTimeout,
      keepAliveMs: values.keepAlive,
      headerBytes: values.header,
      slowStartMs: values.slowStart,
      retry: retry && given({ attempts: retry.attempts, on: retry.on, bodyBytes: retry.body }),
      passive: passive && given({ failures: passive.failures, withinMs: passive.within, pauseMs: passive.pause }),
      check: check && checkOf(check),
    }),
  };
}

function checkOf({ path, host, every, timeout, status, rise, fall }: z.output<typeof CHECK>) {
  return { path, ...given({ host, everyMs: every, timeoutMs: timeout, statuses: status, rise, fall }) };
}
