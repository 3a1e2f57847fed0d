import { expect } from 'chai';
import { BandwidthShare, groupTraffic, type SitePacing, sharesMemory } from '../../../src/http/sites/bandwidth.js';
import { ONE_SITE } from '../../../src/http/sites/sites.js';
import type { PacingPlan } from '../../../src/net/tcp/pacing-plan.js';
import { HttpBench } from '../../support/http-bench.js';
import { makeSite } from '../../support/site.js';

const PLAN: PacingPlan = {
  total: 12_000_000,
  connection: 500_000,
  groups: [
    { rate: 0, weight: 1 },
    { rate: 4_000_000, weight: 2 },
  ],
};

/** Groups of one worker, with so many connections that wait. */
const waiting = (...sizes: number[]) =>
  sizes.map((size, i) => ({ waiting: { size }, sentBytes: 1000 * (i + 1), delayedBytes: 10 * (i + 1) }));

function pacing(workers: number, plan = PLAN): SitePacing {
  return { plan, workers, memory: sharesMemory(workers, plan.groups.length + 1) };
}

describe('http: the bandwidth of the sites', () => {
  it('is all of it for a single worker', () => {
    const share = new BandwidthShare(pacing(1), 0);
    share.publish(waiting(0, 5, 1));
    expect(share.plan()).to.equal(PLAN);
  });

  it('is divided among workers by the connections that wait in each, with the weights of their sites', () => {
    const shared = pacing(2);
    const [first, second] = [new BandwidthShare(shared, 0), new BandwidthShare(shared, 1)];
    first.publish(waiting(0, 3, 0));
    second.publish(waiting(0, 1, 5));
    // Site 0 has a third of 12 MB, site 1 two thirds. Three of four connections of site 0 wait in the first worker.
    expect(first.plan()).to.deep.equal({
      total: 3_000_000,
      connection: 500_000,
      groups: [
        { rate: 0, weight: 0.75 },
        { rate: 2_000_000, weight: 2 },
      ],
    });
    expect(second.plan()).to.deep.equal({
      total: 9_000_000,
      connection: 500_000,
      groups: [
        { rate: 0, weight: 0.25 },
        { rate: 4_000_000, weight: 2 },
      ],
    });
  });

  it('is lent to the worker in which somebody waits; the others keep an equal part for a newcomer', () => {
    const shared = pacing(3);
    const busy = new BandwidthShare(shared, 1);
    busy.publish(waiting(0, 2, 0));
    expect(busy.plan().total).to.equal(12_000_000);
    expect(new BandwidthShare(shared, 0).plan().total).to.equal(4_000_000);
  });

  it('never falls below the least rate', () => {
    const shared = pacing(2, { total: 1500, connection: 0, groups: [{ rate: 0, weight: 1 }] });
    expect(new BandwidthShare(shared, 0).plan().total).to.equal(1000);
  });

  it('tells what each site has sent in all workers', () => {
    const shared = pacing(2);
    new BandwidthShare(shared, 0).publish(waiting(0, 0, 0));
    new BandwidthShare(shared, 1).publish(waiting(0, 0, 0));
    expect([...groupTraffic(shared)]).to.deep.equal([
      [-1, { sentBytes: 2000, delayedBytes: 20 }],
      [0, { sentBytes: 4000, delayedBytes: 40 }],
      [1, { sentBytes: 6000, delayedBytes: 60 }],
    ]);
  });

  it('is used by a connection as part of the site that it asks, and by none if nothing is bounded', async () => {
    const { store } = await makeSite({ files: { '/': { content: 'one' } }, others: [{ '/': { content: 'two' } }] });
    const table = {
      ...ONE_SITE,
      sites: [{}, {}],
      hosts: [
        { name: 'one.example', site: 0 },
        { name: 'two.example', site: 1 },
      ],
    };
    const of = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const connection = new HttpBench(store, {}, undefined, { ...table, pacing: pacing(1) }).connect();
    expect(connection.pacingGroup).to.equal(0);
    connection.deliver(of('two.example'));
    expect(connection.pacingGroup).to.equal(2);
    connection.deliver(of('one.example'));
    expect(connection.pacingGroup).to.equal(1);
    expect(new HttpBench(store, {}, undefined, table).feed([of('two.example')]).pacingGroup).to.equal(0);
  });
});
