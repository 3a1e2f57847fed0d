/** `limits`: the bounds of one HTTP connection. src/http/limits.ts has the reason of each. */
import type { HttpLimits } from '../../../http/limits.js';
import { count, duration, key, section, size } from '../keys.js';

const LARGEST = 2 ** 31 - 1;

export const LIMITS = section({
  requestLine: key(size(1, LARGEST), { description: 'The longest request line; a longer one is 414.', default: '8k' }),
  header: key(size(1, LARGEST), { description: 'The longest header section; a longer one is 431.', default: '16k' }),
  fields: key(count(1, LARGEST), { description: 'The most header fields; more are 431.', default: 100 }),
  body: key(size(1, LARGEST), {
    description: 'The longest request body that is read past; a longer one is 413.',
    default: '64k',
  }),
  requests: key(count(1, LARGEST), {
    description: 'Requests on one connection before it is closed.',
    default: 1_000_000,
  }),
  idleTimeout: key(duration(1, LARGEST), {
    description: 'Silence between two requests before the connection is closed.',
    default: '75s',
  }),
  requestTimeout: key(duration(1, LARGEST), {
    description: 'The time from the first to the last byte of a request; after it 408.',
    default: '30s',
  }),
  stallTimeout: key(duration(1, LARGEST), {
    description: 'An answer that is not taken for this long ends its connection.',
    default: '60s',
  }),
});

/** The name of each in HttpLimits. */
export const LIMIT_NAMES = {
  requestLine: 'requestLineBytes',
  header: 'headerBytes',
  fields: 'headerFields',
  body: 'bodyBytes',
  requests: 'requestsPerConnection',
  idleTimeout: 'idleTimeoutMs',
  requestTimeout: 'requestTimeoutMs',
  stallTimeout: 'stallTimeoutMs',
} as const satisfies Record<keyof typeof LIMITS.shape, keyof HttpLimits>;
