/** `fastpath dissect` as a command: its forms of output, its filter, what it refuses. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makePcap } from '../support/captures.js';
import { commandHere } from '../support/command-here.js';
import { exchange, RESPONSE } from '../support/exchange.js';

const CLI = fileURLToPath(new URL('../../program/cli.js', import.meta.url));

describe('fastpath dissect', () => {
  let folder: string;
  let capture: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-dissect-'));
    capture = join(folder, 'capture.pcap');
    writeFileSync(capture, makePcap(exchange().map((bytes, i) => ({ seconds: i, fraction: 0, bytes }))));
  });
  after(() => rmSync(folder, { recursive: true }));

  async function dissect(...args: readonly string[]) {
    const outcome = await commandHere('dissect', ...args);
    return { ...outcome, lines: outcome.stdout.split('\n').slice(0, -1) };
  }

  it('shows the frames that pass a filter', async () => {
    const { lines, status } = await dissect(
      '-Y',
      'tcp.flags.syn && !tcp.flags.ack || http.response.code == 200',
      capture,
    );
    expect(lines.map((line) => line.trim().split(' ')[0])).to.deep.equal(['1', '5']);
    expect(status).to.equal(0);
  });

  it('points at what is wrong in a filter, with status 2', async () => {
    const { stderr, status, stdout } = await dissect('-Y', 'tcp and ip.add == 10.0.0.1', capture);
    expect(stderr).to.contain(
      'There is no field or layer ip.add. Did you mean ip.addr?\n  tcp and ip.add == 10.0.0.1\n          ^^^^^^',
    );
    expect(status).to.equal(2);
    expect(stdout).to.equal('');
  });

  it('prints a table of fields, a table of connections, statistics, a stream', async () => {
    expect((await dissect('-e', 'frame.number,tcp.dstport', '-e', 'tcp.len', '-c', '2', capture)).lines).to.deep.equal([
      'frame.number,tcp.dstport,tcp.len',
      '1,80,0',
      '2,40000,0',
    ]);
    expect((await dissect('--connections', capture)).lines).to.have.length(2);
    expect(JSON.parse((await dissect('--statistics', '--json', capture)).stdout).frames).to.equal(9);
    expect((await dissect('--follow', '1', '--as', 'raw', '--side', 'server', capture)).stdout).to.equal(RESPONSE);
  });

  it('says so if there is no such connection, with status 1', async () => {
    const { stderr, status } = await dissect('--follow', '7', capture);
    expect(stderr).to.contain('no segment of connection 7 was shown');
    expect(status).to.equal(1);
  });

  it('refuses two forms at once, and a field that is not there', async () => {
    for (const forms of [
      ['--tree', '--connections'],
      ['--follow', '1', '--statistics'],
      ['--tree', '--json'],
    ])
      expect((await dissect(...forms, capture)).status, forms.join(' ')).to.equal(2);
    const { stderr, status } = await dissect('-e', 'ip.source', capture);
    expect(stderr).to.contain('There is no field ip.source.');
    expect(status).to.equal(2);
  });

  it('writes what was shown to a file, or to standard output and nothing else', async () => {
    const out = join(folder, 'out.pcapng');
    expect((await dissect('-Y', 'http', '-w', out, capture)).lines).to.have.length(2);
    expect((await dissect(out)).lines).to.have.length(2);
    const { stdout } = spawnSync(process.execPath, [CLI, 'dissect', '-Y', 'http', '-w', '-', capture]);
    expect(Buffer.compare(stdout, readFileSync(out))).to.equal(0);
  });

  it('never writes over the capture that it reads', async () => {
    const before = readFileSync(capture);
    const { stderr, status } = await dissect('-w', capture, capture);
    expect(stderr).to.contain('is the capture itself');
    expect(status).to.equal(2);
    expect(readFileSync(capture).equals(before)).to.equal(true);
  });

  it('colours what it is asked to colour, and nothing in a pipe', async () => {
    expect((await dissect(capture)).stdout).not.to.contain('\x1b[');
    expect((await dissect('--color', 'always', capture)).stdout).to.contain('\x1b[');
  });

  it('lists its fields without a capture, and asks for a capture otherwise', async () => {
    expect((await dissect('--list-fields')).stdout).to.match(/^tcp\.port +one of tcp\.srcport, tcp\.dstport$/m);
    expect((await dissect()).status).to.equal(2);
  });

  it('has examples in its help that are true options', async () => {
    const help = (await dissect('--help')).stdout;
    const options = new Set(help.slice(help.indexOf('Options:')).match(/(?<=[ ,])--?[A-Za-z][\w-]*/g));
    const examples = help.slice(0, help.indexOf('Usage:')).match(/(?<= )--?[A-Za-z][\w-]*/g) ?? [];
    expect(examples.length).to.be.greaterThan(10);
    for (const option of examples) expect(options, option).to.include(option);
  });
});
