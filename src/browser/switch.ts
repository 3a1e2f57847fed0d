/**
 * A switch of a world: a bridge that learns where each address is (RFC 2889 section 3). It holds nothing back. With an
 * address of its own it is a router as far as the sizes of packets go (narrow-way.ts).
 */
import type { HeldFrame } from '../net/device/impairment.js';
import { formatMac } from '../net/wire/address.js';
import * as Ethernet from '../net/wire/ethernet.js';
import type { Direction } from './link.js';
import { cut, isTooLong, refusal } from './narrow-way.js';

/** Addresses that a switch remembers. A flood of forged ones ends its learning, not its memory. */
const MOST_ADDRESSES = 4096;

export class Switch {
  /** By the name of the other end: the way out to it. */
  readonly #ports = new Map<string, Direction>();
  /** By address: the port behind which it was last seen. */
  readonly #learned = new Map<string, Direction>();

  /** @param address makes it a router that knows the sizes of its links: its IPv4 address, int32 */
  constructor(
    readonly name: string,
    readonly address?: number,
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
    if (this.address === undefined || mtu === undefined || !isTooLong(frame, mtu)) {
      port.offer(bytes, length);
      return;
    }
    const pieces = cut(frame, mtu);
    for (const piece of pieces) port.offer(piece, piece.length);
    if (pieces.length > 0) return;
    const answer = refusal(frame, mtu, this.address);
    back.offer(answer, answer.length);
  }
}
