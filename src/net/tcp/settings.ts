/**
 * Every number that TCP goes by, with its default and where it comes from. Times in microseconds, sizes in bytes.
 *
 * Where Linux and the RFC differ, the default is Linux's, because that is what clients have come to expect; the comment
 * says what the RFC asks for.
 */
import { MILLISECOND, SECOND } from '../clock.js';

export interface TcpSettings {
  /** Which congestion control new connections use. RFC 9438; RFC 5681. */
  readonly congestionControl: 'cubic' | 'newreno';
  /** First window, in segments. RFC 6928 section 2. */
  readonly initialWindowSegments: number;
  /** Offer and accept window scaling. RFC 7323 section 2. */
  readonly windowScaling: boolean;
  /** Offer and accept timestamps. RFC 7323 section 3. */
  readonly timestamps: boolean;
  /** Offer and accept selective acknowledgments. RFC 2018. */
  readonly sack: boolean;
  /** Hold back small segments while data is unacknowledged. RFC 9293 section 3.7.4 (SHLD-7). */
  readonly nagle: boolean;
  /** Received bytes kept for a program that does not read; also the window offered. RFC 9293 section 3.8.6. */
  readonly receiveBufferBytes: number;
  /** The least MSS we go along with; a smaller one offered counts as this (Linux tcp_min_snd_mss). */
  readonly minimumMss: number;

  /** RTO before the first sample. RFC 6298 section 2.1. */
  readonly initialRto: number;
  /** Least RTO above SRTT. Linux 200 ms; RFC 6298 section 2.4 says 1 s, which a retransmission on a LAN need not wait. */
  readonly minimumRto: number;
  /** Largest RTO. RFC 6298 section 2.5: at least 60 s. */
  readonly maximumRto: number;
  /** How often a SYN is sent again. RFC 9293 section 3.8.3 (MUST-23): for at least three minutes. */
  readonly synRetries: number;
  /** How often a SYN-ACK is sent again. Linux tcp_synack_retries. */
  readonly synAckRetries: number;
  /** How often data is sent again before the connection is given up (R2). RFC 9293 section 3.8.3; Linux tcp_retries2. */
  readonly dataRetries: number;
  /** The same after the program has closed. Linux tcp_orphan_retries. */
  readonly orphanRetries: number;
  /** Give up when data has been unacknowledged for so long; 0: by `dataRetries` alone. RFC 5482, RFC 9293 section 3.8.3 (MUST-21). */
  readonly userTimeout: number;

  /** How long an ACK may wait for company. RFC 9293 section 3.8.6.3 (MUST-40): below 500 ms; Linux 40 ms. */
  readonly delayedAck: number;
  /** Segments acknowledged at once when a connection is young. Linux: up to 16. */
  readonly quickAcks: number;

  /** 2 MSL. RFC 9293 section 3.4.2: 4 minutes; Linux 60 s. */
  readonly timeWait: number;
  /** The most connections in TIME-WAIT; the oldest give way. Linux tcp_max_tw_buckets. */
  readonly maximumTimeWaits: number;
  /** How long FIN-WAIT-2 waits for the peer's FIN once nobody reads. Linux tcp_fin_timeout. */
  readonly finWait2: number;

  /** Send keep-alive probes. RFC 9293 section 3.8.4 (MUST-25): off by default. */
  readonly keepAlive: boolean;
  /** Idle time before the first probe (MUST-28: at least two hours by default), between probes, and how many. */
  readonly keepAliveIdle: number;
  readonly keepAliveInterval: number;
  readonly keepAliveProbes: number;

  /** Connections in SYN-RECEIVED per listener. */
  readonly backlog: number;
  /** When a backlog is full: ignore SYNs, or answer with cookies; or always with cookies. RFC 4987 section 3.6. */
  readonly synCookies: 'off' | 'overflow' | 'always';
  /**
   * Received bytes held for all connections together. Above it what came out of order is dropped first, then what came in
   * order for programs that do not read; the peers send it again. What a program takes at once is never held.
   */
  readonly maximumBufferedBytes: number;
  /** Connections in all. */
  readonly maximumConnections: number;
  /** Challenge ACKs a second, of all connections. RFC 5961 section 10. */
  readonly challengeAcksPerSecond: number;
  /** Least time between two ACKs to segments outside a connection's window. Linux tcp_invalid_ratelimit. */
  readonly outOfWindowAckInterval: number;
  /** DSCP of what TCP sends, 0 to 63 (MUST-48). TTL is the internet layer's. */
  readonly dscp: number;

  /** ECN: never; granted to those who ask (Linux's default); or asked for too. RFC 3168. */
  readonly ecn: 'off' | 'accept' | 'request';
  /** Start slowly again after an idle time of more than an RTO. RFC 5681 section 4.1. */
  readonly slowStartAfterIdle: boolean;
  /** Find out by F-RTO whether a time-out was needed. RFC 5682. */
  readonly forwardRto: boolean;
  /** Try smaller segments when full ones vanish without a word from ICMP. RFC 4821 section 7.7; RFC 2923 section 2.1. */
  readonly blackHoleDetection: boolean;
  /** Tail loss probes. RFC 8985 section 7. */
  readonly tailLossProbe: boolean;
}

export const DEFAULT_TCP_SETTINGS: TcpSettings = {
  congestionControl: 'cubic',
  initialWindowSegments: 10,
  windowScaling: true,
  timestamps: true,
  sack: true,
  nagle: true,
  receiveBufferBytes: 256 * 1024,
  minimumMss: 48,

  initialRto: 1 * SECOND,
  minimumRto: 200 * MILLISECOND,
  maximumRto: 120 * SECOND,
  synRetries: 8,
  synAckRetries: 5,
  dataRetries: 15,
  orphanRetries: 8,
  userTimeout: 0,

  delayedAck: 40 * MILLISECOND,
  quickAcks: 16,

  timeWait: 60 * SECOND,
  maximumTimeWaits: 131_072,
  finWait2: 60 * SECOND,

  keepAlive: false,
  keepAliveIdle: 7200 * SECOND,
  keepAliveInterval: 75 * SECOND,
  keepAliveProbes: 9,

  backlog: 4096,
  synCookies: 'overflow',
  maximumBufferedBytes: 256 * 1024 * 1024,
  maximumConnections: 65_536,
  challengeAcksPerSecond: 1000,
  outOfWindowAckInterval: 500 * MILLISECOND,
  dscp: 0,

  ecn: 'accept',
  slowStartAfterIdle: true,
  forwardRto: true,
  blackHoleDetection: true,
  tailLossProbe: true,
};
