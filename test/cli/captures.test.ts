/** `fastpath dissect` and `fastpath replay` as commands: output, exit status, pipes. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { makePcap } from '../support/captures.js';
import { commandHere } from '../support/command-here.js';
import { exchange } from '../support/exchange.js';
import { until } from '../support/until.js';

const CLI = fileURLToPath(new URL('../../program/cli.js', import.meta.url));
const CAPTURE = makePcap(exchange().map((bytes, i) => ({ seconds: 1_700_000_000, fraction: 1000 * i, bytes })));

/** Where a descriptor of a process leads; nowhere if it has been closed. */
function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return '';
  }
}

describe('capture commands', () => {
  let folder: string;
  let capture: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-captures-'));
    capture = join(folder, 'capture.pcap');
    writeFileSync(capture, CAPTURE);
  });
  after(() => rmSync(folder, { recursive: true }));

  const fastpath = (args: readonly string[]) => commandHere(...args);

  /** The program with this as its standard input. */
  function fed(args: readonly string[], input: Uint8Array) {
    return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', input });
  }

  it('dissect: a line a frame, status 0', async () => {
    const { stdout, status } = await fastpath(['dissect', capture]);
    expect(stdout.trimEnd().split('\n')).to.have.length(exchange().length);
    expect(status).to.equal(0);
  });

  it('dissect: JSON lines from standard input, compressed', () => {
    const { stdout, status } = fed(['dissect', '--json', '--count', '2', '-'], gzipSync(CAPTURE));
    const frames = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(frames.map((frame) => frame.number)).to.deep.equal([1, 2]);
    expect(status).to.equal(0);
  });

  it('dissect: frames from a pipe are shown as they come, not at its end', async () => {
    const child = spawn(process.execPath, [CLI, 'dissect', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.write(CAPTURE.subarray(0, CAPTURE.length - 1));
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    expect(first.toString()).to.contain('Flags [S]');
    child.stdin.end();
    await once(child, 'close');
    expect(child.exitCode).to.equal(1);
  });

  it('dissect: output that cannot be written, status 1; a reader that leaves early, status 0', () => {
    const sh = (command: string) => spawnSync('sh', ['-c', command, CLI, process.execPath, CLI, capture]);
    const full = sh('exec "$1" "$2" dissect "$3" > /dev/full');
    expect(full.stderr.toString()).to.contain('cannot write to standard output');
    expect(full.status).to.equal(1);
    expect(sh('{ "$1" "$2" dissect --tree "$3"; echo $? >&2; } | true').stderr.toString()).to.equal('0\n');
  });

  it('dissect: what can be read of a damaged file, then the byte, status 1', async () => {
    const damaged = join(folder, 'damaged.pcap');
    writeFileSync(damaged, CAPTURE.subarray(0, CAPTURE.length - 10));
    const { stdout, stderr, status } = await fastpath(['dissect', damaged]);
    expect(stdout.trimEnd().split('\n')).to.have.length(exchange().length - 1);
    expect(stderr).to.match(/byte \d+: the file ends within record 9/);
    expect(status).to.equal(1);
  });

  it('every command: one sentence for a file that cannot be read or written, status 7', async () => {
    const none = join(folder, 'none/x');
    for (const [reason, ...words] of [
      ...['dissect', 'replay', 'inspect', 'packetdrill'].map((name) => [
        `cannot read ${none}: there is no such`,
        name,
        none,
      ]),
      ...['dissect', 'replay', 'inspect', 'log'].map((name) => [`cannot read ${folder}: it is a folder`, name, folder]),
      [`cannot read ${none}: there is no such file`, 'packetdrill', '--from', none],
      [`cannot serve ${none}: there is no such folder`, 'replay', capture, '--serve', none],
      [`cannot write ${none}: there is no such folder`, 'dissect', '--write', none, capture],
      [`cannot write ${none}: there is no such folder`, 'replay', '--out', none, capture],
      [`cannot write ${none}: there is no such folder`, 'packetdrill', '--pcap', none, folder],
      [`cannot write ${none}: there is no such folder`, 'experiment', 'handshake', '--svg', none],
      [`cannot write ${folder}: it is a folder`, 'experiment', 'handshake', '--svg', folder],
      [`cannot write ${capture}/checksum.ts: a part of its path is a file`, 'lab', 'start', 'checksum', capture],
      ['cannot write /proc/x: there is no such folder', 'lab', 'start', 'checksum', '/proc/x/y'],
    ] as [string, ...string[]][]) {
      const { stderr, status } = await fastpath(words);
      expect(stderr, words.join(' ')).to.contain(`fastpath: ${reason}`);
      expect(status, words.join(' ')).to.equal(7);
    }
  });

  it('every command: means another name only where that is near', async () => {
    for (const [message, ...words] of [
      ["error: unknown command 'serv'\n(Did you mean serve?)\n(fastpath --help lists the commands)\n", 'serv'],
      ["error: unknown command 'nosuch'\n(fastpath --help lists the commands)\n", 'nosuch'],
      ['fastpath: there is no experiment nosuch; fastpath experiment lists them\n', 'experiment', 'nosuch'],
      [
        'fastpath: there is no experiment handshak; did you mean handshake? fastpath experiment lists them\n',
        'experiment',
        'handshak',
      ],
      ['fastpath: there is no lab nosuch; fastpath lab lists them\n', 'lab', 'start', 'nosuch'],
      ['fastpath: there is no lab cubik; did you mean cubic? fastpath lab lists them\n', 'lab', 'check', 'cubik'],
    ] as [string, ...string[]][]) {
      const { stderr, status } = await fastpath(words);
      expect(stderr).to.equal(message);
      expect(status, message).to.equal(2);
    }
  });

  it('inspect: a file without a capture in it, status 7 before a page is served', async () => {
    const file = join(folder, 'no-capture');
    for (const [content, reason] of [
      ['', 'the file is empty'],
      ['{ "a": 1 }', 'neither pcap nor pcapng: it begins with 7b202261'],
      [gzipSync(CAPTURE).subarray(0, 20), 'gzip: unexpected end of file'],
    ] as const) {
      writeFileSync(file, content);
      const { stdout, stderr, status } = await fastpath(['inspect', file]);
      expect(stderr).to.equal(`fastpath: cannot read ${file}: ${reason}\n`);
      expect(stdout).to.equal('');
      expect(status).to.equal(7);
    }
    writeFileSync(file, makePcap([{ seconds: 1, fraction: 0, bytes: Uint8Array.of(8, 0) }], { linkType: 105 }));
    const { stderr, status } = await fastpath(['inspect', file]);
    expect(stderr).to.equal(`fastpath: cannot show ${file}: link type 105 (IEEE 802.11) is not understood\n`);
    expect(status).to.equal(7);
  });

  it('replay: a line a connection, the answers to a file that dissects, status 0', async () => {
    const out = join(folder, 'answer.pcapng');
    const { stdout, status } = await fastpath(['replay', capture, '--compare', '--out', out]);
    expect(stdout).to.match(/^#1 10\.77\.0\.1:40000 > 10\.77\.0\.2:80 .*closed in order$/m);
    expect(stdout).to.contain('no differences');
    expect(status).to.equal(0);
    const shown = await fastpath(['dissect', out]);
    expect(shown.status).to.equal(0);
    expect(shown.stdout).to.contain('Flags [S.]');
  });

  it('replay: a folder served to the recorded client; status 1 if that differs', async () => {
    const site = join(folder, 'site');
    rmSync(site, { recursive: true, force: true });
    mkdirSync(site);
    writeFileSync(join(site, 'index.html'), 'hello');
    const { stdout, status } = await fastpath(['replay', capture, '--serve', site, '--compare', '--json']);
    const [connection, whole] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(connection.end).to.equal('closed in order');
    expect(connection.differences).to.have.length.greaterThan(0);
    expect(whole.summary.connectionsThatDiffer).to.equal(1);
    expect(status).to.equal(1);
  });

  it('replay: from standard input to standard output, twice the same', async () => {
    const once = spawnSync(process.execPath, [CLI, 'replay', '-', '--out', '-'], { input: CAPTURE });
    expect(once.status, once.stderr.toString()).to.equal(0);
    expect(once.stdout.equals((await fastpath(['replay', capture, '--out', '-'])).bytes)).to.equal(true);
    expect(once.stdout.readUInt32LE(0)).to.equal(0x0a0d0d0a);
  });

  it('dissect: a protocol in any case; one that is not known, status 2', async () => {
    expect((await fastpath(['dissect', '--protocol', 'HTTP', capture])).stdout.trimEnd().split('\n')).to.have.length(2);
    const { stderr, status } = await fastpath(['dissect', '--protocol', 'ipv4', capture]);
    expect(stderr).to.contain('ah, arp, data, dhcp');
    expect(status).to.equal(2);
  });

  it('replay: of standard input nothing stays in the temporary folder, not even after Ctrl-C', async () => {
    const temporary = mkdtempSync(join(folder, 'tmp-'));
    const env = { ...process.env, TMPDIR: temporary };
    const child = spawn(process.execPath, [CLI, 'replay', '-'], { env, stdio: ['pipe', 'ignore', 'ignore'] });
    const isNameless = (file: string) => file.startsWith(temporary) && file.endsWith(' (deleted)');
    const holdsOne = () => readdirSync(`/proc/${child.pid}/fd`).some((fd) => isNameless(linkOf(child.pid!, fd)));
    await until(holdsOne, 'the temporary file');
    child.kill('SIGINT');
    await once(child, 'close');
    expect(readdirSync(temporary)).to.deep.equal([]);
  });

  it('replay: the capture is never written over, by whatever name', async () => {
    const link = join(folder, 'link.pcapng');
    symlinkSync(capture, link);
    for (const out of [capture, link]) {
      const { stderr, status } = await fastpath(['replay', capture, '--out', out]);
      expect(stderr).to.contain('is the capture itself');
      expect(status).to.equal(2);
    }
    expect(readFileSync(capture).equals(CAPTURE)).to.equal(true);
  });

  it('replay: nothing in it that could be a server, status 1', async () => {
    const empty = join(folder, 'empty.pcap');
    writeFileSync(empty, CAPTURE.subarray(0, 24));
    const { stderr, status } = await fastpath(['replay', empty]);
    expect(stderr).to.contain('it holds no frames');
    expect(status).to.equal(1);
  });

  it('replay: a folder that is not there, status 7; an impossible address, status 2', async () => {
    expect((await fastpath(['replay', capture, '--serve', join(folder, 'none')])).status).to.equal(7);
    expect((await fastpath(['replay', capture, '--as', 'nowhere'])).status).to.equal(2);
    expect(readFileSync(capture).equals(CAPTURE)).to.equal(true);
  });
});
