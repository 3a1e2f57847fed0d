/** The ground of a server that takes over from another process: first the interface as it is, in the end its name. */
import { TapDevice } from '../../net/device/tap.js';
import type { ServerAdmin } from '../admin.js';
import type { Inheritance } from '../handover/inheritance.js';
import { type LeaseDesk, LeaseFile } from '../network/lease-desk.js';
import { DEFAULTS } from '../options.js';
import { Leftovers } from '../process/leftovers.js';
import type { ServerLog } from '../server-log.js';
import { openSocket } from './ground.js';
import type { Ground, Name, Work } from './work.js';

/** What a server has that the process before it hands over. */
interface Heir {
  readonly ground: Ground;
  readonly leftovers: Leftovers;
  /** Takes the interface over. */
  take(): Promise<void>;
  /** We answer requests: all is ours now. */
  serves(): void;
}

/**
 * The interface as the process before us has it. What that one changed on the machine is taken back at our end, after
 * the workers' end, as with a server that nobody handed over: until then they send, a RELEASE at the latest.
 * @throws {ServeError} if the options ask for another interface
 */
export function inherit({ options, events, undo }: Work, inheritance: Inheritance): Heir {
  inheritance.check(options.network?.interfaceName, options.workers ?? DEFAULTS.workers);
  const ground = inheritance.bequest;
  const leftovers = Leftovers.inherit(ground.state, events);
  undo.add(() => leftovers.takeBack());
  undo.add(() => {
    for (const queue of ground.queues) TapDevice.adopt(queue).close();
  });
  return {
    ground,
    leftovers,
    take: () => inheritance.take(),
    serves: () => {
      leftovers.own();
      inheritance.serves();
    },
  };
}

/** What only the process that has the interface's name does. */
interface NameBearers {
  readonly log: ServerLog | undefined;
  readonly admin: ServerAdmin | undefined;
  readonly lease: LeaseDesk | undefined;
}

/** From here on the interface's frames come to us, and its name is ours. */
export async function takeOver(work: Work, heir: Heir | undefined, { log, admin, lease }: NameBearers): Promise<Name> {
  if (heir === undefined) throw new Error('there is nobody to take over from');
  await heir.take();
  await admin?.open();
  const { leftovers } = heir;
  leftovers.sign();
  const socket = openSocket(work, leftovers);
  log?.listen(leftovers.logSocketPath, work.undo);
  lease?.keepIn(LeaseFile.open(leftovers.leasePath));
  return { leftovers, socket };
}
