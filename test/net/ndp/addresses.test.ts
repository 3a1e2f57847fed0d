import { expect } from 'chai';
import { SECOND } from '../../../src/net/clock.js';
import { VirtualNetwork } from '../../../src/net/driver/virtual-network.js';
import type { DuplicateDetection } from '../../../src/net/ip/context.js';
import { createStack } from '../../../src/net/stack.js';
import { formatMac, IpAddress, IpNetwork, parseMac } from '../../../src/net/wire/address.js';
import { OUR_MAC } from '../../support/fake-device.js';
import { OURS_6 } from '../../support/internet-world.js';
import { icmpv6, OTHER_MAC, plainChecksum, pseudoV6, readFrame } from '../../support/packets.js';
import {
  ALL_NODES,
  ALL_NODES_MAC,
  NdpWorld,
  OUR_GROUP,
  OUR_GROUP_MAC,
  OUR_LINK_LOCAL,
  OUR_SLAAC,
  OVERRIDE,
  PREFIX,
  prefixOption,
  readMessage,
  SOLICITED,
} from './world.js';

const DAY = 86400;
const HOUR = 3600;

describe('IPv6 addresses', () => {
  const conflicts: string[] = [];

  beforeEach(() => {
    conflicts.length = 0;
  });

  function make(duplicateDetection: DuplicateDetection): NdpWorld {
    return new NdpWorld({
      duplicateDetection,
      onConflict: ({ address, mac, phase }) => conflicts.push(`${phase}: ${address} ${formatMac(mac)}`),
    });
  }

  describe('duplicate address detection', () => {
    it('strict: a solicitation from :: for each address, and it is ours a second later (4862-1)', () => {
      const world = make('strict');
      const sent = world.startAndWatch(3);
      const questions = sent.filter(({ type }) => type === 135);
      expect(questions.map(({ target }) => target).sort()).to.deep.equal([OURS_6, OUR_LINK_LOCAL].sort());
      for (const question of questions) {
        expect(question).to.include({ source: '::', destination: OUR_GROUP, ethernetTo: OUR_GROUP_MAC });
        expect(question).to.include({ option: 14, hopLimit: 255, sumIsGood: true }); // a nonce, no Ethernet address
        expect(question.at).to.be.within(0, 1);
        const announced = sent.find(({ type, target }) => type === 136 && target === question.target)!;
        expect(announced.at - question.at).to.be.closeTo(1, 1e-6);
        expect(announced).to.include({ destination: ALL_NODES, rest: OVERRIDE, mac: OUR_MAC });
      }
      expect(world.isLocal(OURS_6)).to.equal(true);
      expect(world.isLocal(OUR_LINK_LOCAL)).to.equal(true);
    });

    it('the groups are joined before the question: MLDv2 reports, said twice (4862-1)', () => {
      const world = make('strict');
      world.layer.start();
      const reports = [...world.device.takeSent(), ...world.advance(3).map(({ bytes }) => bytes)].filter(
        (bytes) => bytes[20] === 0,
      );
      expect(reports.length).to.be.at.least(3);
      const source = (payload: Uint8Array) => String(IpAddress.readV6(payload, 8));
      expect(source(readFrame(reports[0]!).payload)).to.equal('::');
      for (const bytes of reports) {
        const { to, payload } = readFrame(bytes);
        expect(to).to.equal('33:33:00:00:00:16');
        expect(
          plainChecksum(pseudoV6(source(payload), 'ff02::16', payload.length - 48, 58), payload.slice(48)),
        ).to.equal(0);
        expect(payload[7]).to.equal(1);
        expect(Array.from(payload.slice(40, 48))).to.deep.equal([58, 0, 5, 2, 0, 0, 1, 0]);
        expect(payload[48]).to.equal(143);
        expect(Array.from(payload.slice(60, 76))).to.deep.equal([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 2]);
      }
    });

    it('strict: while being checked an address gives no answers and is not spoken from (4862-2)', () => {
      const world = make('strict');
      world.startAndWatch(0.01);
      expect(world.isLocal(OURS_6)).to.equal(false);
      expect(world.solicit(OURS_6, { destination: OUR_GROUP, to: OUR_GROUP_MAC })).to.have.length(0);
      expect(world.ip6({ next: 58, payload: icmpv6('fd77::1', OURS_6, 128, 0, 1) })).to.have.length(0);
      expect(() => world.route('fd77::1')).to.throw('no route');
      world.watch(3);
      expect(world.isLocal(OURS_6)).to.equal(true);
    });

    /** Lets time pass in which a node that has our address answers each question about it, as Linux does. */
    function answered(world: NdpWorld, seconds: number, source = OURS_6): number {
      let answers = 0;
      const message = { source, destination: ALL_NODES, to: ALL_NODES_MAC, from: OTHER_MAC };
      const end = world.clock.now + seconds * SECOND;
      while (world.clock.now < end) {
        for (const { type, target } of world.watch(0.01)) {
          if (type !== 135 || target !== OURS_6) continue;
          world.advertise(OURS_6, OTHER_MAC, OVERRIDE, message);
          answers++;
        }
      }
      return answers;
    }

    for (const mode of ['strict', 'optimistic'] as const) {
      for (const source of [OURS_6, 'fd77::77']) {
        it(`${mode}: who advertises it twice when asked has it: not used, and told (4862-2), from ${source}`, () => {
          const world = make(mode);
          world.layer.start();
          expect(answered(world, 5, source)).to.equal(2);
          expect(world.isLocal(OURS_6)).to.equal(false);
          expect(world.isLocal(OUR_LINK_LOCAL)).to.equal(true);
          expect(conflicts).to.deep.equal([`probing: ${OURS_6} ${OTHER_MAC}`]);
          expect(world.solicit(OURS_6, { destination: OUR_GROUP, to: OUR_GROUP_MAC })).to.have.length(0);
        });
      }

      it(`${mode}: a single forged advertisement, whenever it comes, does not silence us (4862-2)`, () => {
        for (let at = 0; at < 3; at += 0.1) {
          const world = make(mode);
          world.startAndWatch(at);
          const message = { source: OURS_6, destination: ALL_NODES, to: ALL_NODES_MAC, from: OTHER_MAC };
          world.advertise(OURS_6, OTHER_MAC, OVERRIDE, message);
          if (mode === 'optimistic') expect(world.solicit(OURS_6, {})).to.have.length(1);
          world.watch(5);
          expect(world.isLocal(OURS_6), `after ${at} s`).to.equal(true);
          expect(world.statistics.ndp.duplicateAddresses).to.equal(1);
          expect(conflicts.filter((text) => !text.startsWith('defended'))).to.deep.equal([]);
        }
      });

      it(`${mode}: a single forged question for it does not silence us (4862-2)`, () => {
        const world = make(mode);
        world.startAndWatch(0.5);
        const message = { source: '::', destination: OUR_GROUP, to: OUR_GROUP_MAC, options: [], from: OTHER_MAC };
        expect(world.solicit(OURS_6, message)).to.have.length(mode === 'optimistic' ? 1 : 0);
        world.watch(5);
        expect(world.isLocal(OURS_6)).to.equal(true);
        expect(world.solicit(OURS_6, message)[0]).to.include({ type: 136, destination: ALL_NODES, rest: OVERRIDE });
      });
    }

    it('two stacks that start with one address at the same time: exactly one keeps it (4862-2)', () => {
      for (const duplicateDetection of ['strict', 'optimistic'] as const) {
        for (let seed = 1; seed < 40; seed += 2) {
          const network = new VirtualNetwork({ seed });
          const stacks = network.link().map((device) => {
            const addresses = [IpNetwork.parse(`${OURS_6}/64`)];
            const { clock, random } = network;
            const stack = createStack({ device, clock, random, addresses, internet: { duplicateDetection } });
            network.add(stack, device);
            return stack;
          });
          for (const stack of stacks) stack.start();
          network.runFor(30 * SECOND);
          const holders = stacks.filter((stack) => stack.internet.isLocal(IpAddress.parse(OURS_6)));
          expect(holders, `${duplicateDetection}, seed ${seed}`).to.have.length(1);
        }
      }
    });

    /** Lets time pass in which the link sends our first `loops` questions about OURS_6 back, as from `mac`. */
    function loopedBack(world: NdpWorld, seconds: number, loops: number, mac = OUR_MAC): number {
      let questions = 0;
      const end = world.clock.now + seconds * SECOND;
      while (world.clock.now < end) {
        for (const { bytes } of world.advance(0.01)) {
          if (bytes[20] !== 58 || readMessage(bytes).type !== 135 || readMessage(bytes).target !== OURS_6) continue;
          bytes.set(parseMac(mac), 6);
          if (questions++ < loops) world.frame(bytes);
        }
      }
      return questions;
    }

    for (const mac of [OUR_MAC, OTHER_MAC]) {
      it(`our own question that comes back from ${mac} is known by its nonce, and three more follow (RFC 7527)`, () => {
        const world = make('strict');
        world.layer.start();
        expect(loopedBack(world, 10, 1, mac)).to.equal(4);
        expect(world.isLocal(OURS_6)).to.equal(true);
        expect(world.statistics.ndp).to.include({ loopedBack: 1, duplicateAddresses: 0 });
        expect(conflicts).to.have.length(0);
      });
    }

    it('a link that always sends our questions back does not keep us waiting for ever (RFC 7527)', () => {
      const world = make('strict');
      world.layer.start();
      expect(loopedBack(world, 30, Number.POSITIVE_INFINITY)).to.equal(10);
      expect(world.isLocal(OURS_6)).to.equal(true);
    });

    it('each question has another nonce (RFC 7527 section 4.2)', () => {
      const world = make('strict');
      world.layer.start();
      const nonces = new Set<string>();
      for (let i = 0; i < 1500; i++) {
        for (const { bytes } of world.advance(0.01)) {
          if (bytes[20] === 58 && readMessage(bytes).type === 135) {
            nonces.add(readMessage(bytes).mac);
            world.frame(bytes);
          }
        }
      }
      expect(nonces.size).to.equal(20); // ten for each of two addresses
    });

    it('our own question without a nonce that the link sends back is no duplicate (4862-2)', () => {
      const world = make('strict');
      world.startAndWatch(0.5);
      const message = { source: '::', destination: OUR_GROUP, to: OUR_GROUP_MAC, options: [], from: OUR_MAC };
      expect(world.solicit(OURS_6, message)).to.have.length(0);
      world.watch(5);
      expect(world.isLocal(OURS_6)).to.equal(true);
      expect(conflicts).to.have.length(0);
    });

    it('optimistic: used at once, but its answers do not override (RFC 4429)', () => {
      const world = make('optimistic');
      world.startAndWatch(0.5);
      const [answer] = world.solicit(OURS_6, { destination: OUR_GROUP, to: OUR_GROUP_MAC });
      expect(answer).to.include({ type: 136, rest: SOLICITED });
      world.watch(3);
      expect(world.solicit(OURS_6)[0]).to.include({ rest: SOLICITED + OVERRIDE });
    });

    it('in use: a claim is answered by one announcement, at most each 10 s, and reported', () => {
      const world = make('strict');
      world.startAndWatch(10);
      const claim = () =>
        world.advertise(OURS_6, OTHER_MAC, OVERRIDE, {
          source: OURS_6,
          destination: ALL_NODES,
          to: ALL_NODES_MAC,
          from: OTHER_MAC,
        });
      const [announced] = claim();
      expect(readMessage(announced!)).to.include({
        type: 136,
        rest: OVERRIDE,
        target: OURS_6,
        destination: ALL_NODES,
        mac: OUR_MAC,
      });
      world.watch(9);
      expect(claim()).to.have.length(0);
      world.watch(2);
      expect(claim()).to.have.length(1);
      expect(world.isLocal(OURS_6)).to.equal(true);
      expect(world.statistics.ndp).to.include({ duplicateAddresses: 3, defenses: 2 });
      expect(conflicts).to.deep.equal([`defended: ${OURS_6} ${OTHER_MAC}`, `defended: ${OURS_6} ${OTHER_MAC}`]);
    });

    it('only an advertisement may come from our own address: anything else is a bad source', () => {
      const world = make('off');
      world.startAndWatch(10);
      world.ip6({ source: OURS_6, next: 58, payload: icmpv6(OURS_6, OURS_6, 128, 0, 1) });
      world.ip6({ source: OURS_6, next: 6 });
      expect(world.statistics.ip.badSource).to.equal(2);
      expect(world.received).to.have.length(0);
    });
  });

  describe('from router advertisements', () => {
    let world: NdpWorld;

    beforeEach(() => {
      world = new NdpWorld();
      world.startAndWatch(20);
    });

    const advertise = (fields: Parameters<typeof prefixOption>[0]) => {
      world.route6({}, { options: [prefixOption(fields)] });
      world.device.takeSent();
    };

    it('a prefix with the A flag makes an address of it and our Ethernet address (4862-3)', () => {
      advertise({ valid: DAY, preferred: HOUR });
      expect(world.isLocal(OUR_SLAAC)).to.equal(true);
      expect(String(world.route('2001:db8:1::9').local)).to.equal(OUR_SLAAC);
      expect(world.route('2001:db8:1::9').neighbor.address.toString()).to.equal('2001:db8:1::9');
    });

    it('no address: without A, not /64, preferred above valid, valid 0, or link-local (4862-3)', () => {
      for (const fields of [
        { valid: DAY, preferred: HOUR, flags: 0x80 },
        { valid: DAY, preferred: HOUR, length: 63 },
        { valid: DAY, preferred: HOUR, length: 65 },
        { valid: HOUR, preferred: DAY },
        { valid: 0, preferred: 0 },
      ]) {
        advertise(fields);
        expect(world.isLocal(OUR_SLAAC), JSON.stringify(fields)).to.equal(false);
      }
      advertise({ valid: DAY, preferred: HOUR, prefix: 'fe80::' });
      advertise({ valid: DAY, preferred: HOUR, prefix: 'fe80:0:0:1::' });
      advertise({ valid: DAY, preferred: HOUR, prefix: 'ff02::' });
      expect(world.layer.addresses).to.have.length(2);
    });

    it('without the L flag the prefix is not on the link: its hosts are behind the router', () => {
      advertise({ valid: DAY, preferred: HOUR, flags: 0x40 });
      expect(world.route('2001:db8:1::9').neighbor.address.toString()).to.equal('fe80::ff');
    });

    it('the two-hour rule: a short life is not taken from a long one (4862-3)', () => {
      advertise({ valid: DAY, preferred: HOUR });
      advertise({ valid: 1, preferred: 1 });
      world.watch(2 * HOUR - 10);
      expect(world.isLocal(OUR_SLAAC)).to.equal(true);
      world.watch(20);
      expect(world.isLocal(OUR_SLAAC)).to.equal(false);
    });

    it('the two-hour rule: below two hours only a longer life counts, above it any (4862-3)', () => {
      advertise({ valid: 1.5 * HOUR, preferred: HOUR });
      advertise({ valid: HOUR, preferred: HOUR });
      world.watch(1.2 * HOUR);
      expect(world.isLocal(OUR_SLAAC)).to.equal(true);
      advertise({ valid: HOUR, preferred: HOUR });
      world.watch(0.5 * HOUR);
      expect(world.isLocal(OUR_SLAAC)).to.equal(true);
      advertise({ valid: DAY, preferred: HOUR });
      advertise({ valid: 3 * HOUR, preferred: HOUR });
      world.watch(2.9 * HOUR);
      expect(world.isLocal(OUR_SLAAC)).to.equal(true);
      world.watch(0.2 * HOUR);
      expect(world.isLocal(OUR_SLAAC)).to.equal(false);
    });

    it('deprecated: still serves, but others are preferred for new connections; invalid: gone (4862-4)', () => {
      const other = { prefix: '2001:db8:2::', valid: 10 * HOUR, preferred: 5 * HOUR };
      advertise({ valid: 2 * HOUR, preferred: HOUR });
      world.route6({}, { options: [prefixOption(other)] });
      expect(String(world.route('2001:db8:1::9').local)).to.equal(OUR_SLAAC);
      world.watch(HOUR + 1);
      expect(world.isLocal(OUR_SLAAC)).to.equal(true);
      expect(String(world.route('2001:db8:1::8').local)).not.to.equal(OUR_SLAAC);
      world.ip6({ destination: OUR_SLAAC });
      expect(world.received).to.have.length(1);
      expect(String(world.route('2001:db8:1::9', OUR_SLAAC).local)).to.equal(OUR_SLAAC);
      world.watch(HOUR);
      expect(world.isLocal(OUR_SLAAC)).to.equal(false);
      world.ip6({ destination: OUR_SLAAC });
      expect(world.received).to.have.length(1);
      expect(() => world.route('2001:db8:1::9', OUR_SLAAC)).to.throw('no route');
    });

    it('a lifetime of all ones never ends', () => {
      advertise({ valid: 0xffffffff, preferred: 0xffffffff });
      world.watch(1000 * DAY);
      expect(world.isLocal(OUR_SLAAC)).to.equal(true);
    });

    it('hostile prefixes are bounded', () => {
      for (let i = 0; i < 100; i++) advertise({ valid: DAY, preferred: HOUR, prefix: `2001:db8:${i.toString(16)}::` });
      expect(world.layer.addresses.length).to.be.at.most(18);
    });

    it('a given address is not touched by a prefix that would make the same one', () => {
      world = new NdpWorld({ addresses: [`${OUR_SLAAC}/64`] });
      world.startAndWatch(20);
      advertise({ valid: 2 * HOUR, preferred: HOUR, prefix: PREFIX });
      expect(world.layer.addresses).to.have.length(2);
      world.watch(3 * HOUR);
      expect(world.isLocal(OUR_SLAAC)).to.equal(true);
    });
  });
});
