/**
 * Every number that governs TCP: its default, its unit, its source and its meaning. The type, the defaults, the command
 * line's `--tcp` and `fastpath status --verbose` all come from this one table.
 *
 * Where Linux and the RFC differ, the default is Linux's, because clients have come to expect it; the text says what
 * the RFC asks for.
 */
import { MILLISECOND, SECOND } from '../clock.js';

/** What a setting's number counts; `choice`: one of a few words, `switch`: true or false. @see {@link TCP_SETTINGS} */
export type SettingUnit = 'bytes' | 'microseconds' | 'count' | 'segments' | 'switch' | 'choice';

/** One setting. @see {@link TCP_SETTINGS} */
export interface Setting<T> {
  /** The default. */
  readonly value: T;
  readonly unit: SettingUnit;
  /** RFC and section, or the Linux setting that it follows. */
  readonly source: string;
  readonly meaning: string;
  /** The words that a `choice` may be. */
  readonly choices?: readonly T[];
  /** A number's bounds, in its unit. */
  readonly min?: number;
  readonly max?: number;
}

function choice<T extends string>(choices: readonly T[], value: T, source: string, meaning: string): Setting<T> {
  return { value, unit: 'choice', source, meaning, choices };
}

function toggle(value: boolean, source: string, meaning: string): Setting<boolean> {
  return { value, unit: 'switch', source, meaning };
}

function number(
  unit: 'bytes' | 'count' | 'segments',
  value: number,
  [min, max]: readonly [number, number],
  source: string,
  meaning: string,
): Setting<number> {
  return { value, unit, source, meaning, min, max };
}

const TEN_DAYS = 10 * 24 * 3600 * SECOND;
/** RFC 6298 section 2.5: a bound on the time-out is at least this. So the least time-out may not be more. */
const LEAST_MAXIMUM_RTO = 60 * SECOND;

/** A time, from a millisecond (or 0 where 0 means something) to ten days or what an RFC allows. */
function time(value: number, source: string, meaning: string, min = MILLISECOND, max = TEN_DAYS): Setting<number> {
  return { value, unit: 'microseconds', source, meaning, min, max };
}

/**
 * The settings by name. Times in microseconds, sizes in bytes.
 *
 * @example
 * ```ts
 * import { TCP_SETTINGS } from 'fastpath';
 *
 * console.log(TCP_SETTINGS.sack.meaning); // offer and accept selective acknowledgments
 * ```
 */
export const TCP_SETTINGS = {
  congestionControl: choice(
    ['cubic', 'newreno'],
    'cubic',
    'RFC 9438; RFC 5681, RFC 6582',
    'congestion control of new connections',
  ),
  initialWindowSegments: number('segments', 10, [1, 1000], 'RFC 6928 section 2', 'first congestion window'),
  windowScaling: toggle(true, 'RFC 7323 section 2', 'offer and accept window scaling'),
  timestamps: toggle(true, 'RFC 7323 section 3', 'offer and accept timestamps'),
  requireTimestamps: toggle(
    false,
    'RFC 7323 section 3.2 (SHOULD); Linux does not',
    'drop segments without the timestamps that were agreed on; old kernels and some keep-alives leave them out',
  ),
  sack: toggle(true, 'RFC 2018', 'offer and accept selective acknowledgments'),
  nagle: toggle(
    true,
    'RFC 9293 section 3.7.4 (SHLD-7)',
    'hold back small segments while a small one is unacknowledged; off for the HTTP server',
  ),
  receiveBufferBytes: number(
    'bytes',
    6 * 1024 * 1024,
    [2048, 2 ** 30],
    'RFC 9293 section 3.8.6; Linux tcp_rmem',
    'received bytes kept for a program that does not read, and the window offered, once the buffer has grown; ' +
      'the window scale goes by it',
  ),
  initialReceiveBufferBytes: number(
    'bytes',
    256 * 1024,
    [2048, 2 ** 30],
    'Linux tcp_rmem, tcp_moderate_rcvbuf',
    'the same at first; it grows while the program takes what comes and the window bounds the speed',
  ),
  minimumMss: number(
    'bytes',
    48,
    [48, 1460],
    'Linux tcp_min_snd_mss',
    'least MSS that we go along with; a smaller one offered counts as this',
  ),

  initialRto: time(1 * SECOND, 'RFC 6298 section 2.1', 'retransmission time-out before the first sample'),
  minimumRto: time(
    200 * MILLISECOND,
    'Linux; RFC 6298 section 2.4 says 1 s',
    'least time-out above the round trip: a resend on a LAN need not wait a second',
    MILLISECOND,
    LEAST_MAXIMUM_RTO,
  ),
  maximumRto: time(120 * SECOND, 'RFC 6298 section 2.5: at least 60 s', 'largest time-out', LEAST_MAXIMUM_RTO),
  synRetries: number(
    'count',
    8,
    [1, 255],
    'RFC 9293 section 3.8.3 (MUST-23): for three minutes at least',
    'how often a SYN is sent again',
  ),
  synAckRetries: number('count', 5, [1, 255], 'Linux tcp_synack_retries', 'how often a SYN-ACK is sent again'),
  dataRetries: number(
    'count',
    15,
    [3, 255],
    'RFC 9293 section 3.8.3 (R2); Linux tcp_retries2',
    'how often data is sent again before the connection is given up',
  ),
  orphanRetries: number('count', 8, [0, 255], 'Linux tcp_orphan_retries', 'the same once the program has let go'),
  userTimeout: time(
    0,
    'RFC 9293 section 3.8.3 (MUST-21); RFC 5482',
    'give up when data has been unacknowledged for so long; 0: by the number of resends alone',
    0,
  ),

  delayedAck: time(
    40 * MILLISECOND,
    'Linux; RFC 9293 section 3.8.6.3 (MUST-40): below 500 ms',
    'how long an ACK may wait for company',
    MILLISECOND,
    499 * MILLISECOND,
  ),
  quickAcks: number('segments', 16, [0, 1000], 'Linux', 'segments acknowledged at once when a connection is young'),

  timeWait: time(60 * SECOND, 'Linux; RFC 9293 section 3.4.2: 4 minutes', '2 MSL: how long TIME-WAIT lasts'),
  maximumTimeWaits: number(
    'count',
    131_072,
    [1, 2 ** 24],
    'Linux tcp_max_tw_buckets',
    'connections in TIME-WAIT at most; the oldest give way',
  ),
  rfc1337: toggle(
    false,
    'RFC 1337 section 3; Linux tcp_rfc1337',
    'ignore resets in TIME-WAIT; else one with the exact number ends it, ' +
      'so that a peer that restarts can connect again',
  ),
  finWait2: time(
    60 * SECOND,
    'Linux tcp_fin_timeout',
    'how long FIN-WAIT-2 waits for a FIN once the program has let go',
  ),

  keepAlive: toggle(false, 'RFC 9293 section 3.8.4 (MUST-25): off by default', 'probe silent peers'),
  keepAliveIdle: time(7200 * SECOND, 'RFC 9293 section 3.8.4 (MUST-28)', 'silence before the first probe'),
  keepAliveInterval: time(75 * SECOND, 'Linux tcp_keepalive_intvl', 'time between probes'),
  keepAliveProbes: number('count', 9, [1, 255], 'Linux tcp_keepalive_probes', 'unanswered probes before the end'),

  backlog: number('count', 4096, [1, 65_535], 'RFC 9293 section 3.9.1.1', 'connections in SYN-RECEIVED per listener'),
  synCookies: choice(
    ['off', 'overflow', 'always'],
    'overflow',
    'RFC 4987 section 3.6',
    'answer SYNs with cookies: never, when a backlog is full, or always',
  ),
  maximumBufferedBytes: number(
    'bytes',
    256 * 1024 * 1024,
    [65_536, 2 ** 40],
    'our own bound',
    'received bytes held for all connections. Above it, data out of order is dropped first, then data in order for ' +
      'programs that do not read; the peers send it again',
  ),
  maximumConnections: number('count', 65_536, [1, 2 ** 24], 'our own bound', 'connections in all'),
  challengeAcksPerSecond: number('count', 1000, [1, 1_000_000], 'RFC 5961 section 7', 'challenge ACKs a second in all'),
  outOfWindowAckInterval: time(
    500 * MILLISECOND,
    'Linux tcp_invalid_ratelimit',
    'least time between two ACKs to segments outside a window',
    0,
  ),
  dscp: number('count', 0, [0, 63], 'RFC 9293 section 3.9.2 (MUST-48); RFC 2474', 'DSCP of what TCP sends'),

  ecn: choice(
    ['off', 'accept', 'request', 'accurate', 'accurate-request-classic', 'accurate-accept'],
    'accept',
    'RFC 3168, RFC 9768; Linux tcp_ecn 0, 2, 1, 3, 4, 5',
    'ECN: never; classic, granted to those who ask or asked for too; accurate, asked for and granted, granted while ' +
      'classic is asked for, or only granted',
  ),
  accurateEcnOption: choice(
    ['off', 'needed', 'always'],
    'always',
    'RFC 9768 section 3.2.3; Linux tcp_ecn_option',
    'the option with byte counters, where accurate ECN is agreed on: never, when marks change, or in every segment',
  ),
  expectedSegments: toggle(
    true,
    'V. Jacobson, "4BSD TCP header prediction", 1990',
    'take the segment that a connection waits for on an early path; it changes the speed and nothing else',
  ),
  slowStartAfterIdle: toggle(true, 'RFC 5681 section 4.1', 'start slowly again after an idle time-out'),
  forwardRto: toggle(true, 'RFC 5682', 'find out by F-RTO whether a time-out was needed'),
  blackHoleDetection: toggle(
    true,
    'RFC 4821 section 7.7; RFC 2923 section 2.1',
    'find out whether large segments vanish without a word from ICMP, and the largest size that does not',
  ),
  tailLossProbe: toggle(true, 'RFC 8985 section 7', 'send a probe when the end of a flight goes unanswered'),
  lossProbeFloor: time(
    8 * MILLISECOND,
    'RFC 8985 section 7.2; Linux TCP_TIMEOUT_MIN: 2 jiffies',
    'what a tail loss probe waits for beyond two round trips: a peer may have to wait for a CPU before it can answer',
  ),
} as const;

/**
 * A value for each setting.
 *
 * @example
 * ```ts
 * import type { TcpSettings } from 'fastpath';
 *
 * export const tcp: Partial<TcpSettings> = { congestionControl: 'newreno', sack: false }; // for createStack
 * ```
 */
export type TcpSettings = { readonly [K in keyof typeof TCP_SETTINGS]: (typeof TCP_SETTINGS)[K]['value'] };

/**
 * The settings in force where a program gives none. `TcpSettings` explains each.
 *
 * @example
 * ```ts
 * import { DEFAULT_TCP_SETTINGS } from 'fastpath';
 *
 * console.log(DEFAULT_TCP_SETTINGS.congestionControl, DEFAULT_TCP_SETTINGS.initialWindowSegments); // cubic 10
 * ```
 */
export const DEFAULT_TCP_SETTINGS = Object.fromEntries(
  Object.entries(TCP_SETTINGS).map(([name, { value }]) => [name, value]),
) as TcpSettings;
