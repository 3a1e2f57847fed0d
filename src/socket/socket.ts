/**
 * A TCP connection of a stack as a Node stream, for programs that know net.Socket: the same properties, methods, events
 * and errors. http, https, tls, http2, undici and everything else that takes "a socket" works over it.
 *
 *     peer ──segments──> TCP ──received──> push ──'data'──> program ──write──> SendSide ──send──> TCP ──segments──> peer
 *            <──window──     <──resume──   _read                      <──done──        <──acknowledged──
 *
 * Back-pressure in both directions is that of TCP. Reading: a chunk is taken while the stream wants more; the rest
 * stays in TCP, where it closes the window, and `_read` asks for it again. Writing: see send-side.ts. Each direction
 * copies each byte once: what arrives lies in the device's buffer, which the next frame overwrites.
 *
 * It differs from net.Socket in this: it does not race addresses (dial.ts), and has no `onread` buffers, no UNIX paths
 * and no file descriptor.
 */
import type { Server, SocketConnectOpts, SocketReadyState } from 'node:net';
import type { ErrorCode } from '../net/network-error.js';
import type { Stack } from '../net/stack.js';
import type { CloseReason, Connection, ConnectionHandler } from '../net/tcp/handler.js';
import { ConnectionSettings } from './connection-settings.js';
import { Dial } from './dial.js';
import { closeError, socketError } from './errors.js';
import { ListenerGuard } from './listener-guard.js';
import { LoopHold } from './loop-hold.js';
import { type ConnectOptions, readTarget, type SocketOptions } from './options.js';
import { SendSide } from './send-side.js';
import { SocketStream } from './socket-stream.js';

/** The most bytes that one 'data' event carries. net.Socket has the same bound. */
const MAX_CHUNK = 65_536;

/**
 * Called when a chunk has been written, or can't be.
 *
 * @example
 * ```ts
 * import type { FastSocket, WriteDone } from 'fastpath';
 *
 * const done: WriteDone = (error) => console.log(error ?? 'it is with TCP');
 * export const write = (socket: FastSocket) => socket.write('hello', done);
 * ```
 */
export type WriteDone = (error?: Error | null) => void;

/**
 * A connection of a stack with the interface of net.Socket. Errors come as its 'error' event, with a code.
 *
 * @example
 * ```ts
 * import { FastSocket, type Stack } from 'fastpath';
 *
 * export function open(stack: Stack): FastSocket {
 *   const socket = new FastSocket(stack, { noDelay: true });
 *   socket.on('connect', () => console.log(`${socket.localPort} to ${socket.remotePort}`));
 *   return socket.connect({ host: '10.77.0.1', port: 7 });
 * }
 * ```
 */
export class FastSocket extends SocketStream {
  /** The http server whose connection this is; it sets it itself. */
  server: Server | null = null;
  /** The addresses that `connect` tries; there is no race of families, so it stays empty. */
  readonly autoSelectFamilyAttemptedAddresses: string[] = [];

  readonly #stack: Stack;
  readonly #settings: ConnectionSettings;
  readonly #sendBufferBytes: number | undefined;
  readonly #hold = new LoopHold();
  readonly #guard = new ListenerGuard();
  #dial: Dial | null = null;
  #connection: Connection | null = null;
  #send: SendSide | null = null;
  /** A write or an end that waits for the connection to be established. */
  #early: WriteDone | null = null;
  #connecting = false;
  /** The stream wants more. */
  #reading = false;
  #peerEnded = false;
  #resetting = false;
  #bytesRead = 0;
  /** Handed to TCP. */
  #bytesWritten = 0;

  /** A socket that is not connected yet: `connect` follows. */
  constructor(stack: Stack, options: SocketOptions & { readonly signal?: AbortSignal | undefined } = {}) {
    const { allowHalfOpen = false, highWaterMark, signal } = options;
    super({
      allowHalfOpen,
      ...(highWaterMark !== undefined && { highWaterMark }),
      ...(signal !== undefined && { signal }),
      // Ours carries `hadError`.
      emitClose: false,
    });
    this.#stack = stack;
    this.#settings = new ConnectionSettings(options);
    this.#sendBufferBytes = options.sendBufferBytes;
  }

  // ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Connects; 'connect' and 'ready' follow, or 'error' and 'close'.
   * @throws {TypeError | RangeError} without a host, for a port that is none, for the path of a UNIX socket.
   */
  connect(options: ConnectOptions | SocketConnectOpts, listener?: () => void): this;
  connect(port: number, host: string, listener?: () => void): this;
  connect(port: number | string, listener?: () => void): this;
  connect(to: ConnectOptions | SocketConnectOpts | number | string, ...rest: unknown[]): this {
    const host = rest.find((value) => typeof value === 'string');
    const options = (typeof to === 'object' ? to : { port: to, host }) as ConnectOptions;
    const connected = rest.find((value): value is () => void => typeof value === 'function');
    const target = readTarget(options);
    if (this.#connecting || this.#connection !== null) throw new Error('the socket is connecting or connected already');
    if (connected !== undefined) this.once('connect', connected);
    if (options.timeout) this.setTimeout(options.timeout);
    this.#connecting = true;
    this.#hold.open();
    this.#dial = new Dial(this.#stack, target, {
      lookedUp: (error, address, family) => this.emit('lookup', error, address, family, target.host),
      connected: (connection) => this.#attach(connection),
      failed: (error) => this.destroy(error),
    });
    this.#dial.start();
    return this;
  }

  /** The stream of a connection that a listener has accepted, and what that connection is to call. */
  static accept(stack: Stack, connection: Connection, options: SocketOptions): [FastSocket, ConnectionHandler] {
    const socket = new FastSocket(stack, options);
    socket.#hold.open();
    return [socket, socket.#attach(connection)];
  }

  /** Called from inside the stack; what the program sees of it happens on the next tick. */
  #attach(connection: Connection): ConnectionHandler {
    this.#dial = null;
    this.#connection = connection;
    this.#send = new SendSide(connection, this.#sendBufferBytes);
    this.#settings.applyTo(connection);
    const wasConnecting = this.#connecting;
    process.nextTick(() => this.#guard.run(() => this.#established(wasConnecting), undefined));
    return {
      received: (bytes, from, to) => this.#received(bytes, from, to),
      acknowledged: () => this.#acknowledged(),
      ended: () => this.#ended(),
      timedOut: () => {},
      closed: (reason, code) => this.#closed(reason, code),
    };
  }

  #established(wasConnecting: boolean): void {
    if (this.destroyed) return;
    this.#connecting = false;
    this.idle.touch();
    const early = this.#early;
    this.#early = null;
    early?.();
    if (wasConnecting) {
      this.emit('connect');
      this.emit('ready');
    }
    // Like net.Socket, reads ahead what fits the buffer, so that the end is noticed without a reader.
    if (!this.isPaused()) this.read(0);
  }

  // ── from the stack ───────────────────────────────────────────────────────────────────────────────────────────

  /** Takes what the stream wants, as copies; the rest stays in TCP. */
  #received(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (this.#reading && at < to && !this.destroyed) {
      const end = Math.min(to, at + MAX_CHUNK);
      const chunk = Buffer.allocUnsafe(end - at);
      chunk.set(bytes.subarray(at, end));
      this.#bytesRead += chunk.length;
      at = end;
      this.#reading = false;
      // A listener may read on inside `push`, which then asks for more by `_read`.
      const wantsMore = this.#guard.run(() => this.push(chunk), true);
      this.#reading ||= wantsMore;
    }
    if (at > from) this.idle.touch();
    return at - from;
  }

  #acknowledged(): void {
    this.idle.touch();
    this.#guard.run(() => this.#send!.pump(), undefined);
  }

  #ended(): void {
    this.#peerEnded = true;
    this.#guard.run(() => {
      this.push(null);
      // 'end' comes without a reader, too, if all data has been read.
      if (this.readableLength === 0) this.read(0);
    }, undefined);
  }

  #closed(reason: CloseReason, code: ErrorCode | undefined): void {
    const error = closeError(reason, code, this.#peerEnded);
    if (error !== undefined || reason === 'aborted') this.#guard.run(() => this.destroy(error), this);
  }

  // ── from the stream ──────────────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  override _read(): void {
    this.#reading = true;
    if (this.#connection !== null && this.#connection.unreadBytes > 0) this.#connection.resume();
  }

  /** @internal */
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: WriteDone): void {
    this.#writeAll([chunk], done);
  }

  /** @internal */
  override _writev(writes: { chunk: Buffer }[], done: WriteDone): void {
    const chunks = writes.map(({ chunk }) => chunk);
    this.#writeAll(chunks, done);
  }

  #writeAll(chunks: readonly Uint8Array[], done: WriteDone): void {
    this.idle.touch();
    const handedOver = (error?: Error | null) => {
      if (!error) for (const chunk of chunks) this.#bytesWritten += chunk.length;
      done(error);
    };
    this.#whenConnected(done, () => this.#send!.write(chunks, handedOver));
  }

  /** Everything written has been handed to TCP: FIN follows it. @internal */
  override _final(done: WriteDone): void {
    this.#whenConnected(done, () => {
      this.#connection!.close();
      done();
    });
  }

  #whenConnected(done: WriteDone, then: () => void): void {
    if (this.#connection !== null && !this.#connecting) then();
    else this.#early = (error) => (error ? done(error) : then());
  }

  /**
   * Like close(2): what was handed to TCP still goes out, with a FIN behind it; bytes that TCP holds unread are
   * answered with RST. `resetAndDestroy` sends RST in any case.
   * @internal
   */
  override _destroy(error: Error | null, done: WriteDone): void {
    this.idle.stop();
    this.#hold.close();
    this.#reading = false;
    this.#connecting = false;
    this.#dial?.cancel();
    const connection = this.#connection;
    if (this.#resetting) connection?.abort();
    else connection?.detach();
    done(error);
    // After 'error', and one turn of the loop later, as libuv closes a handle.
    setImmediate(() => {
      this.emit('close', error !== null);
      const lost = error ?? socketError('write', 'ECANCELED');
      this.#early?.(lost);
      this.#early = null;
      this.#send?.cancel(lost);
      this.#guard.emitDestroy();
    });
  }

  // ── what net.Socket has beyond a Duplex ──────────────────────────────────────────────────────────────────────

  /** Writes a chunk, like `net.Socket`. False: wait for 'drain' before the next. */
  override write(chunk: Uint8Array | string, done?: WriteDone): boolean;
  /** The same for text in this encoding. */
  override write(chunk: Uint8Array | string, encoding?: BufferEncoding, done?: WriteDone): boolean;
  override write(chunk: Uint8Array | string, encoding?: BufferEncoding | WriteDone, done?: WriteDone): boolean {
    const callback = typeof encoding === 'function' ? encoding : done;
    if (!this.allowHalfOpen && this.#peerEnded && this.readableEnded && this.writableEnded) {
      // Not "write after end": it was the peer who ended.
      const error = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
      if (callback !== undefined) process.nextTick(callback, error);
      this.destroy(error);
      return false;
    }
    return typeof encoding === 'string' ? super.write(chunk, encoding, callback) : super.write(chunk, callback);
  }

  /** Closes with RST. */
  resetAndDestroy(): this {
    if (this.#connecting) return this.once('connect', () => this.resetAndDestroy());
    this.#resetting = true;
    return this.destroy();
  }

  /** Nagle's algorithm off, or on again (RFC 9293 section 3.7.4). */
  setNoDelay(noDelay = true): this {
    this.#settings.setNoDelay(noDelay);
    return this;
  }

  /**
   * Probes a peer that has been silent for `initialDelay` ms (0: two hours), ten times a second apart (RFC 9293 section
   * 3.8.4).
   */
  setKeepAlive(enable = false, initialDelay = 0): this {
    this.#settings.setKeepAlive(enable, initialDelay);
    return this;
  }

  /** Keeps the process alive while the socket is open; it does so from the start. */
  ref(): this {
    this.#hold.ref();
    return this;
  }

  /** Lets the process end although the socket is open (if nothing else holds it: see `EventLoopDriver.unref`). */
  unref(): this {
    this.#hold.unref();
    return this;
  }

  get connecting(): boolean {
    return this.#connecting;
  }

  get pending(): boolean {
    return this.#connection === null || this.#connecting;
  }

  get readyState(): SocketReadyState {
    if (this.#connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** Payload bytes that the stream has taken so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Bytes written so far, those included that still wait in the stream. */
  get bytesWritten(): number {
    return this.#bytesWritten + this.writableLength;
  }

  /**
   * The connection under the stream: TCP's own view, for those who want to know (`info()`); null before it is
   * established.
   */
  get connection(): Connection | null {
    return this.#connection;
  }

  protected override get ends(): Connection | null {
    return this.#connection;
  }
}
