/**
 * SYN cookies: RFC 4987 section 3.6. When a listener's backlog is full, we answer a SYN and keep nothing. The facts
 * that we need later are in the sequence number of the SYN-ACK, and come back in the ACK.
 *
 *      31     27 26  24 23                                0
 *     +---------+------+-----------------------------------+
 *     | minute  | MSS  | keyed hash of all that and the SYN |     "minute": 64 s, modulo 32
 *     +---------+------+-----------------------------------+
 *
 * There is no room for the options there. If the client sent timestamps, six bits of our TSval carry window scale,
 * SACK and ECN, as in Linux. Without timestamps the connection does without these options too.
 */
import { TRANSPORT_AT } from '../../device/frame.js';
import type { Route } from '../../ip/route.js';
import { ACK, CWR, ECE, SYN, TCP_HEADER_BYTES } from '../../wire/tcp.js';
import * as options from '../../wire/tcp-options.js';
import type { TcpHost } from '../block/host.js';
import { timestampAt } from '../block/timestamp-clock.js';
import type { Listener } from '../listener.js';
import { LIFETIME_MINUTES, MINUTE } from '../parts/cookie-jar.js';
import type { Segment } from '../segment.js';
import { emitBare } from '../send/emit.js';
import { windowScaleFor } from '../send/receive-window.js';
import { add, type Sequence, toSequence, toWord } from '../sequence.js';

/** The MSS values that the three bits can say. The largest that is not more than the peer's is chosen. */
const MSS_CLASSES = [88, 536, 1024, 1220, 1300, 1440, 1460, 8940] as const;
const HASH_BITS = 0xffffff;
const OPTION_BITS = 0x3f;
const NO_SCALE = 15;

/** Answers a SYN with a SYN-ACK that contains all that we need to know later about the SYN. */
export function sendCookie(host: TcpHost, listener: Listener, route: Route, segment: Segment): void {
  const { destinationPort: port, sourcePort: remotePort } = segment;
  const now = host.clock.now;
  const minute = Math.floor(now / MINUTE);
  const mssClass = classOf(segment.options.mss < 0 ? 536 : segment.options.mss);
  const iss = cookie(host, route, segment, segment.sequence, minute, mssClass);
  const header = host.frame.header;
  const from = TRANSPORT_AT + TCP_HEADER_BYTES;
  const settings = host.settings;
  const offered = Math.min(host.linkMss(route), listener.maxSegment ?? host.linkMss(route));
  let at = options.writeMss(header, from, offered);
  if (settings.timestamps && segment.options.hasTimestamps) {
    const kept = keptOptions(host, segment);
    const value = (timestampAt(host.clock, timestampOffsetOf(host, route, port, remotePort)) & ~OPTION_BITS) | kept;
    at = kept & 0x10 ? options.writeSackPermitted(header, at) : options.writeTwoNops(header, at);
    at = options.writeTimestamps(header, at, value, segment.options.timestampValue);
    const scale = windowScaleFor(listener.receiveBuffer ?? settings.receiveBufferBytes);
    if ((kept & 0xf) !== NO_SCALE) at = options.writeWindowScale(header, at, scale);
  }
  host.cookies.note(now);
  host.statistics.cookiesSent++;
  const flags = SYN | ACK | (ecnAsked(host, segment) ? ECE : 0);
  const synAck = host.bare.begin(route, port, remotePort, flags);
  synAck.sequence = iss;
  synAck.acknowledgment = add(segment.sequence, 1);
  const { receiveBufferBytes, initialReceiveBufferBytes } = settings;
  const buffer = listener.receiveBuffer ?? Math.min(receiveBufferBytes, initialReceiveBufferBytes);
  synAck.window = Math.min(buffer, 0xffff);
  synAck.trafficClass = listener.trafficClass;
  synAck.timeToLive = listener.timeToLive;
  synAck.optionBytes = at - from;
  emitBare(host, synAck);
}

/** The facts about the SYN that the ACK of a cookie brings back. */
export interface CookieContents {
  readonly mss: number;
  readonly iss: Sequence;
  readonly irs: Sequence;
  /** -1: no window scaling. */
  readonly windowScale: number;
  readonly sack: boolean;
  readonly ecn: boolean;
}

/** Reads the cookie that an ACK for a listener carries. Returns undefined if it is not ours, or too old. */
export function readCookie(host: TcpHost, route: Route, segment: Segment): CookieContents | undefined {
  const now = host.clock.now;
  const iss = add(segment.acknowledgment, -1);
  const irs = add(segment.sequence, -1);
  const current = Math.floor(now / MINUTE);
  const word = toWord(iss);
  const age = (current - (word >>> 27)) & 31;
  if (age > LIFETIME_MINUTES) return undefined;
  const mssClass = (word >>> 24) & 7;
  if (cookie(host, route, segment, irs, current - age, mssClass) !== iss) return undefined;
  const kept = segment.options.hasTimestamps ? segment.options.timestampEcho & OPTION_BITS : NO_SCALE;
  const scale = kept & 0xf;
  return {
    mss: MSS_CLASSES[mssClass]!,
    iss,
    irs,
    windowScale: scale === NO_SCALE ? -1 : scale,
    sack: (kept & 0x10) !== 0,
    ecn: (kept & 0x20) !== 0,
  };
}

/** The timestamp offset of a connection with this four-tuple. It is the same each time, with a cookie or without. */
export function timestampOffsetOf(host: TcpHost, route: Route, port: number, remotePort: number): number {
  const { local, remote } = route;
  return host.sequenceNumbers.initial(local, port, remote, remotePort, host.clock.now).timestampOffset;
}

function keptOptions(host: TcpHost, segment: Segment): number {
  const { windowScale, sackPermitted } = segment.options;
  const scale = host.settings.windowScaling && windowScale >= 0 ? windowScale : NO_SCALE;
  const sack = host.settings.sack && sackPermitted ? 0x10 : 0;
  return scale | sack | (ecnAsked(host, segment) ? 0x20 : 0);
}

/** ECN is granted only where it can be remembered. */
function ecnAsked(host: TcpHost, segment: Segment): boolean {
  const asked = (segment.flags & (ECE | CWR)) === (ECE | CWR);
  return asked && host.settings.ecn !== 'off' && host.settings.timestamps && segment.options.hasTimestamps;
}

/** The cookie for a SYN with the number `irs`. `segment` is that SYN, or the ACK that brings the cookie back. */
function cookie(
  host: TcpHost,
  route: Route,
  segment: Segment,
  irs: Sequence,
  minute: number,
  mssClass: number,
): Sequence {
  const { destinationPort, sourcePort } = segment;
  const top = ((minute & 31) << 27) | (mssClass << 24);
  const word = toWord(irs) ^ Math.imul(minute, 0x9e3779b1) ^ top;
  const hash = host.sequenceNumbers.keyed(route.local, destinationPort, route.remote, sourcePort, word);
  return toSequence(top | (hash & HASH_BITS));
}

function classOf(mss: number): number {
  let index = MSS_CLASSES.length - 1;
  while (index > 0 && MSS_CLASSES[index]! > mss) index--;
  return index;
}
