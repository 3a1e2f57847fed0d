/**
 * STATUS (RFC 9293 section 3.10.6): what a connection knows about itself, for people, debuggers and tests (Linux:
 * TCP_INFO). It makes an object, so it is not for the hot path.
 */

import { SECOND } from '../../clock.js';
import type { ControlBlock } from '../block/control-block.js';
import { UNLIMITED } from '../congestion/congestion.js';
import type { AccurateEcnInfo, ConnectionInfo } from '../connection-info.js';
import { type AccurateEcnState, COUNTERS_SEEN, EMPTY_SEEN } from '../parts/accurate-ecn-state.js';
import { LOSS, RECOVERY } from '../parts/recovery-state.js';
import { receiveWindow } from '../send/receive-window.js';
import { distance, isAfter, toUnsigned } from '../sequence.js';
import { STATE_NAMES } from '../state.js';

/** A snapshot of `tcb`. */
export function statusOf(tcb: ControlBlock): ConnectionInfo {
  return {
    state: STATE_NAMES[tcb.state]!,
    ...numbersOf(tcb),
    ...agreementOf(tcb),
    ...congestionOf(tcb),
    ...timesOf(tcb),
    ...flightOf(tcb),
    ...bytesOf(tcb),
  };
}

/** Sequence numbers and windows. */
function numbersOf(tcb: ControlBlock) {
  const { snd, rcv } = tcb;
  return {
    iss: toUnsigned(snd.iss),
    irs: toUnsigned(rcv.irs),
    sndUna: toUnsigned(snd.una),
    sndNxt: toUnsigned(snd.nxt),
    sndWnd: snd.wnd,
    rcvNxt: toUnsigned(rcv.nxt),
    rcvWnd: receiveWindow(tcb),
  };
}

/** What the two ends have agreed on, and what the path lets through. */
function agreementOf(tcb: ControlBlock) {
  const { snd, rcv } = tcb;
  return {
    sendMss: snd.mss,
    offeredMss: tcb.rcv.offeredMss,
    peerMss: snd.peerMss,
    pathMtu: Math.min(tcb.route.mtu, tcb.pathSearch.limit),
    windowScaling: tcb.scalesWindows,
    sendScale: snd.scale,
    receiveScale: rcv.scale,
    timestamps: tcb.usesTimestamps,
    sack: tcb.usesSack,
    ecn: tcb.usesEcn || tcb.accurateEcn !== null,
    accurateEcn: tcb.accurateEcn === null ? null : accurateEcnInfo(tcb.accurateEcn),
  };
}

/** Congestion control. */
function congestionOf(tcb: ControlBlock) {
  return {
    congestionControl: tcb.congestion?.name ?? tcb.host.settings.congestionControl,
    congestionWindow: tcb.congestion?.cwnd ?? 0,
    slowStartThreshold: slowStartThreshold(tcb),
    congestionState: congestionState(tcb),
    pacingRate: tcb.pacing === null || tcb.pacing.interval === 0 ? 0 : Math.round(SECOND / tcb.pacing.interval),
  };
}

/** Round trips and time-outs. */
function timesOf(tcb: ControlBlock) {
  const { snd, roundTrip } = tcb;
  return {
    rto: roundTrip.rto,
    smoothedRtt: roundTrip.smoothed,
    rttVariance: roundTrip.variance,
    minimumRtt: roundTrip.minimum,
    backoff: roundTrip.backoff,
    timeouts: snd.timeouts,
    probes: tcb.snd.probesSent,
  };
}

/** What is under way, in segments. */
function flightOf(tcb: ControlBlock) {
  const { recovery } = tcb;
  const segments = segmentsOf(tcb);
  return {
    unackedSegments: segments.unacked,
    sackedSegments: tcb.usesSack ? segments.sacked : recovery.duplicateAcks,
    lostSegments: segments.lost,
    resentSegments: segments.resent,
    reorderings: recovery.reorderings,
    reordering: recovery.reorderingDegree,
  };
}

/** What lies in the buffers, and how much has passed. */
function bytesOf(tcb: ControlBlock) {
  const { snd, rcv, recovery } = tcb;
  return {
    queuedBytes: distance(tcb.queue.head, tcb.queue.tail),
    unsentBytes: Math.max(0, distance(snd.nxt, tcb.queue.tail)),
    unreadBytes: tcb.unread,
    outOfOrderBytes: tcb.reassembly?.bytes ?? 0,
    totalRetransmits: recovery.totalResends,
    bytesAcked: (distance(snd.iss, tcb.queue.head) - 1) >>> 0,
    bytesReceived: rcv.irsKnown ? (distance(rcv.irs, rcv.nxt) - (rcv.finReceived ? 2 : 1)) >>> 0 : 0,
  };
}

/** The flight in segments of `sendMss`, transmission by transmission. It is walked, so this is for people. */
function segmentsOf({ flight, snd, queue }: ControlBlock) {
  const counts = { unacked: 0, sacked: 0, lost: 0, resent: 0 };
  for (let sent = flight.first; sent !== null; sent = sent.next) {
    const finBytes = isAfter(sent.to, queue.tail) ? 1 : 0; // a FIN has a number, and travels with the data before it
    const segments = Math.max(1, Math.ceil((sent.length - finBytes) / snd.mss));
    counts.unacked += segments;
    if (sent.sacked) counts.sacked += segments;
    else if (sent.lost) counts.lost += segments;
    else if (sent.resends > 0) counts.resent += segments;
  }
  return counts;
}

/** Infinity while no loss has set it. */
function slowStartThreshold({ congestion }: ControlBlock): number {
  const threshold = congestion?.ssthresh ?? UNLIMITED;
  return threshold === UNLIMITED ? Number.POSITIVE_INFINITY : threshold;
}

function congestionState(tcb: ControlBlock): ConnectionInfo['congestionState'] {
  if (tcb.recovery.phase === LOSS) return 'loss';
  if (tcb.recovery.phase === RECOVERY) return 'recovery';
  if (tcb.ecn.reducing) return 'cwr';
  return tcb.flight.sackedBytes > 0 || tcb.recovery.duplicateAcks > 0 ? 'disorder' : 'open';
}

function accurateEcnInfo(state: AccurateEcnState): AccurateEcnInfo {
  return {
    mayMark: state.mayMark,
    optionSeen: state.optionSeen === EMPTY_SEEN || state.optionSeen === COUNTERS_SEEN,
    optionFailed: state.optionFailed,
    receivedCe: state.receivedCe,
    receivedCeBytes: state.receivedCeBytes,
    receivedEct0Bytes: state.receivedEct0Bytes,
    receivedEct1Bytes: state.receivedEct1Bytes,
    deliveredCe: state.deliveredCe,
    deliveredCeBytes: state.deliveredCeBytes,
    deliveredEct0Bytes: state.deliveredEct0Bytes,
    deliveredEct1Bytes: state.deliveredEct1Bytes,
  };
}
