/** The options of a socket, under the names that Node's net module uses, and how they are read. */
import type { LookupFunction } from 'node:net';
import type { IpChoices } from '../net/ip/ip-choices.js';
import type { Target } from './dial.js';

/**
 * The behaviour of a socket.
 *
 * @example
 * ```ts
 * import { listen, type SocketOptions, type Stack } from 'fastpath';
 *
 * const options: SocketOptions = { allowHalfOpen: true, keepAlive: true, sendBufferBytes: 2 ** 20 };
 * export const server = (stack: Stack) => listen(stack, { port: 80, ...options });
 * ```
 */
export interface SocketOptions extends IpChoices {
  /** Keep our side open after the peer has ended; default false: `end` follows the peer's. */
  readonly allowHalfOpen?: boolean | undefined;
  /** Send small segments at once: Nagle's algorithm off. Default: as the stack's settings have it (on). */
  readonly noDelay?: boolean | undefined;
  /** Probe a silent peer. */
  readonly keepAlive?: boolean | undefined;
  /** Silence before the first probe, ms; 0: two hours. */
  readonly keepAliveInitialDelay?: number | undefined;
  /** Bytes that either stream keeps before it asks its source to wait. Default: Node's own. */
  readonly highWaterMark?: number | undefined;
  /**
   * Bytes that may be queued in TCP and unacknowledged. Default: 256 KiB, or twice the congestion window where that is
   * more, up to 4 MiB. A value given here bounds the speed: at most this much goes out in a round trip.
   */
  readonly sendBufferBytes?: number | undefined;
  /**
   * Received bytes that TCP keeps while the program does not read: the window it offers. Default: as the stack has it,
   * 256 KiB that grow with the path. A value given here stays as it is.
   */
  readonly receiveBufferBytes?: number | undefined;
}

/**
 * The place to connect to. It has more names than net.connect knows, since http, https and undici have names of their
 * own.
 *
 * @example
 * ```ts
 * import { type ConnectOptions, connect, type Stack } from 'fastpath';
 *
 * const options: ConnectOptions = {
 *   host: 'example.org',
 *   port: 80,
 *   timeout: 5_000,
 *   signal: AbortSignal.timeout(30_000),
 * };
 * export const open = (stack: Stack) => connect(stack, options);
 * ```
 */
export interface ConnectOptions extends SocketOptions {
  /** Must be given; optional only because the options of an http request may lack it, which is then refused. */
  readonly port?: number | string | null | undefined;
  /** A name or an address. `hostname` goes first if both are given, as in node:http. */
  readonly host?: string | null | undefined;
  readonly hostname?: string | null | undefined;
  readonly localAddress?: string | null | undefined;
  readonly localPort?: number | null | undefined;
  readonly family?: number | undefined;
  readonly lookup?: LookupFunction | undefined;
  /** Idle time until 'timeout', ms. */
  readonly timeout?: number | null | undefined;
  /** Destroys the socket when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Checks where to connect to. @throws {TypeError} without a host, {RangeError} for a port out of range. */
export function readTarget(options: ConnectOptions): Target {
  const host = readHost(options);
  if (host === '') throw invalid(TypeError, 'ERR_MISSING_ARGS', 'The "host" must be given');
  return {
    host,
    port: readPort(options.port ?? undefined, 1),
    localAddress: options.localAddress ?? undefined,
    localPort: options.localPort ?? undefined,
    family: options.family,
    lookup: options.lookup,
    choices: ipChoices(options),
  };
}

/** The name or address, without the brackets that a URL puts around IPv6; empty if there is none. */
export function readHost({ host, hostname }: ConnectOptions): string {
  // As node:http does: `host` may have a port behind it where `hostname` is given as well.
  const name = hostname || host || '';
  return name.replace(/^\[(.*)\]$/, '$1');
}

/** The options that are about the IP header. */
export function ipChoices({ trafficClass, timeToLive, minimumTimeToLive }: SocketOptions): IpChoices {
  return {
    ...(trafficClass !== undefined && { trafficClass }),
    ...(timeToLive !== undefined && { timeToLive }),
    ...(minimumTimeToLive !== undefined && { minimumTimeToLive }),
  };
}

/** A port, as a number or in digits. @throws {RangeError} */
export function readPort(port: number | string | undefined, least: 0 | 1): number {
  const number = typeof port === 'string' && port.trim() !== '' ? Number(port) : port;
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= 0xffff) return number;
  throw invalid(RangeError, 'ERR_SOCKET_BAD_PORT', `Port should be >= ${least} and < 65536. Received ${port}.`);
}

/** A time for a timer, ms. @throws {RangeError} like `setTimeout` of net.Socket. */
export function readDuration(ms: number, name: string): number {
  if (typeof ms !== 'number') throw invalid(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" must be a number`);
  if (!(ms >= 0 && Number.isFinite(ms))) {
    throw invalid(RangeError, 'ERR_OUT_OF_RANGE', `The value of "${name}" is out of range. Received ${ms}`);
  }
  return Math.min(Math.trunc(ms), 0x7fff_ffff);
}

function invalid(type: typeof TypeError | typeof RangeError, code: string, message: string): Error {
  return Object.assign(new type(message), { code });
}
