/**
 * Resets that we send: RFC 9293 section 3.5.2. A reset that belongs to no connection takes its numbers from the
 * segment that it answers (group 1), so that the peer accepts it.
 */

import type { SentWith } from '../../ip/ip-choices.js';
import { ACK, RST } from '../../wire/tcp.js';
import type { ControlBlock } from '../block/control-block.js';
import type { TcpHost } from '../block/host.js';
import type { Segment } from '../segment.js';
import { emitBare, emitSegment } from './emit.js';

/**
 * Answers a segment that has no connection: `<SEQ=SEG.ACK><CTL=RST>`, or `<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>`.
 * It never answers a reset.
 * @param like the connection or listener that the segment came for, if there is one
 */
export function resetAnswer(host: TcpHost, segment: Segment, like: SentWith | null = null): void {
  if (segment.has(RST)) return;
  const route = host.internet.routeBack(segment.packet);
  if (route === undefined) return;
  host.statistics.resetsSent++;
  const { destinationPort, sourcePort } = segment;
  const reset = host.bare.begin(route, destinationPort, sourcePort, segment.has(ACK) ? RST : RST | ACK);
  if (segment.has(ACK)) reset.sequence = segment.acknowledgment;
  else reset.acknowledgment = segment.end;
  if (like !== null) {
    reset.trafficClass = like.trafficClass;
    reset.timeToLive = like.timeToLive;
  }
  emitBare(host, reset);
}

/** Resets a connection from our side: `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>`. */
export function sendReset(tcb: ControlBlock): void {
  tcb.host.statistics.resetsSent++;
  emitSegment(tcb, tcb.snd.nxt, RST | ACK, 0);
}
