/**
 * Follows the TCP connections of a capture, so that a frame can be shown with its connection's number, with sequence
 * numbers counted from the connection's start, and with what it is in the conversation: a retransmission, say.
 *
 * It sees what was recorded, which may begin in the middle and have holes; so it notes and never refuses.
 */
import { add, distance, isAtOrBefore, isBefore, later, type Sequence, toWord, ZERO } from '../net/tcp/sequence.js';
import type { SequenceBase } from '../net/wire/describe-tcp.js';
import { ACK, FIN, RST, SYN } from '../net/wire/tcp.js';

/** As many connections are remembered; the one that began first is forgotten first. */
const MAX_CONNECTIONS = 65_536;

/** One TCP segment, as far as it matters here. */
export interface Segment {
  /** Address and port. */
  readonly source: string;
  readonly destination: string;
  readonly flags: number;
  readonly sequence: Sequence;
  readonly acknowledgment: Sequence;
  /** Bytes of data. */
  readonly length: number;
  readonly window: number;
}

/** What is known of a segment in its connection. */
export interface Place {
  /** From 1, in the order in which connections begin in the capture. */
  readonly connection: number;
  readonly base: SequenceBase;
  readonly notes: string[];
}

/** One direction. */
interface Side {
  /** The number that is shown as 0: of the SYN, or one before the first byte seen. */
  base: Sequence | undefined;
  /** Behind the last byte seen. */
  next: Sequence;
  lastAcknowledgment: Sequence;
  lastWindow: number;
  finished: boolean;
}

interface Tracked {
  readonly number: number;
  readonly sides: [Side, Side];
  reset: boolean;
}

export class ConnectionTracker {
  readonly #known = new Map<string, Tracked>();
  /** Connections seen so far. */
  count = 0;

  /** Takes note of a segment and says where it stands. Segments come in the order of the capture. */
  observe(segment: Segment): Place {
    const forward = segment.source < segment.destination;
    const key = forward ? `${segment.source} ${segment.destination}` : `${segment.destination} ${segment.source}`;
    const tracked = this.#find(key, segment, forward ? 0 : 1);
    const side = tracked.sides[forward ? 0 : 1];
    const other = tracked.sides[forward ? 1 : 0];
    const notes = notesOn(segment, side, other);
    advance(segment, side, other);
    if (segment.flags & RST) tracked.reset = true;
    return { connection: tracked.number, base: baseOf(segment, side, other), notes };
  }

  #find(key: string, segment: Segment, side: 0 | 1): Tracked {
    const found = this.#known.get(key);
    if (found !== undefined && !beginsAnew(segment, found, side)) return found;
    const made: Tracked = { number: ++this.count, sides: [newSide(), newSide()], reset: false };
    this.#known.delete(key);
    this.#known.set(key, made);
    if (this.#known.size > MAX_CONNECTIONS) this.#known.delete(this.#known.keys().next().value!);
    return made;
  }
}

/** The same ports used again: a SYN with another number, when the old connection was over or had begun otherwise. */
function beginsAnew(segment: Segment, tracked: Tracked, side: 0 | 1): boolean {
  if ((segment.flags & (SYN | ACK)) !== SYN) return false;
  const known = tracked.sides[side].base;
  if (known === undefined) return tracked.reset || tracked.sides[1 - side]!.finished;
  return known !== segment.sequence;
}

function newSide(): Side {
  return { base: undefined, next: ZERO, lastAcknowledgment: ZERO, lastWindow: -1, finished: false };
}

/** Sequence space that the segment takes: its data, SYN and FIN (RFC 9293 section 3.4). */
function extent({ flags, length }: Segment): number {
  return length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
}

function notesOn(segment: Segment, side: Side, other: Side): string[] {
  const notes: string[] = [];
  const { sequence, flags, window } = segment;
  if (side.base !== undefined && !(flags & RST)) {
    const end = add(sequence, extent(segment));
    const isProbe = sequence === add(side.next, -1) && segment.length <= 1 && !(flags & (SYN | FIN));
    if (isProbe && flags & ACK)
      notes.push(side === other || other.lastWindow !== 0 ? 'keep-alive' : 'zero-window probe');
    else if (extent(segment) > 0 && isAtOrBefore(end, side.next)) notes.push('retransmission');
    else if (extent(segment) > 0 && isBefore(sequence, side.next)) notes.push('partly a retransmission');
    else if (isBefore(side.next, sequence)) notes.push(`${distance(side.next, sequence)} bytes before it not seen`);
    else if (isDuplicate(segment, side, other)) notes.push('duplicate acknowledgment');
  }
  if (window === 0 && !(flags & (RST | SYN))) notes.push('zero window');
  return notes;
}

/** RFC 5681 section 2: no data, nothing new acknowledged, the same window, while data is outstanding. */
function isDuplicate(segment: Segment, side: Side, other: Side): boolean {
  return (
    extent(segment) === 0 &&
    (segment.flags & ACK) !== 0 &&
    segment.acknowledgment === side.lastAcknowledgment &&
    segment.window === side.lastWindow &&
    other.base !== undefined &&
    isBefore(segment.acknowledgment, other.next)
  );
}

function advance(segment: Segment, side: Side, other: Side): void {
  const { flags, sequence, acknowledgment } = segment;
  const end = add(sequence, extent(segment));
  if (side.base === undefined && !(flags & RST)) {
    side.base = flags & SYN ? sequence : add(sequence, -1);
    side.next = end;
  } else if (!(flags & RST)) {
    side.next = later(side.next, end);
  }
  if (flags & ACK) {
    side.lastAcknowledgment = acknowledgment;
    if (other.base === undefined) {
      other.base = add(acknowledgment, -1);
      other.next = acknowledgment;
    }
  }
  side.lastWindow = segment.window;
  if (flags & FIN) side.finished = true;
}

/** A SYN shows its true number, as tcpdump does: only there can it be seen. */
function baseOf(segment: Segment, side: Side, other: Side): SequenceBase {
  return {
    sequence: segment.flags & SYN ? 0 : toWord(side.base ?? ZERO),
    acknowledgment: segment.flags & SYN ? 0 : toWord(other.base ?? ZERO),
  };
}
