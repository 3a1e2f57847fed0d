import { expect } from 'chai';
import { AddressProbe } from '../../../src/net/arp/address-probe.js';
import { SECOND } from '../../../src/net/clock.js';
import { IncomingFrame } from '../../../src/net/device/frame.js';
import type { PairEnd } from '../../../src/net/device/pair.js';
import { VirtualNetwork } from '../../../src/net/driver/virtual-network.js';
import { createStack } from '../../../src/net/stack.js';
import { formatMac, IpAddress, IpNetwork } from '../../../src/net/wire/address.js';
import { arp, BROADCAST_MAC, ethernet, OTHER_MAC, readArp } from '../../support/packets.js';

const WANTED = '10.77.0.9';
const address = IpAddress.parse(WANTED);

describe('asking whether an IPv4 address is free', () => {
  let network: VirtualNetwork;
  let ours: PairEnd;
  let wire: PairEnd;
  const verdicts: string[] = [];

  beforeEach(() => {
    network = new VirtualNetwork();
    [ours, wire] = network.link() as [PairEnd, PairEnd];
    verdicts.length = 0;
  });

  function start(vlan?: number): AddressProbe {
    const probe = new AddressProbe({
      device: ours,
      clock: network.clock,
      address,
      vlan,
      onVerdict: (verdict, holder) =>
        verdicts.push(holder === undefined ? verdict : `${verdict} by ${formatMac(holder)}`),
    });
    network.add(probe, ours);
    return probe;
  }

  const claim = (sender = WANTED, target = '10.77.0.1', mac = OTHER_MAC) =>
    wire.sendBytes(ethernet(BROADCAST_MAC, mac, 0x0806, arp({ operation: 1, senderMac: mac, sender, target })));

  it('three probes from 0.0.0.0; without an answer it is free after less than a second', () => {
    const probe = start();
    network.runFor(SECOND);
    expect(probe.verdict).to.equal('free');
    expect(verdicts).to.deep.equal(['free']);
    expect(probe.nextDeadline()).to.equal(Number.POSITIVE_INFINITY);
    for (let i = 0; i < 3; i++) {
      const sent = readArp(wire.takeBytes()!);
      expect(sent).to.include({ operation: 1, sender: '0.0.0.0', target: WANTED, ethernetTo: BROADCAST_MAC });
    }
    expect(wire.takeBytes()).to.equal(undefined);
  });

  it('a stack that has it is found, with its Ethernet address', () => {
    const { clock, random } = network;
    const addresses = [IpNetwork.parse(`${WANTED}/24`)];
    const holder = createStack({ device: wire, clock, random, addresses });
    network.add(holder, wire);
    holder.start();
    const probe = start();
    network.runFor(SECOND);
    expect(probe.verdict).to.equal('taken');
    expect(verdicts).to.deep.equal([`taken by ${formatMac(wire.mac)}`]);
    expect(formatMac(probe.holder!)).to.equal(formatMac(wire.mac));
  });

  it('one forged claim is not enough, and more probes follow a late one', () => {
    const probe = start();
    network.runFor(0.7 * SECOND);
    claim();
    network.runFor(0.1 * SECOND);
    expect(probe.verdict).to.equal('pending');
    network.runFor(2 * SECOND);
    expect(probe.verdict).to.equal('free');
    expect(wire.waiting).to.equal(4);
  });

  it('claims from ever new Ethernet addresses keep it busy for a bounded time', () => {
    const probe = start();
    for (let i = 0; i < 40; i++) {
      claim(WANTED, '10.77.0.1', `02:00:00:00:00:${i.toString(16).padStart(2, '0')}`);
      network.runFor(0.1 * SECOND);
    }
    expect(probe.verdict).to.equal('free');
    expect(wire.waiting).to.be.at.most(6);
  });

  it('who probes for it repeatedly is about to take it', () => {
    start();
    for (let i = 0; i < 3; i++) {
      network.runFor(0.24 * SECOND);
      claim('0.0.0.0', WANTED);
    }
    network.runFor(SECOND);
    expect(verdicts).to.deep.equal([`taken by ${OTHER_MAC}`]);
  });

  it('other ARP, our own frames, other protocols and rubbish say nothing', () => {
    const probe = start();
    for (let i = 0; i < 5; i++) {
      claim('10.77.0.1', WANTED);
      claim(WANTED, WANTED, formatMac(ours.mac));
      wire.sendBytes(ethernet(BROADCAST_MAC, OTHER_MAC, 0x0800, new Uint8Array(40)));
      wire.sendBytes(new Uint8Array(3));
      network.runFor(0.2 * SECOND);
    }
    expect(probe.verdict).to.equal('free');
  });

  it('asks and listens within its VLAN', () => {
    const { clock, random } = network;
    const addresses = [IpNetwork.parse(`${WANTED}/24`)];
    const holder = createStack({ device: wire, clock, random, addresses, internet: { vlan: 9 } });
    network.add(holder, wire);
    holder.start();
    start(9);
    network.runFor(SECOND);
    expect(verdicts).to.deep.equal([`taken by ${formatMac(wire.mac)}`]);
  });

  it('leaves a frame as it is, so that several questions can share it', () => {
    const probes = ['10.77.0.9', '10.77.0.10'].map(
      (text) => new AddressProbe({ device: ours, clock: network.clock, address: IpAddress.parse(text), vlan: 9 }),
    );
    const bytes = ethernet(
      BROADCAST_MAC,
      OTHER_MAC,
      0x8100,
      Uint8Array.from([
        0,
        9,
        8,
        6,
        ...arp({ operation: 2, senderMac: OTHER_MAC, sender: '10.77.0.10', target: '0.0.0.0' }),
      ]),
    );
    for (let turn = 0; turn < 2; turn++) {
      const frame = new IncomingFrame(bytes.slice());
      frame.to = bytes.length;
      for (const probe of probes) {
        probe.runTimers();
        probe.receive(frame);
      }
      expect(frame.bytes).to.deep.equal(bytes);
      network.runFor(SECOND / 4);
    }
    expect(probes.map(({ verdict }) => verdict)).to.deep.equal(['pending', 'taken']);
  });

  it('only IPv4 addresses can be asked for', () => {
    const make = () => new AddressProbe({ device: ours, clock: network.clock, address: IpAddress.parse('fd00::1') });
    expect(make).to.throw(RangeError, 'not an IPv4 address: fd00::1');
  });
});
