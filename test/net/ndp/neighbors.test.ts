import { expect } from 'chai';
import { OUR_MAC } from '../../support/fake-device.js';
import { OURS_6, PEER_6 } from '../../support/internet-world.js';
import { OTHER_MAC, PEER_MAC, pattern, readIp } from '../../support/packets.js';
import {
  ALL_NODES,
  ALL_NODES_MAC,
  macOption,
  NdpWorld,
  OUR_GROUP,
  OUR_GROUP_MAC,
  OVERRIDE,
  ROUTER_FLAG,
  readMessage,
  SOLICITED,
} from './world.js';

describe('neighbour discovery', () => {
  let world: NdpWorld;

  beforeEach(() => {
    world = new NdpWorld().started() as NdpWorld;
  });

  describe('validity of messages', () => {
    const group = { destination: OUR_GROUP, to: OUR_GROUP_MAC };

    it('hop limit 254, another code, options of length 0 or past the end: dropped (4861-1)', () => {
      for (const message of [
        { hopLimit: 254 },
        { code: 1 },
        { options: [[1, 0, 2, 0xfa, 0x57, 0, 0, 1]] },
        { options: [[1, 2, 2, 0xfa, 0x57, 0, 0, 1]] },
        { options: [[1]] },
      ]) {
        expect(world.solicit(OURS_6, { ...group, ...message })).to.have.length(0);
      }
      expect(world.statistics.ndp.malformed).to.equal(5);
      expect(world.solicit(OURS_6, group)).to.have.length(1);
    });

    it('a message that is too short is dropped (4861-1)', () => {
      expect(world.ndp(135, 0, new Uint8Array(15), {})).to.have.length(0);
      expect(world.ndp(136, 0, new Uint8Array(15), {})).to.have.length(0);
      expect(world.ndp(134, 1800, new Uint8Array(7), { source: 'fe80::ff' })).to.have.length(0);
      expect(world.ndp(137, 0, new Uint8Array(31), { source: 'fe80::ff' })).to.have.length(0);
      expect(world.statistics.ndp.malformed).to.equal(4);
    });

    it('a group as target, a solicitation from :: with an option or to one host: dropped (4861-1)', () => {
      expect(world.solicit('ff02::1:ff00:2', group)).to.have.length(0);
      expect(world.solicit(OURS_6, { ...group, source: '::' })).to.have.length(0);
      expect(world.solicit(OURS_6, { source: '::', options: [] })).to.have.length(0);
      world.advertise('ff02::1', PEER_MAC, SOLICITED | OVERRIDE, { source: PEER_6 });
      expect(world.statistics.ndp.malformed).to.equal(4);
    });

    it('an advertisement to a group that claims to be solicited is dropped (4861-1)', () => {
      expect(world.whereTo(PEER_6)).to.equal('asks');
      const toAll = { destination: ALL_NODES, to: ALL_NODES_MAC };
      expect(world.advertise(PEER_6, PEER_MAC, SOLICITED | OVERRIDE, toAll)).to.have.length(0);
      expect(world.advertise(PEER_6, PEER_MAC, OVERRIDE, toAll)).to.have.length(1);
    });

    it('unknown options are skipped (4861-1)', () => {
      const options = [[14, 1, 1, 2, 3, 4, 5, 6], macOption(1, PEER_MAC)];
      expect(world.solicit(OURS_6, { ...group, options })).to.have.length(1);
      expect(world.whereTo(PEER_6)).to.equal(PEER_MAC);
    });
  });

  describe('answering', () => {
    it('a solicitation: our Ethernet address, solicited and override set, to the asker (4861-2)', () => {
      const [answer, ...more] = world.solicit(OURS_6, { destination: OUR_GROUP, to: OUR_GROUP_MAC });
      expect(more).to.have.length(0);
      expect(answer).to.include({ type: 136, code: 0, rest: SOLICITED + OVERRIDE, sumIsGood: true, hopLimit: 255 });
      expect(answer).to.include({ source: OURS_6, destination: PEER_6, target: OURS_6, ethernetTo: PEER_MAC });
      expect(answer).to.include({ option: 2, mac: OUR_MAC });
    });

    it('one from :: is answered to all nodes, not as solicited (4861-2)', () => {
      const [answer] = world.solicit(OURS_6, { source: '::', destination: OUR_GROUP, to: OUR_GROUP_MAC, options: [] });
      expect(answer).to.include({ type: 136, rest: OVERRIDE, destination: ALL_NODES, ethernetTo: ALL_NODES_MAC });
      expect(answer).to.include({ target: OURS_6, mac: OUR_MAC, sumIsGood: true });
    });

    it("one without the asker's Ethernet address is answered once that is known", () => {
      const [question] = world.solicit(OURS_6, { options: [] });
      expect(question).to.include({ type: 135, target: PEER_6 });
      const answer = readMessage(world.advertise(PEER_6, PEER_MAC, SOLICITED | OVERRIDE)[0]!);
      expect(answer).to.include({ type: 136, target: OURS_6, ethernetTo: PEER_MAC });
    });

    it('one for another address is not answered', () => {
      expect(world.solicit('fd77::1:2', { destination: OUR_GROUP, to: OUR_GROUP_MAC })).to.have.length(0);
    });

    it('the asker is known afterwards, and a changed address is followed', () => {
      world.solicit(OURS_6);
      expect(world.whereTo(PEER_6)).to.equal(PEER_MAC);
      world.solicit(OURS_6, { options: [macOption(1, OTHER_MAC)] });
      expect(world.whereTo(PEER_6)).to.equal(OTHER_MAC);
    });

    it("a group as the asker's Ethernet address is not believed", () => {
      world.solicit(OURS_6, { options: [macOption(1, '33:33:00:00:00:01')] });
      expect(world.whereTo(PEER_6)).to.equal('waits');
    });
  });

  describe('resolution', () => {
    it('asks the group of the address, with our own Ethernet address, and keeps the packet (4861-3)', () => {
      const question = readMessage(world.send(world.route(PEER_6), pattern(700))[0]!);
      expect(question).to.include({ type: 135, rest: 0, sumIsGood: true, hopLimit: 255, target: PEER_6 });
      expect(question).to.include({ source: OURS_6, destination: 'ff02::1:ff00:1', ethernetTo: '33:33:ff:00:00:01' });
      expect(question).to.include({ option: 1, mac: OUR_MAC });
      const sent = world.advertise(PEER_6, PEER_MAC, SOLICITED | OVERRIDE).map(readIp);
      expect(sent).to.have.length(1);
      expect(sent[0]).to.include({ ethernetTo: PEER_MAC, headerIsGood: true, protocol: 6, source: OURS_6 });
      expect(sent[0]!.payload).to.deep.equal(pattern(700));
    });

    it('three questions 1 s apart, then the caller is told 1/3 (4861-3)', () => {
      const start = world.clock.now / 1e6;
      world.send(world.route(PEER_6), pattern(40));
      const later = world.watch(10);
      expect(later.map(({ at, type }) => [at - start, type])).to.deep.equal([
        [1, 135],
        [2, 135],
      ]);
      expect(world.errors).to.have.length(1);
      expect(world.errors[0]).to.include({ type: 1, code: 3, local: OURS_6, remote: PEER_6 });
      expect(world.statistics.ndp.unresolved).to.equal(1);
    });

    it('a SYN from an unknown neighbour is answered without asking, and verified 5 s later', () => {
      world.onReceive = (packet) => world.layer.routeBack(packet);
      world.ip6({});
      expect(world.whereTo(PEER_6)).to.equal(PEER_MAC);
      const start = world.clock.now / 1e6;
      expect(world.watch(5.5).map(({ at, type, ethernetTo }) => [at - start, type, ethernetTo])).to.deep.equal([
        [5, 135, PEER_MAC],
      ]);
    });

    it('an answer without an Ethernet address resolves nothing', () => {
      world.send(world.route(PEER_6), pattern(40));
      expect(world.advertise(PEER_6, '', SOLICITED | OVERRIDE)).to.have.length(0);
      expect(world.advertise(PEER_6, PEER_MAC, SOLICITED)).to.have.length(1);
    });
  });

  describe('advertisements for what is known', () => {
    beforeEach(() => {
      world.send(world.route(PEER_6), pattern(40));
      world.advertise(PEER_6, PEER_MAC, SOLICITED | OVERRIDE);
    });

    it('unasked, about a stranger: nothing is learnt (4861-4)', () => {
      world.advertise('fd77::5', OTHER_MAC, SOLICITED | OVERRIDE);
      expect(world.whereTo('fd77::5')).to.equal('asks');
    });

    it('another Ethernet address without override is not taken, but raises doubt (4861-4)', () => {
      world.advertise(PEER_6, OTHER_MAC, SOLICITED);
      expect(world.whereTo(PEER_6)).to.equal(PEER_MAC);
      expect(world.watch(5.5)).to.have.length(1);
    });

    it('another one with override is taken; if solicited it is believed, else to be verified (4861-4)', () => {
      world.advertise(PEER_6, OTHER_MAC, SOLICITED | OVERRIDE);
      expect(world.whereTo(PEER_6)).to.equal(OTHER_MAC);
      expect(world.watch(8)).to.have.length(0);
      world.advertise(PEER_6, PEER_MAC, OVERRIDE);
      expect(world.whereTo(PEER_6)).to.equal(PEER_MAC);
      expect(world.watch(5.5)).to.have.length(1);
    });

    it('a router that says that it is none any more is no router any more (4861-4)', () => {
      world.advertise(PEER_6, PEER_MAC, ROUTER_FLAG | SOLICITED | OVERRIDE);
      const route = world.route(PEER_6);
      expect(route.neighbor.isRouter).to.equal(true);
      world.advertise(PEER_6, PEER_MAC, SOLICITED | OVERRIDE);
      expect(route.neighbor.isRouter).to.equal(false);
    });
  });

  describe('unreachability', () => {
    beforeEach(() => {
      world.send(world.route(PEER_6), pattern(40));
      world.advertise(PEER_6, PEER_MAC, SOLICITED | OVERRIDE);
    });

    it('stale after about 30 s, delay 5 s, three unicast probes, gone (4861-5)', () => {
      world.watch(60);
      const start = world.clock.now / 1e6;
      expect(world.whereTo(PEER_6)).to.equal(PEER_MAC);
      const probes = world.watch(20);
      expect(probes.map(({ at, destination, ethernetTo }) => [at - start, destination, ethernetTo])).to.deep.equal([
        [5, PEER_6, PEER_MAC],
        [6, PEER_6, PEER_MAC],
        [7, PEER_6, PEER_MAC],
      ]);
      expect(world.whereTo(PEER_6)).to.equal('asks');
    });

    it('within 15 s nothing is asked: the random reachable time is 15 to 45 s (4861-5)', () => {
      world.watch(14.9);
      world.whereTo(PEER_6);
      expect(world.watch(20)).to.have.length(0);
      world.watch(30);
      world.whereTo(PEER_6);
      expect(world.watch(20).length).to.be.above(0);
    });

    it('an answer to a probe, or progress of TCP, ends it (4861-5)', () => {
      world.watch(60);
      world.whereTo(PEER_6);
      expect(world.watch(5.5)).to.have.length(1);
      world.advertise(PEER_6, PEER_MAC, SOLICITED);
      expect(world.watch(10)).to.have.length(0);
      world.watch(60);
      world.whereTo(PEER_6);
      world.route(PEER_6).neighbor.confirm();
      expect(world.watch(10)).to.have.length(0);
    });
  });
});
