/**
 * Scripts and captures on disk, and the command line around them.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { CaptureError, scriptFromCapture } from '../../../src/packetdrill/record/from-capture.js';
import { findScripts, NoScripts, runScriptFile, runSource } from '../../../src/packetdrill/run/script-files.js';
import { ScriptRecorder } from '../../../src/packetdrill/run/script-recorder.js';

const CLI = fileURLToPath(new URL('../../../program/cli.js', import.meta.url));

const GOOD = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000,sackOK,TS val 7 ecr 0,nop,wscale 3>
+0 > S. 0:0(0) ack 1 <...>
+.1 < . 1:1(0) ack 1 win 4000 <nop,nop,TS val 107 ecr 0>
+0 accept(3, ..., ...) = 4
+0 < P. 1:101(100) ack 1 win 4000 <nop,nop,TS val 107 ecr 0>
+0 > . 1:1(0) ack 101 <...>
+0 read(4, ..., 100) = 100
+.01 write(4, ..., 3000) = 3000
+0 > P. 1:3001(3000) ack 101 <...>
+.1 < . 101:101(0) ack 3001 win 4000 <nop,nop,TS val 217 ecr 0>
+0 shutdown(4, SHUT_WR) = 0
+0 > F. 3001:3001(0) ack 101 <...>
+.1 < F. 101:101(0) ack 3002 win 4000 <nop,nop,TS val 317 ecr 0>
+0 > . 3002:3002(0) ack 102 <...>
`;
const BAD = GOOD.replace('1:3001(3000) ack 101', '1:3001(3000) ack 102');

describe('packetdrill: files', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'packetdrill-'));
    mkdirSync(join(folder, 'deep'));
    mkdirSync(join(folder, 'empty'));
    writeFileSync(join(folder, 'good.pkt'), GOOD);
    writeFileSync(join(folder, 'deep', 'good-v6.pkt'), GOOD);
    writeFileSync(join(folder, 'note.txt'), 'no script');
  });
  after(() => rmSync(folder, { recursive: true }));

  const options = {
    profile: 'linux',
    ipVersions: ['ipv4', 'ipv6', 'ipv4-mapped-ipv6'],
    definitions: new Map(),
    overrides: {},
    seed: 1,
  } as const;
  const record = (path: string) => {
    const recorder = new ScriptRecorder(path);
    recorder.begin('good.pkt');
    runSource('good.pkt', GOOD, 'ipv4', {
      ...options,
      capture: (frame, outbound, time) => recorder.record(frame, outbound, time),
    });
    recorder.close();
  };

  it('finds scripts in folders and below, sorted', () => {
    expect(findScripts([folder]).map((path) => path.slice(folder.length))).to.deep.equal([
      '/deep/good-v6.pkt',
      '/good.pkt',
    ]);
  });

  it('says what is missing', () => {
    expect(() => findScripts([join(folder, 'nothing')])).to.throw(NoScripts, 'there is no such file or folder');
    expect(() => findScripts([join(folder, 'empty')])).to.throw(NoScripts, 'there is no script (*.pkt) in this folder');
  });

  it('runs a script in the IP versions that its name allows', () => {
    const versions = (name: string) => runScriptFile(join(folder, name), options).map(({ ipVersion }) => ipVersion);
    expect(versions('good.pkt')).to.deep.equal(['ipv4', 'ipv6', 'ipv4-mapped-ipv6']);
    expect(versions('deep/good-v6.pkt')).to.deep.equal(['ipv6']);
  });

  it('finds a file of settings beside the script or above it', () => {
    mkdirSync(join(folder, 'deep', 'deeper'));
    writeFileSync(join(folder, 'defaults.sh'), 'sysctl -q net.ipv4.tcp_timestamps=0');
    const name = join(folder, 'deep', 'deeper', 'plain.pkt');
    const mentioned = (options: string) =>
      `0 \`./defaults.sh\`\n${GOOD.split('\n').slice(0, 4).join('\n')}\n+0 > S. 0:0(0) ack 1 <${options}>\n`;
    writeFileSync(name, mentioned('mss 1460,nop,nop,sackOK,nop,wscale 7'));
    expect(runScriptFile(name, { ...options, ipVersions: ['ipv4'] }).map(({ verdict }) => verdict)).to.deep.equal([
      'passed',
    ]);
    rmSync(join(folder, 'defaults.sh'));
    const [without] = runScriptFile(name, { ...options, ipVersions: ['ipv4'] });
    expect([without?.verdict, without?.ignored]).to.deep.equal(['failed', ['./defaults.sh']]);
    rmSync(join(folder, 'deep', 'deeper'), { recursive: true });
  });

  it('gives up on a script without end', () => {
    expect(() => runScriptFile('/dev/zero', options)).to.throw(NoScripts, '/dev/zero: more than 4 MiB is no script');
    expect(runScriptFile('/dev/null', options).map(({ verdict }) => verdict)).to.deep.equal([
      'broken',
      'broken',
      'broken',
    ]);
  });

  it('runs a script only in the IP version that it names', () => {
    const results = [runSource('x.pkt', `--ip_version=ipv6\n${GOOD}`, 'ipv4', options)];
    expect(results.map(({ ipVersion, verdict }) => [ipVersion, verdict])).to.deep.equal([['ipv6', 'passed']]);
  });

  it('writes a script from a capture, which passes', async () => {
    const capture = join(folder, 'trace.pcapng');
    record(capture);
    const script = await scriptFromCapture(capture, { connection: 1, profile: 'linux' });
    expect(script).to.contain('< S 0:0(0) win 32792 <mss 1000,sackOK,TS val 7 ecr 0,nop,wscale 3>');
    expect(script).to.contain('read(4, ..., 1000000) = 100');
    expect(script).to.match(/> \. 1:989\(988\) ack 101 <nop,nop,TS val \d+ ecr 107>/);
    expect(script).to.contain('shutdown(4, SHUT_WR) = 0');
    expect(runSource('again.pkt', script, 'ipv4', options)).to.include({ verdict: 'passed' });
  });

  it('says why no script can be made from a capture', async () => {
    const capture = join(folder, 'trace.pcapng');
    record(capture);
    const attempt = scriptFromCapture(capture, { connection: 2, profile: 'linux' });
    const error = await attempt.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(CaptureError);
    expect((error as Error).message).to.contain('number 2 is not among them');
  });

  const status = (...args: string[]) =>
    spawnSync(process.execPath, [CLI, 'packetdrill', ...args], { encoding: 'utf8' });

  it('ends with a status that says how it went', () => {
    writeFileSync(join(folder, 'bad.pkt'), BAD);
    writeFileSync(join(folder, 'broken.pkt'), '0 nonsense');
    expect(status(join(folder, 'good.pkt')).status).to.equal(0);
    expect(status(join(folder, 'bad.pkt')).status).to.equal(1);
    expect(status(join(folder, 'broken.pkt')).status).to.equal(2);
    const empty = status(join(folder, 'empty'));
    expect([empty.status, empty.stderr]).to.deep.equal([
      7,
      `fastpath: cannot read ${join(folder, 'empty')}: there is no script (*.pkt) in this folder\n`,
    ]);
    expect(status().status).to.equal(2);
    rmSync(join(folder, 'bad.pkt'));
    rmSync(join(folder, 'broken.pkt'));
  });

  it('prints JSON for programs, and records frames', () => {
    const pcap = join(folder, 'run.pcapng');
    const output = execFileSync(
      process.execPath,
      [CLI, 'packetdrill', '--json', '--pcap', pcap, join(folder, 'good.pkt')],
      {
        encoding: 'utf8',
      },
    );
    expect(JSON.parse(output)).to.include({ verdict: 'passed', ipVersion: 'ipv4' });
    expect(readFileSync(pcap).readUInt32LE(0)).to.equal(0x0a0d0d0a);
  });
});
