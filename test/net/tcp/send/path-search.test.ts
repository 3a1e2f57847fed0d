import { expect } from 'chai';
import { SECOND } from '../../../../src/net/clock.js';
import type { ConnectionInfo } from '../../../../src/net/tcp/connection-info.js';
import { Collector, pattern, sendAll, TcpWorld, type WorldOptions } from '../../../support/tcp-world.js';

/** The way from the server to the client: drops packets larger than `mtu` without a word, or all while `isDown`. */
interface Way {
  mtu: number;
  isDown: boolean;
  /** Packets that came to it, by size. */
  readonly sizes: number[];
}

const ETHERNET_BYTES = 14;
const MEBIBYTE = pattern(1024 * 1024, 5);

function makeWay(): Way {
  return { mtu: 1500, isDown: false, sizes: [] };
}

/** A server's connection over that way, 20 ms round trip; what it sends is taken by a client. */
function connect(way: Way, options: WorldOptions = {}) {
  const lose = (_bytes: Uint8Array, length: number) => {
    way.sizes.push(length - ETHERNET_BYTES);
    return way.isDown || length - ETHERNET_BYTES > way.mtu;
  };
  const impaired = { forth: { delay: 10_000 }, back: { delay: 10_000, lose } };
  const world = new TcpWorld({ ...options, link: { ...options.link, ...impaired } });
  const [client, server] = world.open();
  return { world, client, server, info: (): ConnectionInfo => server.connection.info() };
}

type Bench = ReturnType<typeof connect>;

/** Sends `bytes` and waits until the client has them. */
function deliver({ world, client, server }: Bench, bytes: Uint8Array): void {
  const before = client.bytes;
  sendAll(server, bytes);
  world.network.runUntil(() => client.bytes === before + bytes.length);
}

/** A second connection between the same two hosts, from the client's port on. */
function another({ world }: Bench): ConnectionInfo {
  let accepted: Collector | undefined;
  world.server.listen(81, (connection) => {
    accepted = new Collector(connection);
    return accepted;
  });
  world.client.connect(
    { address: world.address, port: 81 },
    { connected: (one) => new Collector(one), failed: () => {} },
  );
  world.network.runUntil(() => accepted !== undefined);
  return (accepted as Collector).connection.info();
}

const WAYS: [string, WorldOptions][] = [
  ['in segments', {}],
  ['with offload', { link: { offload: 'cut' } }],
  ['with timestamps off', { tcp: { timestamps: false } }],
  ['over IPv6', { ipv6: true }],
];

describe('tcp: black holes', () => {
  for (const [name, options] of WAYS) {
    it(`${name}: an outage, short or long, changes nothing [4821-2]`, () => {
      for (const seconds of [1, 5, 20, 60]) {
        const way = makeWay();
        const bench = connect(way, options);
        const before = bench.info();
        deliver(bench, MEBIBYTE.subarray(0, 50_000));
        way.isDown = true;
        sendAll(bench.server, MEBIBYTE.subarray(0, 500_000));
        bench.world.network.runFor(seconds * SECOND);
        way.isDown = false;
        bench.world.network.runUntil(() => bench.client.bytes === 550_000);
        const { pathMtu, sendMss } = bench.info();
        expect([seconds, pathMtu, sendMss]).to.deep.equal([seconds, before.pathMtu, before.sendMss]);
        expect(another(bench).sendMss).to.equal(before.sendMss);
        expect(bench.world.server.statistics.tcp.blackHoles).to.equal(0);
      }
    });

    it(`${name}: a black hole is found, and the largest size that gets through [4821-1] [4821-3]`, () => {
      const way = makeWay();
      way.mtu = 1420;
      const bench = connect(way, options);
      const started = bench.world.network.clock.now;
      deliver(bench, MEBIBYTE.subarray(0, 100_000));
      expect(bench.world.network.clock.now - started).to.be.lessThan(6 * SECOND);
      deliver(bench, MEBIBYTE);
      expect(bench.info().pathMtu).to.be.within(1420 - 64, 1420);
      expect(bench.world.server.statistics.tcp.blackHoles).to.equal(1);
      // It is a finding of this connection alone.
      expect(another(bench).pathMtu).to.equal(1500);
    });

    it(`${name}: a hole that heals is found to have healed, ten minutes later [4821-4]`, () => {
      const way = makeWay();
      way.mtu = 1400;
      const bench = connect(way, options);
      const before = bench.info();
      deliver(bench, MEBIBYTE);
      expect(bench.info().pathMtu).to.be.within(1400 - 64, 1400);
      way.mtu = 1500;
      bench.world.network.runFor(500 * SECOND);
      deliver(bench, MEBIBYTE);
      expect(bench.info().pathMtu).to.be.lessThan(1401);
      bench.world.network.runFor(110 * SECOND);
      deliver(bench, MEBIBYTE);
      expect([bench.info().pathMtu, bench.info().sendMss]).to.deep.equal([1500, before.sendMss]);
    });

    it(`${name}: one that does not heal is probed once in ten minutes, and no window is lost by it [4821-5]`, () => {
      const way = makeWay();
      way.mtu = 1400;
      const bench = connect(way, options);
      deliver(bench, MEBIBYTE);
      const { fastRetransmits, timeouts } = bench.world.server.statistics.tcp;
      const { pathMtu } = bench.info();
      bench.world.network.runFor(610 * SECOND);
      way.sizes.length = 0;
      deliver(bench, MEBIBYTE);
      deliver(bench, MEBIBYTE);
      expect(bench.info().pathMtu).to.be.within(pathMtu - 32, 1400);
      const tooLarge = way.sizes.filter((size) => size > 1400);
      expect(tooLarge.length).to.be.within(1, 8);
      const after = bench.world.server.statistics.tcp;
      expect([after.fastRetransmits, after.timeouts]).to.deep.equal([fastRetransmits, timeouts]);
    });
  }

  it('a hole for all above 576 bytes is found by the second trial', () => {
    const way = makeWay();
    way.mtu = 600;
    const bench = connect(way);
    deliver(bench, MEBIBYTE.subarray(0, 100_000));
    expect(bench.info().pathMtu).to.be.within(576 - 32, 600);
  });

  it('a connection that sends only small segments has no doubts, and no effect on others', () => {
    const way = makeWay();
    const bench = connect(way);
    deliver(bench, MEBIBYTE.subarray(0, 500));
    way.isDown = true;
    sendAll(bench.server, MEBIBYTE.subarray(0, 1000));
    bench.world.network.runFor(30 * SECOND);
    expect(way.sizes.filter((size) => size > 100).every((size) => size >= 500)).to.equal(true);
    expect(way.sizes.filter((size) => size > 1000).length).to.be.greaterThan(3);
    way.isDown = false;
    bench.world.network.runUntil(() => bench.client.bytes === 1500);
    expect(bench.info().pathMtu).to.equal(1500);
  });

  it('large messages among small ones: each gets through, and the second shows the hole', () => {
    const way = makeWay();
    way.mtu = 1400;
    const bench = connect(way, { tcp: { nagle: false } });
    const sent = { bytes: 0 };
    for (const length of [100, 1440, 100, 100, 1440, 1440, 100, 1440]) {
      sendAll(bench.server, MEBIBYTE.subarray(0, length));
      sent.bytes += length;
      bench.world.network.runFor(4 * SECOND);
      expect(bench.client.bytes).to.equal(sent.bytes);
    }
    expect(bench.info().pathMtu).to.equal(1280);
    expect(bench.world.server.statistics.tcp.blackHoles).to.equal(1);
  });

  it('without SACK no probes are sent, and the limit ends after ten minutes', () => {
    const way = makeWay();
    way.mtu = 1400;
    const bench = connect(way, { tcp: { sack: false } });
    deliver(bench, MEBIBYTE);
    expect(bench.info().pathMtu).to.equal(1280);
    expect(bench.world.server.statistics.tcp.pathProbes).to.equal(0);
    way.mtu = 1500;
    bench.world.network.runFor(601 * SECOND);
    deliver(bench, MEBIBYTE);
    expect(bench.info().pathMtu).to.equal(1500);
  });

  it('switched off, large segments are sent again as they are until the connection ends', () => {
    const way = makeWay();
    way.mtu = 1400;
    const bench = connect(way, { tcp: { blackHoleDetection: false } });
    sendAll(bench.server, MEBIBYTE.subarray(0, 1460));
    bench.world.network.runFor(100 * SECOND);
    expect(bench.client.bytes).to.equal(0);
  });

  it('an ICMP report afterwards lowers what is sent, as before', () => {
    const way = makeWay();
    way.mtu = 1400;
    const bench = connect(way);
    deliver(bench, MEBIBYTE);
    const { pathMtu } = bench.info();
    const [tcb] = bench.world.server.tcp.host.connections.values();
    tcb?.route.reducePathMtu(1300);
    deliver(bench, MEBIBYTE.subarray(0, 10_000));
    expect(pathMtu).to.be.greaterThan(1300);
    expect([bench.info().pathMtu, bench.info().sendMss]).to.deep.equal([1300, 1300 - 52]);
  });
});
