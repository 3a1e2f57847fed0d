/**
 * Each wire format against bytes written by hand (`test/support/packets.ts`): read what was built, build what is read.
 * Buffers start as 0xa5, so a field that `emit` forgets shows.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { IpAddress, parseMac } from '../../../src/net/wire/address.js';
import * as Arp from '../../../src/net/wire/arp.js';
import * as Ethernet from '../../../src/net/wire/ethernet.js';
import * as Icmp from '../../../src/net/wire/icmp.js';
import * as Icmpv6 from '../../../src/net/wire/icmpv6.js';
import * as Ipv4 from '../../../src/net/wire/ipv4.js';
import * as Ipv6 from '../../../src/net/wire/ipv6.js';
import { OUR_MAC } from '../../support/fake-device.js';
import { arp, ethernet, icmp, ipv4, ipv6, PEER_MAC, pattern } from '../../support/packets.js';

const v4 = (text: string) => IpAddress.parse(text).word3;
const dirty = (length: number) => new Uint8Array(length).fill(0xa5);
const addressSum = (a: number, b: number) => (a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff);

describe('wire formats', () => {
  it('Ethernet: writes and reads a header', () => {
    const bytes = dirty(14);
    Ethernet.emit(bytes, 0, parseMac(PEER_MAC), parseMac(OUR_MAC), Ethernet.TYPE_IPV6);
    expect(bytes).to.deep.equal(ethernet(PEER_MAC, OUR_MAC, 0x86dd, new Uint8Array(0)));
    expect(Ethernet.type(bytes, 0)).to.equal(0x86dd);
    expect(Ethernet.isAddress(bytes, 0, parseMac(PEER_MAC))).to.equal(true);
    expect(Ethernet.isAddress(bytes, 6, parseMac(PEER_MAC))).to.equal(false);
    expect(Ethernet.isGroup(bytes, 0)).to.equal(false);
    expect(Ethernet.isGroup(Ethernet.BROADCAST, 0)).to.equal(true);
    expect([Ethernet.check(3, 16), Ethernet.check(3, 17)]).to.deep.equal([false, true]);
  });

  it('Ethernet: an address differs in any one byte', () => {
    const mac = parseMac(OUR_MAC);
    for (let i = 0; i < 6; i++) {
      const other = mac.slice();
      other[i]! ^= 0x40;
      expect(Ethernet.isAddress(other, 0, mac)).to.equal(false);
    }
  });

  it('ARP: writes and reads a packet', () => {
    const bytes = dirty(28);
    Arp.emit(bytes, 0, Arp.REPLY, parseMac(OUR_MAC), v4('10.77.0.2'), parseMac(PEER_MAC), v4('10.77.0.1'));
    const fields = { operation: 2, senderMac: OUR_MAC, sender: '10.77.0.2', targetMac: PEER_MAC, target: '10.77.0.1' };
    expect(bytes).to.deep.equal(arp(fields));
    expect(Arp.check(bytes, 0, 28)).to.equal(true);
    expect(Arp.check(bytes, 0, 27)).to.equal(false);
    expect(Arp.operation(bytes, 0)).to.equal(2);
    expect(Arp.senderIp(bytes, 0)).to.equal(v4('10.77.0.2'));
    expect(Arp.targetIp(bytes, 0)).to.equal(v4('10.77.0.1'));
  });

  it('IPv4: emit equals the header built by hand, for any fields', () => {
    const address = fc.integer({ min: 0, max: 0xffffffff });
    const field = (max: number) => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(
        address,
        address,
        field(255),
        field(0xffff),
        field(1480),
        field(255),
        field(255),
        fc.boolean(),
        (source, destination, tos, id, length, ttl, protocol, dontFragment) => {
          const bytes = dirty(20);
          const flags = dontFragment ? Ipv4.DONT_FRAGMENT : 0;
          const [from, to] = [source | 0, destination | 0];
          Ipv4.emit(bytes, 0, tos, length + 20, id, flags, ttl, protocol, from, to, addressSum(from, to));
          const text = { source: String(IpAddress.v4(from)), destination: String(IpAddress.v4(to)) };
          const whole = ipv4({ ...text, tos, id, ttl, protocol, dontFragment, payload: new Uint8Array(length) });
          expect(bytes).to.deep.equal(whole.slice(0, 20));
          expect(Ipv4.check(whole, 0, whole.length)).to.equal(Ipv4.OK);
          expect([Ipv4.source(bytes, 0), Ipv4.destination(bytes, 0)]).to.deep.equal([from, to]);
          expect([Ipv4.tos(bytes, 0), Ipv4.ttl(bytes, 0), Ipv4.protocol(bytes, 0)]).to.deep.equal([tos, ttl, protocol]);
          expect([Ipv4.identification(bytes, 0), Ipv4.totalLength(bytes, 0)]).to.deep.equal([id, length + 20]);
          expect(Ipv4.dontFragment(bytes, 0)).to.equal(dontFragment);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('IPv4: check names what is wrong', () => {
    const fields = { source: '10.77.0.1', destination: '10.77.0.2', protocol: 6, payload: pattern(8) };
    const check = (extra: object, cut = 0) => {
      const bytes = ipv4({ ...fields, ...extra });
      return Ipv4.check(bytes, 0, bytes.length - cut);
    };
    expect(check({})).to.equal(Ipv4.OK);
    expect(check({ options: [1, 1, 1, 1] })).to.equal(Ipv4.OK);
    expect(check({}, 9)).to.equal(Ipv4.SHORT);
    expect(check({}, 8)).to.equal(Ipv4.BAD_TOTAL_LENGTH);
    expect(check({ version: 6 })).to.equal(Ipv4.BAD_VERSION);
    expect(check({ ihl: 4 })).to.equal(Ipv4.BAD_HEADER_LENGTH);
    expect(check({ ihl: 8 })).to.equal(Ipv4.BAD_HEADER_LENGTH);
    expect(check({ ihl: 6, totalLength: 23 })).to.equal(Ipv4.BAD_TOTAL_LENGTH);
    expect(check({ checksum: 0 })).to.equal(Ipv4.BAD_CHECKSUM);
  });

  it('IPv4: one changed bit anywhere in a header is noticed', () => {
    const good = ipv4({ source: '10.77.0.1', destination: '10.77.0.2', protocol: 6, payload: pattern(8) });
    for (let bit = 0; bit < 160; bit++) {
      const bad = good.slice();
      bad[bit >> 3]! ^= 1 << (bit & 7);
      expect(Ipv4.check(bad, 0, bad.length), `bit ${bit}`).not.to.equal(Ipv4.OK);
    }
  });

  it('IPv4: fragment fields, and the header of the whole again', () => {
    const fields = { source: '10.77.0.1', destination: '10.77.0.2', protocol: 17, payload: pattern(16) };
    const bytes = ipv4({ ...fields, offset: 1480, more: true });
    expect(Ipv4.isFragment(bytes, 0)).to.equal(true);
    expect(Ipv4.moreFragments(bytes, 0)).to.equal(true);
    expect(Ipv4.fragmentOffset(bytes, 0)).to.equal(1480);
    expect(Ipv4.isFragment(ipv4({ ...fields, dontFragment: true }), 0)).to.equal(false);
    Ipv4.makeWhole(bytes, 0, 36, 3);
    expect(bytes).to.deep.equal(ipv4({ ...fields, tos: 3 }));
  });

  it('ICMP: writes and reads a header', () => {
    const whole = icmp(3, 4, 1400, pattern(28));
    const bytes = dirty(8);
    Icmp.emit(bytes, 0, 3, 4, Icmp.checksum(whole, 0), 1400);
    expect(bytes).to.deep.equal(whole.slice(0, 8));
    expect([Icmp.type(bytes, 0), Icmp.code(bytes, 0), Icmp.mtu(bytes, 0), Icmp.rest(bytes, 0)]).to.deep.equal([
      3, 4, 1400, 1400,
    ]);
    expect([0, 3, 4, 5, 8, 11, 12, 13].filter((type) => Icmp.isError(type))).to.deep.equal([3, 4, 5, 11, 12]);
  });

  it('IPv6: writes and reads a header', () => {
    const whole = ipv6({
      source: 'fd77::1',
      destination: 'fd77::2',
      next: 58,
      payload: pattern(9),
      trafficClass: 0xb9,
      hopLimit: 255,
    });
    const bytes = dirty(40);
    Ipv6.emit(bytes, 0, 0xb9, 0, 9, 58, 255);
    IpAddress.parse('fd77::1').writeV6(bytes, Ipv6.SOURCE);
    IpAddress.parse('fd77::2').writeV6(bytes, Ipv6.DESTINATION);
    expect(bytes).to.deep.equal(whole.slice(0, 40));
    expect(Ipv6.check(whole, 0, 49)).to.equal(Ipv6.OK);
    expect(Ipv6.check(whole, 0, 48)).to.equal(Ipv6.BAD_PAYLOAD_LENGTH);
    expect(Ipv6.check(whole, 0, 39)).to.equal(Ipv6.SHORT);
    expect(Ipv6.trafficClass(bytes, 0)).to.equal(0xb9);
    expect([Ipv6.payloadLength(bytes, 0), Ipv6.nextHeader(bytes, 0), Ipv6.hopLimit(bytes, 0)]).to.deep.equal([
      9, 58, 255,
    ]);
    Ipv6.emit(bytes, 0, 0xff, 0xfffff, 65535, 6, 1);
    expect(Array.from(bytes.slice(0, 8))).to.deep.equal([0x6f, 0xff, 0xff, 0xff, 0xff, 0xff, 6, 1]);
  });

  it('IPv6: writes and reads a fragment header', () => {
    const bytes = dirty(8);
    Ipv6.emitFragment(bytes, 0, 58, 1448, true, 0x89abcdef | 0);
    expect(Array.from(bytes)).to.deep.equal([58, 0, 0x05, 0xa9, 0x89, 0xab, 0xcd, 0xef]);
    expect([Ipv6.fragmentOffset(bytes, 0), Ipv6.moreFragments(bytes, 0)]).to.deep.equal([1448, true]);
    expect(Ipv6.fragmentId(bytes, 0)).to.equal(0x89abcdef | 0);
  });

  it('IPv6: link-local and multicast addresses by their first word', () => {
    const first = (text: string) => IpAddress.parse(text).word0;
    expect(
      ['fe80::1', 'febf::1', 'fec0::1', 'fe7f::1', 'fd00::1'].map((text) => Ipv6.isLinkLocal(first(text))),
    ).to.deep.equal([true, true, false, false, false]);
    expect(['ff02::1', 'ff00::', 'fe80::1', '::1'].map((text) => Ipv6.isMulticast(first(text)))).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
  });

  it('ICMPv6: options of neighbour discovery must fill their place exactly', () => {
    const mac = dirty(8);
    Icmpv6.emitMacOption(mac, 0, Icmpv6.OPTION_TARGET_MAC, parseMac(OUR_MAC));
    expect(Array.from(mac)).to.deep.equal([2, 1, ...parseMac(OUR_MAC)]);
    const sound = (bytes: number[]) => Icmpv6.optionsAreSound(Uint8Array.from(bytes), 0, bytes.length);
    expect(sound([])).to.equal(true);
    expect(sound(Array.from(mac))).to.equal(true);
    expect(sound([...mac, ...mac])).to.equal(true);
    expect(sound([...mac, 5])).to.equal(false);
    expect(sound([...mac, 5, 0, 0, 0, 0, 0, 0, 0])).to.equal(false);
    expect(sound([5, 2, 0, 0, 0, 0, 0, 0])).to.equal(false);
    expect(Icmpv6.optionsAreSound(Uint8Array.from([...mac, 5, 1, 0, 0, 0, 0, 0, 0]), 0, 9)).to.equal(false);
    const two = Uint8Array.from([14, 1, 0, 0, 0, 0, 0, 0, ...mac]);
    expect(Icmpv6.findOption(two, 0, 16, 2)).to.equal(8);
    expect(Icmpv6.findOption(two, 0, 16, 3)).to.equal(-1);
  });

  it('ICMPv6: reads what a router advertises', () => {
    const bytes = Uint8Array.from([134, 0, 0, 0, 64, 0, 0x07, 0x08, 0, 0, 0x75, 0x30, 0, 0, 0x03, 0xe8]);
    expect(Icmpv6.advertisedHopLimit(bytes, 0)).to.equal(64);
    expect(Icmpv6.routerLifetime(bytes, 0)).to.equal(1800);
    expect(Icmpv6.reachableTimeMs(bytes, 0)).to.equal(30000);
    expect(Icmpv6.retransTimerMs(bytes, 0)).to.equal(1000);
  });
});
