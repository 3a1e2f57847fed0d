import { expect } from 'chai';
import fc from 'fast-check';
import { completeChecksum, cutSegments, transportAt } from '../../../src/net/device/segmentation.js';
import { readInt32, readUint16, writeUint16 } from '../../../src/net/wire/bytes.js';
import { bytesOf, checksumsAreRight, tcpFrame } from '../../support/outgoing-frames.js';

function cut(options: Parameters<typeof tcpFrame>[0] & { segmentBytes: number }): Uint8Array[] {
  const bytes = bytesOf(tcpFrame(options));
  const segments: Uint8Array[] = [];
  const scratch = new Uint8Array(options.segmentBytes + 128).fill(0xa5);
  cutSegments(bytes, 0, bytes.length, options.segmentBytes, scratch, (segment, length) => {
    segments.push(segment.slice(0, length));
    return true;
  });
  return segments;
}

describe('segmentation in software', () => {
  for (const ipv6 of [false, true]) {
    const headers = ipv6 ? 86 : 66;
    it(`cuts a super-segment of ${ipv6 ? 'IPv6' : 'IPv4'} into segments that each stand alone`, () => {
      const segments = cut({ ipv6, payload: 3000, segmentBytes: 1448, sequence: -100 });
      expect(segments.map((segment) => segment.length - headers)).to.deep.equal([1448, 1448, 104]);
      const tcp = headers - 32;
      expect(segments.map((segment) => readInt32(segment, tcp + 4))).to.deep.equal([-100, 1348, 2796]);
      for (const segment of segments) {
        expect(checksumsAreRight(segment)).to.equal(true);
        expect(readUint16(segment, ipv6 ? 18 : 16)).to.equal(segment.length - (ipv6 ? 54 : 14));
      }
    });
  }

  it('keeps the payload, whatever the sizes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 1460 }), (payload, segmentBytes) => {
        const joined = cut({ payload, segmentBytes }).flatMap((segment) => [...segment.subarray(66)]);
        expect(joined).to.deep.equal([...bytesOf(tcpFrame({ payload })).subarray(66)]);
      }),
      { numRuns: 50 },
    );
  });

  it('numbers the packets of IPv4 one after another', () => {
    const identifications = cut({ payload: 3000, segmentBytes: 1448 }).map((segment) => readUint16(segment, 18));
    expect(identifications).to.deep.equal([0x1234, 0x1235, 0x1236]);
  });

  it('sets FIN and PSH in the last segment only, CWR in the first only', () => {
    const flags = cut({ payload: 3000, segmentBytes: 1448, flags: 0x99 }).map((segment) => segment[47]);
    expect(flags).to.deep.equal([0x90, 0x10, 0x19]);
  });

  it('cuts what is longer than IPv4 can say (total length 0)', () => {
    const segments = cut({ payload: 100_000, segmentBytes: 1448 });
    expect(segments).to.have.length(70);
    expect(segments.every(checksumsAreRight)).to.equal(true);
  });
});

describe('checksum completion', () => {
  it('turns a partial checksum into the real one', () => {
    for (const ipv6 of [false, true]) {
      const bytes = bytesOf(tcpFrame({ payload: 333, partial: true, ipv6 }));
      expect(checksumsAreRight(bytes)).to.equal(false);
      expect(completeChecksum(bytes, 0, bytes.length)).to.equal(true);
      expect(bytes).to.deep.equal(bytesOf(tcpFrame({ payload: 333, ipv6 })));
    }
  });

  it('leaves padding out of the sum', () => {
    const bytes = bytesOf(tcpFrame({ payload: 1, partial: true }));
    const padded = new Uint8Array(bytes.length + 5).fill(0xff);
    padded.set(bytes);
    completeChecksum(padded, 0, padded.length);
    expect(checksumsAreRight(padded.subarray(0, bytes.length))).to.equal(true);
  });

  it('never writes 0 as the checksum of UDP, where it means "none"', () => {
    // Addresses, ports and lengths add to 0x18 + 17 + 0; the payload makes it 0xffff.
    const bytes = new Uint8Array(14 + 20 + 10);
    bytes.set([8, 0, 0x45, 0, 0, 30, 0, 0, 0, 0, 64, 17], 12);
    writeUint16(bytes, 38, 10);
    writeUint16(bytes, 42, 0xffff - 10 - 10 - 17);
    completeChecksum(bytes, 0, bytes.length);
    expect(readUint16(bytes, 40)).to.equal(0xffff);
  });

  it('leaves alone what has no transport header in the usual place', () => {
    const fragment = bytesOf(tcpFrame({ payload: 100 }));
    fragment[20] = 0x20;
    for (const bytes of [fragment, new Uint8Array(60), new Uint8Array(13), fragment.subarray(0, 40)]) {
      const before = bytes.slice();
      expect(transportAt(bytes, 0, bytes.length)).to.equal(-1);
      expect(completeChecksum(bytes, 0, bytes.length)).to.equal(false);
      expect(bytes).to.deep.equal(before);
    }
  });

  it('changes no byte outside a frame, whatever is in it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), fc.boolean(), (bytes, v6, tcp) => {
        if (bytes.length > 23) bytes.set(v6 ? [0x86, 0xdd] : [8, 0], 12);
        if (bytes.length > 23) bytes[v6 ? 20 : 23] = tcp ? 6 : 17;
        const room = new Uint8Array(bytes.length + 64).fill(0xa5);
        room.set(bytes, 32);
        completeChecksum(room, 32, 32 + bytes.length);
        expect(room.subarray(0, 32)).to.deep.equal(new Uint8Array(32).fill(0xa5));
        expect(room.subarray(32 + bytes.length)).to.deep.equal(new Uint8Array(32).fill(0xa5));
      }),
      { numRuns: 1000 },
    );
  });
});
