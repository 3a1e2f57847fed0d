/**
 * Undoes what a server has left on the machine when its process has closed the interface: changes of an interface
 * that stays, and its files in the runtime folder. The server itself calls this, or its keeper, or the next start.
 */
import { HostInterface } from '../../net/device/host-interface.js';
import { IpNetwork } from '../../net/wire/address.js';
import { type RuntimeState, RuntimeStates, type Undo } from './runtime-state.js';

/** Plain data, to hand it to another process. */
export interface CleanUp {
  /** Where the state lies. */
  readonly folder: string;
  readonly state: RuntimeState;
}

/** Takes everything back. What cannot be undone is reported to `warn`. */
export function cleanUp({ folder, state }: CleanUp, warn: (text: string) => void): void {
  if (state.undo !== undefined) takeBack(state.interfaceName, state.undo, warn);
  new RuntimeStates(folder).release(state);
}

/** Takes back what was recorded. An interface that is gone needs nothing. */
export function takeBack(interfaceName: string, undo: Undo, warn: (text: string) => void): void {
  try {
    const host = new HostInterface(interfaceName);
    if (!host.exists) return;
    for (const network of undo.addresses) host.removeAddress(IpNetwork.parse(network));
    if (undo.wasDown) host.down();
    if (undo.joinedBridge) host.setBridge(undefined);
  } catch (error) {
    warn(`cannot take back what was changed on ${interfaceName}: ${(error as Error).message}`);
  }
}
