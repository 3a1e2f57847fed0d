/**
 * Heads of answers as node:http2 takes them. The head of a hit has two parts that many answers share: the mutable one
 * of this second, and the fixed one of the object (http/sending/sender.ts). So each is read once, and the two are
 * joined once.
 */
import type { OutgoingHttpHeaders } from 'node:http2';
import type { SummedBytes } from '../net/wire/summed-bytes.js';

export type Field = readonly [name: string, value: string];

/** A part of a head. */
export interface HeadPart {
  /** Of its status line; 0: it has none. */
  readonly status: number;
  readonly fields: readonly Field[];
  /** Where the body begins; -1: the head goes on in the next piece. */
  readonly bodyAt: number;
}

/** What the head of an answer says. */
export interface AnswerHead {
  readonly status: number;
  /** For node:http2: the status, and the fields without those of a connection. */
  readonly headers: OutgoingHttpHeaders;
  readonly isChunked: boolean;
  /** Content-Length; -1: there is none. */
  readonly length: number;
}

const LINE_END = '\r\n';
const HEAD_END = '\r\n\r\n';
/** Fields of a connection, which HTTP/2 does not have (RFC 9113 section 8.2.2). */
const CONNECTION_FIELDS = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);
/** Fields that are no lists (RFC 9110 section 5.3), so node:http2 takes one of each, and we give it the first. */
const ONCE = new Set(
  [
    'access-control-allow-credentials access-control-max-age access-control-request-method age authorization',
    'content-length content-location content-md5 content-range content-type date dnt etag expires from host if-match',
    'if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards',
    'proxy-authorization range referer retry-after strict-transport-security tk upgrade-insecure-requests user-agent',
    'x-content-type-options',
  ].flatMap((names) => names.split(' ')),
);
/** Lists that node:http2 takes in one line alone. */
const ONE_LINE = new Set(['content-encoding', 'content-language']);

/** Splits the text of a head, or of a part of one, without the empty line. */
export function readLines(text: string): { readonly status: number; readonly fields: readonly Field[] } {
  const lines = text.split(LINE_END).filter((line) => line !== '');
  const hasStatus = lines[0]?.startsWith('HTTP/') === true;
  const status = hasStatus ? Number(lines[0]?.split(' ')[1]) : 0;
  return { status, fields: lines.slice(hasStatus ? 1 : 0).map(fieldOf) };
}

function fieldOf(line: string): Field {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** Joins the parts of a head. */
export function joinParts(parts: readonly Pick<HeadPart, 'status' | 'fields'>[]): AnswerHead {
  const status = parts[0]?.status ?? 0;
  const headers: Record<string, string | string[]> = {};
  let isChunked = false;
  for (const [name, value] of parts.flatMap(({ fields }) => fields)) {
    if (name === 'transfer-encoding') isChunked ||= /chunked/i.test(value);
    if (CONNECTION_FIELDS.has(name)) continue;
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (ONE_LINE.has(name)) headers[name] = `${before}, ${value}`;
    else if (!ONCE.has(name)) headers[name] = [before, value].flat();
  }
  const length = Number(headers['content-length'] ?? Number.NaN);
  return {
    status,
    headers: { ':status': status, ...headers },
    isChunked,
    length: Number.isSafeInteger(length) ? length : -1,
  };
}

/** Parts that were read, and the last two that were joined. It serves bytes that never change. */
export class AnswerHeads {
  /** By the bytes: they live as long as the object, or for a second. */
  readonly #parts = new WeakMap<SummedBytes, HeadPart>();
  readonly #joined = new WeakMap<HeadPart, { readonly first: HeadPart; readonly head: AnswerHead }>();

  /** What is at the start of these bytes. */
  part(bytes: SummedBytes): HeadPart {
    let part = this.#parts.get(bytes);
    if (part === undefined) {
      part = read(bytes.bytes);
      this.#parts.set(bytes, part);
    }
    return part;
  }

  /** The head that these parts are. */
  join(parts: readonly HeadPart[]): AnswerHead {
    const [first, second] = parts;
    if (parts.length !== 2 || first === undefined || second === undefined) return joinParts(parts);
    const known = this.#joined.get(second);
    if (known?.first === first) return known.head;
    const head = joinParts(parts);
    this.#joined.set(second, { first, head });
    return head;
  }
}

function read(bytes: Uint8Array): HeadPart {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // An empty line may stand first: all fields were in the piece in front of this one.
  const at = text.indexOf(LINE_END, 0, 'latin1') === 0 ? 0 : text.indexOf(HEAD_END, 0, 'latin1');
  const bodyAt = at < 0 ? -1 : at + (at === 0 ? LINE_END.length : HEAD_END.length);
  return { ...readLines(text.toString('latin1', 0, at < 0 ? text.length : at)), bodyAt };
}
