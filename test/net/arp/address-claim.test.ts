import { expect } from 'chai';
import { SECOND } from '../../../src/net/clock.js';
import { VirtualNetwork } from '../../../src/net/driver/virtual-network.js';
import type { DuplicateDetection } from '../../../src/net/ip/context.js';
import { createStack } from '../../../src/net/stack.js';
import { formatMac, IpAddress, IpNetwork } from '../../../src/net/wire/address.js';
import { OUR_MAC } from '../../support/fake-device.js';
import { InternetWorld, OURS, PEER } from '../../support/internet-world.js';
import { arp, BROADCAST_MAC, ethernet, icmp, OTHER_MAC, PEER_MAC, readArp } from '../../support/packets.js';

describe('claiming an IPv4 address', () => {
  const conflicts: string[] = [];

  beforeEach(() => {
    conflicts.length = 0;
  });

  function start(duplicateDetection: DuplicateDetection, seed = 1): InternetWorld {
    const world = new InternetWorld({
      duplicateDetection,
      seed,
      onConflict: ({ address, mac, phase }) => conflicts.push(`${phase}: ${address} ${formatMac(mac)}`),
    });
    world.layer.start();
    return world;
  }

  function rival(world: InternetWorld, sender: string, target: string): Uint8Array[] {
    const packet = arp({ operation: 1, senderMac: OTHER_MAC, sender, target });
    return world.frame(ethernet(BROADCAST_MAC, OTHER_MAC, 0x0806, packet));
  }

  it('three probes from 0.0.0.0, then two announcements 2 s apart (5227-1)', () => {
    for (let seed = 0; seed < 20; seed++) {
      const sent = start('strict', seed)
        .advance(30)
        .map(({ at, bytes }) => ({ at, ...readArp(bytes) }));
      expect(sent.map(({ sender }) => sender)).to.deep.equal(['0.0.0.0', '0.0.0.0', '0.0.0.0', OURS, OURS]);
      for (const packet of sent) {
        expect(packet).to.include({ operation: 1, senderMac: OUR_MAC, target: OURS, ethernetTo: BROADCAST_MAC });
        expect(packet.targetMac).to.equal('00:00:00:00:00:00');
      }
      const gaps = sent.map(({ at }, i) => at - (sent[i - 1]?.at ?? 0));
      expect(gaps[0]).to.be.within(0, 1);
      expect(gaps[1]).to.be.within(1, 2);
      expect(gaps[2]).to.be.within(1, 2);
      expect(gaps.slice(3)).to.satisfy((rest: number[]) => rest.every((gap) => Math.abs(gap - 2) < 1e-5));
    }
  });

  it('strict: the address is used only after the last probe went unanswered (5227-1)', () => {
    const world = start('strict');
    expect(world.layer.isLocal(IpAddress.parse(OURS))).to.equal(false);
    expect(world.ip({ protocol: 1, payload: icmp(8, 0, 1) })).to.have.length(0);
    expect(world.layer.routeTo(IpAddress.parse(PEER))).to.equal(undefined);
    world.introduce();
    expect(world.statistics.arp.repliesSent).to.equal(0);
    world.advance(8);
    expect(world.layer.isLocal(IpAddress.parse(OURS))).to.equal(true);
    world.introduce();
    expect(world.statistics.arp.repliesSent).to.equal(1);
    expect(world.ip({ protocol: 1, payload: icmp(8, 0, 1) })).to.have.length(1);
  });

  it('optimistic: the address is used at once, and probed all the same', () => {
    const world = start('optimistic');
    world.introduce();
    expect(world.statistics.arp.repliesSent).to.equal(1);
    expect(world.ip({ protocol: 1, payload: icmp(8, 0, 1) })).to.have.length(1);
    expect(
      world.advance(30).filter(({ bytes }) => bytes[13] === 6 && readArp(bytes).sender === '0.0.0.0'),
    ).to.have.length(3);
  });

  it('off: announced at once, not probed', () => {
    const world = start('off');
    const sent = [...world.device.takeSent(), ...world.advance(30).map(({ bytes }) => bytes)];
    expect(sent.map((bytes) => readArp(bytes).sender)).to.deep.equal([OURS, OURS]);
  });

  /** Lets time pass in which `holder` answers each of our probes, as Linux does; returns how many it answered. */
  function answered(world: InternetWorld, holder: string, seconds: number): number {
    let answers = 0;
    const end = world.clock.now + seconds * SECOND;
    while (world.clock.now < end) {
      for (const { bytes } of world.advance(0.01)) {
        if (readArp(bytes).sender !== '0.0.0.0') continue;
        const reply = arp({ operation: 2, senderMac: holder, sender: OURS, targetMac: OUR_MAC, target: '0.0.0.0' });
        world.frame(ethernet(OUR_MAC, holder, 0x0806, reply));
        answers++;
      }
    }
    return answers;
  }

  const isOurs = (world: InternetWorld) => world.layer.isLocal(IpAddress.parse(OURS));

  for (const mode of ['strict', 'optimistic'] as const) {
    it(`${mode}: who answers two probes has the address: it is not used, and not announced (5227-2)`, () => {
      for (let seed = 0; seed < 20; seed++) {
        conflicts.length = 0;
        const world = start(mode, seed);
        expect(answered(world, OTHER_MAC, 3)).to.equal(2);
        expect(isOurs(world)).to.equal(false);
        expect(conflicts).to.deep.equal([`probing: ${OURS} ${OTHER_MAC}`]);
        expect(world.advance(60)).to.have.length(0);
        world.introduce();
        expect(world.statistics.arp.repliesSent).to.equal(0);
        expect(world.route.bind(world, PEER)).to.throw('no route');
      }
    });

    it(`${mode}: a single forged claim, whenever it comes, does not silence us (5227-2)`, () => {
      for (let at = 0; at < 7; at += 0.25) {
        const world = start(mode);
        world.advance(at);
        rival(world, OURS, at % 1 === 0 ? '0.0.0.0' : PEER);
        if (mode === 'optimistic') {
          world.introduce();
          expect(world.statistics.arp.repliesSent).to.equal(1);
          expect(world.ip({ protocol: 1, payload: icmp(8, 0, 1) })).to.have.length(1);
        }
        world.advance(20);
        expect(isOurs(world), `claim after ${at} s`).to.equal(true);
        expect(world.statistics.arp.conflicts).to.equal(1);
        expect(conflicts.filter((text) => !text.startsWith('defended'))).to.deep.equal([]);
      }
    });

    it(`${mode}: a claim after the last probe is checked by another one, a second after it (5227-1)`, () => {
      const world = start(mode, 3);
      const times: number[] = [];
      while (times.length < 3) for (const { at } of world.advance(0.01)) times.push(at);
      world.advance(0.5);
      rival(world, OURS, PEER);
      const more = world.advance(6).filter(({ bytes }) => readArp(bytes).sender === '0.0.0.0');
      expect(more[0]!.at - times[2]!).to.be.closeTo(1, 1e-6);
      expect(more).to.have.length(1);
    });

    it(`${mode}: forged claims from ever new addresses keep us probing for a bounded time only`, () => {
      const world = start(mode);
      for (let i = 0; i < 200; i++) {
        const mac = `02:00:00:00:00:${i.toString(16).padStart(2, '0')}`;
        world.frame(
          ethernet(BROADCAST_MAC, mac, 0x0806, arp({ operation: 1, senderMac: mac, sender: OURS, target: PEER })),
        );
        world.advance(0.1);
      }
      expect(world.statistics.arp.probesSent).to.be.at.most(6);
      expect(isOurs(world)).to.equal(true);
    });
  }

  it('strict: a probe for the same address gets no answer before it is ours, and is no proof (5227-1)', () => {
    const world = start('strict');
    world.advance(1.5);
    expect(rival(world, '0.0.0.0', OURS)).to.have.length(0);
    world.advance(8);
    expect(isOurs(world)).to.equal(true);
    expect(rival(world, '0.0.0.0', OURS)).to.have.length(1);
  });

  it('optimistic: who probes for our address hears that we have it (RFC 5227 section 2.1.1)', () => {
    const world = start('optimistic');
    const [answer] = rival(world, '0.0.0.0', OURS);
    expect(readArp(answer!)).to.include({ operation: 2, sender: OURS, senderMac: OUR_MAC, targetMac: OTHER_MAC });
  });

  it('two stacks that start with one address at the same time: exactly one keeps it', () => {
    for (const mode of ['strict', 'optimistic'] as const) {
      for (let seed = 1; seed < 40; seed += 2) {
        const network = new VirtualNetwork({ seed });
        const stacks = network.link().map((device) => {
          const addresses = [IpNetwork.parse(`${OURS}/24`)];
          const { clock, random } = network;
          const stack = createStack({ device, clock, random, addresses, internet: { duplicateDetection: mode } });
          network.add(stack, device);
          return stack;
        });
        for (const stack of stacks) stack.start();
        network.runFor(30 * SECOND);
        const holders = stacks.filter((stack) => stack.internet.isLocal(IpAddress.parse(OURS)));
        expect(holders, `${mode}, seed ${seed}`).to.have.length(1);
      }
    }
  });

  it('in use: a conflict is answered by one announcement, at most each 10 s, and reported (5227-2)', () => {
    const world = start('strict');
    world.advance(30);
    const first = rival(world, OURS, OURS).map(readArp);
    expect(first).to.have.length(1);
    expect(first[0]).to.include({ operation: 1, sender: OURS, target: OURS, ethernetTo: BROADCAST_MAC });
    world.advance(9);
    expect(rival(world, OURS, PEER)).to.have.length(0);
    world.advance(2);
    expect(rival(world, OURS, OURS)).to.have.length(1);
    expect(world.layer.isLocal(IpAddress.parse(OURS))).to.equal(true);
    expect(world.statistics.arp).to.include({ conflicts: 3, defenses: 2 });
    expect(conflicts).to.deep.equal([`defended: ${OURS} ${OTHER_MAC}`, `defended: ${OURS} ${OTHER_MAC}`]);
  });

  it('a conflicting sender is not taken for a neighbour, nor does it poison one', () => {
    const world = start('off');
    world.advance(10);
    rival(world, OURS, OURS);
    world.introduce(PEER, PEER_MAC);
    rival(world, OURS, PEER);
    expect(world.layer.isLocal(IpAddress.parse(OURS))).to.equal(true);
    expect(world.layer.routeTo(IpAddress.parse(OURS))).to.equal(undefined);
  });
});
