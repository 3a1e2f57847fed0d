/**
 * Checks now and then that this machine's end of the link is still as we set it up: an administrator, a network
 * manager or a script may set the interface down, flush its address or take it out of its bridge. Serving goes on,
 * but no client reaches us. There is one warning, and one note when all is in order again.
 *
 * It does not check whether the interface was removed: the data path notices that, and ends.
 */
import { HostInterface } from '../../net/device/host-interface.js';
import type { NetworkPlan } from './network-plan.js';

const LOOK_EVERY_MS = 1_000;

export interface WatchEvents {
  note(text: string): void;
  warn(text: string): void;
}

export class InterfaceWatch {
  readonly #plan: NetworkPlan;
  readonly #events: WatchEvents;
  readonly #timer: NodeJS.Timeout;
  #trouble: string | undefined;

  constructor(plan: NetworkPlan, events: WatchEvents) {
    this.#plan = plan;
    this.#events = events;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const before = this.#trouble;
    this.#trouble = troubleOf(this.#plan);
    if (this.#trouble === before) return;
    if (this.#trouble !== undefined) this.#events.warn(this.#trouble);
    else this.#events.note(`${this.#plan.interfaceName} is as it should be again`);
  }
}

/** What keeps others from reaching us, and how to correct it; undefined: nothing. */
function troubleOf({ interfaceName, bridge, hostInterface, host }: NetworkPlan): string | undefined {
  try {
    const ours = new HostInterface(interfaceName);
    if (!ours.exists) return undefined;
    if (!ours.isUp) return `${interfaceName} is down, so no client reaches us: sudo ip link set ${interfaceName} up`;
    if (bridge !== undefined && ours.bridge !== bridge) {
      return `${interfaceName} is no port of ${bridge} any more: sudo ip link set ${interfaceName} master ${bridge}`;
    }
    const present = new HostInterface(hostInterface).networks;
    const lost = host.find((end) => !present.some(({ address }) => address.equals(end.address)));
    if (lost === undefined) return undefined;
    return `${hostInterface} has lost its address ${lost}: sudo ip address add ${lost} dev ${hostInterface}`;
  } catch {
    return undefined; // removed while we looked
  }
}
