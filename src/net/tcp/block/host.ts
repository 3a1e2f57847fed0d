/**
 * The TCP of one host, and all that its connections share: the tables, the timers, the clock, the settings. There is
 * one frame for all segments that go out, and one segment object for all that come in.
 */
import type { Clock } from '../../clock.js';
import type { Device } from '../../device/device.js';
import { OutgoingFrame } from '../../device/frame.js';
import type { Route } from '../../ip/route.js';
import type { Internet } from '../../ip/transport.js';
import type { Random } from '../../random.js';
import type { PacingPlan } from '../pacing-plan.js';
import { AckOutcome } from '../parts/ack-outcome.js';
import { ChallengeBudget } from '../parts/challenge-budget.js';
import { ConnectionTable } from '../parts/connection-table.js';
import { CookieJar } from '../parts/cookie-jar.js';
import { SequenceNumbers } from '../parts/initial-sequence.js';
import { Listeners } from '../parts/listeners.js';
import { Pacer } from '../parts/pacer.js';
import { PiecePool } from '../parts/send-queue.js';
import { SendRoom } from '../parts/send-room.js';
import { SentSegmentPool } from '../parts/sent-segment.js';
import { TimeWaitTable } from '../parts/time-wait-table.js';
import { Preferences } from '../preferences.js';
import { Segment } from '../segment.js';
import type { TcpSettings } from '../settings.js';
import type { TcpStatistics } from '../statistics.js';
import { TimerQueue } from '../timers.js';
import { BareSegment } from './bare-segment.js';
import type { ControlBlock } from './control-block.js';

export interface TcpHostParts {
  readonly device: Device;
  readonly internet: Internet;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: TcpSettings;
  readonly statistics: TcpStatistics;
  /** Default: no limits. */
  readonly pacing?: PacingPlan | undefined;
}

/** IPv4 or IPv6 header and TCP header, without options. */
const HEADERS_V4 = 40;
const HEADERS_V6 = 60;

export class TcpHost {
  readonly device: Device;
  readonly internet: Internet;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: TcpSettings;
  readonly statistics: TcpStatistics;

  readonly connections: ConnectionTable<ControlBlock>;
  readonly timeWaits: TimeWaitTable;
  readonly listeners = new Listeners();
  readonly timers: TimerQueue<ControlBlock>;
  readonly sequenceNumbers: SequenceNumbers;
  readonly challenges: ChallengeBudget;
  readonly cookies = new CookieJar();
  /** Received bytes that all connections together hold in memory. */
  bufferedBytes = 0;
  /** A super-segment beyond 64 KiB has arrived at a peer, so the device and its kernel accept them. */
  bigFrameDelivered = false;
  readonly sentSegments = new SentSegmentPool();
  readonly pieces = new PiecePool();

  /** The rates of connections; null: there never was one. */
  pacer: Pacer<ControlBlock> | null;

  /** Of connections that we open, as long as the program sets no other. */
  readonly preferences: Preferences;

  readonly frame = new OutgoingFrame();
  readonly segment = new Segment();
  readonly outcome = new AckOutcome();
  readonly room = new SendRoom();
  readonly bare: BareSegment;

  constructor(parts: TcpHostParts) {
    this.device = parts.device;
    this.internet = parts.internet;
    this.clock = parts.clock;
    this.random = parts.random;
    this.settings = parts.settings;
    this.statistics = parts.statistics;
    this.preferences = Preferences.of(parts.settings);
    this.pacer = parts.pacing === undefined ? null : new Pacer(parts.clock, parts.statistics, parts.pacing);
    this.bare = new BareSegment(parts.settings.dscp << 2);
    this.timers = new TimerQueue(parts.clock);
    this.connections = new ConnectionTable(parts.random);
    this.timeWaits = new TimeWaitTable(parts.random, parts.settings.maximumTimeWaits, parts.statistics);
    this.sequenceNumbers = new SequenceNumbers(parts.random);
    this.challenges = new ChallengeBudget(parts.clock, parts.random, parts.settings.challengeAcksPerSecond);
  }

  /** The pacer, made when the first rate is set. */
  get pacing(): Pacer<ControlBlock> {
    this.pacer ??= new Pacer(this.clock, this.statistics);
    return this.pacer;
  }

  /** The MSS that we may offer: what fits the link's MTU, without options (RFC 9293 section 3.7.1, RFC 6691). */
  linkMss(route: Route): number {
    return route.linkMtu - (route.isV6 ? HEADERS_V6 : HEADERS_V4);
  }

  /** The largest payload, without options, that the path takes now. */
  pathMss(route: Route): number {
    return route.mtu - (route.isV6 ? HEADERS_V6 : HEADERS_V4);
  }
}
