/** Several parts of a stored answer in one body: multipart/byteranges (RFC 9110 section 14.6). */
import { fieldOf } from '../fields.js';
import type { Part } from '../match/range.js';
import type { Stored } from '../store/stored.js';

/** The body of a 206 with several parts, from a stored answer of `length` bytes (RFC 9110 section 14.6). */
export function multipart(stored: Stored, parts: readonly Part[], length: number): MultipartBody {
  const boundary = boundaryFor(stored);
  const type = fieldOf(stored.fields, 'content-type');
  const first = stored.part?.from ?? 0;
  const pieces: Buffer[] = [];
  for (const part of parts) {
    const range = `Content-Range: bytes ${part.from}-${part.to - 1}/${length}\r\n`;
    const typeLine = type === undefined ? '' : `Content-Type: ${type}\r\n`;
    pieces.push(Buffer.from(`\r\n--${boundary}\r\n${typeLine}${range}\r\n`, 'latin1'));
    pieces.push(stored.body.subarray(part.from - first, part.to - first));
  }
  pieces.push(Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'));
  return { body: Buffer.concat(pieces), contentType: `multipart/byteranges; boundary=${boundary}` };
}

interface MultipartBody {
  readonly body: Buffer;
  readonly contentType: string;
}

/** A boundary that the body does not have. */
function boundaryFor({ body }: Stored): string {
  for (let i = 0; ; i++) {
    const boundary = `fastpath-part-${i}`;
    if (!body.includes(boundary)) return boundary;
  }
}
