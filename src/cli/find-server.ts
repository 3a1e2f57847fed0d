/** The running server that a command is for: the only one, or the one on an interface. Used by log, stat and top. */
import type { Readable } from 'node:stream';
import { ServeError } from '../serve/serve-error.js';
import { openLiveLog } from './live-log.js';

/** A running server, as a command asks it. */
export interface FoundServer {
  readonly interfaceName: string;
  /** The socket that it answers on. */
  readonly path: string;
}

/**
 * `socket`: the control socket, or that of the log. `instead`: what the user could name in place of a server.
 * @throws {ServeError} `failure` if there is none, or several
 */
export async function findServer(
  interfaceName: string | undefined,
  socket: 'sock' | 'log',
  instead = '',
): Promise<FoundServer> {
  const { RuntimeStates, runtimeFolders } = await import('../serve/process/runtime-state.js');
  const found = runtimeFolders()
    .map((folder) => new RuntimeStates(folder))
    .flatMap((states) => states.list().map((state) => ({ state, path: states.pathOf(state, socket) })))
    .filter(({ state }) => interfaceName === undefined || state.interfaceName === interfaceName);
  const [server, ...others] = found;
  if (server === undefined) throw new ServeError('failure', 'no server is running', instead);
  if (others.length === 0) return { interfaceName: server.state.interfaceName, path: server.path };
  const names = found.map(({ state }) => state.interfaceName).join(', ');
  throw new ServeError('failure', `several servers are running: ${names}`, 'Choose one: --interface NAME.');
}

/** Watches the requests of a server. @throws {ServeError} if it has no log, or is not ours to watch */
export async function watchServer({ interfaceName, path }: FoundServer): Promise<Readable> {
  try {
    return await openLiveLog(path);
  } catch (cause) {
    const message = `the server on ${interfaceName} cannot be watched: ${(cause as Error).message}`;
    const advice = 'It needs --access-log (none is enough), and you must be its user or root.';
    throw new ServeError('failure', message, advice, { cause });
  }
}
