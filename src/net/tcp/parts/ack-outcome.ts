/**
 * What one ACK did to the flight: for round-trip samples, RACK, congestion control and the search for the path's MTU.
 */
import { type Sequence, ZERO } from '../sequence.js';

/** Used again for each ACK. */
export class AckOutcome {
  /** Bytes newly acknowledged cumulatively. */
  acked = 0;
  /** How many of those SACK had reported before. */
  ackedAlreadySacked = 0;
  /** Bytes newly reported by SACK. */
  sacked = 0;
  /** The latest transmission among those newly delivered, if there is one: its times, for RTT and RACK. */
  hasNewest = false;
  newestSentAt = 0;
  newestOrder = 0;
  newestTo: Sequence = ZERO;
  newestResent = false;
  /** When the first never-resent segment that this ACK covers was sent (for Karn), if there is one. */
  hasOriginal = false;
  rttSentAt = 0;
  /** When the earliest never-resent segment that SACK reports for the first time was sent, if there is one. */
  hasSackedOriginal = false;
  sackedSentAt = 0;
  /** The round-trip sample that this ACK has given, microseconds; 0: none. */
  rtt = 0;
  /**
   * Reordering: a segment that was never sent again arrived after one with higher numbers. How many bytes lie between
   * them; 0: no reordering.
   */
  reordering = 0;
  /** Some of what was newly acknowledged had been sent again. */
  ackedResent = false;
  /** The payload of the largest segment newly delivered. */
  largestSegment = 0;
  /** The largest record newly delivered, bytes: a frame that was not split. */
  largestRecord = 0;

  reset(): void {
    this.acked = 0;
    this.ackedAlreadySacked = 0;
    this.sacked = 0;
    this.hasNewest = false;
    this.newestResent = false;
    this.hasOriginal = false;
    this.hasSackedOriginal = false;
    this.rtt = 0;
    this.reordering = 0;
    this.ackedResent = false;
    this.largestSegment = 0;
    this.largestRecord = 0;
  }

  /** Bytes that the peer has now and had not before. */
  get delivered(): number {
    return this.acked - this.ackedAlreadySacked + this.sacked;
  }
}
