/**
 * Asks the link whether an IPv4 address is free, before a stack is made that will use it: the probes of RFC 5227
 * section 2.1.1, faster than there, because a person waits. The stack's own probes come afterwards
 * (`address-claim.ts`).
 *
 *     const probe = new AddressProbe({ device, clock, address });
 *     driver.start(probe, device);        // a driver treats it like a stack
 *     probe.verdict                       // 'pending', then 'free' or 'taken'; `onVerdict` tells when
 *
 * A host that answers two probes has the address (`ip/address-rivals.ts` says why one is not enough). A host that
 * probes for it again and again counts too: it is about to take it.
 */
import { type Clock, MILLISECOND } from '../clock.js';
import type { Device } from '../device/device.js';
import { type IncomingFrame, OutgoingFrame } from '../device/frame.js';
import { AddressRivals, PROOF } from '../ip/address-rivals.js';
import { checkVlan, isForVlan, NO_VLAN, putEthernetHeader } from '../ip/vlan.js';
import type { IpAddress } from '../wire/address.js';
import * as Arp from '../wire/arp.js';
import * as Ethernet from '../wire/ethernet.js';

const PROBES = 3;
/** A suspicion may add as many again. */
const MAX_PROBES = 2 * PROBES;
const INTERVAL = 250 * MILLISECOND;
const NO_MAC = new Uint8Array(Ethernet.ADDRESS_BYTES);

/** The address to ask about, and the device to ask through. @see {@link AddressProbe} */
export interface AddressProbeOptions {
  readonly device: Device;
  readonly clock: Clock;
  /** An IPv4 address; IPv6 addresses are checked by the stack itself. */
  readonly address: IpAddress;
  /** The virtual LAN, as in `InternetOptions`; default none. */
  readonly vlan?: number | undefined;
  /** Called once, with the other host's Ethernet address if the address is taken. */
  readonly onVerdict?: ((verdict: 'free' | 'taken', holder: Uint8Array | undefined) => void) | undefined;
}

/**
 * Asks by ARP whether an IPv4 address is free, before any stack has it (RFC 5227 section 2.1.1).
 *
 * @example
 * ```ts
 * import { AddressProbe, EventLoopDriver, IpAddress, TapDevice } from 'fastpath';
 *
 * const driver = new EventLoopDriver();
 * const device = TapDevice.open({ name: 'fp0' });
 * const probe = new AddressProbe({
 *   device,
 *   clock: driver.clock,
 *   address: IpAddress.parse('10.77.0.2'),
 *   onVerdict: (verdict) => console.log(`the address is ${verdict}`),
 * });
 * driver.start(probe, device); // it is driven as a stack is
 * ```
 */
export class AddressProbe {
  verdict: 'pending' | 'free' | 'taken' = 'pending';
  /** The Ethernet address of the host that has the address, six bytes; undefined unless it is taken. */
  holder: Uint8Array | undefined;

  readonly #options: AddressProbeOptions;
  readonly #vlan: number;
  readonly #rivals: AddressRivals;
  readonly #frame = new OutgoingFrame();
  #probesLeft = PROBES;
  #deadline: number;

  /** The first probe is due at once. @throws {RangeError} if the address is not IPv4, or for an impossible VLAN id. */
  constructor(options: AddressProbeOptions) {
    if (!options.address.isV4) throw new RangeError(`not an IPv4 address: ${options.address}`);
    this.#options = options;
    this.#vlan = checkVlan(options.vlan ?? NO_VLAN);
    this.#rivals = new AddressRivals(options.clock);
    this.#deadline = options.clock.now;
  }

  /** Takes one frame, and leaves it as it is; all but ARP about the address is ignored. */
  receive(frame: IncomingFrame): void {
    const { device } = this.#options;
    const { bytes, from, to } = frame;
    if (this.verdict !== 'pending' || !Ethernet.check(from, to) || !isForVlan(bytes, from, to, this.#vlan)) return;
    const at = from + Ethernet.headerLength(bytes, from);
    if (Ethernet.contentType(bytes, from) !== Ethernet.TYPE_ARP || !Arp.check(bytes, at, to)) return;
    const macAt = at + Arp.SENDER_MAC;
    if (Ethernet.isAddress(bytes, macAt, device.mac) || !this.#claimsAddress(bytes, at)) return;
    const answers = this.#rivals.claimed(bytes, macAt);
    if (answers >= PROOF) this.#decide('taken', bytes.slice(macAt, macAt + Ethernet.ADDRESS_BYTES));
    else this.#probesLeft = Math.max(this.#probesLeft, Math.min(PROOF - answers, MAX_PROBES - this.#rivals.probes));
  }

  /** When the next probe or the verdict is due, µs of the clock; Infinity after the verdict. */
  nextDeadline(): number {
    return this.#deadline;
  }

  /** Sends the probe that is due, or comes to the verdict. */
  runTimers(): void {
    const { clock } = this.#options;
    if (clock.now < this.#deadline) return;
    if (this.#probesLeft === 0) {
      this.#decide('free', undefined);
      return;
    }
    this.#probesLeft--;
    this.#rivals.probed();
    this.#deadline = clock.now + INTERVAL;
    this.#probe();
  }

  /** True if the packet comes from the address, or probes for it. */
  #claimsAddress(bytes: Uint8Array, at: number): boolean {
    const { word3 } = this.#options.address;
    const sender = Arp.senderIp(bytes, at);
    return sender === word3 || (sender === 0 && Arp.targetIp(bytes, at) === word3);
  }

  #probe(): void {
    const { device, address } = this.#options;
    const frame = this.#frame;
    frame.reset();
    frame.end = frame.start + Arp.PACKET_BYTES;
    Arp.emit(frame.header, frame.start, Arp.REQUEST, device.mac, 0, NO_MAC, address.word3);
    putEthernetHeader(frame, Ethernet.BROADCAST, device.mac, this.#vlan, Ethernet.TYPE_ARP);
    device.send(frame);
  }

  #decide(verdict: 'free' | 'taken', holder: Uint8Array | undefined): void {
    this.verdict = verdict;
    this.holder = holder;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#options.onVerdict?.(verdict, holder);
  }
}
