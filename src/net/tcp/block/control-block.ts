/**
 * The Transmission Control Block: everything there is to know about one connection, under the names that RFC 9293
 * section 3.3.1 gives them. Data only; what happens to it is in the files beside this one.
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
import { Flight } from '../parts/flight.js';
import type { Reassembly } from '../parts/reassembly.js';
import { ReceiveBuffer } from '../parts/receive-buffer.js';
import { Recovery } from '../parts/recovery-state.js';
import { RoundTrip } from '../parts/round-trip.js';
import { SendQueue } from '../parts/send-queue.js';
import type { Sequence } from '../sequence.js';
import { CLOSED, type State } from '../state.js';
import { TimerSet } from '../timers.js';
import type { TcpHost } from './host.js';

/** SND.*: what we send. */
export class SendVariables {
  /** SND.UNA: the oldest number not acknowledged. */
  una: Sequence = 0;
  /** SND.NXT: the next number to be used. */
  nxt: Sequence = 0;
  /** SND.WND: what the peer will take from SND.UNA on, bytes (already scaled; MUST-1: up to 2^30). */
  wnd = 0;
  /** SND.WL1, SND.WL2: SEG.SEQ and SEG.ACK of the segment that last set the window. */
  wl1: Sequence = 0;
  wl2: Sequence = 0;
  /** ISS: our first number, the SYN's. */
  iss: Sequence = 0;
  /** Snd.Wind.Shift: what the peer shifts its windows by. RFC 7323 section 2.2. */
  scale = 0;
  /** The largest window the peer has ever offered: RFC 9293 section 3.8.6.2.1, Max(SND.WND). */
  maxWindow = 0;
  /** SendMSS: the largest payload the peer takes, without options (RFC 9293 section 3.7.1). */
  peerMss = 536;
  /** Eff.snd.MSS: payload of a full segment now: of peerMss and path MTU the lesser, less our options. */
  mss = 536;
}

/** RCV.*: what we receive. */
export class ReceiveVariables {
  /** RCV.NXT: the next number expected. */
  nxt: Sequence = 0;
  /** RCV.NXT + RCV.WND: the right edge of what we have offered. It never moves left (SHLD-14). */
  edge: Sequence = 0;
  /** IRS: the peer's first number. */
  irs: Sequence = 0;
  /** Rcv.Wind.Shift: what we shift our windows by. */
  scale = 0;
  /** RCV.UP: up to where there is urgent data; meaningful while `urgent`. */
  up: Sequence = 0;
  urgent = false;
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
  lastSent: Sequence = 0;
  /** D-SACK for the next ACK: what arrived twice (RFC 2883); nothing if the edges are equal. */
  duplicateFrom: Sequence = 0;
  duplicateTo: Sequence = 0;
  /** When we last answered a segment from outside the window. */
  outOfWindowAt = Number.NEGATIVE_INFINITY;
}

/** RFC 7323 sections 3 to 5. */
export class TimestampState {
  enabled = false;
  /** TS.Recent, and when it was set, milliseconds (void after 24 days, section 5.5). */
  recent = 0;
  recentMs = 0;
  /** Added to our clock, so that it tells nothing about the host (section 7.1). */
  offset = 0;
}

/** RFC 3168 section 6.1. */
export class EcnState {
  /** Agreed in the handshake. */
  enabled = false;
  /** A CE mark came: ECE on every ACK until CWR comes. */
  echo = false;
  /** We have reduced the window: CWR on the next new data. */
  announce = false;
  /** No further reduction until `point` is acknowledged. */
  reducing = false;
  point: Sequence = 0;
}

export abstract class ControlBlock {
  /** The same connection, as the program sees it. */
  abstract readonly connection: Connection;

  state: State = CLOSED;
  /** Kept by the connection table. */
  hash = 0;
  readonly timers = new TimerSet();

  readonly snd = new SendVariables();
  readonly rcv = new ReceiveVariables();
  readonly queue: SendQueue;
  readonly flight: Flight;
  readonly roundTrip: RoundTrip;
  readonly recovery = new Recovery();
  readonly ack = new AckState();
  readonly timestamps = new TimestampState();
  readonly ecn = new EcnState();
  readonly received = new ReceiveBuffer();
  /** Data ahead of a gap; null while there has been none. */
  reassembly: Reassembly | null = null;
  /** Set when the MSS is known. */
  congestion!: CongestionControl;

  /** The peer may send SACK blocks to us, and we to it (RFC 2018). */
  sackEnabled = false;
  /** Both sides sent the window scale option (RFC 7323 section 2.2); in a SYN of ours: we offer it. */
  scalingEnabled = false;
  /** Bytes of options in every segment, which `snd.mss` has been lessened by: the timestamps' or none. */
  optionBytes = 0;
  /** Nagle's algorithm is on for this connection (SHLD-7, MUST-17). */
  nagle: boolean;
  /** The end of the last segment sent that was not full (Minshall's form of Nagle's algorithm). */
  smallTo: Sequence = 0;
  /** The path MTU that `snd.mss` was computed from. */
  pathMtu = 0;
  /** The peer's SYN has arrived: IRS is known. */
  peerKnown = false;
  /** The program has called `close`: a FIN follows the last byte queued. */
  finQueued = false;
  /** Our FIN has been sent (at least once). */
  finSent = false;
  /** The peer's FIN has been received, and all before it; and the program has been told so. */
  finReceived = false;
  endReported = false;
  /** Hold back a last segment that is not full: until told otherwise, or until the next send or ACK. */
  corked = false;
  moreToCome = false;
  /** The end of the last send after which no more was announced: there PSH belongs. */
  pushTo: Sequence = 0;
  /** DSCP, in the upper six bits of the TOS byte or traffic class. */
  trafficClass: number;
  /** TTL or hop limit; 0: the host's. */
  timeToLive = 0;
  /** The MSS that we offer (RFC 9293 section 3.7.1). */
  offeredMss: number;
  /** Received bytes kept while the program does not take them: what RCV.WND can be. */
  receiveBuffer: number;
  /** RFC 9293 section 3.8.3 and 3.8.4: R2, and when to probe; the host's settings unless set for this connection. */
  userTimeout: number;
  keepAliveTimes: KeepAlive | null;
  /** A handler's callback is running: what it sends goes out when it returns. */
  inCallback = false;
  /** The program called `resume` meanwhile: seen to when the call returns. */
  resumeWanted = false;
  /** How many probes of the kind now running (window or keep-alive) have gone unanswered. */
  probesSent = 0;
  /** When a segment last arrived, and when data was last sent: milliseconds of the clock. */
  lastHeardMs: number;
  lastSentMs: number;
  /** Since when data has been unacknowledged without progress, for the user time-out, milliseconds; -1 if nothing is out. */
  unackedSinceMs = -1;

  /** The last ICMP error since an ACK came: why nothing gets through (RFC 9293 section 3.9.2.2); null if none. */
  softError: ErrorCode | null = null;

  /** The program has let go altogether: data that still comes is answered with a reset. */
  readingOver = false;
  /** Who opened it and is to hear how that ends; null once it has. */
  opener: Opener | null = null;
  /** The program's side, from ESTABLISHED on. */
  handler: ConnectionHandler | null = null;

  constructor(
    readonly host: TcpHost,
    readonly route: Route,
    readonly localPort: number,
    readonly remotePort: number,
    /** Where it was accepted; null for a connection we opened (MUST-11: SYN-RECEIVED knows). */
    readonly listener: Listener | null,
  ) {
    this.queue = new SendQueue(0, host.pieces);
    this.flight = new Flight(host.sentSegments);
    this.roundTrip = new RoundTrip(host.settings);
    this.trafficClass = host.settings.dscp << 2;
    this.offeredMss = Math.min(host.linkMss(route), listener?.maxSegment ?? UNLIMITED);
    this.receiveBuffer = listener?.receiveBuffer ?? host.settings.receiveBufferBytes;
    this.userTimeout = host.settings.userTimeout;
    this.keepAliveTimes = host.keepAlive;
    this.lastHeardMs = host.clock.milliseconds;
    this.lastSentMs = host.clock.milliseconds;
    this.ack.quick = host.settings.quickAcks;
    this.nagle = host.settings.nagle && listener?.noDelay !== true;
  }

  get localAddress(): IpAddress {
    return this.route.local;
  }

  get remoteAddress(): IpAddress {
    return this.route.remote;
  }
}
