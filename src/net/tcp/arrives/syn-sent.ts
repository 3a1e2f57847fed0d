/**
 * RFC 9293 section 3.10.7.3, the SYN-SENT state.
 */
import { ACK, RST, SYN } from '../../wire/tcp.js';
import type { ControlBlock } from '../block/control-block.js';
import { endConnection } from '../life/end.js';
import { answerCrossingSyn, establish, takePeerSyn } from '../life/open.js';
import { isOver } from '../life/program.js';
import { acceptEcnSynAck } from '../loss/ecn.js';
import type { Segment } from '../segment.js';
import { output } from '../send/output.js';
import { resetAnswer } from '../send/reset.js';
import { isAfter, isAtOrBefore } from '../sequence.js';
import { RESET_ARRIVES } from '../state.js';
import { acknowledge } from './acknowledge.js';
import { finishSynchronized } from './other-states.js';

/** A segment for a connection whose SYN we have sent. */
export function arrivesInSynSent(tcb: ControlBlock, segment: Segment): void {
  if (!firstCheckAck(tcb, segment)) return;
  if (!secondCheckRst(tcb, segment)) return;
  // Third, security: not implemented.
  if (segment.has(SYN)) fourthCheckSyn(tcb, segment);
  // Fifth: a segment with neither SYN nor RST is dropped.
}

/** An ACK of anything but our SYN is from an old connection, and is answered with a reset. */
function firstCheckAck(tcb: ControlBlock, segment: Segment): boolean {
  if (!segment.has(ACK)) return true;
  const { iss, nxt } = tcb.snd;
  if (isAfter(segment.acknowledgment, iss) && isAtOrBefore(segment.acknowledgment, nxt)) return true;
  resetAnswer(tcb.host, segment, tcb.preferences);
  return false;
}

/** A reset counts only if it acknowledges our SYN (RFC 5961 section 3.2): only the peer can know the number. */
function secondCheckRst(tcb: ControlBlock, segment: Segment): boolean {
  if (!segment.has(RST)) return true;
  if (segment.has(ACK)) {
    tcb.host.statistics.resetsReceived++;
    endConnection(tcb, RESET_ARRIVES, 'refused');
  }
  return false;
}

/** The peer's SYN. If it acknowledges ours we are in ESTABLISHED; if not, both have opened at once. */
function fourthCheckSyn(tcb: ControlBlock, segment: Segment): void {
  const options = segment.options;
  tcb.usesSack &&= options.sackPermitted;
  tcb.usesTimestamps &&= options.hasTimestamps;
  tcb.scalesWindows &&= options.windowScale >= 0;
  if (segment.has(ACK)) acceptEcnSynAck(tcb, segment);
  takePeerSyn(tcb, segment);
  if (!segment.has(ACK)) {
    answerCrossingSyn(tcb);
    return;
  }
  acknowledge(tcb, segment);
  // Our ACK of the SYN is due before the program hears of the connection: what the program sends at once carries it.
  tcb.rcv.ackNow = true;
  establish(tcb);
  if (isOver(tcb)) return;
  // Data or FIN behind the SYN go through steps six to eight.
  segment.trimSyn();
  if (segment.length > 0) finishSynchronized(tcb, segment);
  else output(tcb);
}
