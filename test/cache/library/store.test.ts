import { expect } from 'chai';
import fc from 'fast-check';
import { Store } from '../../../src/cache/library/store.js';
import { layoutOf, writeObject } from '../../../src/cache/object/layout.js';
import * as record from '../../../src/cache/object/record.js';
import { find, latin1, measure, plainAnswer } from '../support.js';

const SLAB_BYTES = 48 * 1024 * 1024;
const SLAB = 1;

/** A name that has been written into the slab. */
interface Written {
  readonly id: number;
  readonly nameAt: number;
  readonly objectAt: number;
}

/** A store with one slab into which empty objects are published. */
class Fixture {
  readonly released: number[] = [];
  readonly store = new Store((id) => this.released.push(id));
  readonly view = new record.SlabView(SLAB, new SharedArrayBuffer(SLAB_BYTES));
  #at = 0;
  #nextId = 1;

  constructor() {
    this.store.apply({ kind: 'memory', slab: SLAB, buffer: this.view.bytes.buffer as SharedArrayBuffer });
  }

  /** Writes an object with this name, without publishing it. */
  write(name: string, { site = 0, coding = 0 } = {}): Written {
    const names = [latin1(name)];
    const answer = plainAnswer(0, 'x');
    const measures = measure(names, answer, 0);
    const layout = layoutOf(measures);
    const length = Math.ceil(layout.length / record.BLOCK_UNIT) * record.BLOCK_UNIT;
    const from = this.#at;
    this.#at += length;
    writeObject({ view: this.view, from, length, measures, layout, site, coding, kind: 'file' }, names, answer);
    const objectAt = record.recordAt(from);
    const nameAt = objectAt + record.FIRST_NAME;
    const id = this.#nextId++;
    this.view.words[nameAt + record.ID] = id;
    return { id, nameAt, objectAt };
  }

  /** Writes from the start of the slab again. */
  clear(): void {
    this.#at = 0;
  }

  show(names: readonly Written[]): void {
    this.store.apply({ kind: 'publish', names: pairs(names) });
  }

  publish(...names: string[]): Written[] {
    const written = names.map((name) => this.write(name));
    this.show(written);
    return written;
  }

  retire(...names: readonly Written[]): void {
    this.store.apply({ kind: 'retire', names: pairs(names) });
  }
}

function pairs(names: readonly Written[]): Int32Array {
  return Int32Array.from(names.flatMap(({ nameAt }) => [SLAB, nameAt]));
}

describe('cache/library/store', () => {
  it('finds an entry by the bytes of its path within a request, and nothing by any other', () => {
    const { store, publish } = bound();
    publish('/', '/a', '/a/b', '/ü');
    for (const path of ['/', '/a', '/a/b', '/ü']) expect(find(store, path), path).to.not.equal(undefined);
    for (const path of ['', '/A', '/a/', '/b', '/a/b/c', 'a', '/u'])
      expect(find(store, path), path).to.equal(undefined);
    expect(store.size).to.equal(4);
    expect([store.hits, store.misses]).to.deep.equal([4, 7]);
  });

  it('keeps site and content-coding apart', () => {
    const fixture = new Fixture();
    const { Coding } = record;
    const plain = fixture.write('/a');
    const gzip = fixture.write('/a', { coding: Coding.gzip });
    const other = fixture.write('/a', { site: 7 });
    fixture.show([plain, gzip, other]);
    expect(find(fixture.store, '/a')?.id).to.equal(plain.id);
    expect(find(fixture.store, '/a', Coding.gzip)?.id).to.equal(gzip.id);
    expect(find(fixture.store, '/a', 0, 7)?.id).to.equal(other.id);
    expect(find(fixture.store, '/a', Coding.brotli)).to.equal(undefined);
    expect(find(fixture.store, '/a', Coding.gzip, 7)).to.equal(undefined);
  });

  it('finds each of 100,000 entries, and none that is not there', () => {
    const fixture = new Fixture();
    const names = Array.from({ length: 100_000 }, (_, i) => `/docs/${i % 100}/page-${i}.html`);
    const entries = names.map((name) => fixture.write(name));
    fixture.show(entries);
    expect(fixture.store.size).to.equal(100_000);
    const wrong = names.filter((name, i) => find(fixture.store, name)?.id !== entries[i]!.id);
    expect(wrong).to.deep.equal([]);
    const found = names.filter((name) => find(fixture.store, `${name}x`) !== undefined);
    expect(found).to.deep.equal([]);
  });

  it('holds what a Map holds, through any order of publishing and retiring', () => {
    const shared = new Fixture();
    const step = fc.record({ name: fc.nat(60), add: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        shared.clear();
        const model = new Map<string, Written>();
        for (const { name, add } of steps) {
          const path = `/${name}`;
          const there = model.get(path);
          if (add) model.set(path, shared.publish(path)[0]!);
          else if (there !== undefined) {
            shared.retire(there);
            model.delete(path);
          }
        }
        for (let i = 0; i <= 60; i++) expect(find(shared.store, `/${i}`)?.id).to.equal(model.get(`/${i}`)?.id);
        expect(shared.store.size).to.equal(model.size);
        shared.retire(...model.values());
        expect(shared.store.size).to.equal(0);
      }),
    );
  });

  it('releases a replaced entry at once when nobody reads it', () => {
    const { store, publish, released } = bound();
    const [old] = publish('/a');
    const [fresh] = publish('/a');
    expect(released).to.deep.equal([old!.id]);
    expect(find(store, '/a')?.id).to.equal(fresh!.id);
    expect(store.size).to.equal(1);
  });

  it('keeps a replaced entry as it is for those who send it, and releases it after the last', () => {
    const { store, publish, released } = bound();
    const [old] = publish('/a');
    const entry = find(store, '/a')!;
    entry.bytes.retain();
    entry.notModified!.retain();
    entry.head.retain();
    entry.partialHead.retain();
    publish('/a');
    expect(entry.retired).to.equal(true);
    expect(store.retiredInUse).to.equal(1);
    entry.bytes.release();
    entry.head.release();
    entry.partialHead.release();
    expect(entry.readers).to.equal(1);
    expect(released).to.deep.equal([]);
    entry.notModified!.release();
    expect(released).to.deep.equal([old!.id]);
    expect(store.retiredInUse).to.equal(0);
  });

  it('reports a release once, though a late reader may come and go', () => {
    const { store, publish, retire, released } = bound();
    const [old] = publish('/a');
    const entry = find(store, '/a')!;
    entry.bytes.retain();
    retire(old!);
    retire(old!);
    entry.head.retain(); // first asked for after retirement
    entry.bytes.release();
    entry.head.release();
    entry.bytes.retain();
    entry.bytes.release();
    expect(released).to.deep.equal([old!.id]);
  });

  it('does not remove the new entry when the old one is retired by its id', () => {
    const { store, publish, retire, released } = bound();
    const [old] = publish('/a');
    publish('/a');
    retire(old!);
    expect(find(store, '/a')).to.not.equal(undefined);
    expect(released).to.deep.equal([old!.id]);
  });

  it('releases a retired entry that nobody has asked for at once', () => {
    const { publish, retire, released, store } = bound();
    const [one, two] = publish('/a', '/b');
    retire(one!, two!);
    expect(released).to.deep.equal([one!.id, two!.id]);
    expect([store.size, store.retiredInUse]).to.deep.equal([0, 0]);
  });

  /** Words of the object's record, or of the name's, that are put wrong. */
  const damages: [string, number, number][] = [
    ['a block longer than the slab', record.BLOCK_UNITS, SLAB_BYTES / record.BLOCK_UNIT + 1],
    ['a block without a length', record.BLOCK_UNITS, 0],
    ['a negative offset', record.HEAD_FROM, -1],
    ['a head beyond the block', record.HEAD_LENGTH, 4096],
    ['a negative length', record.HEAD_LENGTH, -1],
    ['a table of the 304 at an odd place', record.NOT_MODIFIED_TABLE_FROM, 201],
    ['a head of 304 beyond the block', record.NOT_MODIFIED_LENGTH, 4096],
    ['a Content-Length field longer than the head', record.LENGTH_FIELD_LENGTH, 4096],
    ['an entity-tag beyond the block', record.ETAG_FROM, 4096],
    ['a type beyond the block', record.TYPE_LENGTH, 4096],
    ['a location beyond the block', record.LOCATION_LENGTH, 4096],
    ['a name beyond the block', record.FIRST_NAME + record.KEY_LENGTH, 4096],
    ['a record that lies elsewhere', record.FIRST_NAME + record.OBJECT_AT, SLAB_BYTES],
    ['a record at a negative place', record.FIRST_NAME + record.OBJECT_AT, -2],
  ];
  const badDoubles: [string, number, number][] = [
    ['a payload beyond the block', record.PAYLOAD_LENGTH, SLAB_BYTES],
    ['a negative payload', record.PAYLOAD_LENGTH, -1],
    ['a table at an offset that is no integer', record.TABLE_FROM, 100.5],
    ['a table at no number', record.TABLE_FROM, Number.NaN],
    ['a table at an odd place', record.TABLE_FROM, 101],
    ['a table beyond the block', record.TABLE_FROM, SLAB_BYTES],
  ];

  function expectRefusal(damage: (fixture: Fixture, wrong: Written) => void): void {
    const fixture = new Fixture();
    fixture.publish('/a');
    const [good, wrong] = [fixture.write('/b'), fixture.write('/a')];
    damage(fixture, wrong);
    expect(() => fixture.show([good, wrong])).to.throw(RangeError);
    expect(fixture.store.size).to.equal(1);
    expect(find(fixture.store, '/b')).to.equal(undefined);
    expect(fixture.released).to.deep.equal([]);
  }

  for (const [what, word, value] of damages) {
    it(`refuses an entry with ${what}, and changes nothing`, () => {
      expectRefusal(({ view }, { objectAt }) => {
        view.words[objectAt + word] = value;
      });
    });
  }

  for (const [what, index, value] of badDoubles) {
    it(`refuses an entry with ${what}, and changes nothing`, () => {
      expectRefusal(({ view }, { objectAt }) => {
        view.doubles[objectAt / 2 + index] = value;
      });
    });
  }

  it('refuses a name that is no place in the slab, or in a slab that it does not know', () => {
    const { store } = new Fixture();
    for (const pair of [
      [SLAB, -1],
      [SLAB, SLAB_BYTES],
      [2, 0],
    ]) {
      expect(() => store.apply({ kind: 'publish', names: Int32Array.from(pair) })).to.throw(RangeError);
    }
  });

  it('forgets a slab when told to', () => {
    const fixture = new Fixture();
    fixture.store.apply({ kind: 'forget', slab: SLAB });
    expect(() => fixture.publish('/a')).to.throw(RangeError, 'slab 1 is unknown');
  });
});

/** A fixture in pieces, for destructuring. */
function bound() {
  const fixture = new Fixture();
  const { store, released } = fixture;
  return {
    store,
    released,
    publish: (...names: string[]) => fixture.publish(...names),
    retire: (...names: Written[]) => fixture.retire(...names),
  };
}
