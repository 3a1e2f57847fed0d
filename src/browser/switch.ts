/**
 * A switch of a world: a bridge that learns where each address is (RFC 2889 section 3). It holds nothing back. With a
 * `Router` it looks whether a packet fits the next link, and answers what is for routers.
 */
import type { HeldFrame } from '../net/device/impairment.js';
import { formatMac } from '../net/wire/address.js';
import * as Ethernet from '../net/wire/ethernet.js';
import type { Direction } from './link.js';
import { cut, isTooLong } from './narrow-way.js';
import type { Router } from './router.js';

/** Addresses that a switch remembers. A flood of forged ones ends its learning, not its memory. */
const MOST_ADDRESSES = 4096;

export class Switch {
  /** By the name of the other end: the way out to it. */
  readonly #ports = new Map<string, Direction>();
  /** By address: the port behind which it was last seen. */
  readonly #learned = new Map<string, Direction>();

  constructor(
    readonly name: string,
    readonly router?: Router,
  ) {}

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
    const answer = this.router?.answer(bytes.subarray(0, length));
    if (answer !== undefined) {
      this.#answer(answer, back);
      return;
    }
    const known = this.#learned.get(formatMac(bytes.subarray(Ethernet.DESTINATION, Ethernet.ADDRESS_BYTES)));
    if (known !== undefined && !Ethernet.isGroup(bytes, 0)) {
      if (known !== back) this.#pass(bytes, length, known, back);
      return;
    }
    for (const port of this.#ports.values()) if (port !== back) this.#pass(bytes, length, port, back);
  }

  /** Passes a frame on. A router looks first whether it fits. */
  #pass(bytes: Uint8Array, length: number, port: Direction, back: Direction): void {
    const { mtu } = port;
    const frame = bytes.subarray(0, length);
    const pieces = this.router !== undefined && mtu !== undefined && isTooLong(frame, mtu) ? cut(frame, mtu) : [frame];
    for (const piece of pieces) port.offer(piece, piece.length);
    if (pieces.length > 0 || mtu === undefined) return;
    const answer = this.router?.refuse(frame, mtu);
    if (answer !== undefined) back.offer(answer, answer.length);
    else port.offer(bytes, length); // the link drops it
  }

  /** Sends what the router itself says: to the one that asked, or to everybody. */
  #answer(answer: Uint8Array, back: Direction): void {
    for (const port of Ethernet.isGroup(answer, 0) ? this.#ports.values() : [back]) port.offer(answer, answer.length);
  }
}
