/**
 * How many bytes of an answer are heads. The log and the counters want to know: the rest is payload. Node knows the
 * length of the final head. Interim answers (100, 102, 103) are counted here, as they are written.
 */
import { ServerResponse } from 'node:http';
import type { ChannelSocket } from '../channel/index.js';

const INTERIM_BYTES = Symbol('bytes of interim answers');

interface Counted extends ServerResponse {
  [INTERIM_BYTES]: number | undefined;
  readonly _header: string | null;
}

/** Counts from now on. `before`: what was written for this request already (100, if Node itself sent it). */
export function countInterim(res: ServerResponse, before: number): void {
  const counted = res as Counted;
  counted[INTERIM_BYTES] = before;
  counted.writeContinue = writeContinue;
  counted.writeProcessing = writeProcessing;
  counted.writeEarlyHints = writeEarlyHints;
}

/** Counts an interim answer that was written to the socket itself. It does nothing for answers that nobody counts. */
export function noteInterim(res: ServerResponse, bytes: number): void {
  const counted = res as Counted;
  if (counted[INTERIM_BYTES] !== undefined) counted[INTERIM_BYTES] += bytes;
}

/** Bytes of the heads of an answer that has been written. */
export function headBytesOf(res: ServerResponse): number {
  const { [INTERIM_BYTES]: interim, _header } = res as Counted;
  return (interim ?? 0) + (_header?.length ?? 0); // a head is latin1
}

function writeContinue(this: ServerResponse, ...given: Parameters<ServerResponse['writeContinue']>): void {
  counting(this, () => ServerResponse.prototype.writeContinue.apply(this, given));
}

function writeProcessing(this: ServerResponse): void {
  counting(this, () => ServerResponse.prototype.writeProcessing.apply(this));
}

function writeEarlyHints(this: ServerResponse, ...given: Parameters<ServerResponse['writeEarlyHints']>): void {
  counting(this, () => ServerResponse.prototype.writeEarlyHints.apply(this, given));
}

function counting(res: ServerResponse, write: () => void): void {
  const socket = res.socket as unknown as ChannelSocket | null;
  const before = socket?.bytesWritten ?? 0;
  write();
  noteInterim(res, (socket?.bytesWritten ?? before) - before);
}
