/**
 * What a segment is in its conversation: new data, a retransmission, a duplicate acknowledgment, a probe. The rules are
 * those of Wireshark's "TCP Analysis", in its order, so that the same frames get the same names. One is narrower: a
 * duplicate acknowledgment comes while data is out (RFC 5681 section 2, condition a).
 *
 * A capture shows one place of the path. A segment with an old number there is *out of order* if it fills a hole soon
 * after the hole was seen: the network has changed the order. Any other is a retransmission.
 */
import { add, distance, isAfter, isAtOrBefore, isBefore, later, type Sequence } from '../../net/tcp/sequence.js';
import { ACK, FIN, RST, SYN } from '../../net/wire/tcp.js';
import type { Segment } from './connections.js';
import { type Side, windowShift } from './side.js';

export type Retransmission = 'retransmission' | 'fast retransmission' | 'spurious retransmission' | 'out of order';

export interface Analysis {
  retransmission: Retransmission | undefined;
  /** Bytes in front of it that the capture has not seen; 0 if none. */
  lostBytes: number;
  /** It acknowledges what the capture has not seen. */
  acknowledgesLost: boolean;
  keepAlive: boolean;
  /** The peer's window is closed: what looks like a keep-alive asks whether it has opened. */
  closedWindow: boolean;
  keepAliveAnswer: boolean;
  zeroWindow: boolean;
  windowProbe: boolean;
  windowProbeAnswer: boolean;
  windowUpdate: boolean;
  windowFull: boolean;
  /** Which repetition of the same acknowledgment it is; 0 if none. */
  duplicate: number;
  /** The frame with the first of them. */
  duplicateOf: number;
  reusedPorts: boolean;
}

/** A retransmission this soon after the third acknowledgment of the same byte answers it (microseconds). */
const FAST_RETRANSMISSION_US = 20_000;
/** A segment that comes later than this is a retransmission, if no round-trip time is known (microseconds). */
const REORDERING_US = 3_000;
const SPECIAL = SYN | FIN | RST;

/** Judges a segment of `side` and takes note of it. @param roundTrip of the handshake, microseconds */
export function analyse(segment: Segment, side: Side, other: Side, roundTrip: number | undefined): Analysis {
  const analysis = nothing();
  judgeOrder(segment, side, other, analysis);
  judgeWindow(segment, side, other, analysis);
  judgeAnswer(segment, side, other, analysis);
  const { flags, acknowledgment } = segment;
  if (flags & ACK && other.acknowledgeable !== undefined && isAfter(acknowledgment, other.acknowledgeable)) {
    analysis.acknowledgesLost = true;
    // It is noted once for each such byte.
    other.acknowledgeable = later(acknowledgment, other.next ?? acknowledgment);
  }
  judgeRepetition(segment, side, other, roundTrip, analysis);
  advance(segment, side, other, analysis);
  return analysis;
}

function nothing(): Analysis {
  return {
    retransmission: undefined,
    lostBytes: 0,
    acknowledgesLost: false,
    keepAlive: false,
    closedWindow: false,
    keepAliveAnswer: false,
    zeroWindow: false,
    windowProbe: false,
    windowProbeAnswer: false,
    windowUpdate: false,
    windowFull: false,
    duplicate: 0,
    duplicateOf: 0,
    reusedPorts: false,
  };
}

/** Compares the segment's number with what this side sent before. */
function judgeOrder(segment: Segment, side: Side, other: Side, analysis: Analysis): void {
  const { sequence, flags, length } = segment;
  if (side.next === undefined) return;
  if (length === 1 && sequence === side.next && other.window === 0) {
    analysis.windowProbe = true;
    return;
  }
  if (isAfter(sequence, side.next) && !(flags & RST)) analysis.lostBytes = distance(side.next, sequence);
  if (length <= 1 && sequence === add(side.next, -1) && !(flags & SPECIAL)) {
    analysis.keepAlive = true;
    analysis.closedWindow = other.window === 0;
  }
}

function judgeWindow(segment: Segment, side: Side, other: Side, analysis: Analysis): void {
  const { sequence, flags, window, length } = segment;
  if (analysis.windowProbe || flags & SPECIAL) return;
  if (window === 0) analysis.zeroWindow = true;
  else if (length === 0 && window !== side.window && isRepeated(segment, side)) analysis.windowUpdate = true;
  const edge = windowEdge(side, other);
  if (length > 0 && edge !== undefined && add(sequence, length) === edge) analysis.windowFull = true;
}

/** The right edge of the window that `other` last announced; undefined if the scale is not known. */
function windowEdge(side: Side, other: Side): Sequence | undefined {
  const shift = windowShift(other, side);
  if (other.acknowledged === undefined || shift === undefined) return undefined;
  return add(other.acknowledged, other.windowIsScaled ? other.window * 2 ** shift : other.window);
}

/** An acknowledgment that says nothing new: an answer to a probe, or a duplicate (RFC 5681 section 2). */
function judgeAnswer(segment: Segment, side: Side, other: Side, analysis: Analysis): void {
  const { flags, window, length, acknowledgment } = segment;
  if (analysis.windowProbe || length > 0 || flags & SPECIAL || segment.sequence !== side.next) return;
  if (side.acknowledged === undefined || window !== side.window) return;
  const isSame = acknowledgment === side.acknowledged;
  if (window === 0) {
    const takesProbe = acknowledgment === add(side.acknowledged, 1);
    if (!other.lastWasWindowProbe || !(isSame || takesProbe)) return;
    analysis.windowProbeAnswer = true;
    // The receiver has taken the byte of the probe, so the stream is one byte longer.
    if (takesProbe) other.next = other.acknowledgeable = acknowledgment;
  } else if (isSame && other.lastWasKeepAlive) analysis.keepAliveAnswer = true;
  else if (isSame && other.next !== undefined && isAfter(other.next, acknowledgment)) {
    analysis.duplicate = ++side.duplicates;
    analysis.duplicateOf = side.originalFrame;
  }
}

function isRepeated({ sequence, acknowledgment }: Segment, side: Side): boolean {
  return sequence === side.next && acknowledgment === side.acknowledged;
}

/** Decides which kind of repetition a segment is if its number does not advance. */
function judgeRepetition(
  segment: Segment,
  side: Side,
  other: Side,
  roundTrip: number | undefined,
  analysis: Analysis,
): void {
  const { sequence, length, flags, time } = segment;
  const isEarliest = side.first !== undefined && isBefore(sequence, side.first);
  const filled = side.holes.fill(sequence, length) || isEarliest;
  if ((length === 0 && !(flags & (SYN | FIN))) || analysis.keepAlive || side.next === undefined) return;
  if (!isBefore(sequence, side.next)) return;
  const acknowledged = other.acknowledged;
  if (length > 0 && acknowledged !== undefined && isAtOrBefore(add(sequence, length), acknowledged)) {
    analysis.retransmission = 'spurious retransmission';
    return;
  }
  // One byte of it was a probe of a closed window; the rest is new.
  if (length > 1 && sequence === add(side.next, -1)) return;
  const isAskedFor = other.duplicates >= 2 && acknowledged === sequence;
  if (isAskedFor && time - other.acknowledgedTime < FAST_RETRANSMISSION_US)
    analysis.retransmission = 'fast retransmission';
  else if (filled && time - side.nextTime < (roundTrip ?? REORDERING_US)) analysis.retransmission = 'out of order';
  else analysis.retransmission = 'retransmission';
}

function advance(segment: Segment, side: Side, other: Side, analysis: Analysis): void {
  const { sequence, flags, length, acknowledgment, time } = segment;
  const end = add(sequence, length + (flags & (SYN | FIN) ? 1 : 0));
  if (side.first === undefined || isBefore(sequence, side.first)) side.first = sequence;
  if (!analysis.windowProbe) {
    if (analysis.lostBytes > 0 && side.next !== undefined) side.holes.open(side.next, sequence);
    if (side.next === undefined || isAfter(end, side.next)) {
      side.next = end;
      side.nextTime = time;
    }
    if (side.acknowledgeable === undefined || side.acknowledgeable === sequence) side.acknowledgeable = end;
  }
  if (acknowledgment !== side.acknowledged) {
    side.originalFrame = segment.frame;
    side.duplicates = 0;
  }
  side.acknowledged = acknowledgment;
  side.acknowledgedTime = time;
  side.window = segment.window;
  side.windowIsScaled = !(flags & SYN);
  side.lastWasKeepAlive = analysis.keepAlive;
  side.lastWasWindowProbe = analysis.windowProbe;
  other.holes.acknowledge(acknowledgment);
}
