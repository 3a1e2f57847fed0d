/**
 * `cache` of an upstream, and `cache.handler`: answers are kept, and sent to others as long as they are fresh.
 * docs/shared-cache.md explains it. src/shared-cache/options.ts has the type that comes out.
 */
import { z } from 'zod';
import { DEFAULTS, type SharedCacheOptions } from '../../../shared-cache/options.js';
import { fieldNameProblem } from '../../header-fields.js';
import { checked, choice, count, duration, key, list, pattern, section, size, toggle } from '../keys.js';

const LONGEST = 2 ** 31 * 1_000;
const LEAST_BYTES = 64 * 1024;

const field = () => checked('the name of a header field', fieldNameProblem);
const parameter = () =>
  pattern('the name of a query parameter, or the beginning of some, such as utm_*', /^[^\s&=#]+$/);

const QUERY = section({
  keep: key(list(parameter(), 'query parameters'), {
    description: 'The parameters that count; others do not. `page*` stands for all that begin so.',
    defaultText: 'all count',
    example: ['page', 'q'],
  }),
  drop: key(list(parameter(), 'query parameters'), {
    description: 'The parameters that do not count; others do.',
    defaultText: 'none',
    example: ['utm_*', 'fbclid'],
  }),
  sort: key(toggle(), { description: 'Their order does not count.', default: false }),
}).superRefine(({ keep, drop }, context) => {
  if (keep === undefined || drop === undefined) return;
  context.addIssue({ code: 'custom', path: ['drop'], message: 'cannot stand beside "keep", which drops all others' });
});

const KEY = section({
  scheme: key(toggle(), { description: 'Whether http and https are different.', default: true }),
  host: key(toggle(), { description: 'Whether the Host field counts.', default: true }),
  query: key(QUERY, { description: 'Which query parameters count.' }),
  headers: key(list(field(), 'header fields'), {
    description: 'Request fields that count, beside those of Vary. Then no answer takes the fast path.',
    default: [],
    example: ['X-Tenant'],
  }),
  cookies: key(list(pattern('the name of a cookie', /^[^\s=;,"]+$/), 'cookies'), {
    description: 'Cookies that count. Then no answer takes the fast path.',
    default: [],
    example: ['theme'],
  }),
});

const lifetimes = z.record(pattern('a status from 200 to 599', /^[2-5]\d\d$/), duration(1, LONGEST), {
  error: 'must be a mapping of statuses to durations, such as "404: 10s"',
});

const KEPT = section({
  name: key(pattern('a token, such as edge-1', /^[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*$/), {
    description: 'Its name in Cache-Status.',
    default: DEFAULTS.name,
  }),
  size: key(size(LEAST_BYTES, undefined, 'a size of at least 64k, such as 64M'), {
    description: 'The most memory for all kept answers. Those on the fast path lie in the memory for files as well.',
    default: '64M',
  }),
  maxObject: key(size(1, 2 ** 30, 'a size of at most 1G, such as 8M'), {
    description: 'A longer answer is not kept.',
    default: '8M',
  }),
  variants: key(count(1, 1_000), {
    description: 'Answers for one key, by the fields that Vary names. The oldest goes first.',
    default: DEFAULTS.variants,
  }),
  key: key(KEY, { description: 'What makes two requests ask for the same.' }),
  lifetimes: key(lifetimes, {
    description: 'How long an answer with this status is fresh if it says nothing about that.',
    defaultText: 'none',
    example: { 200: '1m', 404: '10s' },
  }),
  heuristic: key(z.number({ error: 'must be a number from 0 to 1' }).min(0).max(1), {
    description: 'An answer with Last-Modified that says nothing else is fresh for this part of the time since then.',
    default: 0.1,
  }),
  heuristicMost: key(duration(0, LONGEST), { description: 'The longest such time.', default: '24h' }),
  staleWhileRevalidate: key(duration(0, LONGEST), {
    description: 'How long a stale answer is sent while it is asked for anew, if it does not say.',
    default: '0s',
  }),
  staleIfUnreachable: key(duration(0, LONGEST), {
    description: 'How long a stale answer is sent while the upstream cannot be reached, if it does not say.',
    default: '60s',
  }),
  setCookie: key(choice('never', 'store', 'strip'), {
    description: 'An answer with Set-Cookie is not kept (`never`), kept with the field, or kept without it (`strip`).',
    default: DEFAULTS.setCookie,
  }),
  honorRequests: key(toggle(), {
    description: 'Clients may ask for fresher answers by Cache-Control. Then no answer takes the fast path.',
    default: DEFAULTS.honorRequests,
  }),
  targets: key(list(field(), 'header fields'), {
    description: 'Answer fields that come before Cache-Control, the strongest first.',
    default: [...DEFAULTS.targets],
  }),
  tags: key(list(field(), 'header fields'), {
    description: 'Answer fields with tags to purge by. Clients do not get them.',
    default: [...DEFAULTS.tagFields],
    example: ['xkey'],
  }),
});

/** A switch, or a mapping with options; undefined comes out for `false`. */
export const kept = () =>
  z
    .union([toggle(), KEPT], { error: 'must be true, false or a mapping with options of the cache' })
    .transform((value): SharedCacheOptions | undefined => {
      if (typeof value === 'boolean') return value ? {} : undefined;
      return optionsOf(value);
    });

const seconds = (milliseconds: number | undefined) =>
  milliseconds === undefined ? undefined : Math.floor(milliseconds / 1_000);

/** The names of src/shared-cache/options.ts. */
function optionsOf(values: z.output<typeof KEPT>): SharedCacheOptions {
  const { name, size: memoryBytes, maxObject: objectBytes, variants, key: keyOptions, setCookie } = values;
  const { honorRequests, targets, tags: tagFields, heuristic, heuristicMost } = values;
  const times = values.lifetimes && Object.entries(values.lifetimes);
  return given({
    ...{ name, memoryBytes, objectBytes, variants, setCookie, honorRequests, targets, tagFields },
    key: keyOptions,
    lifetimes: times && Object.fromEntries(times.map(([status, time]) => [status, Math.ceil(time / 1_000)])),
    heuristic:
      heuristic === undefined && heuristicMost === undefined
        ? undefined
        : given({ fraction: heuristic, mostSeconds: seconds(heuristicMost) }),
    staleWhileRevalidate: seconds(values.staleWhileRevalidate),
    staleIfUnreachable: seconds(values.staleIfUnreachable),
  });
}

/** Without what is undefined. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
