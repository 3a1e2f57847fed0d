import { expect } from 'chai';
import { readBytes } from '../../src/capture/file/input.js';
import { PcapngWriter } from '../../src/capture/format/pcapng-writer.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { parseFilter } from '../../src/dissect/filter/parser.js';
import { FrameClock } from '../../src/dissect/frame-info.js';
import { FrameView } from '../../src/dissect/frame-view.js';
import { ConnectionTracker } from '../../src/dissect/tcp/connections.js';
import { toSequence } from '../../src/net/tcp/sequence.js';
import { ACK, FIN, PSH, RST, SYN } from '../../src/net/wire/tcp.js';
import { type SegmentParts, segment } from '../support/exchange.js';
import { dissectFrames, type FrameParts, valuesOf } from '../support/layered-frames.js';

const SYN_CLIENT = segment({ from: 'client', flags: SYN, sequence: 1000 });
const SYN_SERVER = segment({ from: 'server', flags: SYN | ACK, sequence: 5000, acknowledgment: 1001 });

function ack(acknowledgment: number, more: Partial<SegmentParts> = {}): Uint8Array {
  return segment({ from: 'client', flags: ACK, sequence: 1001, acknowledgment, ...more });
}

function data(sequence: number, length: number): Uint8Array {
  return segment({ from: 'server', flags: ACK | PSH, sequence, acknowledgment: 1001, data: 'x'.repeat(length) });
}

/** The notes of frames at these times (milliseconds), after a handshake of 10 ms. */
function notes(...timed: readonly [ms: number, bytes: Uint8Array][]): string[] {
  const handshake = [SYN_CLIENT, SYN_SERVER, ack(5001)].map((bytes, i) => ({ bytes, time: i * 5_000 }));
  const frames: FrameParts[] = [...handshake, ...timed.map(([ms, bytes]) => ({ bytes, time: ms * 1_000 }))];
  return dissectFrames(frames)
    .slice(3)
    .map((dissection) => dissection.notes.join('; '));
}

describe('dissector: what a TCP segment is in its conversation', () => {
  it('tells a segment that comes late from one that is sent again', () => {
    const reordered = notes([20, data(5001, 100)], [20, data(5201, 100)], [21, data(5101, 100)]);
    expect(reordered).to.deep.equal(['', '100 bytes before it not seen', 'out of order']);
    const lost = notes([20, data(5001, 100)], [20, data(5201, 100)], [220, data(5101, 100)]);
    expect(lost[2]).to.equal('retransmission');
    const again = notes([20, data(5001, 100)], [20, data(5101, 100)], [21, data(5001, 100)]);
    expect(again[2]).to.equal('retransmission');
  });

  it('knows the retransmission that answers duplicate acknowledgments', () => {
    const list = notes(
      [20, data(5001, 100)],
      [30, ack(5101)],
      [31, data(5201, 100)],
      [32, data(5301, 100)],
      [33, ack(5101)],
      [34, ack(5101)],
      [35, data(5101, 100)],
    );
    expect(list.slice(4)).to.deep.equal([
      'duplicate acknowledgment 1',
      'duplicate acknowledgment 2',
      'fast retransmission',
    ]);
  });

  it('counts every repeated acknowledgment, and starts again when it moves on', () => {
    const list = dissectFrames([
      SYN_CLIENT,
      SYN_SERVER,
      ack(5001),
      data(5101, 10),
      ...Array.from({ length: 5 }, () => ack(5001)),
      ack(5111),
      data(5111, 10),
      ack(5111),
    ]);
    const counts = list.flatMap((dissection) => valuesOf(dissection, 'tcp.analysis.duplicate_ack_num'));
    expect(counts).to.deep.equal([1, 2, 3, 4, 5, 1]);
    expect(list.flatMap((dissection) => valuesOf(dissection, 'tcp.analysis.duplicate_ack_frame'))).to.deep.equal([
      3, 3, 3, 3, 3, 10,
    ]);
  });

  it('calls no acknowledgment a duplicate while nothing is out (RFC 5681 section 2, condition a)', () => {
    const list = notes([20, ack(5001)], [21, data(5001, 100)], [30, ack(5101)], [31, ack(5101)]);
    expect(list).to.deep.equal(['', '', '', '']);
  });

  it('calls a retransmission spurious if all of it had been acknowledged', () => {
    const list = notes([20, data(5001, 100)], [25, ack(5101)], [40, data(5001, 100)]);
    expect(list[2]).to.equal('spurious retransmission');
  });

  it('knows window updates, closed windows, and a window that is full', () => {
    const list = notes(
      [20, ack(5001, { window: 100 })],
      [21, data(5001, 100)],
      [22, ack(5101, { window: 0 })],
      [23, ack(5101, { window: 50 })],
    );
    expect(list).to.deep.equal(['window update', 'window full', 'zero window', 'window update']);
  });

  it('knows both kinds of probe, and their answers', () => {
    const keepAlive = notes([20, data(5001, 10)], [21, ack(5011)], [9_000, data(5010, 0)], [9_001, ack(5011)]);
    expect(keepAlive.slice(2)).to.deep.equal(['keep-alive', 'answer to a keep-alive']);
    const probe = notes(
      [20, data(5001, 10)],
      [21, ack(5011, { window: 0 })],
      [300, data(5011, 1)],
      [301, ack(5011, { window: 0 })],
    );
    expect(probe.slice(2)).to.deep.equal(['zero-window probe', 'zero window; answer to a zero-window probe']);
  });

  it('notes an acknowledgment of what the capture lacks', () => {
    const list = notes([20, data(5001, 10)], [30, ack(6001)], [31, ack(6001, { window: 9 })]);
    expect(list.slice(1)).to.deep.equal(['acknowledges bytes not seen', 'window update']);
  });

  it('notes ports that are used again, and gives the connection a number of its own', () => {
    const list = dissectFrames([SYN_CLIENT, SYN_SERVER, segment({ from: 'client', flags: SYN, sequence: 90_000 })]);
    expect(list[2]?.notes).to.deep.equal(['ports used again']);
    expect(list[2]?.connection).to.equal(2);
  });

  it('takes a FIN that comes again for a retransmission, and no RST for anything', () => {
    const fin = segment({ from: 'server', flags: ACK | FIN, sequence: 5001, acknowledgment: 1001 });
    const rst = segment({ from: 'client', flags: RST, sequence: 1 });
    expect(notes([20, fin], [300, fin], [301, rst])).to.deep.equal(['', 'retransmission', '']);
  });

  it('scales windows once both ends have agreed to', () => {
    const options = { synOptions: true };
    const list = dissectFrames([
      segment({ from: 'client', flags: SYN, sequence: 1000, ...options }),
      segment({ from: 'server', flags: SYN | ACK, sequence: 5000, acknowledgment: 1001, ...options }),
      ack(5001, { window: 500 }),
    ]);
    const windows = list.map((dissection) => valuesOf(dissection, 'tcp.window_size')[0]);
    expect(windows).to.deep.equal([64_240, 64_240, 500 * 128]);
  });
});

describe('dissector: connections', () => {
  /** A section of a file: each frame passes two interfaces, as on a router. */
  const section = (frames: readonly Uint8Array[]) => {
    const parts: Uint8Array[] = [];
    const writer = new PcapngWriter((bytes) => parts.push(bytes.slice()));
    const ids = ['eth0', 'eth1'].map((name) => writer.addInterface({ name }));
    for (const [i, bytes] of frames.entries()) {
      for (const id of ids) writer.writeFrame(id, i * 1_000 + id, 0, bytes, 0, bytes.length);
    }
    writer.close();
    return Buffer.concat(parts);
  };

  it('are followed at each interface by itself, through all sections of a file: a copy is no retransmission', () => {
    const begin = section([SYN_CLIENT, SYN_SERVER, ack(5001), data(5001, 100)]);
    const rest = section([ack(5101), data(5101, 100)]);
    const [dissector, clock] = [new Dissector(), new FrameClock()];
    const isOnSecond = parseFilter('frame.interface_id in {1 3} && frame.interface_name == "eth1"');
    const seen: (number | undefined)[] = [];
    const notes: string[] = [];
    readBytes(Buffer.concat([begin, rest]), (record, reader) => {
      const info = clock.info(record, reader.interfaces[record.interfaceIndex]);
      const dissection = dissector.dissect(record);
      notes.push(...dissection.notes);
      if (isOnSecond(new FrameView(info, dissection))) seen.push(dissection.connection);
    });
    expect(notes).to.deep.equal([]);
    expect(seen).to.deep.equal([2, 2, 2, 2, 2, 2]);
    expect([...dissector.connections].map(({ seenAt }) => seenAt)).to.have.members(['0', '1']);
  });

  it('forget the one that has been idle longest, so that memory has a bound', () => {
    const forgotten: number[] = [];
    const tracker = new ConnectionTracker((connection) => forgotten.push(connection.number), 3);
    const observe = (port: number) =>
      tracker.observe({
        source: { address: 'a', port },
        destination: { address: 'b', port: 80 },
        flags: ACK,
        sequence: toSequence(1),
        acknowledgment: toSequence(1),
        length: 0,
        window: 1,
        scale: -1,
        frame: 1,
        seenAt: '0',
        time: 0,
      }).connection.number;
    for (const port of [1, 2, 3, 1, 4, 1]) observe(port);
    expect(forgotten).to.deep.equal([2]);
    expect(observe(1)).to.equal(1);
    for (let port = 10; port < 10_000; port++) observe(port);
    expect([...tracker.connections]).to.have.length(3);
  });
});
