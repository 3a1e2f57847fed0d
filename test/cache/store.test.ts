import { expect } from 'chai';
import fc from 'fast-check';
import { Coding, type PublishedEntry } from '../../src/cache/published.js';
import { Store } from '../../src/cache/store.js';
import { find, utf8 } from './support.js';

const SLAB_BYTES = 8 * 1024 * 1024;

/** A store with one slab into which entries with nothing but a name are published. */
class Fixture {
  readonly released: number[] = [];
  readonly store = new Store((id) => this.released.push(id));
  readonly #buffer = new SharedArrayBuffer(SLAB_BYTES);
  readonly #bytes = new Uint8Array(this.#buffer);
  #at = 1024;
  #nextId = 1;

  constructor() {
    this.store.apply({ kind: 'memory', slab: 1, buffer: this.#buffer });
  }

  describe(name: string, changes: Partial<PublishedEntry> = {}): PublishedEntry {
    const key = utf8(name);
    this.#bytes.set(key, this.#at);
    const keyFrom = this.#at;
    this.#at += key.length;
    return {
      id: this.#nextId++,
      generation: 1,
      site: 0,
      coding: 0,
      slab: 1,
      keyFrom,
      keyLength: key.length,
      bytesFrom: 0,
      headLength: 40,
      lengthFieldLength: 20,
      payloadLength: 60,
      tableFrom: 100,
      notModifiedFrom: 0,
      notModifiedLength: 10,
      notModifiedTableFrom: 200,
      status: 200,
      etagFrom: 0,
      etagLength: 5,
      lastModifiedSeconds: 0,
      contentType: 'text/plain',
      location: '',
      ...changes,
    };
  }

  publish(...names: string[]): PublishedEntry[] {
    const entries = names.map((name) => this.describe(name));
    this.store.apply({ kind: 'publish', entries });
    return entries;
  }
}

describe('cache/store', () => {
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
    const plain = fixture.describe('/a');
    const gzip = fixture.describe('/a', { coding: Coding.gzip });
    const other = fixture.describe('/a', { site: 7 });
    fixture.store.apply({ kind: 'publish', entries: [plain, gzip, other] });
    expect(find(fixture.store, '/a')?.id).to.equal(plain.id);
    expect(find(fixture.store, '/a', Coding.gzip)?.id).to.equal(gzip.id);
    expect(find(fixture.store, '/a', 0, 7)?.id).to.equal(other.id);
    expect(find(fixture.store, '/a', Coding.brotli)).to.equal(undefined);
    expect(find(fixture.store, '/a', Coding.gzip, 7)).to.equal(undefined);
  });

  it('finds each of 100,000 entries, and none that is not there', () => {
    const fixture = new Fixture();
    const names = Array.from({ length: 100_000 }, (_, i) => `/docs/${i % 100}/page-${i}.html`);
    const entries = fixture.publish(...names);
    expect(fixture.store.size).to.equal(100_000);
    const wrong = names.filter((name, i) => find(fixture.store, name)?.id !== entries[i]!.id);
    expect(wrong).to.deep.equal([]);
    const found = names.filter((name) => find(fixture.store, `${name}x`) !== undefined);
    expect(found).to.deep.equal([]);
  });

  it('holds what a Map holds, through any order of publishing and retiring', () => {
    const step = fc.record({ name: fc.nat(60), add: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const { store, publish } = bound();
        const model = new Map<string, number>();
        for (const { name, add } of steps) {
          const path = `/${name}`;
          const id = model.get(path);
          if (add) model.set(path, publish(path)[0]!.id);
          else if (id !== undefined) {
            store.apply({ kind: 'retire', ids: [id] });
            model.delete(path);
          }
        }
        for (let i = 0; i <= 60; i++) expect(find(store, `/${i}`)?.id).to.equal(model.get(`/${i}`));
        expect(store.size).to.equal(model.size);
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
    const { store, publish, released } = bound();
    const [old] = publish('/a');
    const entry = find(store, '/a')!;
    entry.bytes.retain();
    store.apply({ kind: 'retire', ids: [old!.id] });
    store.apply({ kind: 'retire', ids: [old!.id] });
    entry.head.retain(); // first asked for after retirement
    entry.bytes.release();
    entry.head.release();
    entry.bytes.retain();
    entry.bytes.release();
    expect(released).to.deep.equal([old!.id]);
  });

  it('does not remove the new entry when the old one is retired by its id', () => {
    const { store, publish, released } = bound();
    const [old] = publish('/a');
    publish('/a');
    store.apply({ kind: 'retire', ids: [old!.id] });
    expect(find(store, '/a')).to.not.equal(undefined);
    expect(released).to.deep.equal([old!.id]);
  });

  const damages: [string, Partial<PublishedEntry>][] = [
    ['an unknown slab', { slab: 9 }],
    ['a payload beyond the slab', { payloadLength: SLAB_BYTES }],
    ['a negative offset', { bytesFrom: -1 }],
    ['a negative length', { payloadLength: -1, headLength: 200 }],
    ['an offset that is no integer', { bytesFrom: 0.5 }],
    ['an offset that is no number', { tableFrom: Number.NaN }],
    ['a table beyond the slab', { tableFrom: SLAB_BYTES - 2 }],
    ['a table at an odd place', { tableFrom: 101 }],
    ['a table of the 304 at an odd place', { notModifiedTableFrom: 201 }],
    ['a name beyond the slab', { keyFrom: SLAB_BYTES - 1, keyLength: 2 }],
    ['a Content-Length field longer than the head', { lengthFieldLength: 41 }],
    ['an entity-tag beyond the slab', { etagFrom: SLAB_BYTES, etagLength: 1 }],
  ];
  for (const [what, changes] of damages) {
    it(`refuses an entry with ${what}, and changes nothing`, () => {
      const fixture = new Fixture();
      fixture.publish('/a');
      const entries = [fixture.describe('/b'), fixture.describe('/a', changes)];
      expect(() => fixture.store.apply({ kind: 'publish', entries })).to.throw(RangeError);
      expect(fixture.store.size).to.equal(1);
      expect(find(fixture.store, '/b')).to.equal(undefined);
      expect(fixture.released).to.deep.equal([]);
    });
  }

  it('forgets a slab when told to', () => {
    const fixture = new Fixture();
    fixture.store.apply({ kind: 'forget', slab: 1 });
    expect(() => fixture.publish('/a')).to.throw(RangeError, 'unknown slab');
  });
});

/** A fixture in pieces, for destructuring. */
function bound() {
  const fixture = new Fixture();
  const { store, released } = fixture;
  return { store, released, publish: (...names: string[]) => fixture.publish(...names) };
}
