import { expect } from 'chai';
import { IpAddress } from '../../../src/net/wire/address.js';
import { OUR_MAC } from '../../support/fake-device.js';
import { OURS_6 } from '../../support/internet-world.js';
import { addressBytes, concat, icmpv6, OTHER_MAC, pattern, readIp, word32 } from '../../support/packets.js';
import { macOption, NdpWorld, OUR_LINK_LOCAL, OVERRIDE, ROUTER, ROUTER_FLAG, ROUTER_MAC, SOLICITED } from './world.js';

const FAR_6 = '2001:db8:9::7';
const SECOND_ROUTER = 'fe80::fe';

describe('router discovery', () => {
  let world: NdpWorld;

  beforeEach(() => {
    world = new NdpWorld();
    world.startAndWatch(20);
  });

  it('solicits three times, 4 s apart, from our link-local address with our Ethernet address (4861-6)', () => {
    const sent = new NdpWorld().startAndWatch(30).filter(({ type }) => type === 133);
    expect(sent).to.have.length(3);
    expect(sent[0]!.at).to.be.within(0, 1);
    expect(sent[1]!.at - sent[0]!.at).to.be.closeTo(4, 1e-6);
    expect(sent[2]!.at - sent[1]!.at).to.be.closeTo(4, 1e-6);
    for (const message of sent) {
      expect(message).to.include({ source: OUR_LINK_LOCAL, destination: 'ff02::2', ethernetTo: '33:33:00:00:00:02' });
      expect(message).to.include({ hopLimit: 255, option: 1, mac: OUR_MAC, sumIsGood: true });
    }
  });

  it('while our address is being checked it solicits from ::, without option (4861-6)', () => {
    const sent = new NdpWorld({ duplicateDetection: 'strict' }).startAndWatch(1).filter(({ type }) => type === 133);
    expect(sent[0]).to.include({ source: '::', mac: '' });
  });

  it('solicits no more once a router has answered; not at all if advertisements are not wanted (4861-6)', () => {
    world = new NdpWorld();
    world.startAndWatch(1.1);
    world.route6();
    expect(world.watch(30).filter(({ type }) => type === 133)).to.have.length(0);
    world = new NdpWorld({ acceptRouterAdvertisements: false });
    expect(world.startAndWatch(30).filter(({ type }) => type === 133)).to.have.length(0);
    world.route6();
    expect(() => world.route(FAR_6)).to.throw('no route');
  });

  it('goes on asking after an advertisement of one that is no default router (4861-6)', () => {
    world = new NdpWorld();
    world.startAndWatch(1.1);
    world.route6({ lifetime: 0 });
    expect(world.watch(30).filter(({ type }) => type === 133)).to.have.length(2);
  });

  it('a router becomes the way out until its lifetime ends; lifetime 0 takes it away at once (4861-6)', () => {
    expect(() => world.route(FAR_6)).to.throw('no route');
    world.route6({ lifetime: 100 });
    expect(world.whereTo(FAR_6)).to.equal(ROUTER_MAC);
    const held = world.route(FAR_6);
    world.route6({ lifetime: 0 });
    expect(() => world.route(FAR_6)).to.throw('no route');
    expect(world.send(held, pattern(40))).to.have.length(0);
    expect(world.statistics.ip.noRoute).to.equal(1);
    world.route6({ lifetime: 100 });
    world.watch(101);
    expect(() => world.route('2001:db8:9::8')).to.throw('no route');
  });

  it('one that is not from a link-local address, or with a wrong hop limit, is dropped (4861-6)', () => {
    world.route6({}, { source: 'fd77::ff' });
    world.route6({}, { hopLimit: 254 });
    expect(() => world.route(FAR_6)).to.throw('no route');
    expect(world.statistics.ndp.malformed).to.equal(2);
  });

  it('hop limit and MTU are taken; an MTU under 1280 or above the device is not (4861-6)', () => {
    const mtu = (value: number) =>
      world.route6({ hopLimit: 0 }, { options: [macOption(1, ROUTER_MAC), [5, 1, 0, 0, ...word32(value)]] });
    world.route6({ hopLimit: 33 });
    const route = world.route(FAR_6);
    expect(readIp(world.send(route, pattern(40))[0]!).ttl).to.equal(33);
    mtu(1400);
    expect(route.mtu).to.equal(1400);
    expect(route.linkMtu).to.equal(1400);
    expect(readIp(world.send(route, pattern(40))[0]!).ttl).to.equal(33);
    mtu(1279);
    mtu(1501);
    expect(route.mtu).to.equal(1400);
    expect(world.route('2001:db8:9::8').mtu).to.equal(1400);
  });

  it('its timers are taken: a retransmission time of 3 s spaces the questions (4861-6)', () => {
    world.route6({ retransMs: 3000, reachableMs: 10_000 });
    const start = world.clock.now / 1e6;
    world.send(world.route('fd77::5'), pattern(40));
    const questions = world.watch(20).filter(({ target }) => target === 'fd77::5');
    expect(questions.map(({ at }) => at - start)).to.deep.equal([3, 6]);
  });

  it('of two routers the one that answers is used; when it falls silent, the other (4861-6)', () => {
    world.route6();
    world.route6({}, { source: SECOND_ROUTER, from: OTHER_MAC, options: [macOption(1, OTHER_MAC)] });
    const route = world.route(FAR_6);
    expect(world.whereTo(FAR_6)).to.equal(ROUTER_MAC);
    world.watch(4);
    world.advertise(SECOND_ROUTER, OTHER_MAC, ROUTER_FLAG | OVERRIDE);
    world.watch(10);
    expect(readIp(world.send(route, pattern(40))[0]!).ethernetTo).to.equal(OTHER_MAC);
  });

  it("a router whose advertisements stop being a router's is taken off the list (4861-4)", () => {
    world.route6();
    expect(world.whereTo(FAR_6)).to.equal(ROUTER_MAC);
    world.advertise(ROUTER, ROUTER_MAC, SOLICITED | OVERRIDE);
    expect(() => world.route(FAR_6)).to.throw('no route');
  });

  it('a gateway given by hand stays, whatever is advertised', () => {
    world = new NdpWorld({ gateway6: ROUTER });
    world.startAndWatch(20);
    world.route6({ lifetime: 1 });
    world.route6({ lifetime: 0 });
    expect(world.whereTo(FAR_6)).to.equal(ROUTER_MAC);
  });

  it('hostile routers are bounded', () => {
    for (let i = 1; i <= 100; i++) world.route6({}, { source: `fe80::bad:${i.toString(16)}` });
    world.route6();
    expect(world.route(FAR_6).neighbor.address.toString()).to.equal('fe80::bad:1');
  });

  it('a listener query is answered with our groups, within the time it gives', () => {
    const query = icmpv6('fe80::ff', 'ff02::1', 130, 0, 2000 << 16, concat(addressBytes('::'), [2, 125, 0, 0]));
    const link = { to: '33:33:00:00:00:01' };
    world.ip6({ source: 'fe80::ff', destination: 'ff02::1', next: 58, hopLimit: 1, payload: query }, link);
    const reports = world.advance(2).filter(({ bytes }) => bytes[20] === 0);
    expect(reports).to.have.length(1);
    world.ip6({ source: 'fe80::ff', destination: 'ff02::1', next: 58, hopLimit: 2, payload: query }, link);
    const far = icmpv6('fd77::ff', 'ff02::1', 130, 0, 2000 << 16, concat(addressBytes('::'), [2, 125, 0, 0]));
    world.ip6({ source: 'fd77::ff', destination: 'ff02::1', next: 58, hopLimit: 1, payload: far }, link);
    expect(world.advance(3)).to.have.length(0);
    expect(reports[0]!.bytes[14 + 48 + 8]).to.equal(2);
    expect(String(IpAddress.readV6(reports[0]!.bytes, 14 + 8))).to.equal(OUR_LINK_LOCAL);
  });

  describe('redirects', () => {
    const BETTER = 'fe80::be';

    beforeEach(() => {
      world.route6();
      expect(world.whereTo(FAR_6)).to.equal(ROUTER_MAC);
    });

    function redirect(target: string, message: Parameters<NdpWorld['ndp']>[3] = {}): void {
      const body = concat(addressBytes(target), addressBytes(FAR_6));
      world.ndp(137, 0, body, { source: ROUTER, destination: OURS_6, options: [macOption(2, OTHER_MAC)], ...message });
    }

    it('one from the first hop in use is followed, with the Ethernet address it tells (4861-7)', () => {
      redirect(BETTER);
      expect(world.whereTo(FAR_6)).to.equal(OTHER_MAC);
      expect(world.statistics.icmp.redirectsFollowed).to.equal(1);
    });

    it('one that says that the destination itself is a neighbour is followed (4861-7)', () => {
      redirect(FAR_6);
      expect(world.route(FAR_6).neighbor.address.toString()).to.equal(FAR_6);
    });

    it('one from another router, not link-local, too far, or to no router is ignored (4861-7)', () => {
      redirect(BETTER, { source: SECOND_ROUTER });
      redirect(BETTER, { source: 'fd77::ff' });
      redirect(BETTER, { hopLimit: 254 });
      redirect('fd77::5');
      redirect(OUR_LINK_LOCAL);
      expect(world.whereTo(FAR_6)).to.equal(ROUTER_MAC);
    });

    it('the new hop that does not answer is given up for the router', () => {
      redirect(BETTER, { options: [] });
      expect(world.whereTo(FAR_6)).to.equal('asks');
      world.watch(4);
      expect(world.whereTo(FAR_6)).to.equal(ROUTER_MAC);
    });
  });
});
