import { expect } from 'chai';
import type { DuplicateDetection } from '../../../src/net/ip/context.js';
import { formatMac, IpAddress } from '../../../src/net/wire/address.js';
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
      onConflict: (address, mac) => conflicts.push(`${address} ${formatMac(mac)}`),
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

  for (const mode of ['strict', 'optimistic'] as const) {
    it(`${mode}: an answer to a probe means that the address is taken: it is not used, and nobody is announced (5227-2)`, () => {
      const world = start(mode);
      world.advance(1.5);
      rival(world, OURS, '0.0.0.0');
      expect(world.layer.isLocal(IpAddress.parse(OURS))).to.equal(false);
      expect(conflicts).to.deep.equal([`${OURS} ${OTHER_MAC}`]);
      expect(world.advance(60)).to.have.length(0);
      world.introduce();
      expect(world.statistics.arp.repliesSent).to.equal(0);
    });

    it(`${mode}: a probe for the same address at the same time is a conflict too (5227-1)`, () => {
      const world = start(mode);
      world.advance(1.5);
      rival(world, '0.0.0.0', OURS);
      expect(world.layer.isLocal(IpAddress.parse(OURS))).to.equal(false);
    });
  }

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
    expect(world.statistics.arp.conflicts).to.equal(3);
    expect(conflicts).to.have.length(3);
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
