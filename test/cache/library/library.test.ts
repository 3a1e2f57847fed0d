import { expect } from 'chai';
import { ETAG_LENGTH, redirectAnswer } from '../../../src/cache/head/heads.js';
import { Library } from '../../../src/cache/library/library.js';
import { type CacheMessage, NAMES_PER_MESSAGE } from '../../../src/cache/library/published.js';
import { Store } from '../../../src/cache/library/store.js';
import type { Subscriber } from '../../../src/cache/library/subscribers.js';
import {
  find,
  headText,
  measure,
  payloadOf,
  payloadText,
  plainAnswer,
  put,
  someBytes,
  sumsAgree,
  utf8,
} from '../support.js';

/** A worker in the same thread: messages are kept until `deliver`, as a real worker sees them between frames. */
class Worker {
  readonly store = new Store((id) => this.#released.push(id));
  readonly subscriber: Subscriber;
  #inbox: CacheMessage[] = [];
  #released: number[] = [];

  constructor(library: Library) {
    this.subscriber = library.attach((message) => this.#inbox.push(structuredClone(message)));
  }

  deliver(): this {
    for (const message of this.#inbox.splice(0)) this.store.apply(message);
    for (const id of this.#released.splice(0)) this.subscriber.released(id);
    return this;
  }

  /** Tells the main thread what has been released since. */
  report(): void {
    for (const id of this.#released.splice(0)) this.subscriber.released(id);
  }
}

const A = someBytes(5000, 1);
const B = someBytes(5000, 2);

describe('cache/library/library', () => {
  it('serves to a worker what was published before it came and after', () => {
    const library = new Library();
    put(library, '/a', A);
    const worker = new Worker(library).deliver();
    put(library, '/b', B);
    library.flush();
    worker.deliver();
    expect(Buffer.from(payloadOf(find(worker.store, '/a')!)).equals(A)).to.equal(true);
    expect(Buffer.from(payloadOf(find(worker.store, '/b')!)).equals(B)).to.equal(true);
  });

  it('gives entries whose heads and sums are right', () => {
    const library = new Library();
    put(library, ['/a/index.html', '/a/'], A);
    const { store } = new Worker(library).deliver();
    const entry = find(store, '/a/')!;
    expect(headText(entry)).to.match(/^Content-Length: 5000\r\nContent-Type: text\/plain\r\n.*\r\n\r\n$/s);
    expect(Buffer.from(entry.partialHead.bytes.slice()).toString()).to.equal(
      headText(entry).slice('Content-Length: 5000\r\n'.length),
    );
    expect(Buffer.from(entry.etag.slice()).toString()).to.equal(`"${'e'.repeat(ETAG_LENGTH)}"`);
    for (const summed of [entry.bytes, entry.head, entry.partialHead, entry.notModified!]) {
      expect(sumsAgree(summed)).to.equal(true);
    }
    expect(entry.bytes.length).to.equal(entry.payloadFrom + entry.payloadLength);
    expect(find(store, '/a/index.html')!.bytes.bytes.byteOffset).to.equal(entry.bytes.bytes.byteOffset);
  });

  it('counts a generation with each replacement', () => {
    const library = new Library();
    const worker = new Worker(library);
    for (const generation of [1, 2, 3]) {
      put(library, '/a', A);
      library.flush();
      expect(find(worker.deliver().store, '/a')?.generation).to.equal(generation);
    }
    expect(library.statistics).to.include({ published: 3, replaced: 2, removed: 0, names: 1, files: 1 });
  });

  it('leaves what a reader holds untouched by its replacement, and uses the memory again only afterwards', () => {
    const library = new Library(16384); // room for two objects of 5,000 bytes, not for three
    const worker = new Worker(library);
    put(library, '/a', A);
    library.flush();
    const old = find(worker.deliver().store, '/a')!;
    old.bytes.retain();
    expect(put(library, '/a', B)).to.equal(true);
    library.flush();
    worker.deliver();
    expect(library.statistics.retiredInUse).to.equal(1);
    expect(put(library, '/c', someBytes(5000, 3)), 'no room while the reader holds it').to.equal(false);
    expect(Buffer.from(payloadOf(old)).equals(A)).to.equal(true);
    expect(sumsAgree(old.bytes)).to.equal(true);

    old.bytes.release();
    worker.report();
    expect(library.statistics.retiredInUse).to.equal(0);
    expect(put(library, '/c', someBytes(5000, 3)), 'room after it let go').to.equal(true);
    expect(Buffer.from(payloadOf(find(worker.store, '/a')!)).equals(B)).to.equal(true);
  });

  it('waits for all workers that knew an object, not for those that came later or have ended', () => {
    const library = new Library();
    const [first, second] = [new Worker(library), new Worker(library)];
    put(library, '/a', A);
    library.flush();
    const held = find(first.deliver().store, '/a')!;
    held.bytes.retain();
    find(second.deliver().store, '/a')!.bytes.retain();
    library.remove(utf8('/a'));
    const third = new Worker(library); // its attach posts the removal to the others
    for (const worker of [first, second, third]) worker.deliver();
    expect(library.statistics).to.include({ retiredInUse: 1, files: 0 });
    second.subscriber.detach();
    expect(library.statistics.retiredInUse).to.equal(1);
    held.bytes.release();
    first.report();
    expect(library.statistics).to.include({ retiredInUse: 0, usedBytes: 0 });
  });

  it('keeps the memory of an object with two names until both are gone', () => {
    const library = new Library();
    put(library, ['/index.html', '/'], A);
    library.remove(utf8('/'));
    expect(library.statistics).to.include({ files: 1, names: 1 });
    expect(library.statistics.usedBytes).to.be.above(0);
    library.remove(utf8('/index.html'));
    expect(library.statistics).to.include({ files: 0, names: 0, usedBytes: 0, payloadBytes: 0, tableBytes: 0 });
  });

  it('is back at no memory at all after a thousand replacements, in any mixture of sizes', () => {
    const library = new Library();
    const worker = new Worker(library);
    for (let i = 0; i < 1000; i++) {
      const length = i % 100 === 0 ? 2_000_000 : (i * 7919) % 20_000;
      put(library, `/${i % 50}`, new Uint8Array(length).fill(i));
      library.flush();
      worker.deliver();
    }
    for (let i = 0; i < 50; i++) {
      const entry = find(worker.store, `/${i}`)!;
      expect(payloadOf(entry).every((byte) => byte === (950 + i) % 256)).to.equal(true);
      expect(sumsAgree(entry.bytes)).to.equal(true);
      library.remove(utf8(`/${i}`));
    }
    library.flush();
    worker.deliver();
    expect(library.statistics).to.include({ usedBytes: 0, retiredInUse: 0, names: 0 });
    expect(library.statistics.reservedBytes, 'an empty slab of each kind is kept').to.be.at.most(8 * 2 ** 20);
  });

  it('counts tables against the limit, and admits a notice beyond it', () => {
    const library = new Library(12_000);
    const { indexBytes } = library.statistics;
    expect(put(library, '/a', new Uint8Array(10_000))).to.equal(false);
    expect(put(library, '/a', new Uint8Array(9000))).to.equal(true);
    const { usedBytes, tableBytes } = library.statistics;
    expect(tableBytes).to.be.within(560, 600);
    expect(usedBytes + indexBytes).to.be.at.most(12_000);
    const { answer, payload } = redirectAnswer('/c/');
    const draft = library.reserve(measure(['/b'], answer, payload.length), 'notice')!;
    draft.payload.set(utf8(payload));
    draft.seal(['/b'], answer);
    library.publish(draft);
    expect(library.statistics).to.include({ files: 1, notices: 1 });
    const entry = find(new Worker(library).deliver().store, '/b')!;
    expect([entry.status, entry.notModified, entry.etag.length]).to.deep.equal([301, null, 0]);
    expect(payloadText(entry)).to.contain('Moved');
  });

  it('counts the tables of names of every thread against the limit', () => {
    const library = new Library();
    const before = library.statistics.indexBytes;
    const workers = [new Worker(library), new Worker(library)];
    expect(library.statistics.indexBytes).to.equal(3 * before);
    for (let i = 0; i < 1000; i++) put(library, `/${i}`, A.subarray(0, 10));
    expect(library.statistics.indexBytes).to.equal(3 * 2048 * 20 + 29 * 1000);
    for (const { subscriber } of workers) subscriber.detach();
    expect(library.statistics.indexBytes).to.equal(2048 * 20 + 29 * 1000);
    const small = new Library(library.statistics.usedBytes);
    let held = 0;
    while (held < 1000 && put(small, `/${held}`, A.subarray(0, 10))) held++;
    expect(held).to.be.within(800, 999);
  });

  it('gives back the memory of a draft that is discarded', () => {
    const library = new Library();
    let freed = 0;
    library.onFreed(() => freed++);
    const draft = library.reserve(measure(['/a'], plainAnswer(9), 9), 'file')!;
    library.discard(draft);
    expect(library.statistics.usedBytes).to.equal(0);
    expect(freed).to.equal(1);
  });

  it('does not publish what is not sealed, nor seal names or heads that do not fit', () => {
    const library = new Library();
    const answer = plainAnswer(9);
    const draft = library.reserve(measure(['/a'], answer, 9), 'file')!;
    expect(() => library.publish(draft)).to.throw('sealed');
    expect(() => draft.seal(['/a'], plainAnswer(9, 'longer than was reserved for it'))).to.throw(RangeError, 'heads');
    expect(() => draft.seal(['/ab'], answer)).to.throw(RangeError, 'names');
    expect(library.statistics).to.include({ names: 0, files: 0, published: 0 });
  });

  it('makes room: what nobody asked for since goes first, and its site is lazy from then on', () => {
    const library = new Library(100_000);
    const worker = new Worker(library);
    const names = Array.from({ length: 15 }, (_, i) => `/${i}`);
    for (const name of names) expect(put(library, name, A)).to.equal(true);
    library.flush();
    worker.deliver();
    expect(worker.store.isLazy(0)).to.equal(false);
    for (const name of names.slice(0, 10)) find(worker.store, name);
    const answer = plainAnswer(4 * A.length);
    const measures = measure(['/new'], answer, 4 * A.length);
    while (put(library, `/more${library.statistics.files}`, A));
    expect(library.reserve(measures, 'file')).to.equal(undefined);
    expect(library.makeRoom(measures)).to.equal(true);
    library.flush();
    worker.deliver();
    expect(library.reserve(measures, 'file')).to.not.equal(undefined);
    const left = names.filter((name) => find(worker.store, name) !== undefined);
    expect(left).to.deep.equal([...names.slice(0, 10), ...names.slice(14)]);
    expect(worker.store.isLazy(0)).to.equal(true);
    expect(library.statistics).to.include({ evicted: 4, retiredInUse: 0 });
    expect(new Worker(library).deliver().store.isLazy(0), 'a worker that comes later').to.equal(true);
  });

  it('evicts an object with all its names, and none that has an internal name', () => {
    const library = new Library(1_000_000);
    put(library, ['/a/index.html', '/a/'], A);
    put(library, ['/404.html', 'error:404'], A);
    library.makeRoom(measure(['/b'], plainAnswer(0), 10_000_000));
    expect([...library.namesUnder(['']), library.find(utf8('error:404'))?.status]).to.deep.equal(['/404.html', 200]);
    expect(library.statistics).to.include({ evicted: 1, names: 2 });
  });

  it('waits for memory that a worker still sends, and evicts anew only when it is told to', () => {
    const library = new Library(100_000);
    const worker = new Worker(library);
    while (put(library, `/${library.statistics.files}`, A));
    library.flush();
    worker.deliver();
    const oldest = find(worker.store, '/0')!;
    oldest.bytes.retain();
    find(worker.store, '/0'); // asked for, so the second one goes
    const second = find(worker.store, '/1')!;
    second.bytes.retain();
    const measures = measure(['/new'], plainAnswer(A.length), A.length);
    for (let i = 0; i < library.statistics.files; i++) if (i !== 2) find(worker.store, `/${i}`);
    find(worker.store, '/2')!.bytes.retain();
    expect(library.makeRoom(measures)).to.equal(true);
    library.flush();
    worker.deliver();
    const { evicted } = library.statistics;
    if (library.reserve(measures, 'file') === undefined) {
      expect(library.makeRoom(measures), 'there is hope').to.equal(false);
      expect(library.makeRoom(measures, true)).to.equal(true);
      expect(library.statistics.evicted).to.be.above(evicted);
    }
  });

  it('counts hits for each object, by any of its names and in any worker, if it is told to', () => {
    const library = new Library();
    library.countHits();
    const workers = [new Worker(library), new Worker(library)];
    put(library, ['/a', '/also-a'], A.subarray(0, 10));
    put(library, '/b', B.subarray(0, 20), 0, 3);
    put(library, '/c', B.subarray(0, 30));
    library.flush();
    for (const worker of workers) {
      worker.deliver();
      for (const path of ['/a', '/also-a', '/none']) find(worker.store, path);
    }
    find(workers[0]!.store, '/b', 0, 3);
    const b = { name: '/b', site: 3, bytes: 20, hits: 1 };
    expect(library.mostAskedFor(2)).to.deep.equal([{ name: '/a', site: 0, bytes: 10, hits: 4 }, b]);
    put(library, '/a', B.subarray(0, 40));
    expect(library.mostAskedFor(9).find(({ name }) => name === '/a')?.hits, 'a new version').to.equal(0);
  });

  it('sets used bits while hits are counted, and counts none where nobody has asked for it', () => {
    for (const counts of [true, false]) {
      const library = new Library(2 ** 20);
      if (counts) library.countHits();
      const worker = new Worker(library);
      while (put(library, `/${library.statistics.files}`, A));
      library.flush();
      worker.deliver();
      find(worker.store, '/0');
      expect(library.makeRoom(measure(['/new'], plainAnswer(A.length), A.length))).to.equal(true);
      const kept = library.mostAskedFor(1_000);
      expect(kept.find(({ name }) => name === '/0')?.hits).to.equal(counts ? 1 : null);
      expect(kept.some(({ name }) => name === '/1')).to.equal(false);
    }
  });

  it('sends many changes in few messages, in their order', () => {
    const library = new Library();
    const posted: CacheMessage[] = [];
    library.attach((message) => posted.push(message));
    for (let i = 0; i < 2 * NAMES_PER_MESSAGE + 1; i++) put(library, `/${i}`, A.subarray(0, 10));
    library.remove(utf8('/0'));
    library.remove(utf8('/1'));
    put(library, '/0', B.subarray(0, 10));
    library.flush();
    expect(posted.map((message) => message.kind)).to.deep.equal([
      ...['used', 'share', 'memory', 'publish', 'publish', 'publish', 'retire', 'publish'],
    ]);
    const store = new Store(() => {});
    for (const message of posted) store.apply(message);
    expect(find(store, '/1')).to.equal(undefined);
    expect(Buffer.from(payloadOf(find(store, '/0')!)).equals(B.subarray(0, 10))).to.equal(true);
  });
});
