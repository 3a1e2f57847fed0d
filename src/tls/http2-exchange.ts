/**
 * One request of HTTP/2, as our HTTP/1.1 has it (RFC 9113 section 8.3.1): a head that is written anew, and a body that
 * is chunked if its length is not given. Each request is a connection of its own to HTTP, so requests of one session do
 * not wait for each other.
 */
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Acceptor } from '../net/tcp/handler.js';
import { AnswerParser, type Field } from './answer-parser.js';
import { type Endpoints, StreamConnection } from './stream-connection.js';

const { HTTP2_HEADER_STATUS, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;
const LAST_CHUNK = Buffer.from('0\r\n\r\n', 'latin1');
const CRLF = Buffer.from('\r\n', 'latin1');
/** What a request line and a Host field may hold here; what of it is right, the scanner decides. */
const VISIBLE = /^[\x21-\x7e]+$/;
/** Not sent on: those of a connection, those that we write ourselves, and what ends the connection for us. */
const LEFT_OUT = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
]);

/** What an exchange needs beside its stream. */
export interface ExchangeParts {
  readonly endpoints: Endpoints;
  readonly accept: Acceptor;
  readonly tick: () => void;
}

/** Answers one request. Returns its connection; undefined: it was refused. */
export function exchange(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  isWhole: boolean,
  { endpoints, accept, tick }: ExchangeParts,
): StreamConnection | undefined {
  const head = headOf(headers, isWhole);
  if (head === undefined) {
    stream.respond({ [HTTP2_HEADER_STATUS]: headers[':method'] === 'CONNECT' ? 501 : 400 }, { endStream: true });
    return undefined;
  }
  const connection = new StreamConnection(parserFor(stream, headers[':method'] === 'HEAD'), endpoints, tick);
  connection.onPause = (isPaused) => {
    if (isPaused) stream.pause();
    else stream.resume();
  };
  stream.on('close', () => connection.gone(stream.rstCode === NGHTTP2_NO_ERROR ? 'closed' : 'reset'));
  stream.on('error', () => {}); // 'close' follows
  connection.use(accept);
  connection.deliver(Buffer.from(head, 'latin1'));
  if (!isWhole) feedBody(stream, connection, headers['content-length'] === undefined);
  return connection;
}

/** The head in HTTP/1.1; undefined: there is none that means the same. */
function headOf(headers: IncomingHttpHeaders, isWhole: boolean): string | undefined {
  const { ':method': method, ':path': path, ':authority': authority = headers.host } = headers;
  if (typeof method !== 'string' || typeof path !== 'string' || !VISIBLE.test(method) || !VISIBLE.test(path)) return;
  if (typeof authority !== 'string' || !VISIBLE.test(authority)) return;
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${authority}`, 'Connection: close'];
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || LEFT_OUT.has(name)) continue;
    for (const each of [value].flat()) lines.push(`${name}: ${each}`);
  }
  if (!isWhole && headers['content-length'] === undefined) lines.push('Transfer-Encoding: chunked');
  const text = lines.join('\r\n');
  return /[\0\r\n]/.test(lines.join('')) ? undefined : `${text}\r\n\r\n`;
}

function feedBody(stream: ServerHttp2Stream, connection: StreamConnection, isChunked: boolean): void {
  stream.on('data', (chunk: Buffer) => {
    if (chunk.length === 0) return;
    const size = Buffer.from(`${chunk.length.toString(16)}\r\n`, 'latin1');
    connection.deliver(isChunked ? Buffer.concat([size, chunk, CRLF]) : chunk);
  });
  if (isChunked) stream.on('end', () => connection.deliver(LAST_CHUNK));
}

/** Writes the answer to `stream`. */
function parserFor(stream: ServerHttp2Stream, isHead: boolean): AnswerParser {
  const isOpen = () => !stream.destroyed && !stream.closed;
  const parser = new AnswerParser(
    {
      interim(status, fields) {
        if (isOpen() && !stream.headersSent)
          stream.additionalHeaders({ [HTTP2_HEADER_STATUS]: status, ...record(fields) });
      },
      head(status, fields, isWhole) {
        if (isOpen()) stream.respond({ [HTTP2_HEADER_STATUS]: status, ...record(fields) }, { endStream: isWhole });
      },
      body(bytes, done) {
        if (isOpen()) stream.write(bytes, () => done());
        else done();
      },
      end(isBroken) {
        if (!isOpen()) return;
        if (isBroken) stream.close(NGHTTP2_INTERNAL_ERROR);
        else stream.end();
      },
    },
    isHead,
  );
  parser.on('close', () => {
    if (isOpen() && !stream.writableEnded) stream.close(NGHTTP2_INTERNAL_ERROR);
  });
  return parser;
}

function record(fields: readonly Field[]): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {};
  for (const [name, value] of fields) {
    const before = out[name];
    out[name] = before === undefined ? value : [before, value].flat();
  }
  return out;
}
