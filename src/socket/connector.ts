/** Opens undici's connections over a stack. */
import type { Stack } from '../net/stack.js';
import { type ConnectTlsOptions, connectTls } from './secure.js';
import { FastSocket } from './socket.js';

/** The options that undici gives to its `connect` function. @see {@link connector} */
export interface ConnectorOptions {
  readonly hostname: string;
  readonly protocol: string;
  /** Empty: the protocol's own. */
  readonly port: string;
  readonly servername?: string | undefined;
  readonly localAddress?: string | null | undefined;
}

/** Hears of the socket, or of the error. @see {@link connector} */
// biome-ignore lint/suspicious/noExplicitAny: undici asks for a net.Socket, and a stream of ours does its work.
export type ConnectorCallback = (...result: [error: null, socket: any] | [error: Error, socket: null]) => void;

/**
 * The `connect` option of undici's `Client`, `Pool` and `Agent`: `new Agent({ connect: connector(stack) })`. It speaks
 * TLS to origins of `https:`, with `tls` as options beside what undici gives.
 *
 * @example
 * ```ts
 * import { connector, type Stack } from 'fastpath';
 * import { Client } from 'undici';
 *
 * // Asks with undici.
 * export async function get(stack: Stack, path: string): Promise<string> {
 *   const client = new Client('http://10.77.0.1:8080', { connect: connector(stack) });
 *   const { body } = await client.request({ method: 'GET', path });
 *   return await body.text();
 * }
 * ```
 */
export function connector(stack: Stack, tls: Omit<ConnectTlsOptions, 'host' | 'port'> = {}) {
  return ({ hostname, protocol, port, servername, localAddress }: ConnectorOptions, done: ConnectorCallback): void => {
    const where = { host: hostname, port: port === '' ? defaultPort(protocol) : port, localAddress };
    const secure = protocol === 'https:';
    const named = servername ? { servername } : {};
    const socket = secure
      ? connectTls(stack, { ALPNProtocols: ['http/1.1'], ...tls, ...named, ...where })
      : new FastSocket(stack).connect(where);
    const failed = (error: Error) => done(error, null);
    socket.once('error', failed);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      socket.off('error', failed);
      socket.setNoDelay(true);
      done(null, socket);
    });
  };
}

function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}
