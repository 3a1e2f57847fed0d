import { expect } from 'chai';
import { IncomingFrame } from '../../../src/net/device/frame.js';
import { readVirtioHeader, writeVirtioHeader } from '../../../src/net/device/virtio-header.js';
import { tcpFrame } from '../../support/outgoing-frames.js';

function written(options: Parameters<typeof tcpFrame>[0]) {
  const frame = tcpFrame(options);
  frame.header.fill(0xa5, 0, frame.start);
  writeVirtioHeader(frame);
  expect(frame.header[frame.start - 11], 'the byte before it is left alone').to.equal(0xa5);
  const view = new DataView(frame.header.buffer, frame.start - 10, 10);
  const half = (at: number) => view.getUint16(at, true);
  return { flags: view.getUint8(0), gso: view.getUint8(1), fields: [half(2), half(4), half(6), half(8)] };
}

describe('virtio header', () => {
  it('is all zero for a frame that needs nothing', () => {
    expect(written({ payload: 10 })).to.deep.equal({ flags: 0, gso: 0, fields: [0, 0, 0, 0] });
  });

  it('asks for the checksum of a single segment: start 34, offset 16, no GSO', () => {
    expect(written({ payload: 10, partial: true })).to.deep.equal({ flags: 1, gso: 0, fields: [66, 0, 34, 16] });
  });

  it('asks for a super-segment to be cut, by family', () => {
    const v4 = written({ payload: 5000, segmentBytes: 1448 });
    expect(v4).to.deep.equal({ flags: 1, gso: 1, fields: [66, 1448, 34, 16] });
    const v6 = written({ payload: 5000, segmentBytes: 1428, ipv6: true });
    expect(v6).to.deep.equal({ flags: 1, gso: 4, fields: [86, 1428, 54, 16] });
  });

  it('with a VLAN tag all starts four bytes later, and the family is that behind the tag', () => {
    const v4 = written({ payload: 5000, segmentBytes: 1448, vlan: 5 });
    expect(v4).to.deep.equal({ flags: 1, gso: 1, fields: [70, 1448, 38, 16] });
    const v6 = written({ payload: 5000, segmentBytes: 1428, ipv6: true, vlan: 4094 });
    expect(v6).to.deep.equal({ flags: 1, gso: 4, fields: [90, 1428, 58, 16] });
  });

  it('does not call a payload that fits one segment a super-segment', () => {
    expect(written({ payload: 1448, segmentBytes: 1448 }).gso).to.equal(0);
  });

  it('keeps CWR to the first segment by the ECN bit', () => {
    expect(written({ payload: 5000, segmentBytes: 1448, flags: 0x90 }).gso).to.equal(0x81);
  });

  for (const [flags, good] of [
    [0, false],
    [1, true],
    [2, true],
  ] as const) {
    it(`reads flags ${flags} as a checksum that is ${good ? 'vouched for' : 'to be verified'}`, () => {
      const frame = new IncomingFrame(new Uint8Array(0));
      const bytes = Uint8Array.of(flags, 1, 66, 0, 0xa8, 0x05, 34, 0, 16, 0, 0xff, 0xfe);
      expect(readVirtioHeader(bytes, 0, 12, frame)).to.equal(true);
      expect([frame.from, frame.to, frame.checksumGood, frame.segmentBytes]).to.deep.equal([10, 12, good, 1448]);
    });
  }

  it('ignores the GSO size of a frame without GSO, and refuses what is too short', () => {
    const frame = new IncomingFrame(new Uint8Array(0));
    expect(readVirtioHeader(Uint8Array.of(0, 0, 0, 0, 9, 9, 0, 0, 0, 0), 0, 10, frame)).to.equal(true);
    expect(frame.segmentBytes).to.equal(0);
    expect(readVirtioHeader(new Uint8Array(10), 0, 9, frame)).to.equal(false);
  });
});
