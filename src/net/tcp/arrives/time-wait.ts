/**
 * RFC 9293 section 3.10.7.4 for the TIME-WAIT state, with RFC 6191 (a new connection from the same port may begin early)
 * and RFC 1337 (a reset does not end it).
 */
import { TRANSPORT_AT } from '../../device/frame.js';
import { ACK, FIN, RST, SYN, TCP_HEADER_BYTES } from '../../wire/tcp.js';
import { TIMESTAMPS_BYTES, writeTimestamps, writeTwoNops } from '../../wire/tcp-options.js';
import type { TcpHost } from '../block/host.js';
import type { TimeWait } from '../parts/time-wait-table.js';
import type { Segment } from '../segment.js';
import { emitBare, timestampAt } from '../send/emit.js';
import { isAfter, isBefore } from '../sequence.js';

/** Returns true if the segment is a SYN that may begin a new connection: then the old one is forgotten. */
export function arrivesInTimeWait(host: TcpHost, entry: TimeWait, segment: Segment): boolean {
  // RFC 1337 section 3: an old duplicate reset must not shorten the wait.
  if (segment.has(RST)) return false;
  // MAY-2: from LISTEN only. Where nobody listens a SYN opens nothing, and should end nothing either.
  const opens = (segment.flags & (SYN | ACK | FIN)) === SYN && host.listeners.has(segment.destinationPort);
  if (opens && mayBeginAnew(entry, segment)) {
    host.timeWaits.delete(entry);
    return true;
  }
  // Fifth step of section 3.10.7.4: without ACK it is dropped, whatever else it is (but for a SYN).
  if (!segment.has(ACK | SYN)) return false;
  // "The only thing that can arrive in this state is a retransmission of the remote FIN": acknowledge it again. Anything
  // else outside the window gets the same ACK (first step); a plain ACK that fits is simply dropped.
  if (segment.has(FIN | SYN) || segment.dataLength > 0 || segment.sequence !== entry.rcvNxt) repeatAck(host, entry);
  return false;
}

/** RFC 6191 section 2: a later timestamp, or where there is none to compare a later sequence number. */
function mayBeginAnew(entry: TimeWait, segment: Segment): boolean {
  const options = segment.options;
  if (entry.timestamps && options.hasTimestamps) {
    if (isAfter(options.timestampValue, entry.timestampRecent)) return true;
    if (isBefore(options.timestampValue, entry.timestampRecent)) return false;
  }
  return isAfter(segment.sequence, entry.rcvNxt);
}

function repeatAck(host: TcpHost, entry: TimeWait): void {
  let optionBytes = 0;
  if (entry.timestamps) {
    const header = host.frame.header;
    const now = timestampAt(host, entry.timestampOffset);
    const at = writeTwoNops(header, TRANSPORT_AT + TCP_HEADER_BYTES);
    writeTimestamps(header, at, now, entry.timestampRecent);
    optionBytes = TIMESTAMPS_BYTES;
  }
  const { route, localPort, remotePort, sndNxt, rcvNxt } = entry;
  emitBare(host, route, localPort, remotePort, sndNxt, rcvNxt, ACK, entry.window, optionBytes);
}
