/**
 * Asks the network for our addresses before the workers start: a DHCP server for IPv4, a router for IPv6. So all that
 * is told of the server's address is true from the start. The first worker goes on with the lease (worker/lease.ts).
 *
 * A small stack of its own does it, on all queues of the interface at once: the kernel chooses the queue of an answer
 * by a hash that we cannot foresee. Nothing listens on that stack but the DHCP client.
 */
import { gatewayOf } from '../../dhcp/lease.js';
import { addressToAskFor, recordOf } from '../../dhcp/record.js';
import { DhcpSession } from '../../dhcp/session.js';
import { AddressProbe } from '../../net/arp/address-probe.js';
import { SECOND } from '../../net/clock.js';
import type { Device } from '../../net/device/device.js';
import { TapDevice, type TapHandle } from '../../net/device/tap.js';
import type { DrivenStack } from '../../net/driver/driven.js';
import { EventLoopDriver } from '../../net/driver/event-loop.js';
import { SystemRandom } from '../../net/driver/system-random.js';
import { ADDRESS } from '../../net/ip/host-addresses.js';
import { createStack, type Stack } from '../../net/stack.js';
import { type IpAddress, IpNetwork } from '../../net/wire/address.js';
import { ServeError } from '../serve-error.js';
import type { EarlyFrames } from '../worker/early-frames.js';
import type { DynamicPlan } from './dynamic-plan.js';
import type { NetworkPlan } from './network-plan.js';

/** As long as dhcpcd waits; a bridge with spanning tree passes nothing on for the first 30 s, or 15 s with RSTP. */
const DHCP_PATIENCE = 40 * SECOND;
/** Three solicitations, four seconds apart (RFC 4861 section 6.3.7), and the check of our address. */
const ROUTER_PATIENCE = 14 * SECOND;
/** The user is told that we wait, if it takes longer than that. */
const TELL_AFTER_MS = 2_000;

/** What the question needs beside the plan. */
export interface DynamicQuestion {
  readonly vlan: number;
  /** Is shown all frames. */
  readonly early: EarlyFrames;
  /** The text of a lease file of an earlier run; empty: there is none. */
  readonly lastLease: string;
  readonly secret: Uint8Array | undefined;
  note(text: string): void;
  warn(text: string): void;
}

/**
 * The plan with the addresses that the network has given. If only one of the two kinds came, that is said, and the
 * workers go on asking for the other.
 * @throws {ServeError} `failure` if there is no address at all in time; the signal's reason
 */
export async function settleDynamic(
  plan: NetworkPlan,
  queues: readonly TapHandle[],
  question: DynamicQuestion,
  signal?: AbortSignal,
): Promise<NetworkPlan> {
  const { dynamic } = plan;
  if (dynamic === undefined) return plan;
  const search = new AddressSearch(plan, dynamic, queues, question);
  const slow = setTimeout(() => question.note(`asking for an address on ${plan.hostInterface} …`), TELL_AFTER_MS);
  try {
    return settled(plan, dynamic, await search.run(signal), question);
  } finally {
    clearTimeout(slow);
  }
}

/** What was found. */
interface Found {
  readonly lease: DynamicPlan['lease'];
  readonly gateway: IpAddress | undefined;
  readonly automatic: readonly IpNetwork[];
  /** Addresses that a server gave and another host had. */
  readonly taken: readonly string[];
}

function settled(plan: NetworkPlan, dynamic: DynamicPlan, found: Found, question: DynamicQuestion): NetworkPlan {
  const { lease, automatic, gateway } = found;
  const leased = lease === undefined ? [] : [IpNetwork.parse(lease.network)];
  const addresses = [...leased, ...plan.addresses, ...automatic];
  const complaint = complaintOf(plan, dynamic, found);
  if (addresses.length === 0) {
    throw new ServeError(
      'failure',
      complaint,
      `Is the server running, and is ${plan.interfaceName} in its network? Or name an address: --address 192.168.1.50/24`,
    );
  }
  if (complaint !== '') question.warn(`${complaint}; we go on asking`);
  return {
    ...plan,
    addresses,
    host: plan.host.filter((end) => addresses.some(({ address }) => end.contains(address))),
    gateway: plan.gateway ?? gateway,
    dynamic: { ...dynamic, lease },
  };
}

/** What did not come, in words; empty: all came. */
function complaintOf({ hostInterface }: NetworkPlan, dynamic: DynamicPlan, found: Found): string {
  const { lease, automatic, taken } = found;
  const parts: string[] = [];
  const had = taken.length === 0 ? '' : ` with a free address (other hosts have ${taken.join(', ')})`;
  if (dynamic.dhcp && lease === undefined) {
    parts.push(`no DHCP server answered on ${hostInterface}${had} within ${DHCP_PATIENCE / SECOND} s`);
  }
  if (dynamic.auto && automatic.length === 0) {
    parts.push(`no router on ${hostInterface} announced a prefix within ${ROUTER_PATIENCE / SECOND} s`);
  }
  return parts.join(', and ');
}

/** The question under way. */
class AddressSearch implements DrivenStack {
  readonly #dynamic: DynamicPlan;
  readonly #question: DynamicQuestion;
  readonly #queues: readonly TapHandle[];
  readonly #drivers: readonly EventLoopDriver[];
  readonly #interfaceName: string;
  readonly #device: Device;
  readonly #stack: Stack;
  readonly #session: DhcpSession | undefined;
  readonly #taken: string[] = [];
  /** Asks whether the leased address is free. */
  #probe: AddressProbe | undefined;
  #isOver = false;
  #resolve: (found: Found) => void = () => {};

  constructor(plan: NetworkPlan, dynamic: DynamicPlan, queues: readonly TapHandle[], question: DynamicQuestion) {
    const [first] = queues;
    if (first === undefined) throw new Error('an interface has a queue');
    this.#dynamic = dynamic;
    this.#question = question;
    this.#queues = queues;
    this.#drivers = queues.map(() => new EventLoopDriver());
    this.#interfaceName = plan.interfaceName;
    this.#device = this.#shown(first);
    const clock = this.#clock;
    const random = new SystemRandom();
    this.#stack = createStack({
      device: this.#device,
      clock,
      random,
      addresses: dynamic.fixed.map((text) => IpNetwork.parse(text)),
      gateway6: plan.gateway6,
      internet: {
        vlan: question.vlan,
        ipv6: dynamic.auto ? true : undefined,
        duplicateDetection: 'strict',
        stableSecret: question.secret,
      },
    });
    const events = {
      bound: () => this.#bound(),
      lost: () => {
        this.#probe = undefined;
      },
    };
    const { hostName } = dynamic;
    if (dynamic.dhcp) this.#session = new DhcpSession({ stack: this.#stack, clock, random, hostName, events });
  }

  /** Fulfilled when all is there, or the time is over. @throws the signal's reason */
  run(signal?: AbortSignal): Promise<Found> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      signal?.addEventListener('abort', () => {
        reject(signal.reason);
        this.#end();
      });
      this.#stack.start();
      this.#session?.client.start(addressToAskFor(this.#question.lastLease, Date.now()));
      for (const [i, driver] of this.#drivers.entries()) this.#drive(driver, i);
    });
  }

  receive(...[frame]: Parameters<DrivenStack['receive']>): void {
    this.#probe?.receive(frame);
    this.#stack.receive(frame);
    this.#look();
  }

  nextDeadline(): number {
    const client = this.#session?.client.nextDeadline() ?? Number.POSITIVE_INFINITY;
    const probe = this.#probe?.nextDeadline() ?? Number.POSITIVE_INFINITY;
    return Math.min(this.#stack.nextDeadline(), client, probe, this.#patience);
  }

  runTimers(): void {
    this.#stack.runTimers();
    this.#session?.client.runTimers();
    this.#probe?.runTimers();
    this.#look();
  }

  get #clock() {
    const [driver] = this.#drivers;
    if (driver === undefined) throw new Error('an interface has a queue');
    return driver.clock;
  }

  /** The first driver has the timers; the others only bring frames. */
  #drive(driver: EventLoopDriver, queue: number): void {
    const handle = this.#queues[queue];
    if (queue === 0 || handle === undefined) {
      driver.start(this, this.#device);
      return;
    }
    const nothing = { nextDeadline: () => Number.POSITIVE_INFINITY, runTimers: () => {} };
    driver.start({ ...nothing, receive: (frame) => this.receive(frame) }, this.#shown(handle));
  }

  /** A queue's device, for `--pcap` and `--trace` too. */
  #shown(queue: TapHandle): Device {
    return this.#question.early.around(TapDevice.adopt(queue), this.#clock, this.#interfaceName);
  }

  /** When what is still missing is given up, µs. */
  get #patience(): number {
    return this.#dynamic.dhcp && !this.#isLeased ? DHCP_PATIENCE : ROUTER_PATIENCE;
  }

  /** There is a lease, and nobody else has its address. */
  get #isLeased(): boolean {
    return this.#probe?.verdict === 'free';
  }

  /** A server's word is not enough (RFC 2131 section 3.1.5): the neighbours are asked too. */
  #bound(): void {
    const address = this.#session?.client.held?.lease.network.address;
    if (address === undefined || this.#probe !== undefined) return;
    const onVerdict = (verdict: 'free' | 'taken') => {
      if (verdict === 'free') return;
      this.#taken.push(String(address));
      this.#session?.conflict(address);
    };
    this.#probe = new AddressProbe({
      device: this.#device,
      clock: this.#clock,
      address,
      vlan: this.#question.vlan,
      onVerdict,
    });
  }

  get #automatic(): IpNetwork[] {
    return this.#stack.internet.addresses
      .filter(({ isAutomatic, state }) => isAutomatic && state === ADDRESS.ASSIGNED)
      .map(({ network }) => network);
  }

  #look(): void {
    const { now } = this.#clock;
    const hasV4 = !this.#dynamic.dhcp || this.#isLeased || now >= DHCP_PATIENCE;
    const hasV6 = !this.#dynamic.auto || this.#automatic.length > 0 || now >= ROUTER_PATIENCE;
    if (hasV4 && hasV6) this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const driver of this.#drivers) driver.stop();
    const held = this.#isLeased ? this.#session?.client.held : undefined;
    const present = { now: this.#clock.now, epochMs: Date.now() };
    this.#resolve({
      lease: held && recordOf(held, present),
      gateway: held && gatewayOf(held.lease),
      automatic: this.#automatic,
      taken: this.#taken,
    });
  }
}
