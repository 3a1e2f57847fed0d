/** A request of HTTP/2 as HTTP/1.1 has it (RFC 9113 section 8.3.1): a head that is written anew. */
import type { IncomingHttpHeaders } from 'node:http2';

/** What a request line and a Host field may hold here; what of it is right, the scanner decides. */
const VISIBLE = /^[\x21-\x7e]+$/;
/** Would end a line. nghttp2 lets none of them through. */
const ENDS_LINE = /[\0\r\n]/;
/** Not sent on: those of a connection, and those that we write ourselves. */
const LEFT_OUT = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
]);

/**
 * The head in HTTP/1.1, in Latin-1; undefined: there is none that means the same.
 * @param isWhole no body follows. Otherwise it is chunked, unless its length is given.
 */
export function headOf(headers: IncomingHttpHeaders, isWhole: boolean): string | undefined {
  const { ':method': method, ':path': path, ':authority': authority = headers.host } = headers;
  if (typeof method !== 'string' || typeof path !== 'string' || !VISIBLE.test(method) || !VISIBLE.test(path)) return;
  if (typeof authority !== 'string' || !VISIBLE.test(authority)) return;
  let text = `${method} ${path} HTTP/1.1\r\nHost: ${authority}\r\n`;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || name.startsWith(':') || LEFT_OUT.has(name)) continue;
    if (typeof value === 'string') {
      if (ENDS_LINE.test(value)) return;
      text += `${name}: ${value}\r\n`;
      continue;
    }
    for (const each of value) {
      if (ENDS_LINE.test(each)) return;
      text += `${name}: ${each}\r\n`;
    }
  }
  if (!isWhole && headers['content-length'] === undefined) text += 'Transfer-Encoding: chunked\r\n';
  return `${text}\r\n`;
}
