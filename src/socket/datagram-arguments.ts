/** The arguments of a datagram socket's calls, which Node takes in many orders, brought into one form. */
import type { LookupFunction } from 'node:net';
import { readPort } from './options.js';

/** The options of `createDatagramSocket`, under the names of node:dgram. @see {@link FastDatagramSocket} */
export interface DatagramSocketOptions {
  readonly type: 'udp4' | 'udp6';
  /** Several sockets may have the same port; each member of a group gets what comes for it. */
  readonly reuseAddr?: boolean | undefined;
  readonly reusePort?: boolean | undefined;
  /** A udp6 socket takes no IPv4. Default false. */
  readonly ipv6Only?: boolean | undefined;
  /** Default: `dns.lookup`, that is, the machine's own resolver and not the stack. */
  readonly lookup?: LookupFunction | undefined;
  /** Closes the socket when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Where to bind. @see {@link FastDatagramSocket} */
export interface DatagramBindOptions {
  /** 0 or none: a free one is chosen. */
  readonly port?: number | undefined;
  readonly address?: string | undefined;
  /** Means nothing here: it is about clusters of Node. */
  readonly exclusive?: boolean | undefined;
}

/**
 * Called when a datagram has left, or could not.
 *
 * @example
 * ```ts
 * import { createDatagramSocket, type SendDone, type Stack } from 'fastpath';
 *
 * const done: SendDone = (error, bytes) => console.log(error ?? `${bytes} bytes are out`);
 * export const send = (stack: Stack) => createDatagramSocket(stack, 'udp4').send('hello', 514, '10.77.0.1', done);
 * ```
 */
export type SendDone = (error: Error | null, bytes: number) => void;

/**
 * A message as Node takes it.
 *
 * @example
 * ```ts
 * import type { DatagramPayload } from 'fastpath';
 *
 * export const payload: DatagramPayload = ['<14>', Buffer.from('fastpath: hello')]; // one datagram of two parts
 * ```
 */
export type DatagramPayload = string | NodeJS.ArrayBufferView | readonly (string | NodeJS.ArrayBufferView)[];

/** The arguments of `send` behind the message: `[offset, length,] [port [, address]] [, callback]`. */
export type SendArguments = readonly (number | string | SendDone | undefined)[];

/** What is to be sent, and where to; no port: to the remote end of a connected socket. */
export interface SendOrder {
  readonly bytes: Uint8Array;
  readonly port: number | undefined;
  readonly address: string | undefined;
  readonly done: SendDone | undefined;
}

/**
 * Reads the arguments of `send`. The bytes are copied, since programs use their buffers again at once.
 * @throws {TypeError | RangeError} for a message that is none, an offset or length outside of it, a port that is none.
 */
export function readSend(message: DatagramPayload, given: SendArguments, isConnected: boolean): SendOrder {
  const done = given.find((each): each is SendDone => typeof each === 'function');
  const rest = given.filter((each) => typeof each !== 'function');
  while (rest.length > 0 && rest.at(-1) === undefined) rest.pop();
  const hasRange = isConnected ? rest.length >= 2 : typeof rest[2] === 'number';
  const [port, address] = hasRange ? rest.slice(2) : rest;
  const whole = bytesOf(message);
  const bytes = hasRange ? part(whole, Number(rest[0]), Number(rest[1])) : whole;
  if (isConnected) return { bytes, port: undefined, address: undefined, done };
  if (address !== undefined && typeof address !== 'string') {
    throw invalid(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "address" argument must be of type string');
  }
  return { bytes, port: readPort(port as number | undefined, 1), address, done };
}

function bytesOf(message: DatagramPayload): Uint8Array {
  if (typeof message === 'string') return Buffer.from(message);
  if (ArrayBuffer.isView(message)) return Uint8Array.from(viewOf(message));
  if (Array.isArray(message)) return Buffer.concat(message.map((each) => bytesOf(each)));
  throw invalid(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "msg" argument must be a string, a view of bytes, or a list');
}

function viewOf({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function part(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  if (offset >= 0 && length >= 0 && offset + length <= bytes.length) return bytes.subarray(offset, offset + length);
  throw invalid(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"offset" or "length" is outside of buffer bounds');
}

/** An error of a wrong call, with Node's code. */
export function invalid(
  type: typeof Error | typeof TypeError | typeof RangeError,
  code: string,
  message: string,
): Error {
  return Object.assign(new type(message), { code });
}
