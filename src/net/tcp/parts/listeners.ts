/**
 * Which listener has which port. A port may have a listener at each of several addresses and one for all addresses. A
 * SYN goes to the listener that names its destination most exactly, as in Linux.
 */
import type { IpPacket } from '../../ip/packet.js';
import { NetworkError } from '../../network-error.js';
import type { Listener } from '../listener.js';

export class Listeners {
  /** By port: the first of its listeners, the most exact first; `next` leads to the others. */
  readonly #first = new Map<number, Listener>();

  /** The listener that a segment for `port` in `packet` is for, or null. */
  find(packet: IpPacket, port: number): Listener | null {
    let listener: Listener | null = this.#first.get(port) ?? null;
    while (listener !== null && !listener.isFor(packet)) listener = listener.next;
    return listener;
  }

  /** True if there is a listener on this port, whatever its address. */
  has(port: number): boolean {
    return this.#first.has(port);
  }

  /** Adds a listener. @throws {NetworkError} EADDRINUSE if there is one with the same address and port. */
  add(listener: Listener): void {
    const before = this.#listOf(listener.port);
    if (before.some((other) => other.hasAddressOf(listener))) {
      const where = listener.address === undefined ? 'all addresses' : listener.address.toString();
      throw new NetworkError('EADDRINUSE', `port ${listener.port} is already listened on at ${where}`);
    }
    this.#link([...before, listener].sort((a, b) => b.exactness - a.exactness));
  }

  /** Takes a listener out; nothing happens if it is not in. */
  delete(listener: Listener): void {
    const left = this.#listOf(listener.port).filter((other) => other !== listener);
    this.#first.delete(listener.port);
    this.#link(left);
  }

  clear(): void {
    this.#first.clear();
  }

  /** All of them, in no order. */
  values(): Listener[] {
    return [...this.#first.keys()].flatMap((port) => this.#listOf(port));
  }

  #listOf(port: number): Listener[] {
    const list: Listener[] = [];
    for (let item = this.#first.get(port) ?? null; item !== null; item = item.next) list.push(item);
    return list;
  }

  #link(list: readonly Listener[]): void {
    for (const [i, listener] of list.entries()) {
      listener.next = list[i + 1] ?? null;
      if (i === 0) this.#first.set(listener.port, listener);
    }
  }
}
