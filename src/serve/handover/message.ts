/**
 * What the two processes of a hand-over say to each other.
 *
 *     old process                                         new process
 *     spawns it, with its descriptors  ── Bequest ──────▶ starts its workers, deaf; loads the folders
 *                                      ◀───── take ────── ready to serve
 *     its workers hear from the relays ────── taken ────▶ reads the interface; strays go to the relays
 *                                      ◀──── serves ───── answers
 *     closes its idle connections, ends when the last one is over (if the new one ends before: left-alone.ts)
 *
 * The bequest is JSON in an environment variable; the messages go over Node's own channel between parent and child.
 */
import type { TapHandle } from '../../net/device/tap.js';
import { IpAddress, IpNetwork } from '../../net/wire/address.js';
import type { NetworkPlan } from '../network/network-plan.js';
import type { RuntimeState } from '../process/runtime-state.js';

/** The environment variable that makes a process the successor of its parent. */
export const VARIABLE = 'FASTPATH_BEQUEST';

export type HandoverMessage = { readonly fastpath: 'take' | 'taken' | 'serves' };

/** All that the new process needs to go on. Descriptors are numbers in the new process. */
export interface Bequest {
  readonly queues: readonly TapHandle[];
  /** One for each queue: the new process writes here what belongs to the old one. */
  readonly relays: readonly number[];
  readonly plan: NetworkPlan;
  readonly state: RuntimeState;
}

const ADDRESSES = ['gateway', 'gateway6'] as const;
const NETWORKS = ['host', 'addresses', 'candidates'] as const;

/** What the old process leaves to the new one, as text for a Unix socket. Descriptors go beside it. */
export function bequestToJson({ queues, plan, ...rest }: Bequest): string {
  const texts = Object.fromEntries([
    ...ADDRESSES.map((name) => [name, plan[name]?.toString()]),
    ...NETWORKS.map((name) => [name, plan[name].map(String)]),
  ]);
  const plain = queues.map((queue) => ({ ...queue, mac: [...queue.mac] }));
  return JSON.stringify({ ...rest, queues: plain, plan: { ...plan, ...texts } });
}

/** The opposite. The text comes from our own parent, so it is not checked. */
export function bequestFromJson(text: string): Bequest {
  const { plan, queues, ...rest } = JSON.parse(text);
  const address = (written: string | undefined) => (written === undefined ? undefined : IpAddress.parse(written));
  const networks = (written: string[]) => written.map((each) => IpNetwork.parse(each));
  return {
    ...rest,
    queues: queues.map((queue: { mac: number[] }) => ({ ...queue, mac: Uint8Array.from(queue.mac) })),
    plan: {
      ...plan,
      ...Object.fromEntries(ADDRESSES.map((name) => [name, address(plan[name])])),
      ...Object.fromEntries(NETWORKS.map((name) => [name, networks(plan[name])])),
    },
  };
}
