import { expect } from 'chai';
import { SECOND } from '../../../src/net/clock.js';
import { IPV4_LEAST_PATH_MTU, nextLowerPlateau } from '../../../src/net/ip/path-mtu.js';
import type { Route } from '../../../src/net/ip/route.js';
import { RouteTable } from '../../../src/net/ip/route-table.js';
import { FAR, GATEWAY, GATEWAY_MAC, InternetWorld, OURS_6, PEER, PEER_6 } from '../../support/internet-world.js';
import { pattern, readIp } from '../../support/packets.js';

describe('path MTU', () => {
  let world: InternetWorld;
  let route: Route;

  beforeEach(() => {
    world = new InternetWorld({ gateway: GATEWAY }).started();
    world.introduce(GATEWAY, GATEWAY_MAC);
    route = world.route(FAR);
  });

  it('starts at the MTU of the link', () => {
    expect(route.mtu).to.equal(1500);
    expect(new InternetWorld({ mtu: 9000 }).started().route(PEER).mtu).to.equal(9000);
  });

  it('goes down to what is told, and is shared by all that use the route (1191-1)', () => {
    expect(route.reducePathMtu(1400)).to.equal(true);
    expect(world.route(FAR).mtu).to.equal(1400);
    expect(world.route('192.0.2.8').mtu).to.equal(1500);
  });

  it('is never raised by being told more (1191-2)', () => {
    route.reducePathMtu(1400);
    expect(route.reducePathMtu(1450)).to.equal(false);
    expect(route.reducePathMtu(9000)).to.equal(false);
    expect(route.mtu).to.equal(1400);
  });

  it('never goes under a floor by a forged report: below it routers may fragment instead (1191-2)', () => {
    expect(readIp(world.send(route, pattern(30))[0]!).dontFragment).to.equal(true);
    for (const told of [20, 0, 67, 68, 296]) {
      expect(route.reducePathMtu(told)).to.equal(told === 20);
      expect(route.mtu).to.equal(IPV4_LEAST_PATH_MTU);
    }
    expect(readIp(world.send(route, pattern(30))[0]!).dontFragment).to.equal(false);
  });

  it('is the link MTU again ten minutes after the last reduction (1191-2)', () => {
    route.reducePathMtu(1400);
    world.advance(500);
    route.reducePathMtu(1300);
    world.advance(599);
    expect(route.mtu).to.equal(1300);
    world.advance(2);
    expect(route.mtu).to.equal(1500);
    route.reducePathMtu(100);
    world.clock.now += 601 * SECOND;
    expect(route.mtu).to.equal(1500);
    expect(route.dontFragment).to.equal(true);
  });

  it('over IPv6 a report below 1280 is discarded (8201-1)', () => {
    world = new InternetWorld({ addresses: [`${OURS_6}/64`] }).started();
    route = world.route(PEER_6);
    expect(route.reducePathMtu(1000)).to.equal(false);
    expect(route.mtu).to.equal(1500);
    expect(route.reducePathMtu(1400)).to.equal(true);
    expect(route.reducePathMtu(9000)).to.equal(false);
    expect(route.mtu).to.equal(1400);
  });

  it('plateaus: the next lower size of RFC 1191 section 7.1 (1191-2)', () => {
    const steps = [65535, 32000, 17914, 8166, 4352, 2002, 1492, 1280, 1006, 508, 296, 68, 68];
    for (const [i, size] of steps.slice(0, -1).entries()) expect(nextLowerPlateau(size)).to.equal(steps[i + 1]);
    expect(nextLowerPlateau(1500)).to.equal(1492);
  });
});

describe('the route table', () => {
  it('is bounded: when full, what was not used lately makes room, and what is used stays', () => {
    const world = new InternetWorld({ gateway: GATEWAY, routes: 100 }).started();
    const kept = world.route('192.0.2.1');
    for (let i = 0; i < 5000; i++) {
      world.route(`198.51.${i >> 8}.${i & 255}`);
      if (i % 20 === 0) expect(world.route('192.0.2.1')).to.equal(kept);
    }
  });

  it('finds each of many routes, and none that was evicted', () => {
    const world = new InternetWorld({ gateway: GATEWAY }).started();
    const table = new RouteTable(64);
    const routes = Array.from({ length: 200 }, (_, i) => world.route(`198.51.${i >> 6}.${(i & 63) + 1}`));
    const find = ({ local, remote }: Route) =>
      table.find(
        local.word0,
        local.word1,
        local.word2,
        local.word3,
        remote.word0,
        remote.word1,
        remote.word2,
        remote.word3,
      );
    for (const route of routes) table.add(route);
    const found = routes.filter((route) => find(route) !== null);
    expect(table.size).to.equal(64);
    expect(found).to.have.length(64);
    for (const route of found) expect(find(route)).to.equal(route);
  });

  it('a connection keeps a route that left the table, and can still send over it', () => {
    const world = new InternetWorld({ gateway: GATEWAY, routes: 10 }).started();
    world.introduce(GATEWAY, GATEWAY_MAC);
    const kept = world.route(FAR);
    for (let i = 1; i < 50; i++) world.route(`198.51.100.${i}`);
    expect(world.route(FAR)).not.to.equal(kept);
    expect(world.send(kept, pattern(30)).map(readIp)[0]).to.include({ destination: FAR, ethernetTo: GATEWAY_MAC });
  });
});
