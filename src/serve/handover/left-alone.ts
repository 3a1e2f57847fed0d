/**
 * The old process after a hand-over, when the new one ends before it. Nobody passes frames on any more, so the old
 * process reads the interface itself until its own connections are over. It takes no new ones: its listeners, its
 * watches and its administrators' address are closed already.
 */
import type { TapHandle } from '../../net/device/tap.js';
import type { Leftovers } from '../process/leftovers.js';
import { ServeError } from '../serve-error.js';
import type { DataPlane } from '../worker/data-plane.js';
import type { SuccessorEnd } from './successor.js';

/** What the old process still has. */
export interface Remainder {
  readonly plane: Pick<DataPlane, 'hearFrom' | 'hurry'>;
  readonly queues: readonly TapHandle[];
  readonly leftovers: Pick<Leftovers, 'isLeftBy' | 'own' | 'sign'>;
  warn(text: string): void;
}

/**
 * Goes on without the new process, or resets the connections if the interface is not ours: the new process has taken
 * everything back at its end, or has handed over itself.
 * @returns why nobody serves; undefined: the new process has ended in order
 */
export function goOnAlone(pid: number, end: SuccessorEnd, remainder: Remainder): ServeError | undefined {
  const { plane, queues, leftovers } = remainder;
  const how = end.signal ?? `status ${end.code}`;
  const ended = `process ${pid}, which had taken over, has ended (${how})`;
  if (!leftovers.isLeftBy(pid)) {
    plane.hurry();
    remainder.warn(`${ended}: the connections of this process are reset`);
    if (end.code === 0) return undefined;
    return new ServeError('failure', ended, 'Its own messages, above, say why.');
  }
  void plane.hearFrom(queues.map(({ fd }) => fd));
  remainder.warn(`${ended} without finishing: this one goes on with its connections, and takes no new ones`);
  try {
    leftovers.own();
    leftovers.sign();
  } catch (error) {
    remainder.warn(`the interface's name is not ours again: ${(error as Error).message}`);
  }
  return new ServeError('failure', `${ended} without finishing: nobody serves now`, 'Start fastpath again.');
}
