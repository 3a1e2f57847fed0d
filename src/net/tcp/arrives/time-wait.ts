/**
 * RFC 9293 section 3.10.7.4 for the TIME-WAIT state, with RFC 6191 (a new connection from the same port may begin
 * early) and RFC 1337 (whether a reset ends it). Where the RFC leaves a choice, this follows Linux
 * (tcp_timewait_state_process).
 */

import { TRANSPORT_AT } from '../../device/frame.js';
import { ACK, FIN, RST, SYN, TCP_HEADER_BYTES } from '../../wire/tcp.js';
import { TIMESTAMPS_BYTES, writeTimestamps, writeTwoNops } from '../../wire/tcp-options.js';
import type { TcpHost } from '../block/host.js';
import { timestampAt } from '../block/timestamp-clock.js';
import type { TimeWait } from '../parts/time-wait-table.js';
import type { Segment } from '../segment.js';
import { emitBare } from '../send/emit.js';
import { isAfter } from '../sequence.js';
import { isOlder } from '../wrapping.js';

/** Returns true if the segment is a SYN that may begin a new connection: then the old one is forgotten. */
export function arrivesInTimeWait(host: TcpHost, entry: TimeWait, segment: Segment): boolean {
  // PAWS (RFC 7323 section 5.3): a segment from an earlier time.
  const isOld = hasOldTimestamp(entry, segment);
  const isExact = segment.sequence === entry.rcvNxt && !isOld;
  if (segment.has(RST)) {
    // RFC 1337 calls this assassination. But a peer that restarts with the same port has no other way to connect
    // again.
    if (isExact && !host.settings.rfc1337) host.timeWaits.delete(entry);
    return false;
  }
  // MAY-2: from LISTEN only. Without a listener a SYN opens no connection, so it should not end the old one either.
  const opens = (segment.flags & (SYN | ACK | FIN)) === SYN && !isOld && mayBeginAnew(entry, segment);
  if (opens && host.listeners.find(segment.packet, segment.destinationPort) !== null) {
    host.timeWaits.delete(entry);
    return true;
  }
  // Fifth step of section 3.10.7.4: anything without ACK is dropped, except a SYN.
  if (!segment.has(ACK | SYN)) return false;
  // Fifth and eighth step: restart the 2 MSL time-out. A SYN without ACK may be new or old, so it does not restart
  // the time-out.
  if (segment.has(ACK) || isOld) host.timeWaits.restart(entry, host.clock.now + host.settings.timeWait);
  if (isExact && segment.length === 0) {
    if (segment.options.hasTimestamps) entry.timestampRecent = segment.options.timestampValue;
    return false;
  }
  // "The only thing that can arrive in this state is a retransmission of the remote FIN": acknowledge it again.
  // Anything else outside the window gets the same ACK (first step).
  if (mayRepeatAck(host, entry, segment)) repeatAck(host, entry);
  return false;
}

function hasOldTimestamp(entry: TimeWait, segment: Segment): boolean {
  const { options } = segment;
  return entry.timestamps && options.hasTimestamps && isOlder(options.timestampValue, entry.timestampRecent);
}

/** RFC 6191 section 2: a later timestamp, or a later sequence number. The caller has refused an older timestamp. */
function mayBeginAnew(entry: TimeWait, segment: Segment): boolean {
  const { options } = segment;
  if (isAfter(segment.sequence, entry.rcvNxt)) return true;
  return entry.timestamps && options.hasTimestamps && isOlder(entry.timestampRecent, options.timestampValue);
}

/**
 * Data and FIN are always answered. Two ends in TIME-WAIT that disagree would acknowledge each other's bare ACKs for
 * ever, so those and SYNs are answered only so often (Linux: tcp_invalid_ratelimit).
 */
function mayRepeatAck(host: TcpHost, entry: TimeWait, segment: Segment): boolean {
  if (segment.length > 0 && !segment.has(SYN)) return true;
  const now = host.clock.now;
  if (now - entry.outOfWindowAt < host.settings.outOfWindowAckInterval) return false;
  entry.outOfWindowAt = now;
  return true;
}

function repeatAck(host: TcpHost, entry: TimeWait): void {
  const ack = host.bare.begin(entry.route, entry.localPort, entry.remotePort, ACK);
  ack.sequence = entry.sndNxt;
  ack.acknowledgment = entry.rcvNxt;
  ack.window = entry.window;
  ack.trafficClass = entry.trafficClass;
  ack.timeToLive = entry.timeToLive;
  if (entry.timestamps) {
    const header = host.frame.header;
    const now = timestampAt(host.clock, entry.timestampOffset);
    const at = writeTwoNops(header, TRANSPORT_AT + TCP_HEADER_BYTES);
    writeTimestamps(header, at, now, entry.timestampRecent);
    ack.optionBytes = TIMESTAMPS_BYTES;
  }
  emitBare(host, ack);
}
