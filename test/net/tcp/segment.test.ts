import { expect } from 'chai';
import fc from 'fast-check';
import { IpPacket } from '../../../src/net/ip/packet.js';
import { SEGMENT_BAD_CHECKSUM, SEGMENT_GOOD, SEGMENT_MALFORMED, Segment } from '../../../src/net/tcp/segment.js';
import { toUnsigned } from '../../../src/net/tcp/sequence.js';
import { IpAddress } from '../../../src/net/wire/address.js';
import { SYN } from '../../../src/net/wire/tcp.js';
import { pseudoHeader, type TcpFields, tcpSegment } from '../../support/tcp-segment.js';

const FROM = '192.0.2.1';
const TO = '192.0.2.2';
/** Bytes before and after the segment in its frame, which must never be looked at. */
const MARGIN = 40;

const PLAIN: TcpFields = {
  sourcePort: 1025,
  destinationPort: 80,
  flags: 'P.',
  sequence: 0x89abcdef,
  acknowledgment: 0xfedcba98,
  window: 5000,
  data: Uint8Array.from([1, 2, 3]),
};

function packetOf(segment: Uint8Array): IpPacket {
  const packet = new IpPacket();
  packet.bytes = new Uint8Array(segment.length + 2 * MARGIN).fill(0xa5);
  packet.bytes.set(segment, MARGIN);
  packet.payloadFrom = MARGIN;
  packet.payloadTo = MARGIN + segment.length;
  packet.protocol = 6;
  const [source, destination] = [IpAddress.parse(FROM), IpAddress.parse(TO)];
  [packet.source0, packet.source1, packet.source2, packet.source3] = [0, 0, 0xffff, source.word3];
  [packet.destination2, packet.destination3] = [0xffff, destination.word3];
  return packet;
}

function read(fields: Partial<TcpFields>) {
  const segment = new Segment();
  const packet = packetOf(tcpSegment({ ...PLAIN, ...fields }, pseudoHeader(FROM, TO)));
  return { segment, verdict: segment.read(packet) };
}

describe('tcp: reading a segment', () => {
  it('takes every field of the header', () => {
    const { segment, verdict } = read({ flags: 'UFP.', urgent: 7 });
    expect(verdict).to.equal(SEGMENT_GOOD);
    expect(segment.sourcePort).to.equal(1025);
    expect(segment.destinationPort).to.equal(80);
    expect(toUnsigned(segment.sequence)).to.equal(0x89abcdef);
    expect(toUnsigned(segment.acknowledgment)).to.equal(0xfedcba98);
    expect(segment.flags).to.equal(0x39);
    expect([segment.window, segment.urgentPointer, segment.dataLength]).to.deep.equal([5000, 7, 3]);
    expect(Array.from(segment.bytes.subarray(segment.dataFrom, segment.dataTo))).to.deep.equal([1, 2, 3]);
  });

  it('SYN and FIN count one each [9293-E8]', () => {
    for (const [flags, length] of [
      ['.', 3],
      ['S.', 4],
      ['F.', 4],
      ['SF.', 5],
      ['R.', 3],
    ] as const) {
      expect(read({ flags }).segment.length, flags).to.equal(length);
    }
    expect(toUnsigned(read({ flags: 'SF' }).segment.end)).to.equal(0x89abcdef + 5);
  });

  it('the urgent pointer counts only with the flag [9293-MUST-30]', () => {
    expect(read({ flags: '.', urgent: 7 }).segment.urgentPointer).to.equal(0);
  });

  it('a header that says it is shorter than 20 bytes or longer than the segment: malformed [9293-MUST-7]', () => {
    for (const dataOffset of [0, 1, 2, 3, 4, 6, 7, 15]) {
      expect(read({ dataOffset }).verdict, `${dataOffset} words`).to.equal(SEGMENT_MALFORMED);
    }
    expect(read({ data: new Uint8Array(0), dataOffset: 6 }).verdict).to.equal(SEGMENT_MALFORMED);
    expect(read({ data: new Uint8Array(4), dataOffset: 6 }).verdict).to.equal(SEGMENT_GOOD);
  });

  it('less than a header: malformed, and nothing behind it is looked at [9293-MUST-7]', () => {
    const whole = tcpSegment({ ...PLAIN, data: new Uint8Array(0) }, pseudoHeader(FROM, TO));
    for (let length = 0; length < 20; length++) {
      expect(new Segment().read(packetOf(whole.subarray(0, length)))).to.equal(SEGMENT_MALFORMED);
    }
  });

  it('any bit inverted: not good [9293-MUST-3]', () => {
    const whole = tcpSegment({ ...PLAIN, data: Uint8Array.from([1, 2, 3, 4, 5]) }, pseudoHeader(FROM, TO));
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const damaged = whole.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(new Segment().read(packetOf(damaged)), `bit ${bit}`).to.not.equal(SEGMENT_GOOD);
    }
  });

  it('another address: a bad checksum, for it covers the addresses [9293-MUST-3]', () => {
    const packet = packetOf(tcpSegment(PLAIN, pseudoHeader(FROM, TO)));
    packet.source3++;
    expect(new Segment().read(packet)).to.equal(SEGMENT_BAD_CHECKSUM);
  });

  it('a checksum that the device vouches for is not looked at', () => {
    const packet = packetOf(tcpSegment({ ...PLAIN, checksum: 1 }, pseudoHeader(FROM, TO)));
    packet.checksumGood = true;
    expect(new Segment().read(packet)).to.equal(SEGMENT_GOOD);
  });

  it('odd and even lengths have right sums', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        expect(read({ data }).verdict).to.equal(SEGMENT_GOOD);
      }),
    );
  });

  it('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const packet = packetOf(bytes);
        packet.checksumGood = true;
        const segment = new Segment();
        if (segment.read(packet) !== SEGMENT_GOOD) return;
        expect(segment.dataFrom).to.be.within(MARGIN + 20, segment.dataTo);
        expect(segment.dataTo).to.equal(MARGIN + bytes.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('the window counts in bytes: scaled, but for that of a SYN, even when the SYN is cut off', () => {
    const { segment: plain } = read({ flags: '.' });
    expect(plain.windowBytes(3)).to.equal(5000 << 3);
    const { segment } = read({ flags: 'SU.', urgent: 3 });
    segment.trimSyn();
    expect([segment.has(SYN), toUnsigned(segment.sequence), segment.urgentPointer]).to.deep.equal([
      false,
      0x89abcdf0,
      2,
    ]);
    expect(segment.windowBytes(3)).to.equal(5000);
  });

  it('cut at the front: number, data and urgent pointer move together [9293-E5]', () => {
    const { segment } = read({ flags: 'U.', urgent: 3 });
    segment.trimFront(2);
    expect(toUnsigned(segment.sequence)).to.equal(0x89abcdf1);
    expect([segment.dataLength, segment.urgentPointer]).to.deep.equal([1, 1]);
  });

  it('cut at the back: FIN and PSH go with the bytes that they followed [9293-E5]', () => {
    const { segment } = read({ flags: 'FP.' });
    segment.trimBack(2);
    expect([segment.dataLength, segment.flags, segment.length]).to.deep.equal([2, 0x10, 2]);
  });
});
