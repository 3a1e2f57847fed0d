/** A binary heap of things with a tag: the one with the smallest tag is taken first. */

/** Something that a heap may hold. */
export interface Tagged {
  /** The smaller, the sooner. It does not change while the thing is in a heap. */
  start: number;
  /** Kept by the heap: the place in it; -1: in none. */
  place: number;
}

/** The heap. All operations take logarithmic time, and `push` allocates only while the heap grows. */
export class TagHeap<T extends Tagged> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** Adds `item`, which is in no heap. */
  push(item: T): void {
    this.#items.push(item);
    this.#put(item, this.#items.length - 1);
    this.#rise(item);
  }

  /** Takes out the item with the smallest tag; undefined: the heap is empty. */
  pop(): T | undefined {
    const [first] = this.#items;
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes out `item`, which is in this heap. */
  remove(item: T): void {
    const hole = item.place;
    item.place = -1;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#put(last, hole);
    this.#rise(last);
    this.#sink(last);
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }

  #rise(item: T): void {
    let { place } = item;
    while (place > 0) {
      const parent = this.#items[(place - 1) >> 1]!; // in front of a place in the heap
      if (parent.start <= item.start) break;
      const next = parent.place;
      this.#put(parent, place);
      place = next;
    }
    this.#put(item, place);
  }

  #sink(item: T): void {
    const items = this.#items;
    let { place } = item;
    for (;;) {
      const left = items[2 * place + 1];
      const right = items[2 * place + 2];
      const child = right !== undefined && left !== undefined && right.start < left.start ? right : left;
      if (child === undefined || child.start >= item.start) break;
      const next = child.place;
      this.#put(child, place);
      place = next;
    }
    this.#put(item, place);
  }
}
