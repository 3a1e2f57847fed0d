/**
 * HTTP through two whole stacks over a bad link: acceptance 3 of the serving issue, and the payload that nobody
 * touches.
 */
import { expect } from 'chai';
import type { Store } from '../../src/cache/library/store.js';
import { MILLISECOND } from '../../src/net/clock.js';
import { type Download, HttpWorld } from '../support/http-world.js';
import { makeSite } from '../support/site.js';
import { pattern, type WorldOptions } from '../support/tcp-world.js';
import { nothingLeft } from '../support/transfer.js';

const MIB = 1024 * 1024;
const BODY = pattern(MIB, 7);
const BAD_LINK = { loss: 0.01, duplication: 0.01, reordering: 0.02, corruption: 0.01, delay: 5 * MILLISECOND };
const AT_ONCE = 20;

/** Runs so many downloads, twenty at a time, each on a connection of its own. */
function downloads(store: Store, count: number, seed: number, options: WorldOptions): HttpWorld {
  const world = new HttpWorld(store, { seed, ...options });
  for (let from = 0; from < count; from += AT_ONCE) {
    const batch: Download[] = [];
    for (let i = from; i < Math.min(from + AT_ONCE, count); i++) batch.push(world.download('/mib', BODY));
    world.network.runUntil(() => batch.every(({ done, problem }) => done || problem !== undefined));
    for (const [i, { problem, status }] of batch.entries()) {
      if (problem !== undefined || status !== 200) {
        throw new Error(`SEED=${seed}: download ${from + i}: status ${status}, ${problem}`);
      }
    }
    for (const { connection } of batch) connection.close();
  }
  nothingLeft(world);
  return world;
}

describe('whole: downloads over a bad link', () => {
  let store: Store;

  before(async () => {
    ({ store } = await makeSite({
      files: { '/mib': { content: BODY }, '/odd': { content: BODY.subarray(0, 99_991) } },
    }));
  });

  it('80 downloads of 1 MiB with loss, duplication, reordering and corruption both ways arrive byte for byte', () => {
    const seed = Number(process.env.SEED ?? 42);
    const { server, client, http } = downloads(store, 80, seed, { link: { impairment: BAD_LINK } });
    expect(http.cacheHits).to.equal(80);
    expect(server.statistics.tcp.retransmits).to.be.greaterThan(400);
    expect(client.statistics.tcp.badChecksum).to.be.greaterThan(40);
  });

  it('are the same, packet for packet, for the same seed, and others for another', () => {
    const run = (seed: number) => {
      const world = downloads(store, 10, seed, { link: { impairment: BAD_LINK } });
      return { ...world.server.statistics.tcp, ...world.client.statistics.tcp, time: world.network.clock.now };
    };
    const first = run(1);
    expect(run(1)).to.deep.equal(first);
    expect(run(2)).to.not.deep.equal(first);
  });

  for (const offload of ['whole', 'cut'] as const) {
    it(`arrive with offload ${offload}, too`, () => {
      const impairment = { ...BAD_LINK, corruption: 0 };
      downloads(store, 40, 3, { link: { impairment, offload } });
    });
  }

  for (const mtu of [128, 576, 1499, 1500]) {
    it(`never read or copy a byte of the body, resends included: segments for an MTU of ${mtu}`, () => {
      const impairment = { loss: 0.02, delay: 5 * MILLISECOND };
      const { server } = downloads(store, 5, 4, { link: { impairment, mtu } });
      expect(server.statistics.tcp.retransmits).to.be.greaterThan(50);
      expect(server.statistics.tcp.payloadBytesRead).to.equal(0);
    });
  }

  it('an odd length behind an odd head, sent again and again, is read by nobody', () => {
    const impairment = { loss: 0.05, delay: 5 * MILLISECOND };
    const world = new HttpWorld(store, { seed: 5, link: { impairment, mtu: 1499 } });
    const download = world.download('/odd', BODY.subarray(0, 99_991));
    world.network.runUntil(() => download.done);
    for (let i = 0; i < 20; i++) {
      download.request();
      world.network.runUntil(() => download.done);
    }
    expect(download.problem).to.equal(undefined);
    expect(world.server.statistics.tcp.payloadBytesRead).to.equal(0);
    expect(world.http.cacheHits).to.equal(21);
  });
});
