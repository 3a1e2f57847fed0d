import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { parseFilter } from '../../src/dissect/filter/parser.js';
import { StreamSide } from '../../src/dissect/follow/stream.js';
import { PLAIN, styleOf } from '../../src/dissect/print/style.js';
import { ConnectionReport } from '../../src/dissect/report/connections.js';
import { type FollowOptions, followReport } from '../../src/dissect/report/follow.js';
import { lineReport, tableReport } from '../../src/dissect/report/frames.js';
import type { Print, Report } from '../../src/dissect/report/report.js';
import { StatisticsReport } from '../../src/dissect/report/statistics.js';
import { FrameWriter } from '../../src/dissect/report/write.js';
import { type DissectOptions, dissectFile } from '../../src/dissect/run.js';
import { toSequence } from '../../src/net/tcp/sequence.js';
import { ACK, PSH } from '../../src/net/wire/tcp.js';
import { makePcap, readAll } from '../support/captures.js';
import { exchange, REQUEST, RESPONSE, segment } from '../support/exchange.js';
import { ethernet, PING } from '../support/layered-frames.js';

const NANOSECONDS = 0xa1b23c4d;

describe('dissect: reports', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(joinPath(tmpdir(), 'fastpath-reports-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs a report over a capture; returns what it prints. */
  async function run(
    file: Uint8Array,
    make: (print: Print) => Report,
    options: Omit<DissectOptions, 'report'> = {},
  ): Promise<string[]> {
    const path = joinPath(folder, 'capture.pcap');
    writeFileSync(path, file);
    const lines: string[] = [];
    await dissectFile(path, { ...options, report: make((line) => lines.push(line)) });
    return lines;
  }

  const capture = makePcap(exchange().map((bytes, i) => ({ seconds: 1_700_000_000, fraction: 1_500 * i, bytes })));

  it('show time since the first frame, of day, since the line before, since 1970, to the nanosecond', async () => {
    const times = [0, 1_000_000_007, 2_500_000_009];
    const frames = times.map((time) => ({
      seconds: Math.floor(time / 1e9),
      fraction: time % 1e9,
      bytes: ethernet(0x0800, PING),
    }));
    const file = makePcap(frames, { magic: NANOSECONDS });
    const first = async (time: 'relative' | 'absolute' | 'delta' | 'epoch') =>
      (await run(file, (print) => lineReport(print, { ...PLAIN, time }))).map((line) => line.trim().split(/ +/)[1]);
    expect(await first('relative')).to.deep.equal(['0.000000000', '1.000000007', '2.500000009']);
    expect(await first('delta')).to.deep.equal(['0.000000000', '1.000000007', '1.500000002']);
    expect(await first('epoch')).to.deep.equal(['0.000000000', '1.000000007', '2.500000009']);
    expect((await first('absolute'))[1]).to.equal('1970-01-01T00:00:01.000000007Z');
  });

  it('count the delta from the line before, not from a frame that is not shown', async () => {
    const selection = { filter: parseFilter('frame.number in {1, 5}') };
    const lines = await run(capture, (print) => lineReport(print, { ...PLAIN, time: 'delta' }), { selection });
    expect(lines[1]).to.contain(' 0.006000 ');
  });

  it('colour lines only if they are asked to', async () => {
    const plain = await run(capture, (print) => lineReport(print, styleOf('relative', 'auto', false)));
    const colored = await run(capture, (print) => lineReport(print, styleOf('relative', 'always', false)));
    expect(plain.join('')).not.to.contain('\x1b[');
    expect(colored.join('')).to.contain('\x1b[32m');
    expect(colored.map((line) => stripVTControlCharacters(line))).to.deep.equal(plain);
  });

  it('write chosen fields as a table with a header, quoted where they must be (RFC 4180)', async () => {
    const fields = ['frame.number', 'ip.src', 'http.request.line', 'tcp.option_kind', 'dns.id'];
    const lines = await run(capture, (print) => tableReport(print, { fields }, true));
    expect(lines[0]).to.equal(fields.join(','));
    expect(lines[1]).to.equal('1,10.77.0.1,,"2,4,1,1,1,3,1,1,8",');
    expect(lines[4]).to.match(/^4,10\.77\.0\.1,Host: a,"1,1,8",$/);
    const tabs = await run(capture, (print) => tableReport(print, { fields, separator: '\t' }, false));
    expect(tabs).to.have.length(exchange().length);
    expect(tabs[3]).to.equal('4\t10.77.0.1\tHost: a\t1,1,8\t');
  });

  it('double a quote in a cell', async () => {
    const data = 'GET / HTTP/1.1\r\nX: "a",b\r\n\r\n';
    const bytes = segment({ from: 'client', flags: ACK | PSH, sequence: 1, data });
    const lines = await run(makePcap([{ seconds: 0, fraction: 0, bytes }]), (print) =>
      tableReport(print, { fields: ['http.request.line'] }, false),
    );
    expect(lines).to.deep.equal(['"X: ""a"",b"']);
  });

  it('list the connections with what was said, how long they took, and how they ended', async () => {
    const lines = await run(capture, (print) => new ConnectionReport(print, PLAIN));
    expect(lines[0]).to.match(/^# +client +server +frames +sent +received +start +duration +RTT +again +end +host$/);
    expect(lines[1]?.split(/ {2,}/)).to.deep.equal([
      '1',
      '10.77.0.1.40000',
      '10.77.0.2.80',
      '9',
      String(REQUEST.length),
      String(RESPONSE.length),
      '0.000000',
      '0.012000',
      '0.003000',
      '0',
      'closed',
      'a',
    ]);
    const [json] = await run(capture, (print) => new ConnectionReport(print, 'json'));
    expect(JSON.parse(json ?? '')).to.deep.include({ connection: 1, sent: REQUEST.length, end: 'closed', host: 'a' });
  });

  it('list only connections of which a frame was shown', async () => {
    const selection = { filter: parseFilter('udp') };
    expect(await run(capture, (print) => new ConnectionReport(print, PLAIN), { selection })).to.have.length(1);
  });

  it('count layers, findings and checksums', async () => {
    const [text] = await run(capture, (print) => new StatisticsReport(print, true));
    const statistics = JSON.parse(text ?? '');
    expect(statistics).to.deep.include({ frames: 9, duration: '0.012000', connections: 1, framesWithProblems: 0 });
    expect(statistics.protocols.http.frames).to.equal(2);
    expect(statistics.checksums).to.deep.equal({ 'ip Good': 9, 'tcp Good': 9 });
    const lines = await run(capture, (print) => new StatisticsReport(print, false));
    expect(lines).to.include(
      `${'http'.padEnd(12)}${'2'.padStart(12)}${String(statistics.protocols.http.bytes).padStart(16)}`,
    );
  });

  it('write what was shown with its times, its lengths and its link, to a file that reads the same', async () => {
    const frames = exchange().map((bytes, i) => ({
      seconds: 5,
      fraction: 10 * i + 3,
      bytes: bytes.subarray(0, 60),
      originalLength: bytes.length,
    }));
    const pieces: Uint8Array[] = [];
    const writer = new FrameWriter((bytes) => pieces.push(bytes.slice()));
    const selection = { filter: parseFilter('tcp.flags.syn') };
    await run(makePcap(frames, { magic: NANOSECONDS }), (print) => lineReport(print, PLAIN), { selection, writer });
    const { records, problems } = await readAll(new Uint8Array(Buffer.concat(pieces)));
    expect(problems).to.deep.equal([]);
    expect(
      records.map(({ bytes, originalLength, microseconds, nanoseconds }) => [
        bytes.length,
        originalLength,
        microseconds,
        nanoseconds,
      ]),
    ).to.deep.equal(
      frames.slice(0, 2).map(({ bytes, originalLength }, i) => [bytes.length, originalLength, 5_000_000, 10 * i + 3]),
    );
  });

  async function follow(file: Uint8Array, options: Partial<FollowOptions> = {}) {
    const written: Uint8Array[] = [];
    const write = (bytes: Uint8Array) => void written.push(bytes.slice());
    const lines = await run(file, (print) =>
      followReport({ connection: 1, form: 'text', style: PLAIN, ...options }, print, write),
    );
    return { lines, raw: Buffer.concat(written).toString('latin1') };
  }

  it('follow a connection: what each side says, in its turn', async () => {
    expect((await follow(capture)).lines).to.deep.equal([
      '--- client, from byte 0, frame 4 ---',
      'GET /index.html HTTP/1.1\nHost: a\n',
      '--- server, from byte 0, frame 5 ---',
      'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello',
    ]);
    expect((await follow(capture, { connection: 2 })).lines).to.deep.equal([]);
    expect((await follow(capture, { form: 'raw', side: 'server' })).raw).to.equal(RESPONSE);
    expect((await follow(capture, { form: 'hex', side: 'client' })).lines[1]?.split('\n')[0]).to.equal(
      '00000000  47 45 54 20 2f 69 6e 64 65 78 2e 68 74 6d 6c 20  GET /index.html ',
    );
    const [json] = (await follow(capture, { form: 'json', side: 'server' })).lines;
    expect(JSON.parse(json ?? '')).to.deep.equal({
      side: 'server',
      frame: 5,
      offset: 0,
      base64: Buffer.from(RESPONSE).toString('base64'),
    });
  });

  it('follow a connection through reordering, repetition and loss', async () => {
    const server = (sequence: number, data: string) =>
      segment({ from: 'server', flags: ACK, sequence, acknowledgment: 1001, data });
    const frames = [
      ...exchange().slice(0, 3),
      server(5004, 'def'),
      server(5001, 'abc'),
      server(5001, 'abcde'),
      server(5010, 'jkl'),
      segment({ from: 'client', flags: ACK, sequence: 1001, acknowledgment: 5013 }),
      server(5013, '\x1b[31mred'),
    ];
    const file = makePcap(frames.map((bytes, i) => ({ seconds: i, fraction: 0, bytes })));
    expect((await follow(file)).lines).to.deep.equal([
      '--- server, from byte 0, frame 5 ---',
      'abc',
      'def',
      '[3 bytes are not in the capture]',
      'jkl',
      '.[31mred',
    ]);
    expect((await follow(file, { form: 'raw', side: 'server' })).raw).to.equal('abcdefjkl\x1b[31mred');
  });
});

describe('dissect: a stream put together', () => {
  it('is the same in whatever order its segments come', () => {
    const text = 'the quick brown fox jumps over the lazy dog';
    for (let seed = 1; seed < 200; seed++) {
      const pieces = Array.from({ length: 9 }, (_, i) => ({ at: i * 5, content: text.slice(i * 5, i * 5 + 7) }));
      const shuffled = pieces
        .map((piece, i) => ({ piece, key: ((i + 1) * seed * 7919) % 101 }))
        .sort((a, b) => a.key - b.key);
      let stream = '';
      const side = new StreamSide({
        bytes: (bytes) => {
          stream += Buffer.from(bytes).toString();
        },
        missing: () => {
          stream += '?';
        },
      });
      const start = 0xffff_fff0; // the numbers wrap within the stream
      side.begin(toSequence(start - 1));
      for (const { piece } of shuffled) {
        const bytes = new TextEncoder().encode(piece.content);
        side.push(toSequence(start + piece.at), bytes, bytes.length);
      }
      side.end();
      expect(stream, `seed ${seed}`).to.equal(text);
    }
  });

  it('keeps no more than its bound behind a hole', () => {
    let given = 0;
    let missing = 0;
    const side = new StreamSide({
      bytes: (bytes) => void (given += bytes.length),
      missing: (count) => void (missing += count),
    });
    side.begin(toSequence(0));
    const bytes = new Uint8Array(60_000);
    for (let i = 0; i < 100; i++) side.push(toSequence(1_000 + i * bytes.length), bytes, bytes.length);
    expect(missing).to.equal(999);
    expect(given).to.equal(100 * bytes.length);
  });
});
