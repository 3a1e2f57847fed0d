/**
 * Connections to the servers of an upstream, as undici makes them, but for two faults of undici 7.30.
 *
 * - It takes a reset for the end of an answer that ends with its connection. Such an answer is cut, and nobody may take
 *   it for whole.
 * - While an answer pauses, because the client is slow, it cannot bear the end of such a connection: it throws in an
 *   event of the socket (`assert(!this.paused)` in Parser.finish), which would end the thread.
 */
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { Complete } from './options.js';
import type { ServerPlace } from './server-url.js';

/** For `Pool` and `Client` of undici. */
export function connectorOf({ socketPath }: ServerPlace, { connectTimeoutMs }: Pick<Complete, 'connectTimeoutMs'>) {
  const connect = buildConnector({
    allowH2: false,
    timeout: connectTimeoutMs,
    ...(socketPath !== undefined && { socketPath }),
  });
  return (given: buildConnector.Options, told: buildConnector.Callback) =>
    connect(given, (...outcome) => {
      const [error, socket] = outcome;
      if (error === null) {
        renameResets(socket);
        holdEnd(socket);
      }
      told(...outcome);
    });
}

/** undici knows a reset by this code, and listens after us. */
function renameResets(socket: Socket): void {
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET') error.code = 'ERR_RESET_BY_PEER';
  });
}

/** The part of undici's parser that this needs. */
interface Parser {
  readonly paused: boolean;
}

/** The socket's end waits until the answer goes on: undici reads the socket then. */
function holdEnd(socket: Socket): void {
  const push = socket.push.bind(socket);
  socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
    const parser = chunk === null ? parserOf(socket) : undefined;
    if (parser?.paused !== true) return push(chunk, encoding);
    const read = socket.read.bind(socket);
    socket.read = (size?: number) => {
      process.nextTick(release);
      return read(size);
    };
    const release = () => {
      if (parser.paused || socket.destroyed || socket.read === read) return;
      socket.read = read;
      push(null);
      socket.read(0);
    };
    return false;
  };
}

/** undici keeps it at the socket, under a symbol of its own. */
function parserOf(socket: Socket): Parser | undefined {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'parser');
  return key === undefined ? undefined : ((socket as unknown as Record<symbol, Parser | null>)[key] ?? undefined);
}
