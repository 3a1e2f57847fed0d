/**
 * SEGMENT ARRIVES: RFC 9293 section 3.10.7. Finds the connection or listener of a segment, and which part of the
 * section applies:
 *
 *     3.10.7.1  CLOSED        arrives/closed.ts        no connection, no listener
 *     3.10.7.2  LISTEN        arrives/listen.ts        a port that accepts connections
 *     3.10.7.3  SYN-SENT      arrives/syn-sent.ts      we have asked to connect
 *     3.10.7.4  other states  arrives/other-states.ts  steps one to eight
 *               TIME-WAIT     arrives/time-wait.ts
 */
import type { IpPacket } from '../../ip/packet.js';
import type { TcpHost } from '../block/host.js';
import { SEGMENT_BAD_CHECKSUM, SEGMENT_GOOD } from '../segment.js';
import { SYN_SENT } from '../state.js';
import { arrivesInClosed } from './closed.js';
import { arrivesInListen } from './listen.js';
import { arrivesInOtherStates } from './other-states.js';
import { arrivesInSynSent } from './syn-sent.js';
import { arrivesInTimeWait } from './time-wait.js';

/** Takes one segment through to its answer. IP has checked the packet's addresses. */
export function segmentArrives(host: TcpHost, packet: IpPacket): void {
  const { segment, statistics } = host;
  statistics.segmentsReceived++;
  const verdict = segment.read(packet);
  if (verdict !== SEGMENT_GOOD) {
    if (verdict === SEGMENT_BAD_CHECKSUM) statistics.badChecksum++;
    else statistics.malformed++;
    return;
  }
  // MUST-57: TCP is between two hosts. (A datagram for our own address in a broadcast frame does not get past IP.)
  if (packet.isMulticast) return;
  const tcb = host.connections.find(packet, segment.sourcePort, segment.destinationPort);
  if (tcb !== null) {
    if (packet.ttl < tcb.preferences.minimumTimeToLive) statistics.belowMinimumTtl++;
    else if (tcb.state === SYN_SENT) arrivesInSynSent(tcb, segment);
    else arrivesInOtherStates(tcb, segment);
    return;
  }
  const waiting = host.timeWaits.find(packet, segment.sourcePort, segment.destinationPort);
  if (waiting !== null) {
    if (packet.ttl < waiting.minimumTimeToLive) {
      statistics.belowMinimumTtl++;
      return;
    }
    if (!arrivesInTimeWait(host, waiting, segment)) return;
  }
  const listener = host.listeners.find(packet, segment.destinationPort);
  if (listener === null) arrivesInClosed(host, segment);
  else if (packet.ttl < listener.minimumTimeToLive) statistics.belowMinimumTtl++;
  else arrivesInListen(host, listener, segment, waiting);
}
