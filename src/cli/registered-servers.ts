/**
 * The servers of this machine that this user may see, with what each says of itself. All commands that look for a
 * server look here, so they agree on which of them live.
 */
import type { RuntimeState } from '../serve/process/runtime-state.js';

/** A server of the register. */
export interface RegisteredServer {
  readonly state: RuntimeState;
  /** Its control socket, and that of its log. */
  readonly sock: string;
  readonly log: string;
  /** False: it has ended without cleaning up. */
  readonly alive: boolean;
  /** What it says of itself; undefined: it was not asked, or does not answer. */
  readonly answer: object | undefined;
}

/** @param asks `all`: every one that may live; `doubtful`: those of which nothing else shows whether they do */
export async function registeredServers(asks: 'all' | 'doubtful'): Promise<RegisteredServer[]> {
  const { describeProcess, RuntimeStates, runtimeFolders } = await import('../serve/process/runtime-state.js');
  const { isAlive } = await import('../serve/process/process-id.js');
  const { askServer } = await import('../serve/process/control-socket.js');
  const here = describeProcess();
  const look = async (states: InstanceType<typeof RuntimeStates>, state: RuntimeState) => {
    const [sock, log] = [states.pathOf(state, 'sock'), states.pathOf(state, 'log')];
    // A process number of another PID namespace says nothing here: only an answer shows that the server lives.
    const isKnown = state.pidNamespace === here.pidNamespace;
    const mayLive = !isKnown || isAlive(state);
    const answer = mayLive && (asks === 'all' || !isKnown) ? await askServer(sock) : undefined;
    return { state, sock, log, alive: isKnown ? mayLive : answer !== undefined, answer };
  };
  const found = runtimeFolders().map((folder) => new RuntimeStates(folder));
  return Promise.all(found.flatMap((states) => states.list().map((state) => look(states, state))));
}
