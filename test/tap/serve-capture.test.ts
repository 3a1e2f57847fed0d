/**
 * What `--pcap` writes, judged by tshark: frames as on a wire have nothing wrong with them, super-segments are whole,
 * and with two workers both carry connections.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeInNamespace } from '../support/namespace.js';
import { needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';

const SIZES = [0, 1, 1459, 1460, 1461, 65_536, 1_048_577];

describeInNamespace(import.meta.url, 'captures of fastpath serve', function () {
  this.timeout(60_000);
  const folder = readableFolder('fastpath-capture-');
  const site = join(folder, 'site');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };

  before(() => {
    mkdirSync(site);
    for (const size of SIZES) writeFileSync(join(site, `${size}.bin`), randomBytes(size));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Serves with a capture while all kinds of clients come by. */
  async function record(name: string, ...args: string[]): Promise<string> {
    const capture = join(folder, name);
    const server = await ServeProcess.start([site, '--pcap', capture, ...args], { env });
    for (const size of SIZES) await run('curl', ['-sS', '-o', '/dev/null', `http://10.77.0.2/${size}.bin`]);
    await run('curl', ['-sS', '-r', '5-70000', '-o', '/dev/null', 'http://10.77.0.2/1048577.bin']);
    await run('curl', ['-sS', '-I', 'http://10.77.0.2/nothing']);
    await run('ping', ['-c', '2', '-i', '0.05', '-s', '8000', '10.77.0.2']);
    await run('ab', ['-q', '-k', '-n', '50', '-c', '5', 'http://10.77.0.2/1461.bin']);
    await run('ab', ['-q', '-n', '20', '-c', '5', 'http://10.77.0.2/1461.bin']);
    expect(await server.end()).to.equal(0);
    return capture;
  }

  /** The frames of a capture that a display filter selects, one line each. */
  async function frames(capture: string, filter: string): Promise<string[]> {
    const checks = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
    const { code, stdout, stderr } = await run('tshark', ['-r', capture, ...checks, '-Y', filter]);
    expect(code, stderr).to.equal(0);
    return stdout.split('\n').filter((line) => line !== '');
  }

  it('on a run with frames as on a wire, tshark finds no bad checksum, no malformed frame and no expert error', async function () {
    needs(this, 'tshark', 'curl', 'ab');
    const capture = await record('wire.pcapng', '--no-offload');
    const bad = [
      '_ws.malformed',
      '_ws.expert.severity == "Error"',
      'tcp.checksum.status == "Bad"',
      'ip.checksum.status == "Bad"',
      'icmp.checksum.status == "Bad"',
    ];
    expect(await frames(capture, bad.join(' || '))).to.deep.equal([]);
    expect(await frames(capture, 'http.response.code == 200')).to.have.lengthOf(SIZES.length + 50 + 20);
    expect(await frames(capture, 'tcp.len > 1460')).to.deep.equal([]);
  });

  it('on a run with offload, no frame is malformed', async function () {
    needs(this, 'tshark', 'curl', 'ab');
    const capture = await record('offload.pcapng');
    expect(await frames(capture, '_ws.malformed')).to.deep.equal([]);
    expect((await frames(capture, 'tcp.len > 1460')).length).to.be.greaterThan(0);
  });

  it('two workers both carry connections, and each connection stays with one', async function () {
    needs(this, 'tshark', 'curl', 'ab');
    await record('two.pcapng', '--workers', '2');
    const ports = await Promise.all(
      [0, 1].map(async (index) => {
        const lines = await frames(join(folder, `two-${index}.pcapng`), 'tcp.flags.syn == 1 && tcp.flags.ack == 0');
        return lines.map((line) => /(\d+) → 80/.exec(line)![1]);
      }),
    );
    const [first = [], second = []] = ports;
    expect(first.length).to.be.greaterThan(3);
    expect(second.length).to.be.greaterThan(3);
    const shared = first.filter((port) => second.includes(port));
    expect(shared).to.deep.equal([]);
  });
});
