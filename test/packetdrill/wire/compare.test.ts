import { expect } from 'chai';
import { IpAddress, parseMac } from '../../../src/net/wire/address.js';
import type { Packet, TcpOption } from '../../../src/packetdrill/language/ast.js';
import { parseScript } from '../../../src/packetdrill/language/parser.js';
import { type CompareOptions, comparePacket } from '../../../src/packetdrill/wire/compare.js';
import { buildFrame, buildTcp, encodeOptions } from '../../../src/packetdrill/wire/frame-builder.js';
import { type LivePacket, parseFrame } from '../../../src/packetdrill/wire/live-packet.js';

const STACK = parseMac('02:00:00:00:00:01');
const PEER = parseMac('02:00:00:00:00:02');
const LOCAL = IpAddress.parse('192.0.2.1');
const REMOTE = IpAddress.parse('192.0.2.2');

const OPTIONS: CompareOptions = {
  ends: { link: { stackMac: STACK, peerMac: PEER }, local: LOCAL, remote: REMOTE },
  usual: undefined,
  strict: false,
  ordered: true,
  timestampTick: 1000,
  tolerance: 1000,
  moreFollows: false,
};

function expected(line: string): Packet {
  const action = parseScript('t.pkt', `0 > ${line}`).events[0]?.action;
  if (action?.kind !== 'packet') throw new Error(`no packet: ${line}`);
  return action;
}

/** What the stack sends to the peer: the segment `. 1:1(0) ack 1` with these options. */
function sent(options: readonly TcpOption[], trafficClass = 0): LivePacket {
  const segment = buildTcp({
    sourcePort: 1,
    destinationPort: 2,
    sequence: 1,
    acknowledgment: 1,
    flags: 16,
    window: 9,
    urgentPointer: 0,
    options: encodeOptions(options),
    payload: new Uint8Array(0),
  });
  const ip = { source: LOCAL, destination: REMOTE, trafficClass, timeToLive: 64, flowLabel: 0 };
  const packet = parseFrame(buildFrame({ peerMac: STACK, stackMac: PEER }, ip, 6, segment, 16), 0);
  if (packet === undefined) throw new Error('no IP packet');
  return packet;
}

function fields(line: string, packet: LivePacket, options: Partial<CompareOptions> = {}): string[] {
  return comparePacket(expected(line), packet, { ...OPTIONS, ...options }).map(({ field }) => field);
}

const stamp = (value: number) => ({ kind: 'TS', value, echo: 7, anyValue: false, absoluteEcho: false }) as const;
const counters = { kind: 'raw', number: 174, bytes: Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 3, 232) } as const;
const nop = { kind: 'nop' } as const;

describe('packetdrill: comparing a packet with a script', () => {
  it('knows options of any kind by their bytes', () => {
    const packet = sent([counters, nop]);
    expect(fields('. 1:1(0) ack 1 <ECN e1b 1 ceb 0 e0b 1000,nop>', packet)).to.deep.equal([]);
    expect(fields('. 1:1(0) ack 1 <gen-174 0000010000000003e8,nop>', packet)).to.deep.equal([]);
    expect(fields('. 1:1(0) ack 1 <ECN e1b 1 ceb 0 e0b 1001,nop>', packet)).to.deep.equal(['TCP options']);
    expect(fields('. 1:1(0) ack 1 <ECN e0b 1 ceb 0 e1b 1000,nop>', packet), 'option 172').to.deep.equal([
      'TCP options',
    ]);
    expect(fields('. 1:1(0) ack 1 <ae0b0000010000000003e801>', packet)).to.deep.equal([]);
    expect(fields('. 1:1(0) ack 1 <ae0b0000010000000003e800>', packet)).to.deep.equal(['TCP options']);
  });

  it('shows the counters of Accurate ECN in the words of a script', () => {
    const [difference] = comparePacket(expected('. 1:1(0) ack 1'), sent([counters, nop]), OPTIONS);
    expect(difference?.actual).to.equal('ECN e1b 1 ceb 0 e0b 1000,nop');
  });

  it('allows a TSval to be off by the tolerance, and its echo by nothing', () => {
    const packet = sent([nop, nop, stamp(100)]);
    for (const value of [99, 100, 101]) {
      expect(fields(`. 1:1(0) ack 1 <nop,nop,TS val ${value} ecr 7>`, packet), `${value}`).to.deep.equal([]);
    }
    for (const line of ['val 102 ecr 7', 'val 98 ecr 7', 'val 100 ecr 8']) {
      expect(fields(`. 1:1(0) ack 1 <nop,nop,TS ${line}>`, packet), line).to.deep.equal(['TCP options']);
    }
    expect(fields('. 1:1(0) ack 1 <nop,nop,TS val 5 ecr 7>', packet, { timestampTick: 0 })).to.deep.equal([]);
  });

  it('compares the ends on both layers', () => {
    const ends = { link: { stackMac: PEER, peerMac: STACK }, local: REMOTE, remote: LOCAL };
    const found = fields('. 1:1(0) ack 1', sent([]), { ends });
    expect(found).to.deep.equal(['source MAC', 'destination MAC', 'source address', 'destination address']);
  });

  it('knows the usual IP fields, for scripts that do not give them', () => {
    const usual = { timeToLive: 64, dscp: 0, ecnCapable: false, dontFragment: true };
    const differ = (line: string, trafficClass: number, more = {}) =>
      fields(line, sent([], trafficClass), { usual: { ...usual, ...more } });
    expect(differ('. 1:1(0) ack 1', 0, { dontFragment: false })).to.deep.equal([]);
    expect(differ('. 1:1(0) ack 1', 0)).to.deep.equal(['fragmentation']);
    expect(differ('. 1:1(0) ack 1', 0x2a, { timeToLive: 5 })).to.deep.equal(['TTL', 'DSCP', 'ECN', 'fragmentation']);
    expect(differ('[tos 0x2a] . 1:1(0) ack 1', 0x2a, { dontFragment: false })).to.deep.equal([]);
    expect(differ('. 1:1(0) ack 1', 2, { ecnCapable: true, dontFragment: false })).to.deep.equal([]);
    expect(differ('. 1:1(0) ack 1', 3, { ecnCapable: true, dontFragment: false })).to.deep.equal(['ECN']);
  });
});
