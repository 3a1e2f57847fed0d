/**
 * One transmission in flight, and the pool that such records come from. `Flight` keeps them in the order of their
 * numbers, `TransmissionOrder` in the order of time.
 */
import { distance, type Sequence, ZERO } from '../sequence.js';

/** One transmission, `[from, to)`. Neighbours that SACK has both reported are one record. */
export class SentSegment {
  from: Sequence = ZERO;
  to: Sequence = ZERO;
  /** When it was sent last: a stamp (`Clock.stamp`). */
  sentAt = 0;
  /**
   * The number of this transmission in the connection. Many transmissions share one `sentAt`, because the clock stands
   * still during a batch.
   */
  order = 0;
  /** The payload of the largest segment that it was last sent in: a super-segment is cut into such. */
  segmentBytes = 0;
  /** How often it has been sent again. */
  resends = 0;
  /** The peer has reported it received (RFC 2018). */
  sacked = false;
  /** While `sacked`: how many transmissions this record stands for. */
  sackedCount = 0;
  /** It counts as lost, and has not been sent again since. */
  lost = false;
  /** By sequence number. */
  next: SentSegment | null = null;
  previous: SentSegment | null = null;
  /** By time (`TransmissionOrder`). */
  sentNext: SentSegment | null = null;
  sentPrevious: SentSegment | null = null;
  /** The next and previous record of the `FlightIndex`, if this one is in it. */
  isIndexed = false;
  indexNext: SentSegment | null = null;
  indexPrevious: SentSegment | null = null;

  /** Bytes of sequence space. */
  get length(): number {
    return distance(this.from, this.to);
  }
}

/** Records not in use. All connections of a host share them; there are as many as were ever in flight at once. */
export class SentSegmentPool {
  #free: SentSegment | null = null;

  take(): SentSegment {
    const segment = this.#free;
    if (segment === null) return new SentSegment();
    this.#free = segment.next;
    segment.next = null;
    segment.resends = 0;
    segment.sacked = false;
    segment.lost = false;
    return segment;
  }

  give(segment: SentSegment): void {
    segment.previous = null;
    segment.next = this.#free;
    this.#free = segment;
  }
}
