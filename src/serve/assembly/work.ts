/** What the steps of the assembly hand to each other. */
import type { TapHandle } from '../../net/device/tap.js';
import type { ServeEvents } from '../events.js';
import type { NetworkPlan } from '../network/network-plan.js';
import type { ServeOptions } from '../options.js';
import type { ControlSocket } from '../process/control-socket.js';
import type { Leftovers } from '../process/leftovers.js';
import type { UndoList } from '../process/undo-list.js';
import type { EarlyFrames } from '../worker/early-frames.js';

/** What one step of the assembly hands to the next. */
export interface Work {
  readonly options: ServeOptions;
  readonly events: ServeEvents;
  readonly undo: UndoList;
  /** Frames of the start. */
  readonly early: EarlyFrames;
}

/** What the workers stand on. */
export interface Ground {
  readonly plan: NetworkPlan;
  readonly queues: readonly TapHandle[];
  /** Sockets to the workers of the process before us. */
  readonly relays: readonly number[];
}

/** What belongs to the server that has the interface's name, and passes to its successor. */
export interface Name {
  /** What stays on the machine while we run. */
  readonly leftovers: Leftovers;
  /** Where `fastpath status` asks. */
  readonly socket: ControlSocket;
}
