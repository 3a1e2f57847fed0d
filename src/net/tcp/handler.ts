/**
 * The line between TCP and what is built on it. HTTP (src/http), a test's echo server and the socket-like Duplex are
 * all `ConnectionHandler`s; none of them sees a segment, and TCP sees nothing of them.
 *
 * Run to completion: `received` is called from inside the processing of the arriving segment, and what it sends goes
 * out before the next frame is looked at.
 */
import type { IpAddress } from '../wire/address.js';
import type { SummedBytes } from '../wire/summed-bytes.js';

/** Why a connection is gone. */
export type CloseReason =
  /** Both sides closed in order. */
  | 'closed'
  /** The peer sent RST. */
  | 'reset'
  /** A connection that we tried to open was refused by RST. */
  | 'refused'
  /** We sent RST (`abort`). */
  | 'aborted'
  /** The peer stayed silent: retransmissions, zero-window probes or keep-alives went unanswered (R2). */
  | 'timeout'
  /** ICMP says that the peer cannot be reached. */
  | 'unreachable'
  /** The stack shut down, or dropped the connection to stay within its memory. */
  | 'stopped';

/** What TCP offers to the program above it, for one connection. */
export interface Connection {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;

  /**
   * Queues `bytes[from, to)` for sending, by reference: the bytes must stay as they are until acknowledged; they are
   * retained until then. Inside a handler's callback they go out when the callback returns, so several `send`s share
   * segments; elsewhere call `flush`. Ignored once the connection is closed for sending.
   */
  send(bytes: SummedBytes, from: number, to: number): void;
  /** Sends now what windows allow of what is queued. Not needed inside a handler's callback. */
  flush(): void;
  /** Bytes queued and not yet acknowledged, and the number of pieces they are in. A handler bounds them by not reading. */
  readonly queuedBytes: number;
  readonly queuedPieces: number;
  /** Sends FIN after all that is queued. What the peer still sends is received (half-close) until it closes too. */
  close(): void;
  /** Sends RST and forgets the connection at once; `closed('aborted')` follows. */
  abort(): void;
  /** Offers again the received bytes that `received` did not take. */
  resume(): void;
  /** Calls `timedOut` once, this many microseconds from now; a later call replaces it, 0 takes it back. */
  setTimeout(microseconds: number): void;
}

/** What a program above TCP implements, for one connection. */
export interface ConnectionHandler {
  /**
   * The next bytes of the stream, `bytes[from, to)`, in place: they are gone when this returns. Returns how many were
   * taken; the rest is kept (and the window closes accordingly) until `resume` offers it again, or more comes.
   */
  received(bytes: Uint8Array, from: number, to: number): number;
  /** Some of what was queued has been acknowledged: there is room again. */
  acknowledged(): void;
  /** The peer has sent its last byte (FIN), and all before it was taken. Sending is still possible. */
  ended(): void;
  /** The time set by `setTimeout` has passed. */
  timedOut(): void;
  /** The connection is gone; nothing more is called. */
  closed(reason: CloseReason): void;
}

/** Makes the handler of a connection that has just been established. */
export type Acceptor = (connection: Connection) => ConnectionHandler;

/** The program's side of a connection that it opens itself. */
export interface Opener {
  /** ESTABLISHED: makes the handler. */
  connected(connection: Connection): ConnectionHandler;
  /** It came to nothing. */
  failed(reason: CloseReason): void;
}
