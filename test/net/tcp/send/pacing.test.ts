import { expect } from 'chai';
import { MILLISECOND, SECOND } from '../../../../src/net/clock.js';
import type { Connection } from '../../../../src/net/tcp/handler.js';
import type { PacingPlan } from '../../../../src/net/tcp/pacing-plan.js';
import { Collector, pattern, sendAll, TcpWorld, type WorldOptions } from '../../../support/tcp-world.js';

/** A server that sends without end on every connection, in the group that the port of the client's choice names. */
const GROUP_PORTS = 9_000;
const MEGABYTE = 1_000_000;
const LINK = { impairment: { delay: 10 * MILLISECOND, rate: 400e6, queueBytes: 4 * MEGABYTE } };

interface Download {
  readonly client: Collector;
  readonly connection: Connection;
}

class PacedWorld {
  readonly world: TcpWorld;
  readonly downloads: Download[] = [];
  readonly #data = pattern(MEGABYTE, 7);

  constructor(plan: PacingPlan | undefined, options: WorldOptions = { link: LINK }) {
    this.world = new TcpWorld(options);
    if (plan !== undefined) this.world.server.pace(plan);
    for (let group = 0; group < 4; group++) this.#listen(group);
  }

  /** Opens a connection of `group`, and sends `megabytes` on it. */
  download(group: number, megabytes: number): Download {
    const before = this.#accepted;
    let client: Collector | undefined;
    this.world.client.connect(
      { address: this.world.address, port: GROUP_PORTS + group },
      {
        connected: (connection) => {
          client = new Collector(connection);
          return client;
        },
        failed: (reason) => expect.fail(reason),
      },
    );
    this.world.network.runUntil(() => this.#accepted > before && client !== undefined);
    const connection = this.#last!;
    for (let sent = 0; sent < megabytes; sent++) sendAll({ connection } as Collector, this.#data);
    const download = { client: client!, connection };
    this.downloads.push(download);
    return download;
  }

  /** Bytes that each download got in so many microseconds from now. */
  measure(time: number): number[] {
    const before = this.downloads.map(({ client }) => client.bytes);
    this.world.network.runFor(time);
    return this.downloads.map(({ client }, at) => client.bytes - before[at]!);
  }

  #accepted = 0;
  #last: Connection | undefined;

  #listen(group: number): void {
    this.world.server.listen(GROUP_PORTS + group, (connection) => {
      connection.pacingGroup = group;
      this.#accepted++;
      this.#last = connection;
      return new Collector(connection);
    });
  }
}

function expectNear(actual: number, wanted: number, part = 0.1): void {
  expect(actual).to.be.within(wanted * (1 - part), wanted * (1 + part));
}

describe('tcp: pacing', () => {
  it('keeps a connection to the rate that its program sets, and lets it go when the program takes it back', () => {
    const paced = new PacedWorld(undefined);
    const { connection } = paced.download(0, 60);
    connection.pacingRate = 2 * MEGABYTE;
    expect(connection.info().pacingRate).to.equal(2 * MEGABYTE);
    paced.measure(SECOND);
    const [slow] = paced.measure(2 * SECOND);
    expectNear(slow!, 4 * MEGABYTE, 0.03);
    expect(paced.world.server.statistics.tcp.retransmits).to.equal(0);
    connection.pacingRate = 0;
    paced.measure(SECOND / 2);
    const [quick] = paced.measure(SECOND / 2);
    expect(quick).to.be.above(10 * MEGABYTE);
  });

  it('sends evenly: no two frames of a paced connection in the same moment', () => {
    const paced = new PacedWorld(undefined);
    const { connection, client } = paced.download(0, 20);
    connection.pacingRate = MEGABYTE;
    paced.measure(SECOND);
    const amounts: number[] = [];
    for (let at = 0; at < 100; at++) {
      const before = client.bytes;
      paced.world.network.runFor(20 * MILLISECOND);
      amounts.push(client.bytes - before);
    }
    expect(Math.min(...amounts)).to.be.above(15_000);
    expect(Math.max(...amounts)).to.be.below(25_000);
  });

  it('keeps all connections together to the rate of the host, in equal parts', () => {
    const paced = new PacedWorld({ total: 4 * MEGABYTE, connection: 0, groups: [] });
    for (let at = 0; at < 4; at++) paced.download(0, 10);
    paced.measure(SECOND);
    const got = paced.measure(3 * SECOND);
    for (const bytes of got) expectNear(bytes, 3 * MEGABYTE, 0.05);
  });

  it('divides the rate by the weights of the groups, however many connections each has', () => {
    const groups = [
      { rate: 0, weight: 1 },
      { rate: 0, weight: 3 },
    ];
    const paced = new PacedWorld({ total: 4 * MEGABYTE, connection: 0, groups });
    for (let at = 0; at < 6; at++) paced.download(1, 6);
    paced.download(2, 30);
    paced.measure(SECOND);
    const got = paced.measure(4 * SECOND);
    expectNear(
      got.slice(0, 6).reduce((sum, bytes) => sum + bytes),
      4 * MEGABYTE,
    );
    expectNear(got[6]!, 12 * MEGABYTE);
    for (const bytes of got.slice(0, 6)) expectNear(bytes, (4 / 6) * MEGABYTE);
  });

  it('lends what a group does not use, and gives it back at once', () => {
    const groups = [
      { rate: 0, weight: 1 },
      { rate: 0, weight: 1 },
    ];
    const paced = new PacedWorld({ total: 4 * MEGABYTE, connection: 0, groups });
    paced.download(1, 40);
    paced.measure(SECOND);
    const [alone] = paced.measure(2 * SECOND);
    expectNear(alone!, 8 * MEGABYTE, 0.03);
    paced.download(2, 40);
    paced.measure(SECOND / 2);
    const [first, second] = paced.measure(2 * SECOND);
    expectNear(first!, 4 * MEGABYTE);
    expectNear(second!, 4 * MEGABYTE);
  });

  it('lends what a connection with a rate of its own leaves of its share', () => {
    const paced = new PacedWorld({ total: 4 * MEGABYTE, connection: 0, groups: [] });
    const slow = paced.download(0, 10);
    slow.connection.pacingRate = MEGABYTE / 2;
    paced.download(0, 20);
    paced.measure(SECOND);
    const [little, much] = paced.measure(3 * SECOND);
    expectNear(little!, 1.5 * MEGABYTE);
    expectNear(much!, 10.5 * MEGABYTE);
  });

  it('keeps a group to its own rate, and each connection to that of the plan', () => {
    const groups = [
      { rate: MEGABYTE, weight: 1 },
      { rate: 0, weight: 1 },
    ];
    const paced = new PacedWorld({ total: 0, connection: 2 * MEGABYTE, groups });
    paced.download(1, 10);
    paced.download(1, 10);
    paced.download(2, 10);
    paced.measure(SECOND);
    const [one, two, three] = paced.measure(3 * SECOND);
    expectNear(one! + two!, 3 * MEGABYTE, 0.05);
    expectNear(one!, two!);
    expectNear(three!, 6 * MEGABYTE, 0.05);
  });

  it('keeps the rate on a link that loses and reorders, and delivers every byte', () => {
    const link = { impairment: { delay: 10 * MILLISECOND, loss: 0.01, reordering: 0.01 } };
    const paced = new PacedWorld({ total: 2 * MEGABYTE, connection: 0, groups: [] }, { link });
    const one = paced.download(0, 3);
    const two = paced.download(0, 3);
    one.connection.close();
    two.connection.close();
    const began = paced.world.network.clock.now;
    paced.world.network.runUntil(() => one.client.hasEnded && two.client.hasEnded, 60 * SECOND);
    const seconds = (paced.world.network.clock.now - began) / SECOND;
    expect([one.client.bytes, two.client.bytes]).to.deep.equal([3 * MEGABYTE, 3 * MEGABYTE]);
    expect(one.client.data.subarray(0, MEGABYTE).equals(pattern(MEGABYTE, 7))).to.equal(true);
    expect(seconds).to.be.within(2.9, 6);
  });

  it('divides by weight where the device takes super-segments too', () => {
    const groups = [
      { rate: 0, weight: 1 },
      { rate: 0, weight: 2 },
    ];
    const link = { ...LINK, offload: 'whole' as const };
    const paced = new PacedWorld({ total: 30 * MEGABYTE, connection: 0, groups }, { link });
    paced.download(1, 40);
    paced.download(2, 60);
    paced.measure(SECOND / 2);
    const [first, second] = paced.measure(SECOND);
    expectNear(first!, 10 * MEGABYTE);
    expectNear(second!, 20 * MEGABYTE);
  });

  it('changes rates and weights while connections wait, and forgets those that end', () => {
    const groups = [
      { rate: 0, weight: 1 },
      { rate: 0, weight: 1 },
    ];
    const paced = new PacedWorld({ total: 2 * MEGABYTE, connection: 0, groups });
    const first = paced.download(1, 30);
    paced.download(2, 30);
    paced.measure(SECOND);
    paced.world.server.pace({ total: 4 * MEGABYTE, connection: 0, groups: [groups[0]!, { rate: 0, weight: 3 }] });
    paced.measure(SECOND / 2);
    const [one, three] = paced.measure(2 * SECOND);
    expectNear(one!, 2 * MEGABYTE);
    expectNear(three!, 6 * MEGABYTE);
    first.connection.abort();
    paced.measure(SECOND / 2);
    const [, all] = paced.measure(SECOND);
    expectNear(all!, 4 * MEGABYTE, 0.05);
    paced.world.server.pace({ total: 0, connection: 0, groups: [] });
    paced.measure(SECOND / 4);
    const [, unpaced] = paced.measure(SECOND / 4);
    expect(unpaced).to.be.above(3 * MEGABYTE);
  });

  it('paces connections that were there before the plan', () => {
    const paced = new PacedWorld(undefined);
    paced.download(0, 200);
    paced.measure(SECOND);
    paced.world.server.pace({ total: MEGABYTE, connection: 0, groups: [] });
    paced.measure(SECOND);
    const [bytes] = paced.measure(2 * SECOND);
    expectNear(bytes!, 2 * MEGABYTE, 0.05);
  });

  it('does not probe a window that is open, and does not send again, while a connection waits', () => {
    const paced = new PacedWorld({ total: 10_000, connection: 0, groups: [] });
    for (let at = 0; at < 8; at++) paced.download(0, 1);
    paced.measure(20 * SECOND);
    const { windowProbes, retransmits, timeouts } = paced.world.server.statistics.tcp;
    expect({ windowProbes, retransmits, timeouts }).to.deep.equal({ windowProbes: 0, retransmits: 0, timeouts: 0 });
  });

  it('refuses a plan that makes no sense', () => {
    const { server } = new TcpWorld();
    const plan = { total: 0, connection: 0, groups: [] };
    expect(() => server.pace({ ...plan, total: 999 })).to.throw(RangeError, 'total must be 0 or at least 1000');
    expect(() => server.pace({ ...plan, connection: Number.NaN })).to.throw(RangeError, 'connection');
    expect(() => server.pace({ ...plan, groups: [{ rate: 0, weight: 0 }] })).to.throw(RangeError, 'weight');
  });
});
