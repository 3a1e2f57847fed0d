/**
 * Hit ratios of the cache's eviction (src/cache/library/s3-fifo.ts) beside FIFO, LRU, SIEVE and an offline optimum, on
 * made workloads.
 *
 *     node dist/scripts/micro/hit-ratio.js [--objects 100000] [--requests 2000000]
 *
 * All objects have the same size, so that Belady's rule is the optimum: it evicts what is asked for latest in the
 * future (L. A. Belady, *A study of replacement algorithms for a virtual-storage computer*, IBM Systems Journal 5,
 * 1966). The first tenth of the requests fills the cache and is not counted.
 */
import { parseArgs } from 'node:util';
import { S3Fifo, UNUSED, USED } from '../../src/cache/library/s3-fifo.js';
import { SeededRandom } from '../../src/net/random.js';

/** A cache of so many objects: whether the object was there. It is there afterwards. */
interface Policy {
  ask(object: number): boolean;
}

/** As the cache does it: a worker sets the bit, and the request for which an object was read does not count. */
class OurPolicy implements Policy {
  readonly #queue: S3Fifo;
  readonly #ranks: Int32Array;
  readonly #room: number;

  constructor(room: number, objects: number) {
    this.#room = room;
    this.#queue = new S3Fifo(objects * 1024);
    this.#ranks = new Int32Array(objects);
  }

  ask(object: number): boolean {
    const queue = this.#queue;
    const rank = this.#ranks[object]!;
    if (rank !== 0) {
      queue.used[rank] = USED;
      return true;
    }
    if (queue.size === this.#room) {
      const victim = queue.victim();
      this.#ranks[queue.placeOf(victim)] = 0;
      queue.remove(victim);
    }
    const added = queue.add(0, object, 1, object, true);
    queue.used[added] = UNUSED; // the request itself
    this.#ranks[object] = added;
    return false;
  }
}

/** SIEVE (Zhang and others, NSDI 2024), for comparison: one queue, and a hand that stays among the newest. */
class SievePolicy implements Policy {
  readonly #newer: Int32Array;
  readonly #older: Int32Array;
  readonly #used: Uint8Array;
  readonly #room: number;
  #newest = 0;
  #oldest = 0;
  #hand = 0;
  #size = 0;

  constructor(room: number, objects: number) {
    this.#room = room;
    this.#newer = new Int32Array(objects + 1);
    this.#older = new Int32Array(objects + 1).fill(-1);
    this.#used = new Uint8Array(objects + 1);
  }

  ask(object: number): boolean {
    const at = object + 1;
    if (this.#older[at]! >= 0) {
      this.#used[at] = 1;
      return true;
    }
    if (this.#size === this.#room) this.#evict();
    this.#older[at] = this.#newest;
    this.#newer[at] = 0;
    this.#used[at] = 0;
    if (this.#newest === 0) this.#oldest = at;
    else this.#newer[this.#newest] = at;
    this.#newest = at;
    this.#size++;
    return false;
  }

  #evict(): void {
    let at = this.#hand || this.#oldest;
    for (; this.#used[at] !== 0; at = this.#newer[at]! || this.#oldest) this.#used[at] = 0;
    const [newer, older] = [this.#newer[at]!, this.#older[at]!];
    this.#hand = newer;
    if (older === 0) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === 0) this.#newest = older;
    else this.#older[newer] = older;
    this.#older[at] = -1;
    this.#size--;
  }
}

/** A Map keeps its keys in the order in which they were put in. */
class MapPolicy implements Policy {
  readonly #there = new Map<number, true>();
  readonly #room: number;
  readonly #renews: boolean;

  /** `renews`: an object that is asked for counts as new (LRU), or not (FIFO). */
  constructor(room: number, renews: boolean) {
    this.#room = room;
    this.#renews = renews;
  }

  ask(object: number): boolean {
    const there = this.#there;
    const isHit = there.has(object);
    if (isHit && !this.#renews) return true;
    if (isHit) there.delete(object);
    else if (there.size === this.#room) there.delete(there.keys().next().value as number);
    there.set(object, true);
    return isHit;
  }
}

/** Knows all requests to come. */
class Optimum implements Policy {
  readonly #requests: Int32Array;
  /** For each request, when its object is asked for next. */
  readonly #next: Int32Array;
  /** For each object that is there, when it is asked for next; else -1. */
  readonly #due: Int32Array;
  /** Objects that are there and will not be asked for. */
  readonly #useless: number[] = [];
  /** The times of `#due`, the latest on top, and times that are over. */
  readonly #heap: number[] = [];
  readonly #room: number;
  #size = 0;
  #at = 0;

  constructor(room: number, objects: number, requests: Int32Array) {
    this.#room = room;
    this.#requests = requests;
    this.#next = new Int32Array(requests.length);
    this.#due = new Int32Array(objects).fill(-1);
    const last = new Int32Array(objects).fill(requests.length);
    for (let i = requests.length - 1; i >= 0; i--) {
      this.#next[i] = last[requests[i]!]!;
      last[requests[i]!] = i;
    }
  }

  ask(object: number): boolean {
    const isHit = this.#due[object]! >= 0;
    if (!isHit && this.#size === this.#room) this.#evict();
    else if (!isHit) this.#size++;
    const due = this.#next[this.#at++]!;
    this.#due[object] = due;
    if (due === this.#requests.length) this.#useless.push(object);
    else this.#push(due);
    return isHit;
  }

  #evict(): void {
    const useless = this.#useless.pop();
    if (useless !== undefined) {
      this.#due[useless] = -1;
      return;
    }
    for (;;) {
      const due = this.#pop();
      const object = this.#requests[due]!;
      if (this.#due[object] !== due) continue; // it has been asked for since
      this.#due[object] = -1;
      return;
    }
  }

  #push(due: number): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0 && heap[(at - 1) >> 1]! < due) {
      heap[at] = heap[(at - 1) >> 1]!;
      at = (at - 1) >> 1;
    }
    heap[at] = due;
  }

  #pop(): number {
    const heap = this.#heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]! > heap[child]!) child++;
      if (heap[child]! <= last) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

/** Objects by popularity: the n-th is asked for 1/n^alpha times as often as the first. */
function zipf(random: () => number, objects: number, alpha: number): () => number {
  const sums = new Float64Array(objects);
  let sum = 0;
  for (let i = 0; i < objects; i++) {
    sum += 1 / (i + 1) ** alpha;
    sums[i] = sum;
  }
  return () => {
    const wanted = random() * sum;
    let [low, high] = [0, objects - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** The workloads: requests as numbers of objects. */
function workloads(objects: number, count: number): Record<string, Int32Array> {
  const random = new SeededRandom(1);
  const next = () => random.nextFraction();
  const requests = (draw: (i: number) => number) => Int32Array.from({ length: count }, (_, i) => draw(i));
  const [flat, steep] = [zipf(next, objects, 0.8), zipf(next, objects, 1)];
  return {
    'Zipf 0.8': requests(() => flat()),
    'Zipf 1.0': requests(() => steep()),
    // A hundredth of the objects becomes unpopular at each step, and others take their place.
    'Zipf 1.0, shifting': requests((i) => (steep() + Math.floor((i / count) * 50) * (objects / 100)) % objects),
    // Each fifth request belongs to a scan that goes through all objects, one after another.
    'Zipf 1.0 with a scan': requests((i) => (i % 5 === 0 ? (i / 5) % objects : steep())),
  };
}

function hitRatio(policy: Policy, requests: Int32Array): number {
  const from = requests.length / 10;
  let hits = 0;
  for (const [i, object] of requests.entries()) if (policy.ask(object) && i >= from) hits++;
  return hits / (requests.length - from);
}

const { values } = parseArgs({
  options: { objects: { type: 'string', default: '100000' }, requests: { type: 'string', default: '2000000' } },
});
const objects = Number(values.objects);
console.log('| workload | cache | FIFO | LRU | SIEVE | ours | optimum |');
console.log('|---|--:|--:|--:|--:|--:|--:|');
for (const [name, requests] of Object.entries(workloads(objects, Number(values.requests)))) {
  for (const share of [0.01, 0.1]) {
    const room = Math.round(objects * share);
    const policies = [
      new MapPolicy(room, false),
      new MapPolicy(room, true),
      new SievePolicy(room, objects),
      new OurPolicy(room, objects),
      new Optimum(room, objects, requests),
    ];
    const ratios = policies.map((policy) => `${(100 * hitRatio(policy, requests)).toFixed(1)} %`);
    console.log(`| ${name} | ${100 * share} % | ${ratios.join(' | ')} |`);
  }
}
