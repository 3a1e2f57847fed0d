/**
 * Accurate ECN: RFC 9768. Classic ECN (ecn.ts) tells the sender once a round trip that something was marked. With
 * Accurate ECN the receiver counts, and every segment carries the counts. Three flag bits (ACE) hold the lowest bits
 * of the number of CE packets, and an option holds the bytes that came with each mark. Congestion control still
 * reduces once a round trip, as in Linux.
 *
 *     SYN   AE CWR ECE   it asks for          SYN-ACK   ACE       it grants
 *           1  1  1      accurate feedback              2 3 4 6   accurate; the SYN came Not-ECT, ECT(1), ECT(0), CE
 *           0  1  1      classic ECN                    1         classic
 *           0  0  0      nothing                        0 7       nothing
 *
 * The handshake shows what middleboxes do to it: each side tells how the other's SYN arrived. If flags or marks were
 * changed on the way, we stop sending ECT; the connection and its feedback go on. The RFC is a Proposed Standard of
 * April 2026. As in Linux, it is off unless asked for. A connection without it has no state for it, and pays one
 * comparison with null for each segment.
 *
 * One weakness remains. Network cards and kernels that cut a super-segment clear CWR in all segments but the first,
 * because classic ECN sends it once. If the second bit of ACE is set, that changes ACE. Between a TAP and its host
 * nothing is cut.
 */
import {
  ACE_MASK,
  ACE_START,
  aceFlags,
  CE,
  COUNTER_MASK,
  COUNTERS,
  ECN_BITS,
  ECT_0,
  ECT_1,
  ECT_START,
  NOT_ECT,
} from '../../wire/accurate-ecn.js';
import type { ControlBlock } from '../block/control-block.js';
import { AccurateEcnState, COUNTERS_SEEN, EMPTY_SEEN, NONE_SEEN, ZEROED } from '../parts/accurate-ecn-state.js';
import type { AckOutcome } from '../parts/ack-outcome.js';
import type { Segment } from '../segment.js';
import { add, distance, isAfter, type Sequence } from '../sequence.js';
import { elapsed, isOlder } from '../wrapping.js';

/** ACE in a SYN: what asks for accurate and for classic feedback. */
export const ASKS_ACCURATE = 0b111;
const ASKS_CLASSIC = 0b011;
/** ACE in a SYN-ACK that grants classic feedback. */
export const GRANTS_CLASSIC = 0b001;
/** ACE in an answer to a SYN or SYN-ACK, by the mark that it came with (section 3.1.1, table 2). */
const REFLECTED = [0b010, 0b011, 0b100, 0b110] as const;
/** At most so many CE packets go unreported, so that ACE cannot wrap unseen (section 3.2.2.5.1). */
const MOST_UNREPORTED = 6;
/** The option goes out at least each time that a counter has passed this many bytes (section 3.2.3.3). */
const BYTES_BETWEEN_OPTIONS = 2 ** 22;
/** While `needed` is not 0, the option goes out at least this often in a round trip. */
const OPTIONS_A_ROUND_TRIP = 3;
/** If a peer acknowledges more segments than this on average, a large ACK from it is no sign of a wrap. */
const USUAL_ACKED_TIMES_64 = 4 * 64;
/** After so many bytes we no longer wait for the peer's first option: its counters might have wrapped. */
const TOO_LATE_FOR_OPTIONS = 2 ** 23 - 1;
/** In the ACK of a handshake this shows that the flags were cleared on the way. */
const ACE_CLEARED = 0;

/**
 * Takes the peer's SYN. Returns true if it asks for accurate feedback and we grant it. Any bits but 000 and 011 ask
 * for it (section 3.1.2).
 */
export function acceptAccurateSyn(tcb: ControlBlock, segment: Segment): boolean {
  const { ace } = segment;
  if (!tcb.host.settings.ecn.startsWith('accurate') || ace === 0 || ace === ASKS_CLASSIC) return false;
  begin(tcb, segment);
  return true;
}

/**
 * Takes the answer to a SYN of ours that asked for accurate feedback. Returns true if the peer grants it. If not,
 * `segment.ace` may still grant classic ECN.
 */
export function acceptAccurateSynAck(tcb: ControlBlock, segment: Segment): boolean {
  const { ace } = segment;
  if (ace === 0 || ace === ASKS_ACCURATE || ace === GRANTS_CLASSIC) return false;
  const state = begin(tcb, segment);
  reflectMark(state, segment);
  // 101 is reserved: it counts as if our SYN had come as it was sent (section 3.1.3).
  if (ace !== 0b101 && ace !== REFLECTED[NOT_ECT]) noteMangling(tcb, state);
  if (state.synMark === CE && state.mayMark) noteCe(tcb, state, 1);
  noteOption(state, segment);
  return true;
}

function begin(tcb: ControlBlock, segment: Segment): AccurateEcnState {
  const state = new AccurateEcnState();
  tcb.accurateEcn = state;
  state.synMark = markOf(segment);
  state.lastMark = state.synMark;
  state.timestamp = segment.options.timestampValue;
  state.optionsDue = 2;
  tcb.host.statistics.accurateEcn++;
  return state;
}

/**
 * Takes a SYN that comes again in SYN-RECEIVED. We report the mark of this copy. If its flags are gone, something on
 * the path may drop SYNs with them.
 */
export function takeRepeatedAccurateSyn(tcb: ControlBlock, segment: Segment): void {
  const state = tcb.accurateEcn;
  if (state === null) return;
  state.synMark = markOf(segment);
  if (segment.ace === 0) noteMangling(tcb, state);
}

/** The next segment tells how `segment`, a SYN-ACK, came. */
export function reflectMark(state: AccurateEcnState, segment: Segment): void {
  state.synMark = markOf(segment);
  state.reflects = true;
}

/**
 * The flags of our SYN-ACK tell how the SYN came. After two time-outs we send no flags: something on the path may
 * drop segments with them (section 3.1.4.2).
 */
export function accurateSynAckFlags({ snd }: ControlBlock, state: AccurateEcnState): number {
  return snd.timeouts < 2 ? aceFlags(REFLECTED[state.synMark as 0 | 1 | 2 | 3]) : 0;
}

/**
 * Takes the ACK of our SYN-ACK, which was sent Not-ECT: it shows changed marks and flags (section 3.2.2.1, table 3).
 */
export function takeThirdAck(tcb: ControlBlock, state: AccurateEcnState, segment: Segment): void {
  const { ace } = segment;
  noteOption(state, segment);
  if (tcb.usesTimestamps) state.timestamp = segment.options.timestampValue;
  if (ace === ACE_CLEARED) noteMangling(tcb, state);
  // A segment with data may be a later one. 1, 5 and 7 say nothing.
  if (segment.dataLength > 0 || ace === ACE_CLEARED || ace === 1 || ace === 5 || ace === 7) return;
  if (ace !== REFLECTED[NOT_ECT]) noteMangling(tcb, state);
}

function noteMangling(tcb: ControlBlock, state: AccurateEcnState): void {
  if (state.mayMark) tcb.host.statistics.accurateEcnMangled++;
  state.mayMark = false;
}

/** Counts the mark of an acceptable segment, which had `dataLength` bytes before any trimming (section 3.2.1). */
export function countMark(tcb: ControlBlock, state: AccurateEcnState, segment: Segment, dataLength: number): void {
  const mark = markOf(segment);
  if (mark === CE) noteCe(tcb, state, packetsOf(segment, dataLength));
  if (mark !== NOT_ECT && dataLength > 0) countBytes(state, mark, dataLength);
  const isChange = mark !== state.lastMark;
  if (!isChange && mark !== CE) return;
  state.lastMark = mark;
  state.optionsDue = 2;
  // A change of marks on data is acknowledged at once (section 3.2.2.5.1).
  if (isChange && dataLength > 0) tcb.rcv.ackNow = true;
}

/** A segment that a kernel or a card has put together counts as all its packets. */
function packetsOf({ packet }: Segment, dataLength: number): number {
  return packet.segmentBytes > 0 ? Math.max(1, Math.ceil(dataLength / packet.segmentBytes)) : 1;
}

function noteCe(tcb: ControlBlock, state: AccurateEcnState, packets: number): void {
  state.receivedCe = (state.receivedCe + packets) & 0x7fff_ffff;
  state.unreportedCe += packets;
  tcb.host.statistics.ceReceived += packets;
  if (state.unreportedCe >= MOST_UNREPORTED) tcb.rcv.ackNow = true;
}

function countBytes(state: AccurateEcnState, mark: number, bytes: number): void {
  let before: number;
  let needed: number;
  if (mark === ECT_1) {
    before = state.receivedEct1Bytes;
    state.receivedEct1Bytes = (before + bytes) & 0x7fff_ffff;
    needed = 1;
  } else if (mark === CE) {
    before = state.receivedCeBytes;
    state.receivedCeBytes = (before + bytes) & 0x7fff_ffff;
    needed = 2;
  } else {
    before = state.receivedEct0Bytes;
    state.receivedEct0Bytes = (before + bytes) & 0x7fff_ffff;
    needed = 3;
  }
  state.countersNeeded = Math.max(state.countersNeeded, needed);
  const left = BYTES_BETWEEN_OPTIONS - (before & (BYTES_BETWEEN_OPTIONS - 1));
  if (bytes >= left) state.optionsDue = Math.max(state.optionsDue, 1);
}

/**
 * Data has come that was received before. If the D-SACK for the same data carried the option, the option may have
 * been the reason that it did not arrive.
 */
export function noteRepeatedData(state: AccurateEcnState, from: Sequence, to: Sequence): void {
  if (from !== to && state.duplicateFrom === from && state.duplicateTo === to) state.optionFailed = true;
}

/**
 * Takes what an ACK says about the marks of what we have sent (sections 3.2.2 and 3.2.3). Returns how many packets it
 * newly reports as marked. An ACK without progress or a new timestamp may be old: it is not counted.
 */
export function takeFeedback(
  tcb: ControlBlock,
  state: AccurateEcnState,
  segment: Segment,
  outcome: AckOutcome,
): number {
  noteOption(state, segment);
  if (outcome.delivered === 0 && !isNewer(tcb, state, segment)) return 0;
  if (tcb.usesTimestamps) state.timestamp = segment.options.timestampValue;
  const ceBytesBefore = state.deliveredCeBytes;
  const hasCounters = takeOption(tcb, state, segment);
  const segments = Math.ceil(outcome.delivered / tcb.snd.mss);
  if (segments > 0) noteAcked(state, segments);
  const delta = (segment.ace - ACE_START - state.deliveredCe) & ACE_MASK;
  let marked = delta;
  if (segments > ACE_MASK) {
    // ACE may have wrapped. This is the largest number that it can stand for.
    const most = segments - ((segments - delta) & ACE_MASK);
    const ceBytes = distanceBytes(ceBytesBefore, state.deliveredCeBytes);
    if (hasCounters) marked = ceBytes > delta * tcb.snd.mss ? most : delta;
    else if (state.ackedTimes64 <= USUAL_ACKED_TIMES_64) marked = most;
  }
  state.deliveredCe = (state.deliveredCe + marked) & 0x7fff_ffff;
  tcb.host.statistics.ceReported += marked;
  return marked;
}

function isNewer(tcb: ControlBlock, state: AccurateEcnState, { options }: Segment): boolean {
  return tcb.usesTimestamps && options.hasTimestamps && isOlder(state.timestamp, options.timestampValue);
}

/** An average over some sixty ACKs. */
function noteAcked(state: AccurateEcnState, segments: number): void {
  const old = state.ackedTimes64;
  state.ackedTimes64 = old === 0 ? segments << 6 : old + (((segments << 6) - old) >> 6);
}

/** Whether the peer's options are to be believed: one whose ECT counters are 0 has been zeroed. */
function noteOption(state: AccurateEcnState, { options }: Segment): void {
  if (options.accurateCounters < 0 || state.optionSeen >= COUNTERS_SEEN) return;
  const bytes = options.accurateBytes;
  const isZeroed = (options.accurateCounters > 0 && bytes[0] === 0) || (options.accurateCounters > 2 && bytes[2] === 0);
  state.optionSeen = isZeroed ? ZEROED : options.accurateCounters > 0 ? COUNTERS_SEEN : EMPTY_SEEN;
}

/** Takes the byte counters. Returns true if there were any to be believed. */
function takeOption(tcb: ControlBlock, state: AccurateEcnState, segment: Segment): boolean {
  const { options } = segment;
  if (state.optionSeen === NONE_SEEN && distance(tcb.snd.iss, tcb.snd.nxt) >= TOO_LATE_FOR_OPTIONS) {
    state.optionSeen = ZEROED;
  }
  if (options.accurateCounters <= 0 || state.optionSeen === ZEROED) return false;
  const bytes = options.accurateBytes;
  const ect = options.accurateIsReversed;
  if (ect) state.deliveredEct1Bytes = advance(state.deliveredEct1Bytes, bytes[0]! - ECT_START);
  else state.deliveredEct0Bytes = advance(state.deliveredEct0Bytes, bytes[0]! - ECT_START);
  if (options.accurateCounters > 1) state.deliveredCeBytes = advance(state.deliveredCeBytes, bytes[1]!);
  if (options.accurateCounters < COUNTERS) return options.accurateCounters > 1;
  if (ect) state.deliveredEct0Bytes = advance(state.deliveredEct0Bytes, bytes[2]! - ECT_START);
  else state.deliveredEct1Bytes = advance(state.deliveredEct1Bytes, bytes[2]! - ECT_START);
  return true;
}

/** The counter whose lowest 24 bits the peer has sent. If it seems to go back, the ACK was overtaken. */
function advance(counter: number, low: number): number {
  const delta = (((low - counter) & COUNTER_MASK) << 8) >> 8;
  return delta > 0 ? (counter + delta) & 0x7fff_ffff : counter;
}

function distanceBytes(before: number, after: number): number {
  return (after - before) & 0x7fff_ffff;
}

/** ACE for a segment that is no SYN: the count, or in the ACK of a SYN-ACK how that came. */
export function takeAceFlags(state: AccurateEcnState): number {
  if (state.reflects) {
    state.reflects = false;
    return aceFlags(REFLECTED[state.synMark as 0 | 1 | 2 | 3]);
  }
  state.unreportedCe = 0;
  return aceFlags(state.receivedCe + ACE_START);
}

/** The ECN bits of what we send. Everything but SYNs may be marked (section 3.1.5). */
export function markToSend(state: AccurateEcnState): number {
  return state.mayMark ? ECT_0 : NOT_ECT;
}

/** True if the next segment is to carry the option. Only once the peer has sent one: then it gets through. */
export function wantsOption(tcb: ControlBlock, state: AccurateEcnState): boolean {
  const { accurateEcnOption: setting } = tcb.host.settings;
  if (setting === 'off' || state.optionFailed || state.optionSeen === NONE_SEEN) return false;
  if (setting === 'always' || state.optionsDue > 0) return true;
  const since = elapsed(state.optionSentAt, tcb.host.clock.stamp);
  return since * OPTIONS_A_ROUND_TRIP >= tcb.roundTrip.smoothed;
}

/** How many counters to send in `room` bytes of options; 0: the option does not fit. */
export function countersThatFit(state: AccurateEcnState, room: number): number {
  if (room >= 12) return COUNTERS;
  return room >= 8 && state.countersNeeded <= 2 ? 2 : 0;
}

/** Notes that the option has been written. `tcb.ack` still says which D-SACK goes with it. */
export function noteOptionSent(tcb: ControlBlock, state: AccurateEcnState): void {
  if (state.optionsDue > 0) state.optionsDue--;
  state.optionSentAt = tcb.host.clock.stamp;
  if (tcb.rcv.duplicateFrom === tcb.rcv.duplicateTo) return;
  state.duplicateFrom = tcb.rcv.duplicateFrom;
  state.duplicateTo = tcb.rcv.duplicateTo;
}

/** The mark of the packet that `segment` came in. */
function markOf({ packet }: Segment): number {
  return packet.trafficClass & ECN_BITS;
}

/** True if `segment` is data from just before the window, sent again by a real peer. */
export function isRepeatedData(tcb: ControlBlock, segment: Segment): boolean {
  return segment.dataLength > 0 && isAfter(segment.end, add(tcb.rcv.nxt, -tcb.rcv.buffer));
}
