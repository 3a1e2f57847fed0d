/** A transaction joined with the frames of a capture. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { LogEntry } from '../../src/log/read/entry.js';
import { joinFrames } from '../../src/log/read/join.js';
import { describeTransaction } from '../../src/log/read/transaction.js';
import { makePcap } from '../support/captures.js';
import { ethernet, ipv4 } from '../support/packets.js';
import { PEER, PEER_MAC, STACK, STACK_MAC } from '../support/stack-bench.js';
import { pseudoHeader, type TcpFields, tcpSegment } from '../support/tcp-segment.js';

/** Ours begins just before 2^32, so that numbers wrap. */
const ISS = 4_294_967_290;
const IRS = 5_000;
const wrap = (sequence: number) => sequence >>> 0;
const BEGAN = 1_700_000_000_000_000;

function frame(isFromClient: boolean, port: number, fields: Partial<TcpFields>): Uint8Array {
  const [source, destination] = isFromClient ? [PEER, STACK] : [STACK, PEER];
  const [sourcePort, destinationPort] = isFromClient ? [port, 80] : [80, port];
  const segment = tcpSegment(
    { sourcePort, destinationPort, flags: '.', sequence: 0, ...fields },
    pseudoHeader(source, destination),
  );
  const [to, from] = isFromClient ? [STACK_MAC, PEER_MAC] : [PEER_MAC, STACK_MAC];
  return ethernet(to, from, 0x0800, ipv4({ source, destination, protocol: 6, payload: segment }));
}

/** Frames of a client and of the server, with acknowledgments counted from their first numbers. */
const client = (sequence: number, acknowledgment: number, data = '', flags = '.') =>
  frame(true, 40_000, {
    sequence: wrap(IRS + sequence),
    acknowledgment: wrap(ISS + acknowledgment),
    flags,
    data: Buffer.from(data),
  });
const server = (sequence: number, acknowledgment: number, length = 0, flags = '.') =>
  frame(false, 40_000, {
    sequence: wrap(ISS + sequence),
    acknowledgment: wrap(IRS + acknowledgment),
    flags,
    data: new Uint8Array(length),
  });

/** Two requests: the first in one segment, the second in two, with an answer of which a part is sent twice. */
const FRAMES = [
  frame(true, 40_000, { sequence: IRS, flags: 'S' }),
  frame(false, 40_000, { sequence: ISS, acknowledgment: IRS + 1, flags: 'S.' }),
  client(1, 1),
  client(1, 1, 'GET /a HTTP/1.1\r\n\r\n'),
  server(1, 20, 30),
  client(20, 31),
  client(20, 31, 'GET /b'),
  frame(true, 40_001, { sequence: wrap(IRS + 26), acknowledgment: ISS, data: Buffer.from('of another') }),
  client(26, 31, ' HTTP/1.1\r\n\r\n'),
  server(31, 39, 100),
  server(131, 39, 50),
  client(39, 131),
  server(131, 39, 50),
  client(39, 181),
  client(39, 181, 'GET /c HTTP/1.1\r\n\r\n'),
  server(181, 58, 10, 'F.'),
  client(58, 192, '', 'F.'),
];

const ENTRY: LogEntry = {
  time: '2023-11-14T22:13:20.000000Z',
  transaction: '0-1-2',
  client: PEER,
  port: 40_000,
  method: 'GET',
  target: '/b',
  version: '1.1',
  status: 200,
  bytes: 50,
  length: 150,
  cache: 'hit',
  object: 7,
  generation: 2,
  sequence: [wrap(ISS + 31), wrap(ISS + 181)],
  received: IRS + 39,
};

describe('access log: a transaction in a capture', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-join-'));
  const path = join(folder, 'trace.pcap');
  before(() => {
    const records = FRAMES.map((bytes, i) => {
      const time = BEGAN + 1_000 * (i - 8);
      return { bytes, seconds: Math.floor(time / 1_000_000), fraction: time % 1_000_000 };
    });
    writeFileSync(path, makePcap(records));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('has the frames that brought the request and that are its answer, up to the ACK of the last byte', async () => {
    const frames = await joinFrames(ENTRY, path);
    expect(frames.map(({ number, from, role, text }) => [number, from, role, text])).to.deep.equal([
      [1, 'client', 'handshake', 'SYN'],
      [2, 'server', 'handshake', 'SYN and ACK'],
      [3, 'client', 'handshake', 'ACK'],
      [7, 'client', 'request', '6 bytes of the request, to 5026'],
      [9, 'client', 'request', '13 bytes of the request, to 5039'],
      [10, 'server', 'answer', 'bytes 0 to 100 of 150 of the answer'],
      [11, 'server', 'answer', 'bytes 100 to 150 of 150 of the answer'],
      [12, 'client', 'acknowledgment', 'ACK: 100 bytes have come'],
      [13, 'server', 'answer', 'bytes 100 to 150 of 150 of the answer, retransmission'],
      [14, 'client', 'acknowledgment', 'ACK: the whole answer has come'],
      [16, 'server', 'end', 'FIN of the server'],
      [17, 'client', 'end', 'FIN of the client'],
    ]);
    expect(frames.map(({ time }) => time).slice(0, 5)).to.deep.equal([-0.008, -0.007, -0.006, -0.002, 0]);
  });

  it('shows the decision of the cache between the request and the answer', async () => {
    const lines = describeTransaction(ENTRY, await joinFrames(ENTRY, path)).map((line) => line.trim());
    const from = lines.findIndex((line) => line.startsWith('frame 9'));
    expect(lines.slice(from, from + 5)).to.deep.equal([
      'frame 9           +0.000 ms  → 13 bytes of the request, to 5039',
      'request GET /b HTTP/1.1',
      'cache hit: object 7, generation 2',
      'took the fast path: whole in one segment, answered in the call that brought it',
      'frame 10          +1.000 ms  ← bytes 0 to 100 of 150 of the answer',
    ]);
  });

  it('is not in a capture of something else, and that is said', async () => {
    const frames = await joinFrames({ ...ENTRY, port: 9 }, path);
    expect(frames).to.deep.equal([]);
    expect(describeTransaction(ENTRY, frames).at(-1)).to.include('none of this transaction are in the capture');
  });

  it('needs a log with sequence numbers', async () => {
    const { sequence, ...rest } = ENTRY;
    const error = await joinFrames(rest, path).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(RangeError).with.property('message').that.includes('only one in JSON');
  });
});
