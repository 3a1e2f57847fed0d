/** Connections in number: acceptance 6 of the serving issue. Memory stays flat, none is stuck, in virtual time. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type { Store } from '../../src/cache/library/store.js';
import { MILLISECOND, SECOND } from '../../src/net/clock.js';
import { type Download, HttpWorld } from '../support/http-world.js';
import { makeSite } from '../support/site.js';
import { pattern } from '../support/tcp-world.js';
import { nothingLeft } from '../support/transfer.js';

const BODY = pattern(1000, 3);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of heap in use after a full collection. */
function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

describe('whole: connections in number', () => {
  let store: Store;

  before(async () => {
    ({ store } = await makeSite({ files: { '/k': { content: BODY } } }));
  });

  it('5,000 keep-alive connections at once: each gets three answers, none is stuck, all end', () => {
    const world = new HttpWorld(store, { link: { impairment: { delay: MILLISECOND }, queueFrames: 20_000 } });
    const all: Download[] = [];
    for (let i = 0; i < 5000; i += 500) {
      for (let j = 0; j < 500; j++) all.push(world.download('/k', BODY));
      world.network.runUntil(() => all.every(({ done }) => done));
    }
    expect(world.server.connectionCount).to.equal(5000);
    for (let round = 0; round < 2; round++) {
      for (let from = 0; from < all.length; from += 500) {
        const some = all.slice(from, from + 500);
        for (const download of some) download.request();
        world.network.runUntil(() => some.every(({ done }) => done));
      }
    }
    expect(all.filter(({ problem }) => problem !== undefined)).to.deep.equal([]);
    expect(world.http.ok).to.equal(15_000);
    expect(world.http.openConnections).to.equal(5000);
    for (const { connection } of all) connection.close();
    nothingLeft(world);
    expect(all.every(({ reason }) => reason === 'closed')).to.equal(true);
    expect(world.http.openConnections).to.equal(0);
  });

  it('20,000 connections one after another: nothing is left of them, neither table entry nor memory', () => {
    const world = new HttpWorld(store, { link: { impairment: { delay: 50 } } }, { requestsPerConnection: 1 });
    const { host } = world.server.tcp;
    let before = 0;
    for (let i = 0; i < 20_000; i++) {
      const download = world.download('/k', BODY);
      world.network.runUntil(() => download.done && world.server.connectionCount === 0);
      if (download.problem !== undefined) throw new Error(`connection ${i}: ${download.problem}`);
      // A client has only so many ports, and each rests for a minute.
      if (i % 1000 === 999) world.network.runFor(61 * SECOND);
      if (i === 4_000) before = heapBytes();
    }
    nothingLeft(world);
    expect(world.http.ok).to.equal(20_000);
    expect(host.statistics.connectionsAccepted).to.equal(20_000);
    expect(host.statistics.connectionsClosed).to.equal(20_000);
    expect(host.statistics.timeWaits).to.equal(20_000);
    expect(world.http.openConnections).to.equal(0);
    expect(heapBytes() - before).to.be.lessThan(400_000);
  });

  it('connections that the client abandons in every state end by themselves', () => {
    const world = new HttpWorld(store, { link: { impairment: { loss: 0.3, delay: 10 * MILLISECOND } }, seed: 9 });
    const all = Array.from({ length: 500 }, () => world.download('/k', BODY));
    world.network.runFor(2 * SECOND);
    // From now on the link is dead: everybody is on his own.
    for (const { connection } of all) connection?.abort();
    world.client.abort();
    world.network.runFor(3600 * SECOND);
    expect(world.server.connectionCount).to.equal(0);
    expect(world.http.openConnections).to.equal(0);
    expect(world.server.tcp.host.timers.size).to.equal(0);
  });
});
