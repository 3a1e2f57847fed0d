/**
 * The Transmission Control Block: all that TCP knows about one connection, under the names of RFC 9293 section 3.3.1
 * and, where that has none, under plain ones. It has data only. The rooms loss, send, life and arrives work on it. A
 * program never sees it. The program has a `TcpConnection` (life/connection.ts).
 *
 * With ten thousand connections, none of this is in the processor's caches when a segment comes, and each cache line
 * that the segment needs costs a tenth of a microsecond. So the fields are in few objects, and those that a request
 * touches stand first in each. What few connections need is null, or shared, until they need it.
 *
 *     send sequence space                              receive sequence space
 *          1         2          3          4                1          2          3
 *     ----------|----------|----------|----------      ----------|----------|----------
 *            SND.UNA    SND.NXT    SND.UNA                    RCV.NXT    RCV.NXT
 *                                 +SND.WND                              +RCV.WND
 */
import type { Route } from '../../ip/route.js';
import type { ErrorCode } from '../../network-error.js';
import type { IpAddress } from '../../wire/address.js';
import { type CongestionControl, UNLIMITED } from '../congestion/congestion.js';
import type { Connection, ConnectionHandler, Opener } from '../handler.js';
import type { Listener } from '../listener.js';
import type { AccurateEcnState } from '../parts/accurate-ecn-state.js';
import { Flight } from '../parts/flight.js';
import type { PacedFlow } from '../parts/pacer.js';
import { NO_DOUBT, type PathSearch } from '../parts/path-search.js';
import type { Reassembly } from '../parts/reassembly.js';
import type { ReceiveBuffer } from '../parts/receive-buffer.js';
import type { ReceiveTuning } from '../parts/receive-tuning.js';
import { Recovery } from '../parts/recovery-state.js';
import { RoundTrip } from '../parts/round-trip.js';
import { DEFAULT_SIZE, type PeerSegments } from '../parts/segment-size.js';
import { SendQueue } from '../parts/send-queue.js';
import type { Preferences } from '../preferences.js';
import { type Sequence, ZERO } from '../sequence.js';
import { CLOSED, LISTEN, type State } from '../state.js';
import { NO_ROW } from '../timers.js';
import type { TcpHost } from './host.js';

/** SND.*: what we send. */
export class SendVariables {
  /** SND.UNA: the oldest number not acknowledged. */
  una: Sequence = ZERO;
  /** SND.NXT: the next number to be used. */
  nxt: Sequence = ZERO;
  /** SND.WND: how much the peer takes from SND.UNA on, bytes (already scaled; MUST-1: up to 2^30). */
  wnd = 0;
  /** SND.WL1: SEG.SEQ of the segment that last set the window. (acknowledge.ts says why SND.WL2 is not needed.) */
  wl1: Sequence = ZERO;
  /** Snd.Wind.Shift: the number of bits by which the peer shifts its windows (RFC 7323 section 2.2). */
  scale = 0;
  /** The largest window the peer has ever offered: RFC 9293 section 3.8.6.2.1, Max(SND.WND). */
  maxWindow = 0;
  /** Eff.snd.MSS: the payload of a full segment now. It follows from `peerMss`, `pathMtu` and `optionBytes`. */
  mss = 536;
  /** The path MTU that `mss` was computed from. */
  pathMtu = 0;
  /** Bytes of options in every segment, which `mss` leaves room for: those of the timestamps, or none. */
  optionBytes = 0;
  /** Added to our clock in the timestamps option, so that it tells nothing about the host (RFC 7323 section 7.1). */
  tsOffset = 0;
  /** The end of the program's last `send` that announced no more. A segment that ends there carries PSH. */
  pushTo: Sequence = ZERO;
  /** The most payload in one frame, where the device takes more (big-frame.ts). */
  frameLimit = UNLIMITED;

  /** Why a last segment that is not full has to wait: the next four fields. */
  /** The end of the last segment sent that was not full (Minshall's form of Nagle's algorithm). */
  smallTo: Sequence = ZERO;
  /** Nagle's algorithm is on for this connection (SHLD-7, MUST-17). */
  nagle = true;
  /** The program has set a cork (TCP_CORK) and has not removed it yet. */
  corked = false;
  /** The program has announced more data. That holds a small segment back until the next send or ACK. */
  moreToCome = false;

  /** The program has closed: our FIN follows the last byte queued (RFC 9293 section 3.6). */
  finQueued = false;
  /** Our FIN has been sent, at least once. */
  finSent = false;

  /** When data was last sent, milliseconds of the clock. */
  lastSentMs: number;
  /** Since when data has been unacknowledged without progress, for the user time-out; -1: nothing is out. */
  unackedSinceMs = -1;
  /** How often the retransmission timer has expired without progress since: R1 and R2 (RFC 9293 section 3.8.3). */
  timeouts = 0;
  /** How often the persist timer has expired since it was first needed: each wait is twice as long as the last. */
  persistTimeouts = 0;
  /** How many probes of the kind now running (window or keep-alive) have gone unanswered. */
  probesSent = 0;
  /** The last ICMP error since an ACK came: why nothing gets through (RFC 9293 section 3.9.2.2); null if none. */
  softError: ErrorCode | null = null;

  /** SendMSS: the largest payload the peer takes, without options (RFC 9293 section 3.7.1). */
  peerMss = 536;
  /** ISS: our first number, the SYN's. */
  iss: Sequence = ZERO;

  constructor(nowMs: number) {
    this.lastSentMs = nowMs;
  }
}

/** RCV.*: what we receive, and when we acknowledge it (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2). */
export class ReceiveVariables implements PeerSegments {
  /** RCV.NXT: the next number expected. */
  nxt: Sequence = ZERO;
  /** RCV.NXT + RCV.WND: the right edge of the window that we have offered. It never moves left (SHLD-14). */
  edge: Sequence = ZERO;
  /** Rcv.Wind.Shift: the number of bits by which we shift our windows. */
  scale = 0;
  /** RCV.BUFF (RFC 9293 section 3.8.6.2.2): received bytes kept while the program does not take them. */
  buffer = 0;
  /** What `buffer` may grow to; the same if the program has set it. */
  largestBuffer = 0;
  /** The MSS that we offer (RFC 9293 section 3.7.1). */
  offeredMss = 0;

  /** Last.ACK.sent of RFC 7323 section 4.3. */
  lastAckSent: Sequence = ZERO;
  /** An ACK is due when the segment has been dealt with. */
  ackNow = false;
  /** Bytes received since the last ACK. */
  pendingBytes = 0;
  /** Segments that are still acknowledged at once. */
  quickAcks = 0;
  /** D-SACK for the next ACK: the range that arrived twice (RFC 2883); none if the edges are equal. */
  duplicateFrom: Sequence = ZERO;
  duplicateTo: Sequence = ZERO;

  /** TS.Recent, and when it was set, milliseconds. After 24 days it is too old to count (RFC 7323 section 5.5). */
  tsRecent = 0;
  tsRecentMs = 0;
  /** When a segment last arrived, milliseconds of the clock. */
  lastHeardMs: number;

  /** The peer's full segments (parts/segment-size.ts): two of them are acknowledged at once. */
  fullSegment = DEFAULT_SIZE;
  smallerSegment = 0;
  /** RCV.UP: where the urgent data ends; meaningful while `urgent`. */
  urgent = false;
  up: Sequence = ZERO;
  /** The peer's FIN has been received, and all before it (RFC 9293 section 3.6). */
  finReceived = false;
  /** IRS: the peer's first number, once its SYN has arrived (`irsKnown`). */
  irs: Sequence = ZERO;
  irsKnown = false;
  /** The buffer's size that the connection should have; null before the first measurement of the round trip. */
  tuning: ReceiveTuning | null = null;
  /** When the connection was established, a stamp of the clock: tuning counts from then on. */
  establishedAt = 0;
  /** When we last answered a segment from outside the window, milliseconds of the clock; -1: never. */
  outOfWindowMs = -1;

  constructor(nowMs: number) {
    this.lastHeardMs = nowMs;
  }
}

/** RFC 3168 section 6.1. */
export class EcnState {
  /** A CE mark came: ECE on every ACK until CWR comes. */
  echo = false;
  /** We have reduced the window: CWR on the next new data. */
  announce = false;
  /** No further reduction until `point` is acknowledged. */
  reducing = false;
  point: Sequence = ZERO;
}

/** For all connections that have seen no mark. */
export const NO_MARKS = Object.freeze(new EcnState());

export class ControlBlock {
  /** Kept by the connection table. */
  hash = 0;
  state: State;
  /** Kept by the timer queue. */
  timerRow: number = NO_ROW;

  readonly snd: SendVariables;
  readonly rcv: ReceiveVariables;
  readonly queue: SendQueue;
  readonly flight: Flight;
  readonly roundTrip: RoundTrip;
  readonly recovery = new Recovery();
  /** Set when the MSS is known. */
  congestion!: CongestionControl;

  /** What the two SYNs have agreed on; in SYN-SENT, what our SYN offers: the next four fields. */
  /** Every segment carries timestamps (RFC 7323 section 3). */
  usesTimestamps = false;
  /** Either side may send SACK blocks (RFC 2018). */
  usesSack = false;
  /** Routers may mark what we send (RFC 3168 section 6.1). */
  usesEcn = false;
  /** Windows are scaled (RFC 7323 section 2.2). */
  scalesWindows = false;

  /** Data ahead of a gap; null while there is none. */
  reassembly: Reassembly | null = null;
  /** Received data that the program has left; null while there is none. */
  received: ReceiveBuffer | null = null;
  /** Accurate feedback instead of the classic one (RFC 9768); null unless it is agreed on. */
  accurateEcn: AccurateEcnState | null = null;
  /** `NO_MARKS` until a mark comes or is reported. */
  ecn: Readonly<EcnState> = NO_MARKS;
  /** `NO_DOUBT` until there is one about the path's MTU. */
  pathSearch: Readonly<PathSearch> = NO_DOUBT;
  /** Its place among those that share a bandwidth (parts/pacer.ts); null: it sends as fast as the windows allow. */
  pacing: PacedFlow<ControlBlock> | null = null;
  /** Shared by many connections: see preferences.ts. */
  preferences: Preferences;

  /** The handler that TCP calls, from ESTABLISHED on; null once the program has let go. */
  handler: ConnectionHandler | null = null;
  /** A handler's callback is running: what it sends goes out when it returns. */
  inCallback = false;
  /** The program called `resume` in a callback. TCP carries it out when the callback returns. */
  resumeWanted = false;
  /** The program has heard of the peer's FIN. */
  endReported = false;
  /** The program has let go altogether: data that still comes is answered with a reset. */
  readingOver = false;
  /** The object that the program calls, made when the program first gets to see the connection. */
  connection: Connection | null = null;
  /** The program that opened the connection and is to hear how that ends; null once it has. */
  opener: Opener | null = null;

  constructor(
    readonly host: TcpHost,
    readonly route: Route,
    readonly localPort: number,
    readonly remotePort: number,
    /**
     * The listener that accepted the connection; null if we opened it. So SYN-RECEIVED knows where it came from
     * (MUST-11).
     */
    readonly listener: Listener | null,
  ) {
    const { settings, clock } = host;
    this.state = listener === null ? CLOSED : LISTEN;
    this.snd = new SendVariables(clock.milliseconds);
    this.rcv = new ReceiveVariables(clock.milliseconds);
    this.queue = new SendQueue(ZERO, host.pieces);
    this.flight = new Flight(host.sentSegments);
    this.roundTrip = new RoundTrip(settings);
    this.preferences = listener === null ? host.preferences : listener.preferences;
    const { receiveBufferBytes, initialReceiveBufferBytes } = settings;
    this.rcv.offeredMss = Math.min(host.linkMss(route), listener?.maxSegment ?? UNLIMITED);
    this.rcv.largestBuffer = listener?.receiveBuffer ?? receiveBufferBytes;
    this.rcv.buffer = listener?.receiveBuffer ?? Math.min(initialReceiveBufferBytes, receiveBufferBytes);
    this.rcv.quickAcks = settings.quickAcks;
    this.snd.nagle = settings.nagle && listener?.noDelay !== true;
  }

  get localAddress(): IpAddress {
    return this.route.local;
  }

  get remoteAddress(): IpAddress {
    return this.route.remote;
  }

  /** Received bytes that the program has not taken yet. */
  get unread(): number {
    return this.received === null ? 0 : this.received.length;
  }
}
