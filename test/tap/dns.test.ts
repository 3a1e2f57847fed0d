/** DNS in `fastpath serve`, asked by dig, kdig and drill over a TAP interface: UDP, TCP, a transfer, a reload. */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { programPath } from '../support/dns/judges.js';
import { RICH_ZONE } from '../support/dns/zone-text.js';
import { describeInNamespace } from '../support/namespace.js';
import { readableFolder, ServeProcess } from '../support/serve-process.js';
import { until } from '../support/until.js';

const OURS = '10.77.0.2';
const HOST = '10.77.0.1';
const run = promisify(execFile);

describeInNamespace(import.meta.url, 'fastpath serve as a DNS server', () => {
  const folder = readableFolder('fastpath-dns-');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  const file = join(folder, 'example.org.zone');
  let server: ServeProcess;

  before(async () => {
    mkdirSync(join(folder, 'site'));
    writeFileSync(join(folder, 'site', 'index.html'), 'a site');
    writeFileSync(file, RICH_ZONE);
    const zones = `[{ zone: example.org, file: example.org.zone, transfer: [${HOST}], notify: ['${HOST}:5399'] }]`;
    writeFileSync(
      join(folder, 'site.yaml'),
      `sites: [{ folder: site }]\nmodules: [{ use: dns, options: { identity: one, zones: ${zones} } }]\n`,
    );
    server = await ServeProcess.start([join(folder, 'site.yaml'), '--workers', '2'], { env, cwd: folder });
    await server.event('ready');
  });

  after(async () => {
    if (server !== undefined) await server.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a program prints; undefined if it is not installed. */
  async function ask(program: string, ...args: string[]): Promise<string | undefined> {
    const path = programPath(program);
    if (path === undefined) return undefined;
    return (await run(path, args)).stdout;
  }

  for (const [program, server_] of [
    ['dig', `@${OURS}`],
    ['kdig', `@${OURS}`],
    ['drill', `@${OURS}`],
  ] as const) {
    it(`answers ${program} over UDP and over TCP`, async function () {
      const tcp = program === 'drill' ? '-t' : '+tcp';
      const plain = await ask(program, server_, 'www.example.org', 'A');
      if (plain === undefined) {
        console.log(`      (skipped: no ${program} on this machine)`);
        this.skip();
      }
      const stream = await ask(program, tcp, server_, 'many.example.org', 'TXT');
      for (const text of ['web.example.org.', '192.0.2.5', '192.0.2.6']) expect(plain).to.include(text);
      expect(stream).to.include('f'.repeat(200));
    });
  }

  it('gives dig a cookie, comes back over TCP by itself, and transfers the zone to this machine', async function () {
    if (programPath('dig') === undefined) {
      console.log('      (skipped: no dig on this machine)');
      this.skip();
    }
    expect(await ask('dig', `@${OURS}`, '+cookie', 'web.example.org')).to.match(/COOKIE: [0-9a-f]{48} \(good\)/);
    expect(await ask('dig', `@${OURS}`, '+nsid', 'web.example.org')).to.include('("one")');
    expect(await ask('dig', `@${OURS}`, '+short', '+bufsize=512', 'many.example.org', 'TXT')).to.include(
      'e'.repeat(200),
    );
    const transfer = await ask('dig', `@${OURS}`, 'example.org', 'AXFR');
    expect(transfer).to.match(/XFR size: \d+ records/);
    expect(transfer).to.include('redirect.example.org.\t3600\tIN\tDNAME\ttarget.example.org.');
  });

  it('takes a changed zone file, tells the other server, and answers every query meanwhile', async () => {
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(5399, HOST, resolve));
    const heard = new Promise<Buffer>((resolve) => other.once('message', resolve));
    const client = createSocket('udp4');
    const query = Buffer.from('00070000000100000000000003776562076578616d706c65036f72670000010001', 'hex');
    const addresses = new Set<string>();
    let asked = 0;
    let answered = 0;
    client.on('message', (message) => {
      answered++;
      addresses.add(message.subarray(-4).join('.'));
    });
    const changed = RICH_ZONE.replace('2026010101', '2026010102').replace('192.0.2.6', '192.0.2.66');
    for (let round = 0; round < 3_000 && !addresses.has('192.0.2.66'); round++) {
      if (round === 5) writeFileSync(file, changed);
      for (let i = 0; i < 3; i++, asked++) client.send(query, 53, OURS);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await until(() => answered === asked, 'the last answers');
    expect([...addresses]).to.deep.equal(['192.0.2.6', '192.0.2.66']);
    const notify = await heard;
    expect([notify[2], notify.readUInt16BE(4), notify.subarray(12, 25).toString('latin1')]).to.deep.equal([
      0x24,
      1,
      '\x07example\x03org\0',
    ]);
    client.close();
    other.close();
  });
});
