import { expect } from 'chai';
import { INBOUND, MAX_SNAP_LENGTH, OUTBOUND } from '../../../src/capture/format/pcapng-format.js';
import { PcapngWriter } from '../../../src/capture/format/pcapng-writer.js';
import { OutgoingFrame, TRANSPORT_AT } from '../../../src/net/device/frame.js';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';

/** Collects copies of what a writer gives to its sink. */
function collector() {
  const pieces: Uint8Array[] = [];
  return {
    pieces,
    sink: (bytes: Uint8Array) => void pieces.push(bytes.slice()),
    file: () => new Uint8Array(Buffer.concat(pieces)),
  };
}

/** Type, body and both lengths of each block, read plainly. */
function blocksOf(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const blocks: { type: number; at: number; length: number }[] = [];
  for (let at = 0; at < file.length; ) {
    const length = view.getUint32(at + 4, true);
    expect(length % 4, 'block length is a multiple of four').to.equal(0);
    expect(view.getUint32(at + length - 4, true), 'length at the end').to.equal(length);
    blocks.push({ type: view.getUint32(at, true), at, length });
    at += length;
  }
  return { view, blocks };
}

describe('pcapng writer', () => {
  it('writes a section, an interface, each frame, and statistics at the end', () => {
    const out = collector();
    const writer = new PcapngWriter(out.sink, { application: 'fastpath' });
    const id = writer.addInterface({ name: 'fp0', mac: Uint8Array.of(2, 0, 0, 0, 0, 1) });
    for (let length = 60; length < 68; length++)
      writer.writeFrame(id, length, INBOUND, new Uint8Array(length), 0, length);
    writer.close();
    const { blocks } = blocksOf(out.file());
    expect(blocks.map((block) => block.type)).to.deep.equal([0x0a0d0d0a, 1, 6, 6, 6, 6, 6, 6, 6, 6, 5]);
    expect(writer.bytesWritten).to.equal(out.file().length);
  });

  it('keeps 64-bit times exact, in microseconds and in nanoseconds', () => {
    const out = collector();
    const writer = new PcapngWriter(out.sink);
    const clockStart = 1_700_000_000_000_000;
    writer.addInterface({ name: 'us', clockStart });
    writer.addInterface({ name: 'ns', resolution: 'ns', clockStart });
    writer.writeFrame(0, 123_456, INBOUND, new Uint8Array(4), 0, 4);
    writer.writeFrame(1, 123_456, OUTBOUND, new Uint8Array(4), 0, 4, undefined, 789);
    writer.flush();
    const { view, blocks } = blocksOf(out.file());
    const times = blocks
      .filter((block) => block.type === 6)
      .map(({ at }) => (BigInt(view.getUint32(at + 12, true)) << 32n) | BigInt(view.getUint32(at + 16, true)));
    expect(times).to.deep.equal([1_700_000_000_123_456n, 1_700_000_000_123_456_789n]);
  });

  it('gathers an outgoing frame from its header and fragments', () => {
    const out = collector();
    const writer = new PcapngWriter(out.sink);
    const id = writer.addInterface({ name: 'fp0' });
    const frame = new OutgoingFrame();
    frame.header.set([1, 2, 3], TRANSPORT_AT);
    frame.end = TRANSPORT_AT + 3;
    frame.addFragment(SummedBytes.of(Uint8Array.of(9, 10, 11, 12)), 1, 2);
    frame.addFragment(SummedBytes.of(Uint8Array.of(20, 21)), 0, 2);
    writer.writeOutgoing(id, 5, OUTBOUND, frame);
    writer.flush();
    const { view, blocks } = blocksOf(out.file());
    const { at } = blocks[2]!;
    expect(view.getUint32(at + 20, true)).to.equal(7);
    expect([...out.file().subarray(at + 28, at + 28 + 8)]).to.deep.equal([1, 2, 3, 10, 11, 20, 21, 0]);
  });

  it('stays within its buffer however large a frame is, and loses no byte', () => {
    const out = collector();
    const writer = new PcapngWriter(out.sink, { bufferBytes: 2_000 });
    const id = writer.addInterface({ name: 'fp0' });
    const frame = Uint8Array.from({ length: 50_001 }, (_, i) => i * 7);
    writer.writeFrame(id, 0, INBOUND, frame, 0, frame.length, 'a large one');
    writer.close();
    expect(Math.max(...out.pieces.map((piece) => piece.length))).to.be.at.most(2_000);
    const { blocks } = blocksOf(out.file());
    const packet = blocks[2]!;
    expect(out.file().subarray(packet.at + 28, packet.at + 28 + frame.length)).to.deep.equal(frame);
  });

  it('cuts a super-segment to what Wireshark accepts, and tells its true length', () => {
    const out = collector();
    const writer = new PcapngWriter(out.sink);
    const id = writer.addInterface({ name: 'fp0' });
    const frame = new Uint8Array(MAX_SNAP_LENGTH + 100);
    writer.writeFrame(id, 0, OUTBOUND, frame, 0, frame.length);
    writer.flush();
    const { view, blocks } = blocksOf(out.file());
    expect(view.getUint32(blocks[2]!.at + 20, true)).to.equal(MAX_SNAP_LENGTH);
    expect(view.getUint32(blocks[2]!.at + 24, true)).to.equal(MAX_SNAP_LENGTH + 100);
  });

  it('ends a file only once, and adds what was dropped to what was received', () => {
    const out = collector();
    const writer = new PcapngWriter(out.sink);
    const id = writer.addInterface({ name: 'fp0' });
    writer.writeFrame(id, 0, INBOUND, new Uint8Array(60), 0, 60);
    writer.close([3]);
    const length = out.file().length;
    writer.close();
    expect(out.file()).to.have.length(length);
    const { view, blocks } = blocksOf(out.file());
    const { at } = blocks.at(-1)!;
    expect(view.getBigUint64(at + 20 + 12 + 12 + 4, true), 'received').to.equal(4n);
    expect(view.getBigUint64(at + 20 + 12 + 12 + 12 + 4, true), 'dropped').to.equal(3n);
  });
});
