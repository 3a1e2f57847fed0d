/**
 * The head that an upstream gets, written anew from what was parsed. Nothing of the client's bytes goes on unseen: the
 * method, the target and the framing are judged here, and a request that could be read in two ways is refused.
 *
 * RFC 9110 sections 7.2 (Host), 7.6 (forwarding), 9.3 (methods); RFC 9112 sections 3.2 (target), 6.1 (framing).
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { fieldOf } from '../../shared-cache/fields.js';
import { ProxyFailure } from '../failure.js';
import type { ForwardedFields } from '../options.js';
import { forwardedFields, type Peer, tellsOfClient } from './forwarded.js';
import { droppedNames, type RawFields, TOKEN } from './hop-by-hop.js';

/** What we call ourselves in Via of answers. */
export const PSEUDONYM = 'fastpath';

/** What we call ourselves in Via of requests for one upstream: no other server and no other upstream has the name. */
export function newPseudonym(): string {
  return `${PSEUDONYM}-${randomBytes(4).toString('hex')}`;
}

/** A head for an upstream. */
export interface RequestHead {
  readonly method: string;
  /** In origin-form. */
  readonly target: string;
  /** The client's host, from the target or the Host field; empty for a request of HTTP/1.0 without one. */
  readonly host: string;
  /** Names and values, without Host and without framing. */
  readonly fields: string[];
  /** How long the body is; undefined: its end is where the client says so (chunked). 0: there is none. */
  readonly bodyLength: number | undefined;
}

/** What the head depends on besides the request. */
export interface HeadRules {
  readonly forwarded: ForwardedFields;
  readonly peer: Peer;
  /** Our name in Via. */
  readonly pseudonym: string;
}

/** Fields that we write ourselves or that another part of the head has. */
const NOT_COPIED = new Set([
  'host',
  'content-length',
  'expect',
  'via',
  'max-forwards',
  'http2-settings',
  // CGI would take it for the proxy that programs are to use ("httpoxy", CVE-2016-5385).
  'proxy',
]);

/** A target that is a path: printable ASCII, and no fragment. */
const TARGET = /^[\x21\x22\x24-\x7e]+$/;

/** @throws {ProxyFailure} `request`, with the status for the client; `loop` */
export function requestHead(req: IncomingMessage, { forwarded, peer, pseudonym }: HeadRules): RequestHead {
  const raw = req.rawHeaders;
  const method = methodOf(req);
  const { target, host } = targetOf(req, raw);
  const dropped = droppedNames(raw);
  const fields: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (isCopied(name, dropped)) fields.push(name, raw[i + 1] as string);
  }
  const te = fieldOf(raw, 'te');
  if (te !== undefined && /(^|,)\s*trailers\s*(;|,|$)/i.test(te)) fields.push('TE', 'trailers');
  fields.push(...forwardedFields(forwarded, peer, host, raw));
  const via = fieldOf(raw, 'via');
  if (via?.includes(pseudonym)) throw new ProxyFailure('loop', 'the upstream leads back to this server');
  const ours = `${req.httpVersion === '2.0' ? '2' : req.httpVersion} ${pseudonym}`;
  fields.push('Via', via === undefined ? ours : `${via}, ${ours}`);
  const hops = hopsOf(method, fieldOf(raw, 'max-forwards'));
  if (hops !== undefined) fields.push('Max-Forwards', String(hops));
  return { method, target, host, fields, bodyLength: bodyLengthOf(req, raw) };
}

/** An underscore counts as a hyphen: CGI and WSGI take `X_Forwarded_For` and `X-Forwarded-For` for one name. */
function isCopied(name: string, dropped: ReadonlySet<string>): boolean {
  if (name.startsWith(':')) return false;
  const lower = name.toLowerCase();
  const plain = lower.includes('_') ? lower.replaceAll('_', '-') : lower;
  if (plain !== lower && (dropped.has(plain) || NOT_COPIED.has(plain))) return false;
  return !dropped.has(lower) && !NOT_COPIED.has(lower) && !tellsOfClient(plain);
}

/** CONNECT would make a tunnel, and TRACE would show a client what front proxies add. */
function methodOf({ method = '' }: IncomingMessage): string {
  if (!TOKEN.test(method)) throw new ProxyFailure('request', 'the method is no token');
  if (method === 'CONNECT' || method === 'TRACE') {
    throw new ProxyFailure('request', `${method} is not forwarded`, 405);
  }
  return method;
}

/** The target as a path, and the host: an absolute target says more than the Host field (RFC 9112 section 3.2.2). */
function targetOf(
  { method, url = '', httpVersionMajor }: IncomingMessage,
  raw: RawFields,
): { target: string; host: string } {
  if (!TARGET.test(url)) throw new ProxyFailure('request', 'the target has characters that no URI has');
  const field = hostOf(raw);
  if (!HOST.test(field)) throw new ProxyFailure('request', 'the Host field is no host');
  if (url.startsWith('/') || (url === '*' && method === 'OPTIONS')) return { target: url, host: field };
  const [, authority, path = ''] = /^https?:\/\/([^/?]*)(.*)$/i.exec(url) ?? [];
  if (authority === undefined || authority === '' || !HOST.test(authority) || httpVersionMajor > 1) {
    throw new ProxyFailure('request', 'the target is neither a path nor an address');
  }
  return { target: path.startsWith('/') ? path : `/${path}`, host: authority };
}

/** The Host field, or what HTTP/2 has in its place; '' if there is none. */
function hostOf(raw: RawFields): string {
  let found: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.length !== 4 && name.length !== 10) continue;
    const lower = name.toLowerCase();
    if (lower !== 'host' && lower !== ':authority') continue;
    const value = raw[i + 1] as string;
    if (found !== undefined && found !== value) throw new ProxyFailure('request', 'two Host fields');
    found = value;
  }
  return found ?? '';
}

/** A name or an address, and perhaps a port (RFC 3986 section 3.2, without user information). Empty is allowed. */
const HOST = /^(?:[\w!$&'()*+,;=.~%-]*|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?$/;

/** RFC 9110 section 7.6.2: it counts for OPTIONS only, since TRACE is refused. */
function hopsOf(method: string, value: string | undefined): number | undefined {
  if (method !== 'OPTIONS' || value === undefined || !/^\d{1,9}$/.test(value)) return undefined;
  return Number(value) - 1;
}

/** True: this OPTIONS is for us (`*`, or no hop is left). */
export function endsHere({ method, target, fields }: RequestHead): boolean {
  return target === '*' || (method === 'OPTIONS' && fieldOf(fields, 'max-forwards') === '-1');
}

/**
 * Transfer-Encoding counts before Content-Length, and both at once is what smuggling is made of. Node's own parser
 * refuses that too; a handler may be given requests of another one.
 */
function bodyLengthOf({ httpVersionMajor }: IncomingMessage, raw: RawFields): number | undefined {
  const coding = fieldOf(raw, 'transfer-encoding');
  const length = fieldOf(raw, 'content-length');
  if (coding !== undefined) {
    if (length !== undefined) throw new ProxyFailure('request', 'both Transfer-Encoding and Content-Length');
    if (coding.toLowerCase() !== 'chunked') {
      throw new ProxyFailure('request', 'a transfer coding other than chunked', 501);
    }
    return undefined;
  }
  // A request of HTTP/2 without a length may have a body all the same.
  if (length === undefined) return httpVersionMajor > 1 ? undefined : 0;
  if (!/^\d{1,15}$/.test(length)) throw new ProxyFailure('request', 'the Content-Length is no number');
  return Number(length);
}
