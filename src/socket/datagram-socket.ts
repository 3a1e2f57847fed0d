/**
 * A UDP port of a stack with the interface of dgram.Socket: the same calls, events and errors.
 *
 *     const socket = createDatagramSocket(stack, 'udp4', (message, { address, port }) => …).bind(53);
 *     socket.send(query, 53, '10.77.0.1');
 *
 * A 'message' is emitted inside the receive path, with a copy of the bytes. It differs from dgram.Socket in this: a
 * stack has one interface, so `setMulticastInterface` does nothing; what is sent to a group does not come back; there
 * are no buffers in the kernel to be sized, and no groups of one source.
 */

import type { RemoteInfo } from 'node:dgram';
import { lookup as dnsLookup } from 'node:dns';
import { EventEmitter } from 'node:events';
import type { AddressInfo, LookupFunction } from 'node:net';
import { type ErrorCode, NetworkError } from '../net/network-error.js';
import type { Stack } from '../net/stack.js';
import type { Datagram } from '../net/udp/datagram.js';
import type { UdpPort } from '../net/udp/udp-port.js';
import { IpAddress } from '../net/wire/address.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import {
  type DatagramBindOptions,
  type DatagramPayload,
  type DatagramSocketOptions,
  invalid,
  readSend,
  type SendArguments,
  type SendDone,
} from './datagram-arguments.js';
import { socketError } from './errors.js';
import { ListenerGuard } from './listener-guard.js';
import { LoopHold } from './loop-hold.js';
import { readPort } from './options.js';

/** The events of a `FastDatagramSocket` and what their listeners get. @see {@link FastDatagramSocket} */
export interface DatagramSocketEvents {
  message: [message: Buffer, from: RemoteInfo];
  listening: [];
  connect: [];
  close: [];
  error: [error: NodeJS.ErrnoException];
}

/**
 * A UDP port of a stack with the interface of dgram.Socket. Errors come as its 'error' event, with a code.
 *
 * @example
 * ```ts
 * import { createDatagramSocket, type FastDatagramSocket, type Stack } from 'fastpath';
 *
 * // Hears a group.
 * export function hear(stack: Stack): FastDatagramSocket {
 *   const socket = createDatagramSocket(stack, { type: 'udp4', reuseAddr: true });
 *   socket.on('message', (message, { address }) => console.log(address, message.length));
 *   socket.bind({ port: 5353 }, () => socket.addMembership('224.0.0.251'));
 *   return socket;
 * }
 * ```
 */
export class FastDatagramSocket extends EventEmitter<DatagramSocketEvents> {
  readonly type: 'udp4' | 'udp6';
  readonly #stack: Stack;
  readonly #options: DatagramSocketOptions;
  readonly #hold = new LoopHold();
  readonly #guard = new ListenerGuard();
  #port: UdpPort | null = null;
  #isBinding = false;
  #isConnecting = false;
  #isClosed = false;

  /** A socket that is not bound yet. */
  constructor(stack: Stack, options: DatagramSocketOptions) {
    super();
    if (options.type !== 'udp4' && options.type !== 'udp6') {
      throw invalid(TypeError, 'ERR_SOCKET_BAD_TYPE', 'Bad socket type specified. Valid types are: udp4, udp6');
    }
    this.type = options.type;
    this.#stack = stack;
    this.#options = options;
    this.#closeOn(options.signal);
  }

  /**
   * Binds; 'listening' follows, or 'error' if the port is taken or the address is not the stack's.
   * @throws {Error} if it is bound already, {RangeError} for a port that is none.
   */
  bind(options: DatagramBindOptions, listening?: () => void): this;
  bind(port?: number, address?: string, listening?: () => void): this;
  bind(port: number, listening: () => void): this;
  bind(listening: () => void): this;
  bind(...given: (DatagramBindOptions | number | string | (() => void) | undefined)[]): this {
    this.#checkOpen();
    if (this.#isBinding) throw invalid(Error, 'ERR_SOCKET_ALREADY_BOUND', 'Socket is already bound');
    const listening = given.find((each) => typeof each === 'function');
    const [where, host] = given.filter((each) => typeof each !== 'function');
    const options = typeof where === 'object' ? where : { port: where as number, address: host as string | undefined };
    const port = readPort(options.port ?? 0, 0);
    if (listening !== undefined) this.once('listening', listening);
    this.#isBinding = true;
    const { address } = options;
    if (address === undefined || address === '') this.#bindAt(port, undefined);
    else this.#resolve(address, (error, found) => (error ? this.#bindFailed(error) : this.#bindAt(port, found)));
    return this;
  }

  /**
   * Sends a datagram; binds to a free port first if need be. An error goes to the callback, or else to 'error'.
   * @throws {TypeError | RangeError} for arguments that are none.
   */
  send(message: DatagramPayload, done?: SendDone): void;
  send(message: DatagramPayload, port?: number, done?: SendDone): void;
  send(message: DatagramPayload, port?: number, address?: string, done?: SendDone): void;
  send(message: DatagramPayload, offset: number, length: number, done?: SendDone): void;
  send(
    message: DatagramPayload,
    offset: number,
    length: number,
    port?: number,
    address?: string,
    done?: SendDone,
  ): void;
  send(message: DatagramPayload, ...given: SendArguments): void {
    this.#checkOpen();
    const isConnected = this.#isConnecting || (this.#port?.remote ?? null) !== null;
    const { bytes, port, address, done } = readSend(message, given, isConnected);
    this.#whenBound(() => {
      if (port === undefined) this.#whenConnected(() => this.#sendTo(bytes, undefined, undefined, done));
      else {
        this.#resolve(address ?? this.#loopback, (error, found) => {
          if (error) this.#sendFailed(error, done);
          else this.#sendTo(bytes, found, port, done);
        });
      }
    });
  }

  /**
   * Takes datagrams from that end only, and sends to it; 'connect' follows.
   * @throws {Error} if it is connected already.
   */
  connect(port: number, address?: string | (() => void), connected?: () => void): void {
    this.#checkOpen();
    if (this.#isConnecting || (this.#port?.remote ?? null) !== null) {
      throw invalid(Error, 'ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
    }
    const remotePort = readPort(port, 1);
    const host = typeof address === 'string' ? address : this.#loopback;
    const listener = typeof address === 'function' ? address : connected;
    if (listener !== undefined) this.once('connect', listener);
    this.#isConnecting = true;
    this.#whenBound(() =>
      this.#resolve(host, (error, found) => {
        this.#isConnecting = false;
        if (error || found === undefined) this.#fail(error ?? socketError('connect', 'ENETUNREACH'));
        else this.#connectTo(found, remotePort);
      }),
    );
  }

  /** Takes datagrams from everybody again. @throws {Error} if it is not connected. */
  disconnect(): void {
    this.#connectedPort().disconnect();
  }

  /** Our end. @throws {Error} EBADF before it is bound. */
  address(): AddressInfo {
    if (this.#port === null) throw socketError('getsockname', 'EBADF');
    const { usedAddress, localPort } = this.#port;
    const isV4 = this.type === 'udp4';
    const address = usedAddress === undefined ? (isV4 ? '0.0.0.0' : '::') : this.#text(usedAddress);
    return { address, family: isV4 ? 'IPv4' : 'IPv6', port: localPort };
  }

  /** The remote end. @throws {Error} if it is not connected. */
  remoteAddress(): AddressInfo {
    const { address, port } = this.#connectedPort().remote!;
    return { address: this.#text(address), family: this.type === 'udp4' ? 'IPv4' : 'IPv6', port };
  }

  /** Closes the socket: 'close' follows, and nothing else. @throws {Error} if it is closed already. */
  close(closed?: () => void): this {
    this.#checkOpen();
    if (closed !== undefined) this.once('close', closed);
    this.#port?.close();
    this.#ended();
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => this.close(() => resolve()));
  }

  /** The socket keeps the process alive while it is bound. */
  ref(): this {
    this.#hold.ref();
    return this;
  }

  /** It no longer does. */
  unref(): this {
    this.#hold.unref();
    return this;
  }

  /** Allows datagrams to a broadcast address. */
  setBroadcast(isAllowed: boolean): void {
    this.#bound('setBroadcast').allowsBroadcast = isAllowed;
  }

  /** TTL or hop limit, 1 to 255. */
  setTTL(hops: number): number {
    this.#bound('setTTL').timeToLive = this.#hops(hops, 1, 'setTTL');
    return hops;
  }

  /** The same for datagrams to groups, 0 to 255. */
  setMulticastTTL(hops: number): number {
    this.#bound('setMulticastTTL').multicastTimeToLive = this.#hops(hops, 0, 'setMulticastTTL');
    return hops;
  }

  /** TOS byte or traffic class, ECN bits included. dgram.Socket has no such call. */
  setTrafficClass(value: number): void {
    this.#bound('setTrafficClass').trafficClass = value;
  }

  /** Changes nothing: what is sent to a group never comes back to this host. */
  setMulticastLoopback(isWanted: boolean): boolean {
    return isWanted;
  }

  /** A stack has one interface. */
  setMulticastInterface(_address: string): void {}

  /** Joins a group; binds to a free port first if need be. @throws {Error} EINVAL for no group. */
  addMembership(group: string, _interface?: string): void {
    this.#checkOpen();
    if (!this.#isBinding) this.bind({ port: 0 });
    this.#call('addMembership', () => this.#bound('addMembership').join(IpAddress.parse(group)));
  }

  /** Leaves a group. @throws {Error} EADDRNOTAVAIL if it was not joined. */
  dropMembership(group: string, _interface?: string): void {
    this.#call('dropMembership', () => this.#bound('dropMembership').leave(IpAddress.parse(group)));
  }

  /** There is no queue in front of the program. */
  getRecvBufferSize(): number {
    return 0;
  }

  /** There is no queue behind the program, either. */
  getSendBufferSize(): number {
    return 0;
  }

  getSendQueueSize(): number {
    return 0;
  }

  getSendQueueCount(): number {
    return 0;
  }

  /** Does nothing: a datagram is with the program before the next frame is read. */
  setRecvBufferSize(_bytes: number): void {}

  /** Does nothing: a datagram leaves at once. */
  setSendBufferSize(_bytes: number): void {}

  get #loopback(): string {
    return this.type === 'udp4' ? '127.0.0.1' : '::1';
  }

  /** Literal addresses are used at once; names are looked up. */
  #resolve(host: string, found: (error: Error | null, address: IpAddress | undefined) => void): void {
    const literal = parseAddress(host);
    if (literal !== undefined) {
      found(null, literal);
      return;
    }
    const lookup = this.#options.lookup ?? (dnsLookup as LookupFunction);
    lookup(host, { family: this.type === 'udp4' ? 4 : 6, all: false }, (error, address) => {
      if (this.#isClosed) return;
      found(error, typeof address === 'string' ? parseAddress(address) : undefined);
    });
  }

  #bindAt(port: number, address: IpAddress | undefined): void {
    if (this.#isClosed) return;
    const isV4 = this.type === 'udp4';
    const family = isV4 ? 4 : this.#options.ipv6Only ? 6 : undefined;
    const isShared = this.#options.reuseAddr ?? this.#options.reusePort;
    try {
      this.#port = this.#stack.bind(port, this.#handler, { address, family, isShared });
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      const place = { address: address?.toString() ?? (isV4 ? '0.0.0.0' : '::'), port };
      this.#bindFailed(socketError('bind', error.code, place));
      return;
    }
    this.#hold.open();
    process.nextTick(() => !this.#isClosed && this.emit('listening'));
  }

  #bindFailed(error: NodeJS.ErrnoException): void {
    this.#isBinding = false;
    this.#fail(error);
  }

  readonly #handler = {
    received: (datagram: Datagram): void => {
      const address = this.#text(datagram.sourceAddress);
      const family = this.type === 'udp4' ? 'IPv4' : 'IPv6';
      const message = Buffer.from(datagram.copy().buffer);
      const from: RemoteInfo = { address, family, port: datagram.sourcePort, size: message.length };
      this.#guard.run(() => this.emit('message', message, from), false);
    },
    /** As in Linux, a socket hears of errors only if it is connected. */
    icmpError: (_: unknown, code: ErrorCode | undefined, port: UdpPort): void => {
      if (port.remote !== null && code !== undefined && code !== 'EMSGSIZE') this.#fail(socketError('recvmsg', code));
    },
    closed: (): void => this.#ended(),
  };

  #connectTo(address: IpAddress, port: number): void {
    try {
      this.#port?.connect(address, port);
      process.nextTick(() => !this.#isClosed && this.emit('connect'));
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.#fail(socketError('connect', error.code, { address: address.toString(), port }));
    }
  }

  #sendTo(
    bytes: Uint8Array,
    address: IpAddress | undefined,
    port: number | undefined,
    done: SendDone | undefined,
  ): void {
    if (this.#port === null || this.#isClosed) return;
    const place = { address: address?.toString() ?? '', port: port ?? 0 };
    const code = this.#port.send(SummedBytes.plain(bytes), address, port);
    if (code !== undefined)
      this.#sendFailed(socketError('send', code, address === undefined ? undefined : place), done);
    else if (done !== undefined) process.nextTick(done, null, bytes.length);
  }

  #sendFailed(error: Error, done: SendDone | undefined): void {
    if (done !== undefined) process.nextTick(done, error, 0);
    else this.#fail(error);
  }

  /** A call before 'listening' waits for it; its errors are those of `bind`. */
  #whenBound(then: () => void): void {
    if (!this.#isBinding) this.bind({ port: 0 });
    if (this.#port !== null) then();
    else this.once('listening', then);
  }

  #whenConnected(then: () => void): void {
    if (this.#isConnecting) this.once('connect', then);
    else then();
  }

  #fail(error: Error): void {
    process.nextTick(() => {
      if (!this.#isClosed) this.#guard.runInAsyncScope(() => this.emit('error', error));
    });
  }

  #ended(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hold.close();
    process.nextTick(() => {
      this.#guard.runInAsyncScope(() => this.emit('close'));
      this.#guard.emitDestroy();
    });
  }

  #closeOn(signal: AbortSignal | undefined): void {
    const close = () => !this.#isClosed && this.close();
    if (signal?.aborted) process.nextTick(close);
    signal?.addEventListener('abort', close, { once: true });
    this.once('close', () => signal?.removeEventListener('abort', close));
  }

  #checkOpen(): void {
    if (this.#isClosed) throw invalid(Error, 'ERR_SOCKET_DGRAM_NOT_RUNNING', 'Not running');
  }

  #bound(syscall: string): UdpPort {
    this.#checkOpen();
    if (this.#port === null) throw socketError(syscall, 'EBADF');
    return this.#port;
  }

  #connectedPort(): UdpPort {
    this.#checkOpen();
    if (this.#port === null || this.#port.remote === null) {
      throw invalid(Error, 'ERR_SOCKET_DGRAM_NOT_CONNECTED', 'Not connected');
    }
    return this.#port;
  }

  /** As Linux shows it: on a udp6 socket an IPv4 address stands in IPv6 form. */
  #text(address: IpAddress): string {
    return this.type === 'udp6' && address.isV4 ? `::ffff:${address}` : address.toString();
  }

  #hops(hops: number, least: number, syscall: string): number {
    if (Number.isInteger(hops) && hops >= least && hops <= 255) return hops;
    throw socketError(syscall, 'EINVAL');
  }

  #call(syscall: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      if (error instanceof RangeError) throw socketError(syscall, 'EINVAL');
      throw error instanceof NetworkError ? socketError(syscall, error.code) : error;
    }
  }
}

function parseAddress(text: string): IpAddress | undefined {
  try {
    return IpAddress.parse(text.replace(/%.*$/, ''));
  } catch {
    return undefined;
  }
}
