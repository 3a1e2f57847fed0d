/**
 * `fastpath serve` with more files than memory: a file of 20 GiB, and thousands of small files, from a cache of a few
 * MiB. Clients are curl, wget and Node's own.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { someBytes } from '../cache/support.js';
import { describeInNamespace } from '../support/namespace.js';
import { CURL, needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';
import { PATIENCE_MS } from '../support/until.js';

const MIB = 2 ** 20;
const HUGE_BYTES = 20 * 2 ** 30;
/** The end of the huge file is no hole. */
const ISLAND = someBytes(5 * MIB + 123, 5);
const ISLAND_FROM = HUGE_BYTES - ISLAND.length;
const FILES = 2_000;
const CACHE_BYTES = 6 * MIB;
/** What the heaps of the threads may grow by, besides the cache. */
const HEAP_BYTES = 150 * MIB;

describeInNamespace(import.meta.url, 'serving more than the memory holds', () => {
  const folder = readableFolder('fastpath-disk-');
  const site = join(folder, 'site');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  let server: ServeProcess;
  let firstBytes = 0;

  before(async () => {
    mkdirSync(join(site, 'many'), { recursive: true });
    writeFileSync(join(site, 'index.html'), 'home');
    for (let i = 0; i < FILES; i++) writeFileSync(join(site, 'many', `${i}.bin`), someBytes(4_000 + i, i));
    const huge = join(site, 'huge.bin');
    writeFileSync(huge, '');
    truncateSync(huge, HUGE_BYTES);
    const file = openSync(huge, 'r+');
    writeSync(file, ISLAND, 0, ISLAND.length, ISLAND_FROM);
    closeSync(file);
    server = await ServeProcess.start([site, '--cache-size', String(CACHE_BYTES)], { env });
    firstBytes = residentBytes();
  });

  after(async () => {
    await server?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  function residentBytes(): number {
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  }

  it('answers ranges of a file of 20 GiB byte for byte', async function () {
    needs(this, 'curl');
    const [from, to] = [ISLAND_FROM - MIB, ISLAND_FROM + 2 * MIB + 7];
    const part = join(folder, 'part');
    const { stdout } = await run('curl', [
      ...CURL,
      ...['-r', `${from}-${to - 1}`, '-o', part, '-w', '%{http_code} %{size_download}'],
      'http://10.77.0.2/huge.bin',
    ]);
    expect(stdout).to.equal(`206 ${to - from}`);
    const bytes = readFileSync(part);
    expect(bytes.subarray(0, MIB).every((byte) => byte === 0)).to.equal(true);
    expect(bytes.subarray(MIB).equals(ISLAND.subarray(0, to - ISLAND_FROM))).to.equal(true);
  });

  it('answers several ranges of it as parts', async function () {
    needs(this, 'curl');
    const parts = join(folder, 'parts');
    const { stdout } = await run('curl', [
      ...CURL,
      ...['-r', `0-9,${ISLAND_FROM}-${ISLAND_FROM + 99},-7`, '-o', parts, '-w', '%{http_code}'],
      'http://10.77.0.2/huge.bin',
    ]);
    const text = readFileSync(parts, 'latin1');
    expect([stdout, text.match(/Content-Range: [^\r]*/g)]).to.deep.equal([
      '206',
      [`0-9`, `${ISLAND_FROM}-${ISLAND_FROM + 99}`, `${HUGE_BYTES - 7}-${HUGE_BYTES - 1}`].map(
        (range) => `Content-Range: bytes ${range}/${HUGE_BYTES}`,
      ),
    ]);
    const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
    expect(text).to.contain(`\r\n\r\n${'\0'.repeat(10)}\r\n--`);
    expect(text).to.contain(`\r\n\r\n${latin1(ISLAND.subarray(0, 100))}\r\n--`);
    expect(text).to.match(/--\r\n$/);
    expect(text).to.contain(`\r\n\r\n${latin1(ISLAND.subarray(-7))}\r\n--`);
  });

  it('lets wget -c resume it near its end', async function () {
    needs(this, 'wget');
    const local = join(folder, 'huge.bin');
    writeFileSync(local, '');
    truncateSync(local, ISLAND_FROM);
    const { code, stderr } = await run('wget', ['-q', '-c', '-T', '20', '-O', local, 'http://10.77.0.2/huge.bin']);
    expect(code, stderr).to.equal(0);
    const end = join(folder, 'end');
    await run('sh', ['-c', `tail -c ${ISLAND.length} ${local} > ${end}`]);
    expect(readFileSync(end).equals(Buffer.from(ISLAND))).to.equal(true);
  });

  it('says the length of the whole to HEAD, and 304 to a client that has it', async function () {
    needs(this, 'curl');
    const { stdout } = await run('curl', [...CURL, '-I', 'http://10.77.0.2/huge.bin']);
    expect(stdout).to.contain(`Content-Length: ${HUGE_BYTES}\r\n`);
    const etag = /ETag: (\S+)/.exec(stdout)?.[1] ?? '';
    const again = await run('curl', [
      ...CURL,
      ...['-o', '/dev/null', '-w', '%{http_code}', '-H', `If-None-Match: ${etag}`],
      'http://10.77.0.2/huge.bin',
    ]);
    expect(again.stdout).to.equal('304');
  });

  it('serves thousands of files from a cache that holds a quarter of them, under load, without an error', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    let asked = 0;
    const client = async (seed: number) => {
      for (let i = 0; i < 200; i++) {
        const n = (i * 7919 + seed * 104_729) % FILES;
        const { status, body } = await fetchFile(agent, `/many/${n}.bin`);
        expect([status, body.equals(Buffer.from(someBytes(4_000 + n, n)))], `${n}`).to.deep.equal([200, true]);
        asked++;
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, seed) => client(seed)));
    agent.destroy();
    expect(asked).to.equal(1_600);
  });

  it('answers 404 to names that do not exist, and redirects a folder', async () => {
    const agent = new Agent();
    expect((await fetchFile(agent, '/many/none')).status).to.equal(404);
    expect((await fetchFile(agent, '/many')).status).to.equal(301);
    expect((await fetchFile(agent, '/../../etc/passwd')).status).to.equal(404);
  });

  it('has stayed within its memory, and says what it did', async () => {
    const { cache, supply, counters } = (await server.event('status', (event) => {
      return (event.counters as Record<string, number>)['http.requests']! > 1_600;
    })) as unknown as Record<'cache' | 'supply' | 'counters', Record<string, number>>;
    expect(cache.usedBytes! + cache.indexBytes!).to.be.at.most(CACHE_BYTES);
    expect(cache.reservedBytes).to.be.at.most(CACHE_BYTES + 8 * MIB);
    expect(cache.evicted).to.be.above(200);
    expect(supply.files).to.be.above(200);
    expect(supply.pieces).to.be.at.least(10);
    expect(supply).to.include({ refusedNoMemory: 0, refusedError: 0, changedPieces: 0 });
    expect(counters['http.unavailable']).to.equal(0);
    expect(counters['stack.tcp.payloadBytesRead']).to.equal(0);
    expect(residentBytes() - firstBytes).to.be.below(CACHE_BYTES + HEAP_BYTES);
  });
});

function fetchFile(agent: Agent, path: string): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    get({ host: '10.77.0.2', path, agent, timeout: PATIENCE_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    }).on('error', reject);
  });
}
