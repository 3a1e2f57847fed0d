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

describeInNamespace(import.meta.url, 'captures of fastpath serve', () => {
  const folder = readableFolder('fastpath-capture-');
  const site = join(folder, 'site');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };

  before(() => {
    mkdirSync(site);
    for (const size of SIZES) writeFileSync(join(site, `${size}.bin`), randomBytes(size));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Serves with a capture while all kinds of clients come by. */
  async function record(server: ServeProcess): Promise<void> {
    for (const size of SIZES) await run('curl', ['-sS', '-o', '/dev/null', `http://10.77.0.2/${size}.bin`]);
    await run('curl', ['-sS', '-r', '5-70000', '-o', '/dev/null', 'http://10.77.0.2/1048577.bin']);
    await run('curl', ['-sS', '-I', 'http://10.77.0.2/nothing']);
    await run('ping', ['-c', '2', '-i', '0.05', '-s', '8000', '10.77.0.2']);
    await run('ab', ['-q', '-k', '-n', '50', '-c', '5', 'http://10.77.0.2/1461.bin']);
    await run('ab', ['-q', '-n', '20', '-c', '5', 'http://10.77.0.2/1461.bin']);
    expect(await server.end()).to.equal(0);
  }

  const start = (capture: string, ...args: string[]) => ServeProcess.start([site, '--pcap', capture, ...args], { env });

  /** The frames of a capture that a display filter selects, one line each. */
  async function frames(capture: string, filter: string, ...fields: string[]): Promise<string[]> {
    const checks = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
    const shown = fields.length === 0 ? [] : ['-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
    const { code, stdout, stderr } = await run('tshark', ['-r', capture, ...checks, ...shown, '-Y', filter]);
    expect(code, stderr).to.equal(0);
    return stdout.split('\n').filter((line) => line !== '');
  }

  it('on a run with frames as on a wire, tshark finds no bad checksum, no malformed frame and no expert error', async function () {
    needs(this, 'tshark', 'curl', 'ab');
    const capture = join(folder, 'wire.pcapng');
    await record(await start(capture, '--no-offload'));
    const bad = [
      'tcp.len > 1460',
      '_ws.malformed',
      '_ws.expert.severity == "Error"',
      'tcp.checksum.status == "Bad"',
      'ip.checksum.status == "Bad"',
      'icmp.checksum.status == "Bad"',
    ];
    expect(await frames(capture, bad.join(' || '))).to.deep.equal([]);
    expect(await frames(capture, 'http.response.code == 200')).to.have.lengthOf(SIZES.length + 50 + 20);
  });

  it('with offload and two workers no frame is malformed, and each connection stays with one; none hands over', async function () {
    needs(this, 'tshark', 'curl', 'ab');
    const server = await start(join(folder, 'two.pcapng'), '--workers', '2');
    server.child.kill('SIGUSR2');
    await server.event('warning', ({ message }) => String(message).includes('that writes a capture cannot hand over'));
    await record(server);
    const filter = '_ws.malformed || tcp.len > 1460 || (tcp.flags.syn == 1 && tcp.flags.ack == 0)';
    const ports: string[][] = [];
    let superSegments = 0;
    for (const index of [0, 1]) {
      const fields = ['_ws.malformed', 'tcp.flags.syn', 'tcp.srcport'];
      const lines = await frames(join(folder, `two-${index}.pcapng`), filter, ...fields);
      const parts = lines.map((line) => line.split('\t'));
      expect(parts.filter(([malformed]) => malformed !== '')).to.deep.equal([]);
      const isSyn = (syn: string | undefined) => syn === '1' || syn === 'True';
      superSegments += parts.filter(([, syn]) => !isSyn(syn)).length;
      ports.push(parts.filter(([, syn]) => isSyn(syn)).map(([, , port]) => port ?? ''));
    }
    const [first = [], second = []] = ports;
    expect(superSegments).to.be.greaterThan(0);
    expect(first.length).to.be.greaterThan(3);
    expect(second.length).to.be.greaterThan(3);
    expect(first.filter((port) => second.includes(port))).to.deep.equal([]);
  });
});
