/**
 * A request without a body, read from a head that a worker has written (src/http/slow/request-head.ts). It has of
 * IncomingMessage what the proxy and its cache use. Node's own costs a parser, a stream and an object for the fields.
 */
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Fields } from '../../shared-cache/index.js';

const END = '\r\n\r\n';
const VERSION = ' HTTP/1.1';
/** Fields that the worker writes as they stand here. A request with one of them is for node:http. */
const NOT_LEAN = /\r\n(?:Connection|Content-Length|Transfer-Encoding|Expect): /;

export class LeanRequest {
  readonly httpVersion = '1.1';
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly complete = true;
  readonly destroyed = false;
  #headers: IncomingMessage['headers'] | undefined;

  constructor(
    readonly method: string,
    readonly url: string,
    readonly rawHeaders: Fields,
    readonly socket: Socket,
  ) {}

  /** To the proxy and the cache, which use what is here of it. */
  asMessage(): IncomingMessage {
    return this as unknown as IncomingMessage;
  }

  /** The fields by name, joined by Node's own rules. Few requests are asked for them. */
  get headers(): IncomingMessage['headers'] {
    this.#headers ??= headersOf(this.rawHeaders, this.socket);
    return this.#headers;
  }
}

/** The request whose whole head these bytes are; undefined: it is for node:http. */
export function readLean(bytes: Buffer, socket: Socket): LeanRequest | undefined {
  const head = bytes.toString('latin1');
  if (!head.endsWith(END) || NOT_LEAN.test(head)) return undefined;
  const lineEnd = head.indexOf('\r\n');
  const methodEnd = head.indexOf(' ');
  const method = head.slice(0, methodEnd);
  const targetEnd = lineEnd - VERSION.length;
  if ((method !== 'GET' && method !== 'HEAD') || !head.startsWith(VERSION, targetEnd)) return undefined;
  const fields: string[] = [];
  for (let at = lineEnd + 2; at < head.length - 2; ) {
    const end = head.indexOf('\r\n', at);
    const colon = head.indexOf(': ', at);
    if (end === at || colon < 0 || colon > end) return undefined;
    fields.push(head.slice(at, colon), head.slice(colon + 2, end));
    at = end + 2;
  }
  return new LeanRequest(method, head.slice(methodEnd + 1, targetEnd), fields, socket);
}

function headersOf(fields: Fields, socket: Socket): IncomingMessage['headers'] {
  const message = new IncomingMessage(socket) as IncomingMessage & {
    _addHeaderLines(fields: string[], count: number): void;
  };
  message._addHeaderLines([...fields], fields.length);
  return message.headers;
}
