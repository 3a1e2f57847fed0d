/** The examples that need no privileges: each program runs as its head says, and says what its head promises. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { CaptureReader, CaptureRecord } from '../../src/index.js';
import { printedBy } from '../support/command-here.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

/** What the program prints, started as its head says. */
async function spawned(name: string, ...options: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(EXAMPLES, name), ...options]);
  return stdout;
}

/** `process.exit` of a program that runs in this process. */
class Exit extends Error {
  constructor(readonly status: number) {
    super(`exit status ${status}`);
  }
}

let runs = 0;

/** The same program in this process: a module that is imported under a new name each time. */
async function run(name: string, ...options: string[]) {
  const { exit } = process;
  process.exit = (code) => {
    throw new Exit(Number(code));
  };
  const file = join(EXAMPLES, name);
  const statusOf = (failure: unknown) => {
    if (failure instanceof Exit) return failure.status;
    throw failure;
  };
  try {
    return await printedBy([file, ...options], () => import(`${pathToFileURL(file)}?run=${++runs}`), statusOf);
  } finally {
    process.exit = exit;
  }
}

describe('the example', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-examples-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('unit-test.ts has three tests, and all pass', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', join(EXAMPLES, 'unit-test.js')], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(stdout)
      .to.match(/^# pass 3$/m)
      .and.to.match(/^# fail 0$/m);
  });

  it('lossy-link.ts shows that goodput falls with loss, the same at each run', async () => {
    const table = await spawned('lossy-link.js');
    const rows = table.trim().split('\n').slice(1);
    const goodput = rows.map((row) => Number(/([\d.]+) Mbit/.exec(row)?.[1]));
    const resent = rows.map((row) => Number(/(\d+)$/.exec(row)?.[1]));
    expect(goodput[0]).to.be.greaterThan(5).and.at.most(10);
    expect(resent[0]).to.equal(0);
    expect(goodput.at(-1)).to.be.lessThan(goodput[0]! / 4);
    expect(resent.at(-1)).to.be.greaterThan(100);
    expect((await run('lossy-link.js')).stdout).to.equal(table);
    expect((await run('lossy-link.js', '2')).stdout).not.to.equal(table);
  });

  it('resent-segments.ts prints as many segments as were sent again, the same at each run', async () => {
    const { stdout } = await run('resent-segments.js');
    const lines = stdout.trim().split('\n');
    const [, bytes, count] = /^(\d+) bytes after [\d.]+ s, (\d+) segments sent again$/.exec(lines.pop() ?? '') ?? [];
    expect(bytes).to.equal('300000');
    expect(Number(count)).to.equal(lines.length).and.be.greaterThan(3);
    expect(lines[0]).to.match(/^\d\.\d{3} s {2}IP 10\.0\.0\.2\.80 > 10\.0\.0\.1\.\d+: Flags \[\.\], seq \d+:\d+/);
    expect((await run('resent-segments.js')).stdout).to.equal(stdout);
  });

  it('packet-generator.ts sends at its rate, hears every echo, and records what crossed', async () => {
    const file = join(folder, 'generated.pcapng');
    const options = ['--count', '500', '--rate', '2000', '--size', '300', '--file', file];
    const said = await spawned('packet-generator.js', ...options);
    expect(said).to.equal('500 datagrams of 300 bytes to 10.77.0.1 port 7: 500 came back\n');
    const reader = new CaptureReader();
    const record = new CaptureRecord();
    reader.push(readFileSync(file));
    reader.end();
    const times: number[] = [];
    while (reader.next(record)) if (record.to - record.from === 14 + 20 + 8 + 300) times.push(record.microseconds);
    expect(times).to.have.length(1_000); // each, and its echo
    expect(times.at(-1)! - times[0]!).to.be.closeTo(250_000, 2_000);
  });

  it('packet-generator.ts says where datagrams are lost: before the Ethernet address is known few may wait', async () => {
    const said = await spawned('packet-generator.js', '--count', '500', '--rate', '500000', '--size', '60');
    const [, returned = 0, dropped = 0] = /: (\d+) came back\n(\d+) were dropped here/.exec(said)?.map(Number) ?? [];
    expect(dropped).to.be.above(0);
    expect(returned + dropped).to.equal(500);
  });

  it('packet-generator.ts refuses numbers that make no sense', async () => {
    const { stderr } = await run('packet-generator.js', '--size', '9000');
    expect(stderr).to.include('--port, --count, --rate and --size (up to 1400) are whole numbers above 0');
  });

  it('each says in one sentence what is wrong with its arguments', async () => {
    const refusals: [status: number, text: string][] = [];
    for (const [name, ...options] of [
      ['packet-generator.js', '--speed', '1'],
      ['packet-generator.js', '--to', 'nowhere'],
      ['lossy-link.js', 'abc'],
      ['capture-analyser.js', '/nowhere'],
    ] as const) {
      const { status, stderr } = await run(name, ...options);
      refusals.push([status, stderr]);
    }
    for (const [code, text] of refusals) {
      expect(code).to.equal(2);
      expect(text, 'no stack of calls').not.to.match(/^ +at /m);
    }
    expect(refusals[2]).to.deep.equal([2, 'the seed is a whole number, not abc\n']);
    expect(refusals[3]).to.deep.equal([2, 'there is no file /nowhere\n']);
  });

  it('capture-analyser.ts counts frames and bytes by who sent them to whom', async () => {
    const file = join(folder, 'analysed.pcapng');
    await run('packet-generator.js', '--count', '20', '--size', '100', '--file', file);
    const [summary, ...rows] = (await spawned('capture-analyser.js', file)).trim().split('\n');
    expect(summary).to.match(/^\d+ frames in \d\.\d{3} s$/);
    expect(rows.filter((row) => / 20 frames /.test(row) && row.startsWith(`${20 * 142} bytes`))).to.have.length(2);
  });
});
