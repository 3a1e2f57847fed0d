import { expect } from 'chai';
import { Supply } from '../../src/cache/demand/supply.js';
import { Library } from '../../src/cache/library/library.js';
import { COUNTER, ratesBetween, type Snapshot, snapshotToJson } from '../../src/serve/snapshot.js';

const library = new Library();
const snapshot = (time: number, counters: Record<string, number>): Snapshot => ({
  time,
  sites: [],
  uptimeSeconds: time / 1000,
  frames: { way: 'plain', callNanoseconds: 210, text: 'plain calls (0.21 µs each)' },
  workers: 1,
  counters: new Map(Object.entries(counters)),
  cache: library.statistics,
  supply: Supply.of(library).statistics,
  conflicts: [],
  shares: [],
  tcp: {},
});

describe('snapshot', () => {
  it('gives rates by the time that has passed', () => {
    const before = snapshot(1_000, { [COUNTER.requests]: 100, [COUNTER.deliveredBytes]: 0 });
    const now = snapshot(3_000, {
      [COUNTER.requests]: 1_100,
      [COUNTER.deliveredBytes]: 4_000,
      [COUNTER.connections]: 7,
    });
    expect(ratesBetween(before, now)).to.deep.include({
      requestsPerSecond: 500,
      bytesPerSecond: 2_000,
      connections: 7,
    });
  });

  it('has a share of hits only if something was looked up', () => {
    const before = snapshot(0, { [COUNTER.cacheHits]: 10, [COUNTER.cacheMisses]: 10 });
    expect(ratesBetween(before, before).hitRatio).to.equal(undefined);
    const now = snapshot(1_000, { [COUNTER.cacheHits]: 13, [COUNTER.cacheMisses]: 11 });
    expect(ratesBetween(before, now).hitRatio).to.equal(0.75);
  });

  it('stays finite when no time has passed', () => {
    const now = snapshot(5, { [COUNTER.requests]: 3 });
    expect(ratesBetween(now, now).requestsPerSecond).to.equal(0);
  });

  it('becomes JSON with counters by their dotted names', () => {
    const json = JSON.parse(JSON.stringify(snapshotToJson(snapshot(0, { 'http.ok': 3 }))));
    expect(json).to.deep.include({ time: '1970-01-01T00:00:00.000Z', counters: { 'http.ok': 3 } });
  });
});
