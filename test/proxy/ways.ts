/**
 * Ways to misbehave by bytes alone, and what the client of a proxy gets. misbehaving.test.ts tries them on the proxy
 * alone, test/tap/proxy-origins.test.ts on a whole server over TAP.
 */
import type { Socket } from 'node:net';
import type { UpstreamOptions } from '../../src/proxy/options.js';

export const OK = 'HTTP/1.1 200 OK\r\n';
/** A time-out that a test can wait for, ms. No other one may end before it, however slow the machine is. */
export const SOON_MS = 60;

/** What a client gets, and why. */
export interface Outcome {
  readonly status: number;
  readonly isWhole?: boolean;
  readonly body?: string;
  /** The kind of trouble that is told; undefined: none. */
  readonly kind?: string;
  readonly says?: RegExp;
}

/** A way to misbehave by bytes alone: what is said to each head, and what is done then. */
export interface Way {
  readonly name: string;
  readonly says: string;
  readonly after?: (socket: Socket) => void;
  readonly is: Outcome;
  readonly options?: Partial<UpstreamOptions>;
}

const close = (socket: Socket) => socket.end();
const reset = (socket: Socket) => socket.resetAndDestroy();

export const WAYS: readonly Way[] = [
  { name: 'closes without a word', says: '', after: close, is: { status: 502, kind: 'reset' } },
  { name: 'resets without a word', says: '', after: reset, is: { status: 502, kind: 'reset' } },
  { name: 'closes within its head', says: `${OK}Content-Le`, after: close, is: { status: 502, kind: 'reset' } },
  {
    name: 'closes before its Content-Length is there',
    says: `${OK}Content-Length: 10\r\n\r\nhalf`,
    after: close,
    is: { status: 200, isWhole: false, kind: 'reset' },
  },
  {
    name: 'closes so with Connection: close',
    says: `${OK}Connection: close\r\nContent-Length: 10\r\n\r\nhalf`,
    after: close,
    is: { status: 200, isWhole: false, kind: 'reset' },
  },
  {
    name: 'resets in the middle of its body',
    says: `${OK}Content-Length: 10\r\n\r\nhalf`,
    after: (socket) => setTimeout(() => socket.resetAndDestroy(), 20),
    is: { status: 200, isWhole: false, kind: 'reset' },
  },
  {
    name: 'resets an answer whose end is that of its connection',
    says: `${OK}Connection: close\r\n\r\nhalf`,
    after: (socket) => setTimeout(() => socket.resetAndDestroy(), 20),
    is: { status: 200, isWhole: false, kind: 'reset' },
  },
  {
    name: 'sends more than its Content-Length',
    says: `${OK}Content-Length: 4\r\n\r\nbodyand more than that`,
    is: { status: 200, isWhole: true, body: 'body' },
  },
  {
    name: 'sends two lengths',
    says: `${OK}Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody!`,
    is: { status: 502, kind: 'bad-answer' },
  },
  {
    name: 'sends a list of lengths',
    says: `${OK}Content-Length: 4, 4\r\n\r\nbody`,
    is: { status: 502, kind: 'bad-answer' },
  },
  {
    name: 'sends a length and chunks',
    says: `${OK}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n`,
    is: { status: 502, kind: 'bad-answer' },
  },
  {
    name: 'sends a transfer coding that we do not undo',
    says: `${OK}Transfer-Encoding: gzip\r\n\r\nbody`,
    after: close,
    is: { status: 502, kind: 'bad-answer' },
  },
  {
    name: 'sends a chunk whose size is no number',
    says: `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\nxyz\r\n`,
    is: { status: 200, isWhole: false, kind: 'bad-answer' },
  },
  {
    name: 'sends a chunk that is longer than its size',
    says: `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nbody\r\n0\r\n\r\n`,
    is: { status: 200, isWhole: false, kind: 'bad-answer' },
  },
  {
    name: 'leaves the last chunk out',
    says: `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n`,
    after: close,
    is: { status: 200, isWhole: false, kind: 'reset' },
  },
  { name: 'speaks another protocol', says: 'SSH-2.0-OpenSSH_9.2\r\n', is: { status: 502, kind: 'bad-answer' } },
  { name: 'sends zero bytes', says: '\0\0\0\0\0\0\0\0', is: { status: 502, kind: 'bad-answer' } },
  {
    name: 'folds a line of its head',
    says: `${OK}X-Folded: one\r\n two\r\nContent-Length: 0\r\n\r\n`,
    is: { status: 502, kind: 'bad-answer' },
  },
  {
    name: 'puts a space before the colon',
    says: `${OK}Content-Length : 4\r\n\r\nbody`,
    is: { status: 502, kind: 'bad-answer' },
  },
  {
    name: 'sends a bare CR in a field',
    says: `${OK}X-Bad: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n`,
    is: { status: 502, kind: 'bad-answer' },
  },
  {
    name: 'sends a status that does not exist',
    says: 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n',
    is: { status: 502, kind: 'bad-answer' },
  },
  {
    name: 'switches protocols although nobody asked',
    says: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    is: { status: 502, kind: 'bad-answer' },
  },
  {
    name: 'says 100 although nobody asked',
    says: `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 0\r\n\r\n`,
    is: { status: 502, kind: 'bad-answer' },
  },
  {
    name: 'floods with interim answers',
    says: 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(1_000),
    is: { status: 502, kind: 'bad-answer', says: /interim/ },
  },
  {
    name: 'answers in HTTP/1.0, without a length',
    says: 'HTTP/1.0 200 OK\r\n\r\nold',
    after: close,
    is: { status: 200, isWhole: true, body: 'old' },
  },
  {
    name: 'answers in HTTP/0.9',
    says: '<html>older</html>',
    after: close,
    is: { status: 502, kind: 'bad-answer' },
  },
  {
    name: 'never answers',
    says: '',
    is: { status: 504, kind: 'timeout', says: /60 ms for an answer/ },
    options: { headTimeoutMs: SOON_MS },
  },
  {
    name: 'stops in the middle of its head',
    says: `${OK}X-Half`,
    is: { status: 504, kind: 'timeout' },
    options: { headTimeoutMs: SOON_MS },
  },
  {
    name: 'stops in the middle of its body',
    says: `${OK}Content-Length: 10\r\n\r\nhalf`,
    is: { status: 200, isWhole: false, kind: 'timeout', says: /rest of the answer/ },
    options: { bodyTimeoutMs: SOON_MS },
  },
  {
    name: 'sends a body after 204',
    says: 'HTTP/1.1 204 No Content\r\n\r\nsurprise',
    is: { status: 204, isWhole: true, body: '' },
  },
  {
    name: 'sends trailers longer than a head may be',
    says: `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-T: ${'t'.repeat(40_000)}\r\n\r\n`,
    is: { status: 200, isWhole: false, kind: 'bad-answer', says: /too long/ },
  },
  {
    name: 'has no Date',
    says: `${OK}Content-Length: 2\r\n\r\nok`,
    is: { status: 200, isWhole: true, body: 'ok' },
  },
];
