/**
 * The Transmission Control Block: all that TCP knows about one connection, under the names of RFC 9293 section 3.3.1
 * and, where that has none, in groups of its own. It has data only. The rooms loss, send, life and arrives work on
 * it. A program never sees it. The program has a `TcpConnection` (life/connection.ts).
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
import type { Connection, ConnectionHandler, KeepAlive, Opener } from '../handler.js';
import type { Listener } from '../listener.js';
import type { AccurateEcnState } from '../parts/accurate-ecn-state.js';
import { Flight } from '../parts/flight.js';
import { PathSearch } from '../parts/path-search.js';
import type { Reassembly } from '../parts/reassembly.js';
import { ReceiveBuffer } from '../parts/receive-buffer.js';
import { ReceiveTuning } from '../parts/receive-tuning.js';
import { Recovery } from '../parts/recovery-state.js';
import { RoundTrip } from '../parts/round-trip.js';
import { SegmentSize } from '../parts/segment-size.js';
import { SendQueue } from '../parts/send-queue.js';
import { type Sequence, ZERO } from '../sequence.js';
import { CLOSED, LISTEN, type State } from '../state.js';
import { TimerSet } from '../timers.js';
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
  /** ISS: our first number, the SYN's. */
  iss: Sequence = ZERO;
  /** Snd.Wind.Shift: the number of bits by which the peer shifts its windows (RFC 7323 section 2.2). */
  scale = 0;
  /** The largest window the peer has ever offered: RFC 9293 section 3.8.6.2.1, Max(SND.WND). */
  maxWindow = 0;
  /** SendMSS: the largest payload the peer takes, without options (RFC 9293 section 3.7.1). */
  peerMss = 536;
  /** Eff.snd.MSS: the payload of a full segment now. It follows from `peerMss`, `pathMtu` and `optionBytes`. */
  mss = 536;
  /** The path MTU that `mss` was computed from. */
  pathMtu = 0;
  /** Bytes of options in every segment, which `mss` leaves room for: those of the timestamps, or none. */
  optionBytes = 0;
  /** The most payload in one frame, where the device takes more (big-frame.ts). */
  frameLimit = UNLIMITED;
  /** The end of the program's last `send` that announced no more. A segment that ends there carries PSH. */
  pushTo: Sequence = ZERO;
}

/** RCV.*: what we receive. */
export class ReceiveVariables {
  /** RCV.NXT: the next number expected. */
  nxt: Sequence = ZERO;
  /** RCV.NXT + RCV.WND: the right edge of the window that we have offered. It never moves left (SHLD-14). */
  edge: Sequence = ZERO;
  /** IRS: the peer's first number, once its SYN has arrived (`irsKnown`). */
  irs: Sequence = ZERO;
  irsKnown = false;
  /** Rcv.Wind.Shift: the number of bits by which we shift our windows. */
  scale = 0;
  /** RCV.UP: where the urgent data ends; meaningful while `urgent`. */
  up: Sequence = ZERO;
  urgent = false;
  /** RCV.BUFF (RFC 9293 section 3.8.6.2.2): received bytes kept while the program does not take them. */
  buffer = 0;
  /** What `buffer` may grow to; the same if the program has set it. */
  largestBuffer = 0;
  /** The size that receive tuning wants. */
  readonly tuning = new ReceiveTuning();
  /** The MSS that we offer (RFC 9293 section 3.7.1). */
  offeredMss = 0;
}

/** When to acknowledge: RFC 9293 section 3.8.6.3, RFC 5681 section 4.2. */
export class AckState {
  /** An ACK is due when the segment has been dealt with. */
  now = false;
  /** Bytes received since the last ACK. */
  pendingBytes = 0;
  /** Segments that are still acknowledged at once. */
  quick = 0;
  /** Last.ACK.sent of RFC 7323 section 4.3. */
  lastSent: Sequence = ZERO;
  /** D-SACK for the next ACK: the range that arrived twice (RFC 2883); none if the edges are equal. */
  duplicateFrom: Sequence = ZERO;
  duplicateTo: Sequence = ZERO;
  /** The peer's full segments: two of them are acknowledged at once. */
  readonly segmentSize = new SegmentSize();
  /** When we last answered a segment from outside the window. */
  outOfWindowAt = Number.NEGATIVE_INFINITY;
}

/** RFC 7323 sections 3 to 5. It means something only if timestamps are agreed on. */
export class TimestampState {
  /** TS.Recent, and when it was set, milliseconds. After 24 days it is too old to count (section 5.5). */
  recent = 0;
  recentMs = 0;
  /** Added to our clock, so that it tells nothing about the host (section 7.1). */
  offset = 0;
}

/** RFC 3168 section 6.1. It means something only if ECN is agreed on. */
export class EcnState {
  /** A CE mark came: ECE on every ACK until CWR comes. */
  echo = false;
  /** We have reduced the window: CWR on the next new data. */
  announce = false;
  /** No further reduction until `point` is acknowledged. */
  reducing = false;
  point: Sequence = ZERO;
}

/** What the two SYNs have agreed on; in SYN-SENT, what our SYN offers. */
export class AgreedOptions {
  /** Either side may send SACK blocks (RFC 2018). */
  sack = false;
  /** Windows are scaled (RFC 7323 section 2.2). */
  windowScaling = false;
  /** Every segment carries timestamps (RFC 7323 section 3). */
  timestamps = false;
  /** Routers may mark what we send (RFC 3168 section 6.1). */
  ecn = false;
}

/** Why a last segment that is not full has to wait. */
export class HoldBack {
  /** Nagle's algorithm is on for this connection (SHLD-7, MUST-17). */
  nagle = true;
  /** The end of the last segment sent that was not full (Minshall's form of Nagle's algorithm). */
  smallTo: Sequence = ZERO;
  /** The program has set a cork (TCP_CORK) and has not removed it yet. */
  corked = false;
  /** The program has announced more data. That holds a small segment back until the next send or ACK. */
  moreToCome = false;
}

/** The progress of the two FINs (RFC 9293 section 3.6). */
export class Closing {
  /** The program has closed: our FIN follows the last byte queued. */
  finQueued = false;
  /** Our FIN has been sent, at least once. */
  finSent = false;
  /** The peer's FIN has been received, and all before it. */
  finReceived = false;
}

/** What the program may set for each connection. It begins with the host's settings, or the listener's. */
export class Preferences {
  /** DSCP, in the upper six bits of the TOS byte or traffic class. */
  trafficClass: number;
  /** TTL or hop limit; 0: the host's. */
  timeToLive: number;
  /** A packet with a smaller one is dropped (RFC 5082). */
  minimumTimeToLive: number;
  /** R2 of RFC 9293 section 3.8.3 as a time, microseconds; 0: by the number of resends alone. */
  userTimeout: number;
  /** When to probe a silent peer (RFC 9293 section 3.8.4); null: never. */
  keepAlive: KeepAlive | null;

  constructor(host: TcpHost, listener: Listener | null) {
    this.trafficClass = listener?.trafficClass ?? host.settings.dscp << 2;
    this.timeToLive = listener?.timeToLive ?? 0;
    this.minimumTimeToLive = listener?.minimumTimeToLive ?? 0;
    this.userTimeout = host.settings.userTimeout;
    this.keepAlive = host.keepAlive;
  }
}

/** Signs of life of either side. Times in milliseconds of the clock. */
export class Liveness {
  /** When a segment last arrived. */
  lastHeardMs: number;
  /** When data was last sent. */
  lastSentMs: number;
  /** Since when data has been unacknowledged without progress, for the user time-out; -1: nothing is out. */
  unackedSinceMs = -1;
  /** How many probes of the kind now running (window or keep-alive) have gone unanswered. */
  probesSent = 0;
  /** The last ICMP error since an ACK came: why nothing gets through (RFC 9293 section 3.9.2.2); null if none. */
  softError: ErrorCode | null = null;

  constructor(nowMs: number) {
    this.lastHeardMs = nowMs;
    this.lastSentMs = nowMs;
  }
}

/** The program's side of the connection. */
export class ProgramSide {
  /** The object that the program calls, made when the program first gets to see the connection. */
  connection: Connection | null = null;
  /** The program that opened the connection and is to hear how that ends; null once it has. */
  opener: Opener | null = null;
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
}

export class ControlBlock {
  state: State;
  /** Kept by the connection table. */
  hash = 0;
  readonly timers = new TimerSet();

  readonly snd = new SendVariables();
  readonly rcv = new ReceiveVariables();
  readonly agreed = new AgreedOptions();

  readonly queue: SendQueue;
  readonly flight: Flight;
  readonly roundTrip: RoundTrip;
  readonly recovery = new Recovery();
  readonly pathSearch = new PathSearch();
  /** Set when the MSS is known. */
  congestion!: CongestionControl;
  readonly hold = new HoldBack();

  readonly received = new ReceiveBuffer();
  /** Data ahead of a gap; null while there is none. */
  reassembly: Reassembly | null = null;
  readonly ack = new AckState();
  readonly timestamps = new TimestampState();
  readonly ecn = new EcnState();
  /** Accurate feedback instead of the classic one (RFC 9768); null unless it is agreed on. */
  accurateEcn: AccurateEcnState | null = null;

  readonly closing = new Closing();
  readonly liveness: Liveness;
  readonly preferences: Preferences;
  readonly program = new ProgramSide();

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
    this.state = listener === null ? CLOSED : LISTEN;
    this.queue = new SendQueue(ZERO, host.pieces);
    this.flight = new Flight(host.sentSegments);
    this.roundTrip = new RoundTrip(host.settings);
    this.liveness = new Liveness(host.clock.milliseconds);
    this.preferences = new Preferences(host, listener);
    this.rcv.offeredMss = Math.min(host.linkMss(route), listener?.maxSegment ?? UNLIMITED);
    const { receiveBufferBytes, initialReceiveBufferBytes } = host.settings;
    this.rcv.largestBuffer = listener?.receiveBuffer ?? receiveBufferBytes;
    this.rcv.buffer = listener?.receiveBuffer ?? Math.min(initialReceiveBufferBytes, receiveBufferBytes);
    this.ack.quick = host.settings.quickAcks;
    this.hold.nagle = host.settings.nagle && listener?.noDelay !== true;
  }

  get localAddress(): IpAddress {
    return this.route.local;
  }

  get remoteAddress(): IpAddress {
    return this.route.remote;
  }
}
