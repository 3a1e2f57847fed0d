/**
 * The running server that a command is for: the only one, the one of this network namespace, or one that is named.
 * Used by log, purge, stat and top.
 */
import type { Readable } from 'node:stream';
import type { RuntimeState } from '../serve/process/runtime-state.js';
import { ServeError } from '../serve/serve-error.js';
import { openLiveLog } from './live-log.js';
import { registeredServers } from './registered-servers.js';

/** A running server, as a command asks it. */
export interface FoundServer {
  readonly interfaceName: string;
  /** The socket that it answers on. */
  readonly path: string;
}

/** A server of the register. */
export interface Registered {
  readonly state: RuntimeState;
  readonly path: string;
}

/**
 * `socket`: the control socket, or that of the log. `instead`: what the user could name in place of a server.
 * @throws {ServeError} `failure` if there is none, or several
 */
export async function findServer(wish: string | undefined, socket: 'sock' | 'log', instead = ''): Promise<FoundServer> {
  const { describeProcess, namespaceName } = await import('../serve/process/runtime-state.js');
  const here = describeProcess();
  const all = await registeredServers('doubtful');
  const running = all.filter(({ alive }) => alive).map((server) => ({ state: server.state, path: server[socket] }));
  const nameOf = (namespace: string) => namespaceName(namespace) ?? namespace;
  const { state, path } = choose(running, wish, here.networkNamespace, nameOf, instead);
  return { interfaceName: state.interfaceName, path };
}

/**
 * The server that is meant. Of several, those of this network namespace count alone.
 * @throws {ServeError} `failure`
 */
export function choose(
  running: readonly Registered[],
  wish: string | undefined,
  here: string,
  nameOf: (namespace: string) => string,
  instead = '',
): Registered {
  const wished = running.filter(
    ({ state }) => wish === undefined || state.interfaceName === wish || String(state.pid) === wish,
  );
  const near = wished.filter(({ state }) => state.networkNamespace === here);
  const [server, ...others] = near.length > 0 ? near : wished;
  if (server === undefined) {
    const where = wish === undefined ? '' : ` on ${wish}`;
    const known = running.length === 0 || wish === undefined ? instead : `There is ${list(running, here, nameOf)}.`;
    throw new ServeError('failure', `no server is running${where}`, known);
  }
  if (others.length === 0) return server;
  const message = `several servers are running: ${list([server, ...others], here, nameOf)}`;
  throw new ServeError('failure', message, 'Choose one: --interface NAME, or the number of its process.');
}

/** `fp0 (process 4711), fp0 in netns lab (process 4712)` */
function list(servers: readonly Registered[], here: string, nameOf: (namespace: string) => string): string {
  return servers
    .map(({ state: { interfaceName, networkNamespace, pid } }) => {
      const where = networkNamespace === here ? '' : ` in netns ${nameOf(networkNamespace)}`;
      return `${interfaceName}${where} (process ${pid})`;
    })
    .join(', ');
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
