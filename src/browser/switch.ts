/** A switch of a world: a bridge that learns where each address is (RFC 2889 section 3). It holds nothing back. */
import type { HeldFrame } from '../net/device/impairment.js';
import { formatMac } from '../net/wire/address.js';
import * as Ethernet from '../net/wire/ethernet.js';
import type { Direction } from './link.js';

/** Addresses that a switch remembers. A flood of forged ones ends its learning, not its memory. */
const MOST_ADDRESSES = 4096;

export class Switch {
  /** By the name of the other end: the way out to it. */
  readonly #ports = new Map<string, Direction>();
  /** By address: the port behind which it was last seen. */
  readonly #learned = new Map<string, Direction>();

  constructor(readonly name: string) {}

  /** Plugs a cable in. */
  plug(out: Direction): void {
    this.#ports.set(out.to, out);
  }

  /** Passes a frame on that came from `from`: to the port of its destination, or to all others. */
  receive(held: HeldFrame, from: string): void {
    const { bytes, length } = held;
    const back = this.#ports.get(from);
    if (back === undefined || length < Ethernet.HEADER_BYTES) return;
    const source = formatMac(bytes.subarray(Ethernet.SOURCE, Ethernet.SOURCE + Ethernet.ADDRESS_BYTES));
    if (this.#learned.size < MOST_ADDRESSES || this.#learned.has(source)) this.#learned.set(source, back);
    const known = this.#learned.get(formatMac(bytes.subarray(Ethernet.DESTINATION, Ethernet.ADDRESS_BYTES)));
    if (known !== undefined && !Ethernet.isGroup(bytes, 0)) {
      if (known !== back) known.offer(bytes, length);
      return;
    }
    for (const port of this.#ports.values()) if (port !== back) port.offer(bytes, length);
  }
}
