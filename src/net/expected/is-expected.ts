/**
 * Is this the segment that the connection waits for? RFC 9293 section 3.10.7.4 asks eight questions of a segment, and
 * later RFCs ask more. Here all of them are asked at once, and a segment is expected if each has its ordinary answer.
 * Nothing is changed.
 */
import { type ControlBlock, NO_MARKS } from '../tcp/block/control-block.js';
import type { Flight } from '../tcp/parts/flight.js';
import { TRUSTING } from '../tcp/parts/path-search.js';
import { OPEN } from '../tcp/parts/recovery-state.js';
import type { Segment } from '../tcp/segment.js';
import { receiveWindow } from '../tcp/send/receive-window.js';
import { isBefore } from '../tcp/sequence.js';
import { ESTABLISHED } from '../tcp/state.js';
import { PERSIST } from '../tcp/timers.js';
import { isOlder } from '../tcp/wrapping.js';
import { CE, ECN_BITS } from '../wire/accurate-ecn.js';

/** True if `segment`, whose flags are ACK and perhaps PSH, meets nothing out of the ordinary in `tcb`. */
export function isExpected(tcb: ControlBlock, segment: Segment): boolean {
  return (
    tcb.state === ESTABLISHED &&
    isNext(tcb, segment) &&
    acknowledgesAll(tcb, segment) &&
    isUndisturbed(tcb) &&
    segment.packet.ttl >= tcb.preferences.minimumTimeToLive &&
    !(tcb.usesEcn && (segment.packet.trafficClass & ECN_BITS) === CE)
  );
}

/**
 * PAWS (RFC 7323 section 5.3) and the first step: the next segment, which fits the window. It has timestamps if they
 * are agreed on, and nothing waits behind a gap or for the program.
 */
function isNext(tcb: ControlBlock, segment: Segment): boolean {
  const { options } = segment;
  return (
    segment.sequence === tcb.rcv.nxt &&
    segment.dataTo - segment.dataFrom <= receiveWindow(tcb) &&
    options.hasTimestamps === tcb.usesTimestamps &&
    !(options.hasTimestamps && isOlder(options.timestampValue, tcb.rcv.tsRecent)) &&
    tcb.reassembly === null &&
    tcb.unread === 0 &&
    tcb.handler !== null
  );
}

/** The fifth step: it acknowledges all that is out (or nothing is), and nothing of that was resent, SACKed or lost. */
function acknowledgesAll({ snd, flight }: ControlBlock, segment: Segment): boolean {
  if (segment.acknowledgment !== snd.nxt || isBefore(segment.sequence, snd.wl1)) return false;
  return flight.first === null || isUnhurt(flight);
}

function isUnhurt(flight: Flight): boolean {
  if (flight.sackedBytes !== 0 || flight.lostBytes !== 0) return false;
  for (let record = flight.first; record !== null; record = record.next) if (record.resends > 0) return false;
  return true;
}

/** No recovery, no probe, no search for the path's MTU, no ECN mark, no duplicate to report. */
function isUndisturbed(tcb: ControlBlock): boolean {
  const { recovery, rcv } = tcb;
  return (
    recovery.phase === OPEN &&
    !recovery.probeOut &&
    recovery.duplicateAcks === 0 &&
    rcv.duplicateFrom === rcv.duplicateTo &&
    tcb.pathSearch.phase === TRUSTING &&
    tcb.accurateEcn === null &&
    isUnmarked(tcb) &&
    !tcb.host.timers.isArmed(tcb, PERSIST)
  );
}

/** ECN (RFC 3168 section 6.1) has nothing to tell the peer and nothing to reduce. The first segment makes its state. */
function isUnmarked({ ecn, usesEcn }: ControlBlock): boolean {
  if (ecn === NO_MARKS) return !usesEcn;
  return !ecn.echo && !ecn.announce && !ecn.reducing;
}
