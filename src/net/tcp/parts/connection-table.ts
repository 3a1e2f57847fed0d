/**
 * Finds a connection by the four numbers that name it: both addresses, both ports (RFC 9293 section 3.4
 * "demultiplexing").
 *
 * Open addressing with linear probing: a look-up is one hash and, nearly always, one comparison. A secret keys the
 * hash, so that an attacker cannot choose ports that all land in one place.
 */

import type { IpPacket } from '../../ip/packet.js';
import type { Random } from '../../random.js';
import type { IpAddress } from '../../wire/address.js';

/** What the table can hold. */
export interface FourTuple {
  readonly localAddress: IpAddress;
  readonly remoteAddress: IpAddress;
  readonly localPort: number;
  readonly remotePort: number;
  /** Kept by the table. */
  hash: number;
}

const FIRST_CAPACITY = 256;

export class ConnectionTable<T extends FourTuple> {
  #slots: (T | null)[] = new Array(FIRST_CAPACITY).fill(null);
  #mask = FIRST_CAPACITY - 1;
  #size = 0;
  readonly #secretA: number;
  readonly #secretB: number;

  constructor(random: Random) {
    this.#secretA = random.nextInt32();
    this.#secretB = random.nextInt32() | 1;
  }

  get size(): number {
    return this.#size;
  }

  /** The connection that a received packet with these ports belongs to. */
  find(packet: IpPacket, remotePort: number, localPort: number): T | null {
    let slot = this.#hashPacket(packet, remotePort, localPort) & this.#mask;
    for (;;) {
      const item = this.#slots[slot]!;
      if (item === null) return null;
      if (
        item.remotePort === remotePort &&
        item.localPort === localPort &&
        packet.isFrom(item.remoteAddress) &&
        packet.isTo(item.localAddress)
      ) {
        return item;
      }
      slot = (slot + 1) & this.#mask;
    }
  }

  /**
   * The connection between these two ends. It has the same loop as `find` on purpose. `find` runs for each segment
   * and compares addresses in place. A comparison that is passed in as a function would cost a call for each slot.
   */
  findTuple(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): T | null {
    let slot = this.#hashTuple(local, localPort, remote, remotePort) & this.#mask;
    for (;;) {
      const item = this.#slots[slot]!;
      if (item === null) return null;
      if (
        item.remotePort === remotePort &&
        item.localPort === localPort &&
        remote.equals(item.remoteAddress) &&
        local.equals(item.localAddress)
      ) {
        return item;
      }
      slot = (slot + 1) & this.#mask;
    }
  }

  /** Adds an item that is not yet in the table. */
  add(item: T): void {
    item.hash = this.#hashTuple(item.localAddress, item.localPort, item.remoteAddress, item.remotePort);
    if (2 * (this.#size + 1) > this.#slots.length) this.#grow();
    this.#place(item);
    this.#size++;
  }

  /** Takes an item out, if it is in. */
  delete(item: T): void {
    let slot = item.hash & this.#mask;
    while (this.#slots[slot] !== item) {
      if (this.#slots[slot] === null) return;
      slot = (slot + 1) & this.#mask;
    }
    this.#size--;
    this.#closeGap(slot);
  }

  /** All items, in no order. Not for the hot path. */
  values(): T[] {
    return this.#slots.filter((item): item is T => item !== null);
  }

  /** Moves later items of the same run back into the gap, so that no search stops short of them. */
  #closeGap(gap: number): void {
    let hole = gap;
    let slot = (gap + 1) & this.#mask;
    for (let item = this.#slots[slot]!; item !== null; item = this.#slots[slot]!) {
      const home = item.hash & this.#mask;
      if (((slot - home) & this.#mask) >= ((slot - hole) & this.#mask)) {
        this.#slots[hole] = item;
        hole = slot;
      }
      slot = (slot + 1) & this.#mask;
    }
    this.#slots[hole] = null;
  }

  #place(item: T): void {
    let slot = item.hash & this.#mask;
    while (this.#slots[slot] !== null) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = item;
  }

  #grow(): void {
    const items = this.values();
    const capacity = 2 * this.#slots.length;
    this.#slots = new Array<T | null>(capacity).fill(null);
    this.#mask = capacity - 1;
    for (const item of items) this.#place(item);
  }

  #hashPacket(packet: IpPacket, remotePort: number, localPort: number): number {
    const remote = packet.source0 ^ packet.source1 ^ packet.source2 ^ packet.source3;
    const local = packet.destination0 ^ packet.destination1 ^ packet.destination2 ^ packet.destination3;
    return this.#mix(remote, local, (remotePort << 16) | localPort);
  }

  #hashTuple(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number {
    const remoteWord = remote.word0 ^ remote.word1 ^ remote.word2 ^ remote.word3;
    const localWord = local.word0 ^ local.word1 ^ local.word2 ^ local.word3;
    return this.#mix(remoteWord, localWord, (remotePort << 16) | localPort);
  }

  #mix(remote: number, local: number, ports: number): number {
    let h = Math.imul(remote ^ this.#secretA, 0x85ebca6b);
    h = Math.imul((h ^ (h >>> 15)) + ports, this.#secretB);
    h = Math.imul(h ^ (h >>> 13) ^ local, 0xc2b2ae35);
    return (h ^ (h >>> 16)) & 0x3fffffff;
  }
}
