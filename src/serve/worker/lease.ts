/**
 * A worker's part in `--address dhcp`. The first worker runs the client and tells the main thread of every change,
 * which tells the others (lease-desk.ts). Every worker puts the lease into effect on its own stack.
 *
 * An answer of the server may come to any queue, so steering.ts gives each worker a copy. All of them have the client's
 * port open, since a worker that has not would answer "port unreachable"; only the first one listens.
 */
import type { HeldLease, LossReason } from '../../dhcp/client.js';
import { heldOf, type LeaseRecord, type Present, recordOf } from '../../dhcp/record.js';
import { bindClientPort, DhcpSession } from '../../dhcp/session.js';
import { StackLease } from '../../dhcp/stack-lease.js';
import type { DhcpState } from '../../dhcp/states.js';
import { DhcpStatistics } from '../../dhcp/statistics.js';
import type { Clock } from '../../net/clock.js';
import type { Random } from '../../net/random.js';
import type { Stack } from '../../net/stack.js';
import type { IpAddress } from '../../net/wire/address.js';
import type { DynamicPlan } from '../network/dynamic-plan.js';

/** What the first worker tells of the lease. */
export interface LeaseNews {
  readonly state: DhcpState;
  /** Null: there is none any more. */
  readonly lease: LeaseRecord | null;
  /** Why the lease is gone; undefined: it is not. */
  readonly reason?: LossReason | undefined;
}

/** What a worker's lease needs. */
export interface WorkerLeaseParts {
  readonly isFirst: boolean;
  readonly plan: DynamicPlan;
  readonly stack: Stack;
  readonly clock: Clock;
  readonly random: Random;
  tell(news: LeaseNews): void;
}

export class WorkerLease {
  readonly statistics = new DhcpStatistics();
  readonly #parts: WorkerLeaseParts;
  #session: DhcpSession | undefined;
  /** In the other workers. */
  #lease: StackLease | undefined;
  /** The lease that another process goes on with. */
  #lentOut: HeldLease | undefined;
  #toldState: DhcpState = 'stopped';

  constructor(parts: WorkerLeaseParts) {
    this.#parts = parts;
  }

  /** The stack has started: takes the lease of the start, or begins to ask. */
  start(): void {
    const { isFirst, plan, stack, clock, random } = this.#parts;
    if (!isFirst) {
      bindSink(stack);
      this.#lease = new StackLease(stack);
      this.take(plan.lease ?? null);
      return;
    }
    this.#session = new DhcpSession({
      ...{ stack, clock, random, statistics: this.statistics, hostName: plan.hostName },
      events: { bound: () => this.#tell(), lost: (_, reason) => this.#tell(reason) },
    });
    if (plan.lease === undefined) this.#session.client.start();
    else this.#session.resume(heldOf(plan.lease, this.#present));
    this.#tell();
  }

  /** News of the first worker, for another one. */
  take(lease: LeaseRecord | null): void {
    this.#lease?.use(lease === null ? undefined : heldOf(lease, this.#present).lease);
  }

  /** Called a few times a second: DHCP's times are seconds. */
  runTimers(): void {
    const client = this.#session?.client;
    if (client === undefined) return;
    client.runTimers();
    if (client.state !== this.#toldState) this.#tell();
  }

  /** Another host has an address of ours. True if it is the leased one: then the client sees to it. */
  conflict(address: IpAddress): boolean {
    if (this.#session !== undefined) return this.#session.conflict(address);
    return this.#lease?.lease?.network.address.equals(address) ?? false;
  }

  /** Gives the lease back to the server. True if a message has to leave. */
  release(): boolean {
    const isHeld = this.#session?.client.held !== undefined;
    this.#session?.client.release();
    return isHeld;
  }

  /** Another process goes on with the lease. The address stays ours for the connections that we have. */
  standDown(): void {
    const client = this.#session?.client;
    this.#lentOut = client?.held;
    client?.stop();
  }

  /** The other process has failed: we go on. */
  standUp(): void {
    const client = this.#session?.client;
    if (client === undefined || client.state !== 'stopped') return;
    if (this.#lentOut === undefined) client.start();
    else client.resume(this.#lentOut);
  }

  get #present(): Present {
    return { now: this.#parts.clock.now, epochMs: Date.now() };
  }

  #tell(reason?: LossReason): void {
    const client = this.#session?.client;
    // A client that has stood down has no news: another process has the lease now.
    if (client === undefined || (client.state === 'stopped' && reason === undefined)) return;
    this.#toldState = client.state;
    const lease = client.held === undefined ? null : recordOf(client.held, this.#present);
    this.#parts.tell({ state: client.state, lease, reason });
  }
}

/**
 * A port that takes answers to the first worker's client, and does nothing with them; also while the host shuts down.
 */
function bindSink(stack: Stack): void {
  bindClientPort(stack, { received: () => {}, closed: () => bindSink(stack) });
}
