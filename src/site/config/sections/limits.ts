/** `limits`: the bounds of HTTP connections and of clients. src/http/limits.ts has the reason of each. */
import { count, duration, key, section, size } from '../keys.js';

const LARGEST = 2 ** 31 - 1;
/** With less no client could be served: curl sends some 80 bytes in all. */
const LEAST_LINE = 64;
const LEAST_HEADER = 128;

export const LIMITS = section({
  requestLine: key(size(LEAST_LINE, LARGEST, 'a size of at least 64, such as 4096 or 8k'), {
    description: 'The longest request line; a longer one is 414.',
    default: '8k',
  }),
  header: key(size(LEAST_HEADER, LARGEST, 'a size of at least 128, such as 4096 or 16k'), {
    description: 'The longest header section; a longer one is 431.',
    default: '16k',
  }),
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
  headTimeout: key(duration(1, LARGEST), {
    description: 'The time from the first byte of a request to the end of its head; after it 408.',
    default: '20s',
  }),
  requestTimeout: key(duration(1, LARGEST), {
    description: 'The time from the first to the last byte of a request; after it 408.',
    default: '30s',
  }),
  stallTimeout: key(duration(1, LARGEST), {
    description: 'An answer that is not taken for this long ends its connection.',
    default: '60s',
  }),
  handlerTimeout: key(duration(0, LARGEST), {
    description: 'The time in which a handler or upstream begins its answer; after it 504. 0: any time.',
    default: '60s',
  }),
  handlerStallTimeout: key(duration(0, LARGEST), {
    description: 'Silence of a handler or upstream in its answer; after it the connection is reset. 0: any time.',
    default: 0,
  }),
  handlerStuck: key(duration(0, LARGEST), {
    description:
      'The thread of the handler, or of the upstreams, that stands still for this long is ended and started again. ' +
      '0: it never is.',
    default: '10s',
  }),
  handlerBody: key(size(0, LARGEST), {
    description: 'The longest request body for a handler or upstream; a longer one is 413. 0: any length.',
    default: 0,
  }),
  minRequestRate: key(size(0, LARGEST), {
    description: 'A request that comes slower than this, per second, gets 408. 0: any.',
    default: 240,
  }),
  minAnswerRate: key(size(0, LARGEST), {
    description: 'An answer that is taken slower than this, per second, is reset. 0: any.',
    default: 240,
  }),
  connectionsPerClient: key(count(0, LARGEST), {
    description: 'More connections of one address, or of one IPv6 /64, are reset. 0: any number.',
    default: 16_384,
  }),
  unfinishedPerClient: key(count(0, LARGEST), {
    description: 'Requests of one client that are only half there; more get 429. 0: any number.',
    default: 1_024,
  }),
  requestsPerSecond: key(count(0, LARGEST), {
    description: 'Requests a second of one client; more get 429 with Retry-After. 0: any number.',
    default: 0,
  }),
  requestBurst: key(count(1, LARGEST), {
    description:
      'Requests that a client may send at once before `requestsPerSecond` counts, and of no effect without that.',
    default: 100,
  }),
});
