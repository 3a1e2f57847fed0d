/**
 * TLS over a socket of a stack. When Node wraps a stream that is no net.Socket, two things are lost. They are
 * corrected here:
 *
 * - The stream must stay open for writing when the peer has ended, whatever the TLS socket on it does. Otherwise the
 *   last part of an answer cannot be encrypted and sent any more. So `allowHalfOpen` moves from the stream to the TLS
 *   socket.
 * - The TLS socket has no addresses and no `ref`, `setNoDelay` and so on. It gets those of the stream.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { isIP, type Server } from 'node:net';
import * as tls from 'node:tls';
import type { Stack } from '../net/stack.js';
import { type ConnectOptions, readHost } from './options.js';
import { FastSocket } from './socket.js';

/** Options of both: where to, and of the encryption. @see {@link connectTls} */
export type ConnectTlsOptions = ConnectOptions & Omit<tls.ConnectionOptions, keyof ConnectOptions | 'socket' | 'path'>;

/**
 * Opens an encrypted connection, like `tls.connect`: 'secureConnect' follows, or 'error'. As the `createConnection` of
 * a request by node:https it takes that request's options.
 * @throws {TypeError | RangeError} without a host, or for a port that is none.
 *
 * @example
 * ```ts
 * import { connectTls, type Stack } from 'fastpath';
 *
 * export function ask(stack: Stack): void {
 *   const socket = connectTls(stack, { host: 'example.org', port: 443, ALPNProtocols: ['http/1.1'] }, () => {
 *     socket.end('GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n');
 *   });
 *   socket.pipe(process.stdout);
 * }
 * ```
 */
export function connectTls(stack: Stack, options: ConnectTlsOptions, connected?: () => void): tls.TLSSocket {
  const { timeout, allowHalfOpen = false, ...rest } = options;
  const socket = new FastSocket(stack, { ...rest, allowHalfOpen: true }).connect(rest);
  const host = readHost(options);
  // RFC 6066 section 3: a server is named by its name, never by an address.
  const servername = options.servername ?? (isIP(host) ? '' : host);
  const tlsOptions = { ...rest, host, servername, socket, ...(timeout && { timeout }) } as tls.ConnectionOptions;
  return dress(tls.connect(tlsOptions, connected), socket, allowHalfOpen);
}

/**
 * The connection that a server of Node's is being given. 'secureConnection' comes later, in the TLS socket's own
 * context.
 */
const given = new AsyncLocalStorage<FastSocket>();

function leave(this: FastSocket): void {
  this.destroy();
}

/**
 * Makes a function that gives connections to a server of Node's (http, https, http2, tls, net) as if it had accepted
 * them.
 */
export function handOver(server: Server): (socket: FastSocket) => void {
  const { allowHalfOpen = false } = server as { allowHalfOpen?: boolean };
  if (!(server instanceof tls.Server)) {
    return (socket) => {
      socket.allowHalfOpen = allowHalfOpen;
      server.emit('connection', socket);
    };
  }
  server.prependListener('secureConnection', (secure: tls.TLSSocket) => {
    const socket = given.getStore();
    if (socket === undefined) return;
    socket.off('end', leave);
    dress(secure, socket, allowHalfOpen);
  });
  return (socket) => {
    socket.allowHalfOpen = true;
    // The stream stays open when the peer has ended, so a peer that leaves before the handshake is over must be let go
    // here.
    socket.once('end', leave);
    given.run(socket, () => server.emit('connection', socket));
  };
}

const ADDRESSES = [
  'localAddress',
  'localPort',
  'localFamily',
  'remoteAddress',
  'remotePort',
  'remoteFamily',
] as const satisfies readonly (keyof FastSocket)[];
const CALLS = ['ref', 'unref', 'setNoDelay', 'setKeepAlive'] as const satisfies readonly (keyof FastSocket)[];

/** Gives a TLS socket the properties and methods that it does not take from the stream under it. */
function dress(secure: tls.TLSSocket, socket: FastSocket, allowHalfOpen: boolean): tls.TLSSocket {
  secure.allowHalfOpen = allowHalfOpen;
  for (const name of ADDRESSES) Object.defineProperty(secure, name, { get: () => socket[name], configurable: true });
  for (const name of CALLS) {
    const call = (...values: [never, never]) => {
      socket[name](...values);
      return secure;
    };
    Object.defineProperty(secure, name, { value: call, configurable: true, writable: true });
  }
  Object.defineProperty(secure, 'address', { value: () => socket.address(), configurable: true, writable: true });
  return secure;
}
