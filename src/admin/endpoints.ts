/**
 * What the admin listener answers: a table of paths, and an action for each. It knows nothing of sockets, so that a
 * test can ask it directly; listener.ts is the server around it.
 */
import type { Guard, Refusal } from './guard.js';
import type { Health, Verdict } from './health.js';
import type { Metrics } from './metrics.js';
import { AdminError, type AdminSource } from './source.js';
import { parseDrain, parsePurge, WishError } from './wishes.js';

export interface AdminRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface EndpointParts {
  readonly guard: Guard;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly source: AdminSource;
  /** Milliseconds since 1970. */
  now(): number;
}

interface Endpoint {
  readonly does: string;
  /** It changes something: POST, with the token. */
  readonly changes?: boolean;
  /** It needs no token, from wherever. */
  readonly isOpen?: boolean;
  answer(parts: EndpointParts, query: URLSearchParams): AdminAnswer | Promise<AdminAnswer>;
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/': { does: 'this list', answer: () => json(200, { endpoints: LIST }) },
  '/metrics': {
    does: 'the metrics, in the text format of Prometheus',
    answer: async ({ metrics }) => text(200, metrics.contentType, await metrics.text()),
  },
  '/healthz': {
    does: '200 as long as a new start would not help',
    isOpen: true,
    answer: ({ health, now }) => verdict(health.liveness(now())),
  },
  '/readyz': {
    does: '200 while requests are answered, else 503: starting, draining, stuck',
    isOpen: true,
    answer: ({ health, now }) => verdict(health.readiness(now())),
  },
  '/reload': {
    does: 'reads the configuration and the folders again, as SIGHUP',
    changes: true,
    answer: async ({ source }) => json(200, { reloaded: await source.reload() }),
  },
  '/purge': {
    does:
      'reads files again, and takes kept answers away: ?url=/a.css, ?url=http://host/a.css, ?prefix=/assets/ or ' +
      '?tag=news; &site=NAME: files alone; &soft=true: answers are validated',
    changes: true,
    answer: async ({ source }, query) => {
      const { files, answers } = await source.purge(parsePurge(query));
      const isMet = files.some(({ read, removed }) => read + removed > 0) || answers.some((each) => each.answers > 0);
      return json(200, {
        purged: files,
        ...(answers.length > 0 && { answers }),
        ...(!isMet && { hint: 'no site has such a file, and no cache such an answer' }),
      });
    },
  },
  '/drain': {
    does: 'ends the server gracefully: ?delay=5s says no to /readyz first, ?grace=1m waits for answers',
    changes: true,
    answer: ({ source }, query) => {
      const wish = parseDrain(query);
      source.drain(wish);
      const { delayMs, graceMs } = wish;
      const grace = graceMs === undefined ? undefined : graceMs / 1_000;
      return json(202, {
        draining: {
          delaySeconds: delayMs / 1_000,
          graceSeconds: grace === Number.POSITIVE_INFINITY ? 'forever' : grace,
        },
      });
    },
  },
};

const LIST = Object.entries(ENDPOINTS).map(([path, { changes, does }]) => ({
  path,
  method: changes === true ? 'POST' : 'GET',
  does,
}));

/** The answer to a request; never rejected. */
export async function answerAdmin(request: AdminRequest, parts: EndpointParts): Promise<AdminAnswer> {
  const { method } = request;
  const [path = '', query = ''] = split(request.target);
  const endpoint = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined;
  if (endpoint === undefined) {
    return failed(404, `there is no ${path} here`, `There are: ${Object.keys(ENDPOINTS).join(', ')}`);
  }
  const changes = endpoint.changes === true;
  const methods = changes ? ['POST'] : ['GET', 'HEAD'];
  if (!methods.includes(method)) {
    const allow = methods.join(', ');
    return failed(405, `${path} takes ${allow}`, `Ask with: curl -X ${methods[0]} …`, { Allow: allow });
  }
  const { guard } = parts;
  const isOpen = endpoint.isOpen === true;
  const refusal = changes ? guard.refuseChange(request) : guard.refuseReading(request, isOpen);
  if (refusal !== undefined) return refused(refusal);
  if (changes && hasBody(request)) {
    return failed(400, 'a body is not read here', 'Parameters go into the query: /purge?prefix=/assets/');
  }
  try {
    return await endpoint.answer(parts, new URLSearchParams(query));
  } catch (error) {
    return answerTo(error);
  }
}

function split(target: string): [string, string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

function hasBody({ headers }: AdminRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

const STATUS_OF: Readonly<Record<AdminError['code'], number>> = {
  'bad-address': 500,
  'bad-token': 500,
  taken: 500,
  'unknown-site': 404,
  failed: 422,
  busy: 409,
};

function answerTo(error: unknown): AdminAnswer {
  if (error instanceof WishError) return failed(400, error.message, error.advice);
  if (error instanceof AdminError) return failed(STATUS_OF[error.code], error.message, error.advice);
  return failed(500, error instanceof Error ? error.message : String(error), '');
}

function refused({ status, error, advice }: Refusal): AdminAnswer {
  return failed(status, error, advice, status === 401 ? { 'WWW-Authenticate': 'Bearer realm="fastpath"' } : {});
}

function failed(status: number, error: string, advice: string, headers: Record<string, string> = {}): AdminAnswer {
  return json(status, { error, ...(advice !== '' && { advice }) }, headers);
}

function verdict({ ok, ...rest }: Verdict): AdminAnswer {
  return json(ok ? 200 : 503, rest);
}

function json(status: number, value: object, headers: Record<string, string> = {}): AdminAnswer {
  const { body, ...rest } = text(status, 'application/json', `${JSON.stringify(value)}\n`);
  return { ...rest, headers: { ...rest.headers, ...headers }, body };
}

function text(status: number, type: string, body: string): AdminAnswer {
  return {
    status,
    headers: { 'Content-Type': type, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' },
    body,
  };
}
