import { expect } from 'chai';
import { readCapture } from '../../../src/capture/file/input.js';
import { CaptureReader } from '../../../src/capture/format/capture-reader.js';
import { INBOUND, OUTBOUND } from '../../../src/capture/format/pcapng-format.js';
import { readComment } from '../../../src/capture/format/pcapng-read-options.js';
import { PcapngWriter } from '../../../src/capture/format/pcapng-writer.js';
import { CaptureRecord } from '../../../src/capture/format/record.js';
import { makeBlock, makePcap, needSharedCaptures, pack, readAll } from '../../support/captures.js';

const FRAME = Uint8Array.from({ length: 61 }, (_, i) => i);
const TWO = [
  { seconds: 1_700_000_000, fraction: 999_999, bytes: FRAME },
  { seconds: 1_700_000_001, fraction: 5, bytes: FRAME.subarray(0, 10), originalLength: 1500 },
];

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function section(littleEndian: boolean): Uint8Array {
  return makeBlock(
    0x0a0d0d0a,
    pack(littleEndian, [32, 0x1a2b3c4d], [16, 1], [16, 0], [32, 0xffffffff], [32, 0xffffffff]),
    littleEndian,
  );
}

function describeInterface(littleEndian: boolean, linkType: number, ...options: number[]): Uint8Array {
  return makeBlock(1, [...pack(littleEndian, [16, linkType], [16, 0], [32, 0]), ...options], littleEndian);
}

/** An Enhanced Packet Block; the frame's length is a multiple of four. */
function packet(littleEndian: boolean, id: number, upper: number, lower: number, frame: Uint8Array): Uint8Array {
  const head = pack(littleEndian, [32, id], [32, upper], [32, lower], [32, frame.length], [32, frame.length]);
  return makeBlock(6, [...head, ...frame], littleEndian);
}

describe('capture reader: pcap', () => {
  for (const littleEndian of [true, false]) {
    const order = littleEndian ? 'little' : 'big';
    it(`reads microseconds, ${order}-endian`, async () => {
      const { records, problems } = await readAll(makePcap(TWO, { littleEndian }));
      expect(problems).to.deep.equal([]);
      expect(records.map((record) => record.microseconds)).to.deep.equal([
        1_700_000_000_999_999, 1_700_000_001_000_005,
      ]);
      expect(records[0]!.bytes).to.deep.equal([...FRAME]);
      expect(records[1]!.originalLength).to.equal(1500);
    });

    it(`reads nanoseconds, ${order}-endian`, async () => {
      const frames = [{ seconds: 1_700_000_000, fraction: 123_456_789, bytes: FRAME }];
      const { records } = await readAll(makePcap(frames, { magic: 0xa1b23c4d, littleEndian }));
      expect(records[0]).to.include({ microseconds: 1_700_000_000_123_456, nanoseconds: 789 });
    });

    it(`reads Kuznetzov's longer record headers, ${order}-endian`, async () => {
      const { records } = await readAll(makePcap(TWO, { magic: 0xa1b2cd34, littleEndian, extra: 8 }));
      expect(records.map((record) => record.bytes.length)).to.deep.equal([61, 10]);
      expect(records[0]!.bytes).to.deep.equal([...FRAME]);
    });
  }

  it('takes the link type from the lower half of its field', async () => {
    const { records } = await readAll(makePcap(TWO, { linkType: 0x24000071 }));
    expect(records[0]!.linkType).to.equal(113);
  });

  it('reads the same whatever the chunks, down to single bytes', async () => {
    const file = makePcap(TWO);
    const whole = await readAll(file);
    for (const chunkBytes of [1, 2, 7, 16, 24, 25, 40, 41, 100]) {
      expect((await readAll(file, chunkBytes)).records, `${chunkBytes} bytes`).to.deep.equal(whole.records);
    }
  });

  it('gives all whole records of a file cut at any byte, and says where it is cut', async () => {
    const file = makePcap(TWO);
    for (let length = 0; length < file.length; length++) {
      const { records, problems } = await readAll(file.subarray(0, length), 50);
      const whole = length < 24 + 16 + 61 ? 0 : 1;
      expect(records, `${length} bytes`).to.have.length(whole);
      const clean = length === 24 || length === 24 + 16 + 61;
      expect(problems, `${length} bytes`).to.have.length(clean ? 0 : 1);
      if (length > 24 && !clean) expect(problems[0]!.offset).to.equal(whole === 0 ? 24 : 101);
    }
  });

  it('stops at a record of impossible length, with its offset', async () => {
    const file = makePcap(TWO);
    new DataView(file.buffer).setUint32(101 + 8, 0x7fffffff, true);
    const { records, problems } = await readAll(file);
    expect(records).to.have.length(1);
    expect(problems).to.deep.equal([
      { offset: 101, message: 'record 2 says it holds 2147483647 bytes, more than the 16777216 allowed' },
    ]);
  });

  it('says what a file is not', async () => {
    const { problems } = await readAll(new TextEncoder().encode('<html>hello'));
    expect(problems).to.deep.equal([{ offset: 0, message: 'neither pcap nor pcapng: it begins with 3c68746d' }]);
    expect((await readAll(new Uint8Array(0))).problems[0]!.message).to.equal('the file is empty');
  });
});

describe('capture reader: pcapng', () => {
  it('reads what our writer wrote: times, directions, comments, interfaces', () => {
    const reader = new CaptureReader();
    const writer = new PcapngWriter((bytes) => reader.push(bytes.slice()), { bufferBytes: 1 << 20 });
    writer.addInterface({ name: 'fp0', description: 'a TAP', clockStart: 1e15, resolution: 'ns' });
    writer.addInterface({ name: 'fp1', linkType: 101 });
    writer.writeFrame(0, 7, INBOUND, FRAME, 0, FRAME.length, 'first', 42);
    writer.writeFrame(1, 8, OUTBOUND, FRAME, 0, 20);
    writer.close();
    reader.end();
    const record = new CaptureRecord();
    expect(reader.next(record)).to.equal(true);
    expect(record).to.include({ microseconds: 1e15 + 7, nanoseconds: 42, direction: INBOUND, linkType: 1, number: 1 });
    expect(readComment(record)).to.equal('first');
    expect(reader.next(record)).to.equal(true);
    expect(record).to.include({ microseconds: 8, direction: OUTBOUND, linkType: 101, interfaceIndex: 1, number: 2 });
    expect(readComment(record)).to.equal(undefined);
    expect(reader.next(record)).to.equal(false);
    expect(reader.problems).to.deep.equal([]);
    expect(reader.interfaces.map((i) => i.name)).to.deep.equal(['fp0', 'fp1']);
    expect(reader.interfaces[0]!.description).to.equal('a TAP');
  });

  it('reads sections of both byte orders in one file, each with its own interfaces', async () => {
    const frame = FRAME.subarray(0, 60);
    const parts = [true, false].map((little) =>
      join(section(little), describeInterface(little, little ? 1 : 101), packet(little, 0, 1, 2, frame)),
    );
    const { records, problems } = await readAll(join(...parts), 13);
    expect(problems).to.deep.equal([]);
    expect(records.map((record) => record.linkType)).to.deep.equal([1, 101]);
    for (const record of records) expect(record.microseconds).to.equal(2 ** 32 + 2);
  });

  it('knows every unit of time: tenths of a microsecond, powers of two, an offset', async () => {
    const frame = FRAME.subarray(0, 4);
    const option = (code: number, ...value: number[]) => [
      ...pack(true, [16, code], [16, value.length]),
      ...value,
      ...new Array<number>(-value.length & 3).fill(0),
    ];
    const file = join(
      section(true),
      describeInterface(true, 1, ...option(9, 7)),
      describeInterface(true, 1, ...option(9, 0x8a)),
      describeInterface(true, 1, ...option(14, 10, 0, 0, 0, 0, 0, 0, 0)),
      describeInterface(true, 1, ...option(14, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
      packet(true, 0, 0, 10_000_005, frame),
      packet(true, 1, 0, 1024 + 512, frame),
      packet(true, 2, 0, 3, frame),
      packet(true, 3, 0, 1_000_003, frame),
    );
    const { records } = await readAll(file);
    expect(records.map((record) => [record.microseconds, record.nanoseconds])).to.deep.equal([
      [1_000_000, 500],
      [1_500_000, 0],
      [10_000_003, 0],
      [3, 0],
    ]);
  });

  it('reads Simple and old Packet Blocks, and passes over what it does not know', async () => {
    const file = join(
      section(true),
      describeInterface(true, 1),
      makeBlock(0x40000bad, [1, 2, 3, 4]),
      makeBlock(3, [...pack(true, [32, 6]), 1, 2, 3, 4, 5, 6]),
      makeBlock(2, [...pack(true, [16, 0], [16, 9], [32, 0], [32, 77], [32, 4], [32, 4]), 9, 8, 7, 6]),
    );
    const { records, problems } = await readAll(file);
    expect(problems).to.deep.equal([]);
    expect(records.map((record) => record.bytes)).to.deep.equal([
      [1, 2, 3, 4, 5, 6],
      [9, 8, 7, 6],
    ]);
    expect(records[1]!.microseconds).to.equal(77);
  });

  it('goes on after a damaged block whose lengths are good, and says where it was', async () => {
    const good = packet(true, 0, 0, 1, FRAME.subarray(0, 8));
    const start = join(section(true), describeInterface(true, 1));
    const lying = packet(true, 0, 0, 1, FRAME.subarray(0, 8));
    new DataView(lying.buffer).setUint32(20, 9_999, true);
    const { records, problems } = await readAll(join(start, packet(true, 5, 0, 1, FRAME.subarray(0, 8)), lying, good));
    expect(records).to.have.length(1);
    expect(problems).to.deep.equal([
      { offset: start.length, message: 'a packet of interface 5, which was not described' },
      { offset: start.length + good.length, message: 'a packet of 9999 bytes in a block with 8' },
    ]);
  });

  it('stops where the two lengths of a block differ', async () => {
    const start = join(section(true), describeInterface(true, 1));
    const block = packet(true, 0, 0, 1, FRAME.subarray(0, 8));
    block[block.length - 4]! += 4;
    const { problems, reader } = await readAll(join(start, block));
    expect(reader.stopped).to.equal(true);
    expect(problems[0]!.offset).to.equal(start.length + block.length - 4);
  });

  it('ends an option list that lies instead of reading past the block', async () => {
    const frame = [...FRAME.subarray(0, 4), ...pack(true, [16, 2], [16, 0xffff])];
    const head = pack(true, [32, 0], [32, 0], [32, 1], [32, 4], [32, 4]);
    const { records } = await readAll(
      join(section(true), describeInterface(true, 1), makeBlock(6, [...head, ...frame])),
    );
    expect(records[0]!.direction).to.equal(0);
  });
});

describe('capture reader: ../shared/captures', () => {
  it('reads every file to its end', async function () {
    for (const [name, path] of needSharedCaptures(this)) {
      let frames = 0;
      const reader = await readCapture(path, () => void frames++);
      expect(reader.problems, name).to.deep.equal([]);
      expect(frames, name).to.be.greaterThan(0);
    }
  });
});
