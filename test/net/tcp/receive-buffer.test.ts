/** The receive buffer grows with the path and the program, as Linux's does (tcp_moderate_rcvbuf). */
import { expect } from 'chai';
import { MILLISECOND, SECOND } from '../../../src/net/clock.js';
import type { TcpSettings } from '../../../src/net/tcp/settings.js';
import { type Collector, pattern, sendAll, TcpWorld } from '../../support/tcp-world.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const BYTES = pattern(24 * MIB);

/** An upload over a path with a round trip of 100 ms. */
function upload(tcp: Partial<TcpSettings> = {}): [TcpWorld, Collector] {
  const world = new TcpWorld({ link: { offload: 'whole', impairment: { delay: 50 * MILLISECOND } }, tcp });
  const [client, server] = world.open();
  sendAll(client, BYTES);
  return [world, server];
}

/** How long the whole upload takes, seconds of virtual time. */
function duration(tcp: Partial<TcpSettings> = {}): number {
  const [{ network }, server] = upload(tcp);
  network.runUntil(() => server.bytes === BYTES.length, 1000 * SECOND);
  return network.clock.now / SECOND;
}

describe('tcp: the receive buffer', () => {
  for (const timestamps of [true, false]) {
    it(`grows, ${timestamps ? 'with' : 'without'} timestamps, until it does not bound the speed any more [LX-12]`, () => {
      // 256 KiB each 100 ms take ten seconds for 24 MiB.
      expect(duration({ timestamps, receiveBufferBytes: 256 * KIB })).to.be.greaterThan(9);
      expect(duration({ timestamps })).to.be.below(2.5);
    });
  }

  it('grows to receiveBufferBytes and no further [LX-12]', () => {
    const [{ network }, server] = upload({ receiveBufferBytes: 700_000 });
    expect(server.connection.receiveBuffer).to.equal(256 * KIB);
    network.runUntil(() => server.bytes === BYTES.length, 1000 * SECOND);
    expect(server.connection.receiveBuffer).to.equal(700_000);
    const { rcvWnd, receiveScale } = server.connection.info();
    expect(receiveScale).to.equal(4);
    expect(rcvWnd).to.be.within(700_000 - 2 * 1460, 700_000 + 16);
  });

  it('is the same for the same seed', () => {
    const sizes = [1, 2].map(() => {
      const [{ network }, server] = upload();
      network.runFor(900 * MILLISECOND);
      return [server.connection.receiveBuffer, server.bytes];
    });
    expect(sizes[0]).to.deep.equal(sizes[1]);
    expect(sizes[0]![0]).to.be.greaterThan(256 * KIB);
  });

  it('stays as it is for a program that does not read: what is kept is bounded', () => {
    const [{ network }, server] = upload();
    server.appetite = 0;
    network.runFor(20 * SECOND);
    expect(server.connection.receiveBuffer).to.equal(256 * KIB);
    expect(server.connection.unreadBytes).to.be.within(256 * KIB - 128, 256 * KIB * (1 + 1 / 16));
  });

  it('stays as it is on a short path with little to do', () => {
    const world = new TcpWorld();
    const [client, server] = world.open();
    for (let i = 0; i < 100; i++) {
      sendAll(client, BYTES.subarray(0, 1000));
      world.network.runFor(10 * MILLISECOND);
    }
    expect(server.connection.receiveBuffer).to.equal(256 * KIB);
  });

  it('stays as the program has set it', () => {
    const [{ network }, server] = upload();
    server.connection.receiveBuffer = 100_000;
    network.runFor(5 * SECOND);
    expect(server.connection.receiveBuffer).to.equal(100_000);
  });

  it('does not grow while received bytes fill half of the memory that all connections share', () => {
    const [{ network, server: stack }, server] = upload({ maximumBufferedBytes: 1_000_000 });
    stack.tcp.host.bufferedBytes += 600_000;
    network.runFor(1 * SECOND);
    expect(server.connection.receiveBuffer).to.equal(256 * KIB);
    stack.tcp.host.bufferedBytes -= 600_000;
    network.runFor(1 * SECOND);
    expect(server.connection.receiveBuffer).to.be.greaterThan(256 * KIB);
  });
});
