/**
 * `fastpath serve` against the clients that people use, over a real TAP interface: Linux's own TCP on the other side.
 */
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeInNamespace } from '../support/namespace.js';
import { needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';

const SIZES = [0, 1, 1459, 1460, 1461, 65_535, 65_536, 65_537];
const BIG = 4 * 1024 * 1024;
const URL_BASE = 'http://10.77.0.2';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A folder with files of awkward sizes, one large one, and the state folder of the servers beside it. */
class World {
  readonly folder = readableFolder('fastpath-serve-');
  readonly site = join(this.folder, 'site');
  readonly digests = new Map<string, string>();
  server: ServeProcess | undefined;

  constructor() {
    mkdirSync(this.site);
    writeFileSync(join(this.site, 'index.html'), '<!doctype html><title>Here we are</title><p id="p">It works.</p>');
    for (const size of SIZES) this.#write(`${size}.bin`, randomBytes(size));
    this.#write('big.bin', randomBytes(BIG));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async start(...args: string[]): Promise<ServeProcess> {
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: this.path('run') };
    this.server = await ServeProcess.start([this.site, ...args], { env });
    return this.server;
  }

  async stop(): Promise<void> {
    if (this.server?.child.exitCode === null) expect(await this.server.end()).to.equal(0);
    this.server = undefined;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #write(name: string, bytes: Uint8Array): void {
    writeFileSync(join(this.site, name), bytes);
    this.digests.set(name, digest(bytes));
  }
}

/** Fetches every file with curl, each over a connection of its own, and compares. */
async function expectIdentical(world: World): Promise<void> {
  const names = [...world.digests.keys()];
  const transfers = names.flatMap((name) => ['-o', world.path(`out-${name}`), `${URL_BASE}/${name}`]);
  const options = ['-sS', '-m', '60', '-H', 'Connection: close', '-w', '%{http_code} '];
  const { code, stdout, stderr } = await run('curl', [...options, ...transfers]);
  expect([code, stdout, stderr]).to.deep.equal([0, '200 '.repeat(names.length), '']);
  for (const [name, expected] of world.digests) {
    expect(digest(readFileSync(world.path(`out-${name}`))), name).to.equal(expected);
  }
}

describeInNamespace(import.meta.url, 'serving over a TAP interface', () => {
  const world = new World();
  after(() => world.remove());

  const MODES: [string, string[]][] = [
    ['with three workers and frames of 576 bytes', ['--workers', '3', '--no-offload', '--mtu', '576']],
    ['with jumbo frames', ['--no-offload', '--mtu', '9000']],
  ];
  for (const [name, args] of MODES) {
    it(`gives curl files of awkward sizes, byte by byte ${name}`, async function () {
      needs(this, 'curl');
      await world.start(...args);
      await expectIdentical(world);
      await world.stop();
    });
  }

  const SERVERS: [string, string[]][] = [
    ['one worker, with super-segments of 64 KiB', ['--super-segment', '64k']],
    ['two workers', ['--workers', '2']],
  ];
  for (const [name, args] of SERVERS) {
    describe(name, () => {
      before(() => world.start(...args));
      after(() => world.stop());

      it('gives curl files of awkward sizes, byte by byte', async function () {
        needs(this, 'curl');
        await expectIdentical(world);
      });

      for (const size of ['56', '1472', '8000', '30000']) {
        it(`answers ping with ${size} bytes`, async function () {
          needs(this, 'ping');
          const { code, stdout } = await run('ping', ['-c', '3', '-i', '0.05', '-W', '30', '-s', size, '10.77.0.2']);
          expect(code, stdout).to.equal(0);
          expect(stdout).to.contain('3 received, 0% packet loss');
        });
      }

      for (const keepAlive of [false, true]) {
        it(`serves ab ${keepAlive ? 'with' : 'without'} keep-alive without a failure`, async function () {
          needs(this, 'ab');
          const flags = keepAlive ? ['-k'] : [];
          const words = [...flags, '-q', '-n', '500', '-c', '20', `${URL_BASE}/1460.bin`];
          const { stdout } = await run('ab', words);
          expect(stdout).to.match(/Complete requests: +500/);
          expect(stdout).to.match(/Failed requests: +0/);
        });
      }

      it('lets wget -c fetch what is missing of a file', async function () {
        needs(this, 'wget');
        const whole = readFileSync(join(world.site, 'big.bin'));
        const part = world.path('big.bin');
        rmSync(part, { force: true });
        appendFileSync(part, whole.subarray(0, 1_345_678));
        const { code, stderr } = await run('wget', ['-c', '--tries=1', '-O', part, `${URL_BASE}/big.bin`]);
        expect(code, stderr).to.equal(0);
        expect(stderr).to.contain('206');
        expect(digest(readFileSync(part))).to.equal(digest(whole));
      });

      it('serves wrk without a socket error', async function () {
        needs(this, 'wrk');
        const script = world.path('wrk.lua');
        writeFileSync(script, 'function delay() return 100 end'); // ms: it leaves a core to the others
        const { stdout } = await run('wrk', ['-t1', '-c32', '-d1s', '-s', script, `${URL_BASE}/65537.bin`]);
        expect(stdout).to.match(/[1-9]\d* requests in/);
        expect(stdout).not.to.match(/Socket errors|Non-2xx/);
      });

      it('counts what it does, and reads no byte of a payload', async function () {
        needs(this, 'curl');
        const before = (await world.server!.event('status')).counters as Record<string, number>;
        await run('curl', ['-sS', '-o', '/dev/null', `${URL_BASE}/65537.bin`]);
        const grown = (event: { counters?: Record<string, number> }) =>
          (event.counters?.['http.requests'] ?? 0) > (before['http.requests'] ?? 0);
        const after = (await world.server!.event('status', (event) => grown(event as never))).counters as Record<
          string,
          number
        >;
        expect(after['http.cacheHits']).to.be.greaterThan(0);
        expect(after['stack.tcp.badChecksum']).to.equal(0);
        expect(after['stack.tcp.payloadBytesRead']).to.equal(0);
      });
    });
  }
});
