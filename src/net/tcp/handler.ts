/**
 * The interface between TCP and the programs above it. HTTP (src/http), the sockets (src/socket) and a test's echo
 * server are all `ConnectionHandler`s. None of them sees a segment, and TCP knows none of them.
 *
 * Everything runs to completion: TCP calls `received` while it processes the arriving segment, and the handler's
 * answer goes out before the next frame is looked at.
 */
import type { ErrorCode } from '../network-error.js';
import type { IpAddress } from '../wire/address.js';
import type { SummedBytes } from '../wire/summed-bytes.js';
import type { ConnectionInfo } from './connection-info.js';

/**
 * Why a connection is gone.
 *
 * @example
 * ```ts
 * import type { CloseReason } from 'fastpath';
 *
 * export const isOrderly = (reason: CloseReason) => reason === 'closed' || reason === 'stopped';
 * ```
 */
export type CloseReason =
  /** Both sides closed in order. */
  | 'closed'
  /** The peer sent RST. */
  | 'reset'
  /** A connection that we tried to open was refused, by RST or by ICMP "port unreachable". */
  | 'refused'
  /** We sent RST (`abort`). */
  | 'aborted'
  /** The peer stayed silent: retransmissions, zero-window probes or keep-alives went unanswered (R2). */
  | 'timeout'
  /** A connection that we tried to open: ICMP says that the peer cannot be reached. */
  | 'unreachable'
  /** The stack shut down, or dropped the connection to stay within its memory. */
  | 'stopped';

const ERROR_CODES: Readonly<Record<CloseReason, ErrorCode | undefined>> = {
  closed: undefined,
  reset: 'ECONNRESET',
  refused: 'ECONNREFUSED',
  aborted: 'ECONNABORTED',
  timeout: 'ETIMEDOUT',
  unreachable: 'EHOSTUNREACH',
  stopped: 'ECONNABORTED',
};

/** The errno for a reason, if nothing more exact is known; undefined for an orderly end. */
export function errorCodeOf(reason: CloseReason): ErrorCode | undefined {
  return ERROR_CODES[reason];
}

/**
 * What TCP offers to the program above it, for one connection.
 *
 * @example
 * ```ts
 * import { type Connection, SECOND, type SummedBytes } from 'fastpath';
 *
 * // Sends all of it by reference, and gives up on a peer that is silent for ten seconds.
 * export function deliver(connection: Connection, file: SummedBytes): void {
 *   connection.userTimeout = 10 * SECOND;
 *   connection.send(file, 0, file.length);
 *   connection.close();
 * }
 * ```
 */
export interface Connection {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;

  /**
   * Queues `bytes[from, to)` for sending, by reference. The bytes must stay as they are until the peer has acknowledged
   * them; until then they are retained. Inside a handler's callback they go out when the callback returns, so several
   * `send`s share segments. Elsewhere call `flush`. Once the connection is closed for sending, the call does nothing.
   * With `more` the program announces that it will go on at once: a last segment that is not full then waits for the
   * next `send`, an ACK, or 200 ms (MSG_MORE).
   * @throws {TypeError} for anything but SummedBytes @throws {RangeError} for an interval that they do not have
   */
  send(bytes: SummedBytes, from: number, to: number, more?: boolean): void;
  /** Sends now as much of the queue as the windows allow. A handler's callback need not call it. */
  flush(): void;
  /**
   * Bytes queued and not yet acknowledged, and the number of pieces they are in. A handler bounds them by not reading.
   */
  readonly queuedBytes: number;
  readonly queuedPieces: number;
  /**
   * Where the stream stands, as sequence numbers (int32, modulo 2^32): behind the last byte queued, behind the last
   * byte acknowledged, and behind the last byte received. Only their distances mean anything. They stay right after
   * the connection is gone: `queuedTo - acknowledgedTo` is then what the peer never acknowledged.
   */
  readonly queuedTo: number;
  readonly acknowledgedTo: number;
  readonly receivedTo: number;
  /** The bytes that TCP believes the path can hold (cwnd). It does not send faster if more than this is queued. */
  readonly congestionWindow: number;
  /** Sends FIN after all that is queued. The peer may go on sending until it closes too (half-close). */
  close(): void;
  /**
   * Lets go of the connection for good, as close(2) does: FIN goes out after all that is queued, and no callback comes
   * any more. Received bytes that were not taken, or that still come, are answered with RST (RFC 2525 section 2.17).
   */
  detach(): void;
  /** Sends RST and forgets the connection at once; `closed('aborted')` follows. */
  abort(): void;
  /** Offers again the received bytes that `received` did not take. */
  resume(): void;
  /** Calls `timedOut` once, this many microseconds from now; a later call replaces it, 0 cancels it. */
  setTimeout(microseconds: number): void;

  /**
   * Send small segments at once: Nagle's algorithm is off (RFC 9293 section 3.7.4). Turning this on sends what was
   * held.
   */
  noDelay: boolean;
  /** Hold back a last segment that is not full, for 200 ms at most. Turning this off sends it. */
  cork: boolean;
  /** The largest payload, options included, to send and to ask for, bytes (TCP_MAXSEG). The link's MTU bounds it. */
  maxSegment: number;
  /**
   * How many received bytes to keep while the program does not take them; the window offers them. It grows by itself up
   * to the setting `receiveBufferBytes`, until the program sets it here; then it stays.
   */
  receiveBuffer: number;
  /** TOS byte or traffic class of what is sent: DSCP in the upper six bits (MUST-48); ECN is TCP's own. */
  trafficClass: number;
  /** TTL or hop limit of what is sent; 0: the host's default (MUST-49). */
  timeToLive: number;
  /** Drop what comes with a smaller TTL or hop limit (RFC 5082, GTSM); 0: drop none. */
  minimumTimeToLive: number;
  /**
   * Give up when data has been unacknowledged for so long, microseconds; 0: by the number of resends alone (MUST-21).
   */
  userTimeout: number;
  /**
   * How fast to send at most, bytes of payload a second (Linux: SO_MAX_PACING_RATE); 0: as fast as the windows and the
   * host's own limits allow.
   */
  pacingRate: number;
  /**
   * The group whose part of the host's bandwidth the connection uses (`Stack.pace`); 0: none. Without a plan for the
   * host it has no effect.
   */
  pacingGroup: number;
  /** When to probe a silent peer (RFC 9293 section 3.8.4), microseconds; null: never. */
  keepAlive: KeepAlive | null;
  /** Bytes received in order and not taken yet. */
  readonly unreadBytes: number;
  /** How far urgent data reaches beyond the bytes taken, bytes; 0: there is none (RFC 9293 section 3.8.5). */
  readonly urgentBytes: number;
  /** STATUS (RFC 9293 section 3.10.6): all that TCP knows about the connection, as a plain object. */
  info(): ConnectionInfo;
}

/**
 * When to probe a silent peer: after how long, how often, how many times. Microseconds.
 *
 * @example
 * ```ts
 * import { type Connection, type KeepAlive, SECOND } from 'fastpath';
 *
 * const keepAlive: KeepAlive = { idle: 60 * SECOND, interval: 10 * SECOND, probes: 3 };
 * export function keep(connection: Connection): void {
 *   connection.keepAlive = keepAlive;
 * }
 * ```
 */
export interface KeepAlive {
  readonly idle: number;
  readonly interval: number;
  readonly probes: number;
}

/**
 * What a program above TCP implements, for one connection.
 *
 * @example
 * ```ts
 * import { type Connection, type ConnectionHandler, SummedBytes } from 'fastpath';
 *
 * // Sends back what comes (RFC 862). Call `stack.listen(7, (connection) => new Echo(connection))`.
 * export class Echo implements ConnectionHandler {
 *   constructor(readonly connection: Connection) {}
 *
 *   received(bytes: Uint8Array, from: number, to: number): number {
 *     const copy = bytes.slice(from, to); // the frame is used again when this returns
 *     this.connection.send(SummedBytes.plain(copy), 0, copy.length);
 *     return to - from;
 *   }
 *
 *   ended(): void {
 *     this.connection.close();
 *   }
 *
 *   acknowledged(): void {}
 *   timedOut(): void {}
 *   closed(): void {}
 * }
 * ```
 */
export interface ConnectionHandler {
  /**
   * Gives the next bytes of the stream, `bytes[from, to)`, in place: they are gone when this returns. Returns how many
   * of them the program has taken. TCP keeps the rest, and its window closes accordingly, until `resume` offers it
   * again or more comes.
   */
  received(bytes: Uint8Array, from: number, to: number): number;
  /** Some of what was queued has been acknowledged: there is room again. */
  acknowledged(): void;
  /** The peer has sent its last byte (FIN), and all before it was taken. Sending is still possible. */
  ended(): void;
  /** The time set by `setTimeout` has passed. */
  timedOut(): void;
  /**
   * The connection is gone; nothing more is called. After an orderly end this waits until the program has taken all
   * received bytes, which are offered first as by `resume`, or has let go. `code` is the errno(3) name for `reason`.
   * It may be more exact: if the peer stayed silent, it is the reason that ICMP gave. It is undefined after an
   * orderly end.
   */
  closed(reason: CloseReason, code?: ErrorCode): void;
  /**
   * The host shuts down: the program closes the connection, at once or after what it has under way. Without this, TCP
   * closes it at once. With patience there is time for what the peer may have sent already: another process takes new
   * connections. It may be called again.
   */
  stopping?(isPatient: boolean): void;
  /** Urgent data lies ahead, `connection.urgentBytes` of it. It comes in line with the rest (RFC 6093). */
  urgent?(): void;
  /**
   * Data has been sent again three times without an answer (R1, RFC 9293 section 3.8.3). The connection goes on trying.
   */
  troubled?(): void;
  /** An ICMP error came that ends nothing (RFC 9293 section 3.9.2.2): its type and code, of ICMP or ICMPv6. */
  softError?(type: number, code: number): void;
}

/**
 * Makes the handler of a connection that has just been established.
 *
 * @example
 * ```ts
 * import type { Acceptor } from 'fastpath';
 *
 * // Discards what comes (RFC 863).
 * export const discard: Acceptor = (connection) => ({
 *   received: (_bytes, from, to) => to - from,
 *   acknowledged() {},
 *   ended: () => connection.close(),
 *   timedOut() {},
 *   closed() {},
 * });
 * ```
 */
export type Acceptor = (connection: Connection) => ConnectionHandler;

/**
 * The program's side of a connection that it opens itself.
 *
 * @example
 * ```ts
 * import { type Acceptor, IpAddress, type Opener, type Stack } from 'fastpath';
 *
 * export function open(stack: Stack, handler: Acceptor): void {
 *   const opener: Opener = {
 *     connected: handler,
 *     failed: (reason, code) => console.error(`no connection: ${reason} ${code ?? ''}`),
 *   };
 *   stack.connect({ address: IpAddress.parse('10.77.0.1'), port: 80 }, opener);
 * }
 * ```
 */
export interface Opener {
  /** ESTABLISHED: makes the handler. */
  connected(connection: Connection): ConnectionHandler;
  /** The attempt has failed. `code` is the reason as an errno(3) name (`EHOSTUNREACH` and the like, from ICMP). */
  failed(reason: CloseReason, code?: ErrorCode): void;
}
