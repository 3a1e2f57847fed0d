/**
 * A profile is the kind of host that a script was written for. The `sysctl` settings in its shell lines become
 * settings of the stack. The tables below say what each setting of Linux and FreeBSD means.
 */
import { MILLISECOND, SECOND } from '../../net/clock.js';
import { DEFAULT_TCP_SETTINGS, type TcpSettings } from '../../net/tcp/settings.js';
import { own } from '../own.js';
import type { SocketDefaults } from '../sockets/socket-options.js';

export type Profile = 'linux' | 'freebsd';

type Changes = Partial<TcpSettings>;
/** Returns what a setting changes; `undefined` if the value has no meaning here. */
type Meaning = (value: string) => Changes | undefined;

const flag =
  (name: keyof TcpSettings): Meaning =>
  (value) => ({ [name]: Number(value) !== 0 });
const number =
  (name: keyof TcpSettings, unit = 1): Meaning =>
  (value) =>
    Number.isFinite(Number(value)) ? { [name]: Number(value) * unit } : undefined;
/** A setting of which the stack always does what these values ask for. */
const fixed =
  (...values: string[]): Meaning =>
  (value) =>
    values.includes(value) ? {} : undefined;
/** A setting whose numbers, from 0 on, stand for these values. */
const choice =
  <K extends keyof TcpSettings>(name: K, values: readonly TcpSettings[K][]): Meaning =>
  (text) => {
    const value = /^\d+$/.test(text) ? values[Number(text)] : undefined;
    return value === undefined ? undefined : { [name]: value };
  };
/** The last of three numbers is the size up to which a buffer grows. */
const bufferMaximum: Meaning = (value) => ({ receiveBufferBytes: Number(value.trim().split(/\s+/).at(-1)) });

/** The largest buffer of a socket, but no more than TCP can offer (RFC 7323 section 2.3). */
const largestBuffer: Meaning = (value) => ({ receiveBufferBytes: Math.min(Number(value), 0xffff << 14) });

const congestionControl: Meaning = (value) => {
  if (value === 'cubic') return { congestionControl: 'cubic' };
  return value === 'reno' || value === 'newreno' ? { congestionControl: 'newreno' } : undefined;
};

const LINUX: Readonly<Record<string, Meaning>> = {
  tcp_timestamps: flag('timestamps'),
  tcp_sack: flag('sack'),
  tcp_window_scaling: flag('windowScaling'),
  tcp_rmem: bufferMaximum,
  tcp_congestion_control: congestionControl,
  tcp_syn_retries: number('synRetries'),
  tcp_synack_retries: number('synAckRetries'),
  tcp_retries2: number('dataRetries'),
  tcp_orphan_retries: number('orphanRetries'),
  tcp_rfc1337: flag('rfc1337'),
  tcp_fin_timeout: number('finWait2', SECOND),
  tcp_keepalive_time: number('keepAliveIdle', SECOND),
  tcp_keepalive_intvl: number('keepAliveInterval', SECOND),
  tcp_keepalive_probes: number('keepAliveProbes'),
  tcp_max_tw_buckets: number('maximumTimeWaits'),
  tcp_challenge_ack_limit: number('challengeAcksPerSecond'),
  tcp_invalid_ratelimit: number('outOfWindowAckInterval', MILLISECOND),
  tcp_min_snd_mss: number('minimumMss'),
  tcp_rto_min_us: number('minimumRto'),
  tcp_rto_max_ms: number('maximumRto', MILLISECOND),
  tcp_ecn: choice('ecn', ['off', 'request', 'accept', 'accurate', 'accurate-request-classic', 'accurate-accept']),
  tcp_ecn_option: choice('accurateEcnOption', ['off', 'needed', 'always']),
  tcp_ecn_option_beacon: fixed('3'),
  tcp_ecn_fallback: fixed('1'),
  tcp_slow_start_after_idle: flag('slowStartAfterIdle'),
  tcp_early_retrans: flag('tailLossProbe'),
  tcp_syncookies: choice('synCookies', ['off', 'overflow', 'always']),
  tcp_dsack: fixed('1'),
  tcp_fack: fixed('0'),
  tcp_mtu_probing: flag('blackHoleDetection'),
  tcp_reordering: fixed('3'),
  tcp_frto: flag('forwardRto'),
  tcp_recovery: fixed('1'),
};

const FREEBSD: Readonly<Record<string, Meaning>> = {
  rfc1323: (value) => ({ timestamps: value !== '0', windowScaling: value !== '0' }),
  'sack.enable': flag('sack'),
  recvbuf_max: number('receiveBufferBytes'),
  initcwnd_segments: number('initialWindowSegments'),
  'cc.algorithm': congestionControl,
  delacktime: number('delayedAck', MILLISECOND),
  delayed_ack: (value) => (value === '0' ? { quickAcks: Number.MAX_SAFE_INTEGER } : {}),
  rexmit_min: number('minimumRto', MILLISECOND),
  rexmit_initial: number('initialRto', MILLISECOND),
  keepidle: number('keepAliveIdle', MILLISECOND),
  keepintvl: number('keepAliveInterval', MILLISECOND),
  keepcnt: number('keepAliveProbes'),
  always_keepalive: flag('keepAlive'),
  msl: (value) => ({ timeWait: 2 * Number(value) * MILLISECOND }),
  finwait2_timeout: number('finWait2', MILLISECOND),
  minmss: number('minimumMss'),
  ack_war_cnt: number('challengeAcksPerSecond'),
  syncookies: (value) => ({ synCookies: value === '0' ? 'off' : 'overflow' }),
  syncookies_only: (value) => (value === '0' ? {} : { synCookies: 'always' }),
  pmtud_blackhole_detection: flag('blackHoleDetection'),
  rfc6675_pipe: fixed('1'),
  'ecn.enable': choice('ecn', ['off', 'request', 'accept']),
};

/** How each profile differs from the stack's own defaults. */
const DEFAULTS: Readonly<Record<Profile, Changes>> = {
  // The scripts are of kernels that tick each millisecond: their two jiffies are 2 ms.
  linux: { synRetries: 6, receiveBufferBytes: 6 * 1024 * 1024, lossProbeFloor: 2 * MILLISECOND },
  freebsd: {
    receiveBufferBytes: 2 * 1024 * 1024,
    minimumRto: 230 * MILLISECOND,
    maximumRto: 64 * SECOND,
    quickAcks: 0,
    minimumMss: 216,
    keepAliveProbes: 8,
    tailLossProbe: false,
  },
};

type Buffers = Pick<SocketDefaults, 'sendBuffer' | 'receiveBuffer' | 'bufferFactor' | 'wholeSegments'>;

const BUFFERS: Readonly<Record<Profile, Buffers>> = {
  linux: { sendBuffer: 2 * 256 * 1024, receiveBuffer: 131_072, bufferFactor: 2, wholeSegments: false },
  freebsd: { sendBuffer: 32_768, receiveBuffer: 65_536, bufferFactor: 1, wholeSegments: true },
};

/** The MTU that each host's test runner sets for IPv6. Linux's gives a segment the same room as over IPv4. */
const MTU_OVER_IPV6: Readonly<Record<Profile, number>> = { linux: 1520, freebsd: 1500 };

/** The MTU of a script's link if the script gives none. */
export function defaultMtu(profile: Profile, isV6: boolean): number {
  return isV6 ? MTU_OVER_IPV6[profile] : 1500;
}

/** True for a setting that a socket takes over when it is made. */
export function isOfSockets(name: string): boolean {
  return /^net\.ipv4\.tcp_(?:wmem|keepalive_\w+)$|^net\.inet\.tcp\.keep(?:idle|intvl|cnt)$/.test(name);
}

export class ProfileSettings {
  tcp: Changes;
  /** Settings and commands without a meaning here. */
  readonly ignored: string[] = [];

  #buffers: Buffers;

  constructor(readonly profile: Profile) {
    this.tcp = DEFAULTS[profile];
    this.#buffers = BUFFERS[profile];
  }

  /** What a socket that is made now begins with. */
  get sockets(): SocketDefaults {
    const settings = { ...DEFAULT_TCP_SETTINGS, ...this.tcp };
    const { congestionControl, synRetries, finWait2, keepAliveIdle, keepAliveInterval, keepAliveProbes } = settings;
    return {
      ...this.#buffers,
      congestionControl,
      synRetries,
      finWait2Seconds: finWait2 / SECOND,
      keepAlive: { idle: keepAliveIdle, interval: keepAliveInterval, probes: keepAliveProbes },
    };
  }

  /** Takes a setting by its full name, such as `net.ipv4.tcp_sack`. */
  set(name: string, value: string): void {
    const sendBuffer = name === 'net.ipv4.tcp_wmem' ? Number(value.trim().split(/\s+/)[1]) : Number.NaN;
    if (sendBuffer > 0) {
      this.#buffers = { ...this.#buffers, sendBuffer };
      return;
    }
    const meaning = meaningOf(name);
    const changes = meaning?.(value.trim());
    if (changes === undefined) this.ignore(`${name}=${value}`);
    else this.tcp = { ...this.tcp, ...changes };
  }

  ignore(text: string): void {
    if (!this.ignored.includes(text)) this.ignored.push(text);
  }
}

/** Both profiles know the names of both systems, which do not overlap. */
function meaningOf(name: string): Meaning | undefined {
  if (name === 'kern.ipc.maxsockbuf') return largestBuffer;
  const linux = /^net\.ipv4\.(.+)$/.exec(name)?.[1];
  if (linux !== undefined) return own(LINUX, linux);
  const freebsd = /^net\.inet\.tcp\.(.+)$/.exec(name)?.[1];
  return freebsd === undefined ? undefined : own(FREEBSD, freebsd);
}
