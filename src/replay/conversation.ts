/**
 * One TCP connection of a capture while it is replayed: what the recorded client and server have said, what our stack
 * has said, and how the recorded server's numbers become ours.
 *
 *     recorded server   isn_r ---- data ---- next_r         the client acknowledges numbers of this line;
 *     our stack         isn_l ---- data ---- next_l         our stack must hear numbers of this one
 *
 * While both say equally many bytes, one number is the other plus a constant. Where our answer is longer or shorter
 * (another program is served), the lines are put together anew whenever the client has acknowledged all that the
 * recorded server had said.
 */

import { add, distance, isAfter, isBefore, later, type Sequence, ZERO } from '../net/tcp/sequence.js';
import { CLOSED } from '../net/tcp/state.js';
import { elapsed } from '../net/tcp/wrapping.js';
import type { IpAddress } from '../net/wire/address.js';
import { Holes } from './holes.js';
import type { RecordedApplication } from './recorded-application.js';
import type { StreamComparison } from './stream-comparison.js';

/** The number of the recorded server's time stamps that are remembered for the client's echoes. */
const STAMPS = 16;

/** The part of our stack's control block that a replay looks at. */
export interface LiveState {
  readonly state: number;
}

export class Conversation {
  /** For the table that it is kept in. */
  hash = 0;

  // The recorded client.
  clientKnown = false;
  clientIsn: Sequence = ZERO;
  /** Behind the last byte it has sent. */
  clientNext: Sequence = ZERO;
  clientWindow = 0;
  /** Its last TSval, and whether it sends any. */
  clientStamps = false;
  clientStamp = 0;
  clientFin = false;
  /** It has sent something, and the recorded server nothing since. */
  clientWaits = false;

  // The recorded server.
  recordedKnown = false;
  recordedIsn: Sequence = ZERO;
  recordedNext: Sequence = ZERO;
  /** Its last segment with data had PSH or FIN: the end of what it had to say for now. */
  recordedPaused = false;
  /** It sent a SYN-ACK. */
  recordedAccepted = false;
  recordedFin = false;
  /** Its FIN came before the client's. */
  recordedFinFirst = false;
  /** Bytes of the client's that it acknowledged. */
  recordedTaken = 0;
  recordedReset = false;
  recordedSegments = 0;
  recordedRetransmits = 0;
  recordedBytes = 0;
  readonly recordedHoles = new Holes();
  /** It opened the connection itself (active FTP, say). */
  openedByServer = false;

  // Our stack.
  liveKnown = false;
  liveIsn: Sequence = ZERO;
  liveNext: Sequence = ZERO;
  /** The highest number of ours that the client was made to acknowledge. */
  liveAcknowledged: Sequence = ZERO;
  liveStamp = 0;
  liveFin = false;
  liveFinFirst = false;
  liveTaken = 0;
  liveReset = false;
  liveSegments = 0;
  liveRetransmits = 0;
  liveBytes = 0;

  /** The client has acknowledged up to here already, though we have not sent it yet. */
  promised: Sequence = ZERO;
  /** It has acknowledged all of the recorded answer: until its next turn it will take whatever we say. */
  promisedAll = false;
  /** Our numbers minus the recorded server's. */
  delta = 0;

  // The results.
  bytesReceived = 0;
  clientResets = 0;
  madeAcknowledgments = 0;
  readonly states: number[] = [];
  closeReason: string | undefined;
  /** Why our stack was given nothing of it. */
  notPlayed: string | undefined;
  live: LiveState | null = null;
  application: RecordedApplication | null = null;
  /** Compares what both servers say, if that was asked for. */
  comparison: StreamComparison | null = null;
  /** No frame of its handshake was seen. */
  midway = false;
  firstTime = 0;
  lastTime = 0;

  #stamps: Int32Array | null = null;
  #stampCount = 0;

  constructor(
    readonly number: number,
    /** The server's end. */
    readonly localAddress: IpAddress,
    readonly localPort: number,
    readonly remoteAddress: IpAddress,
    readonly remotePort: number,
    /** The application is the recorded one: both servers say the same bytes. */
    readonly sameStream: boolean,
  ) {}

  /** Both recorded ends have sent their FIN and acknowledged the other's: a reset after that resets nothing. */
  get recordedOver(): boolean {
    return this.clientFin && this.recordedFin;
  }

  /** Takes note of our stack's state, if it has changed. */
  sample(): void {
    if (this.live === null) return;
    const { state } = this.live;
    if (this.states[this.states.length - 1] !== state) this.states.push(state);
    if (state === CLOSED) this.live = null;
  }

  /** The recorded server's first sequence number has become known. */
  setRecordedIsn(isn: Sequence): void {
    this.recordedKnown = true;
    this.recordedIsn = isn;
    this.recordedNext = add(isn, 1);
    this.#align();
  }

  /** Ours has. */
  setLiveIsn(isn: Sequence): void {
    this.liveKnown = true;
    this.liveIsn = isn;
    this.liveNext = add(isn, 1);
    this.liveAcknowledged = isn;
    this.promised = isn;
    this.#align();
  }

  #align(): void {
    if (this.recordedKnown && this.liveKnown) this.delta = distance(this.recordedIsn, this.liveIsn);
  }

  /** The recorded server has sent up to `end`. */
  recordedSent(end: Sequence, hasData: boolean, paused: boolean): void {
    if (isAfter(end, this.recordedNext)) {
      this.recordedNext = end;
      this.promisedAll = false;
    }
    if (hasData) this.recordedPaused = paused;
  }

  /** The number of the client's bytes that this acknowledgment covers. SYN and FIN do not count. */
  takenBy(acknowledgment: Sequence): number {
    const end = this.clientFin && acknowledgment === this.clientNext ? 1 : 0;
    return Math.max(0, distance(this.clientIsn, acknowledgment) - 1 - end);
  }

  /** Our number for the client's acknowledgment of the recorded server's. At most what we have sent. */
  mapAcknowledgment(recorded: Sequence, endsTurn: boolean): Sequence {
    if (!this.recordedKnown) this.setRecordedIsn(add(recorded, -1));
    if (!this.liveKnown) return recorded;
    if (isAfter(recorded, this.recordedNext)) this.recordedNext = recorded; // the capture has missed something
    if (!this.sameStream) this.#alignTurn(recorded, endsTurn);
    const mapped = add(recorded, this.delta);
    this.promised = later(this.promised, mapped);
    const possible = isAfter(mapped, this.liveNext) ? this.liveNext : mapped;
    this.liveAcknowledged = later(this.liveAcknowledged, possible);
    return possible;
  }

  /**
   * Another program answers than the recorded one, so its answer may be longer or shorter. A client that has
   * acknowledged all of the recorded answer is taken to have all of ours: what was sent, and until the next turn also
   * what will be sent. When both recorded ends have closed there is no next turn.
   */
  #alignTurn(recorded: Sequence, endsTurn: boolean): void {
    const isLast = this.clientFin && this.recordedFin;
    const hasAll = recorded === this.recordedNext && (endsTurn || isLast || this.recordedPaused);
    if (hasAll) this.delta = distance(recorded, this.liveNext);
    this.promisedAll = hasAll && (isLast || !endsTurn);
    if (endsTurn) this.recordedPaused = false;
  }

  /** True if our stack has sent something that the client has acknowledged before it was sent. */
  get owesAcknowledgment(): boolean {
    if (!this.liveKnown || this.live === null) return false;
    if (!isBefore(this.liveAcknowledged, this.liveNext)) return false;
    return this.promisedAll || isBefore(this.liveAcknowledged, this.promised);
  }

  /** The number that such an acknowledgment has. */
  owedAcknowledgment(): Sequence {
    const owed = this.promisedAll || isAfter(this.promised, this.liveNext) ? this.liveNext : this.promised;
    this.liveAcknowledged = later(this.liveAcknowledged, owed);
    return owed;
  }

  /** The recorded server has used this TSval by now; `liveStamp` is the last that our stack has used. */
  noteStamp(recorded: number): void {
    this.#stamps ??= new Int32Array(2 * STAMPS);
    const last = ((this.#stampCount - 1) % STAMPS) * 2;
    if (this.#stampCount > 0 && this.#stamps[last] === (recorded | 0)) {
      this.#stamps[last + 1] = this.liveStamp;
      return;
    }
    const place = (this.#stampCount % STAMPS) * 2;
    this.#stamps[place] = recorded;
    this.#stamps[place + 1] = this.liveStamp;
    this.#stampCount++;
  }

  /** The TSval of ours that stands for the recorded server's: what we had last sent when it sent that. */
  mapStamp(recorded: number): number {
    const oldest = Math.max(0, this.#stampCount - STAMPS);
    for (let i = this.#stampCount - 1; i >= oldest; i--) {
      const place = (i % STAMPS) * 2;
      if (elapsed(this.#stamps![place]!, recorded) >= 0) return this.#stamps![place + 1]!;
    }
    return this.liveStamp;
  }
}
