import { expect } from 'chai';
import { IpAddress, parseMac } from '../../../src/net/wire/address.js';
import type { TcpOption } from '../../../src/packetdrill/language/ast.js';
import { pattern } from '../../../src/packetdrill/sockets/stream-pattern.js';
import { describeLive, describeOptions } from '../../../src/packetdrill/wire/describe.js';
import {
  buildFrame,
  buildIcmp,
  buildTcp,
  buildUdp,
  encodeOptions,
  type IpFields,
} from '../../../src/packetdrill/wire/frame-builder.js';
import { icmpName, icmpNumbers } from '../../../src/packetdrill/wire/icmp-names.js';
import { type LivePacket, parseFrame } from '../../../src/packetdrill/wire/live-packet.js';

const LINK = { peerMac: parseMac('02:00:00:00:00:01'), stackMac: parseMac('02:00:00:00:00:02') };

function ip(version: 4 | 6): IpFields {
  const [source, destination] = version === 4 ? ['192.0.2.1', '192.0.2.2'] : ['2001:db8::1', '2001:db8::2'];
  return {
    source: IpAddress.parse(source),
    destination: IpAddress.parse(destination),
    trafficClass: 0x2a,
    timeToLive: 9,
    flowLabel: version === 4 ? 0 : 0x12345,
  };
}

const OPTIONS: readonly TcpOption[] = [
  { kind: 'mss', value: 1460 },
  { kind: 'sackOK' },
  { kind: 'TS', value: 0xffff_fffe, echo: 3, anyValue: false, absoluteEcho: false },
  { kind: 'nop' },
  { kind: 'wscale', value: 7 },
  { kind: 'raw', number: 253, bytes: Uint8Array.of(1, 2) },
];

function tcpFrame(version: 4 | 6, length: number, options = OPTIONS): Uint8Array {
  const segment = buildTcp({
    sourcePort: 1,
    destinationPort: 2,
    sequence: 0xffff_fff0,
    acknowledgment: 5,
    flags: 0x118,
    window: 77,
    urgentPointer: 6,
    options: encodeOptions(options),
    payload: pattern(0, length),
  });
  return buildFrame(LINK, ip(version), 6, segment, 16);
}

function parse(frame: Uint8Array): LivePacket {
  return parseFrame(frame, 123)!;
}

describe('packetdrill: packets as frames', () => {
  for (const version of [4, 6] as const) {
    it(`come back from the frame as they went in (IPv${version})`, () => {
      for (const length of [0, 1, 2, 999]) {
        const packet = parse(tcpFrame(version, length));
        expect(packet.faults).to.deep.equal([]);
        expect(packet.ip).to.include({ version, trafficClass: 0x2a, timeToLive: 9, flowLabel: ip(version).flowLabel });
        expect(packet.tcp).to.include({
          sequence: 0xffff_fff0,
          acknowledgment: 5,
          flags: 0x118,
          window: 77,
          urgentPointer: 6,
        });
        expect(packet.tcp!.payload).to.deep.equal(pattern(0, length));
        expect(describeOptions(packet.tcp!.options.slice(0, OPTIONS.length))).to.equal(describeOptions(OPTIONS));
      }
    });

    it(`show a flipped bit as a bad checksum, wherever it is (IPv${version})`, () => {
      const frame = tcpFrame(version, 33);
      for (let at = 14; at < frame.length; at++) {
        if (version === 6 && at < 22) continue; // version to hop limit are under no sum
        const damaged = frame.slice();
        damaged[at]! ^= 0x10;
        const packet = parseFrame(damaged, 0);
        expect(packet === undefined || packet.faults.length > 0, `byte ${at}`).to.equal(true);
      }
    });

    it(`carry UDP and ICMP with right checksums (IPv${version})`, () => {
      const udp = parse(buildFrame(LINK, ip(version), 17, buildUdp(5, 6, 11), 6));
      expect([udp.udp, udp.faults]).to.deep.equal([{ source: 5, destination: 6, length: 11 }, []]);
      const icmp = parse(buildFrame(LINK, ip(version), version === 4 ? 1 : 58, buildIcmp(3, 1, 9, pattern(0, 7)), 2));
      expect(icmp.faults).to.deep.equal([]);
      expect(icmp.icmp).to.include({ type: 3, code: 1, rest: 9 });
    });
  }

  it('name what is malformed', () => {
    const option = (field: number[]) =>
      parse(tcpFrame(4, 0, [{ kind: 'field', bytes: Uint8Array.from(field) }])).faults;
    expect(option([8, 0, 0, 0])).to.deep.equal(['TCP option 8 has a length of 0']);
    expect(option([2, 9, 0, 0])).to.deep.equal(['TCP option 2 has a length of 9']);
    expect(option([0, 1, 0, 0])).to.deep.equal(['padding of the TCP header is not zero']);
    expect(option([1, 1, 0, 0])).to.deep.equal([]);
  });

  it('are shown in the words of a script', () => {
    expect(describeLive(parse(tcpFrame(4, 32, [{ kind: 'sack', blocks: [[1, 2]] }])))).to.equal(
      'PA. 4294967280:16(32) ack 5 win 77 urg 6 <sack 1:2,eol>',
    );
  });

  it('know ICMP by name and number in both families', () => {
    expect(icmpNumbers(4, 'unreachable', 'frag_needed')).to.deep.equal({ type: 3, code: 4 });
    expect(icmpNumbers(6, 'packet_too_big', undefined)).to.deep.equal({ type: 2, code: 0 });
    expect(icmpNumbers(4, 'type_77', 'code_3')).to.deep.equal({ type: 77, code: 3 });
    expect(icmpNumbers(6, 'source_quench', undefined)).to.equal(undefined);
    expect(icmpNumbers(4, 'unreachable', 'nonsense')).to.equal(undefined);
    expect(icmpName(4, 3, 3)).to.equal('unreachable port_unreachable');
    expect(icmpName(6, 99, 1)).to.equal('type_99 code_1');
  });
});
