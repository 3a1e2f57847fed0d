/** `fastpath serve --frames ring`: the whole server with its frames in an io_uring. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { describeInNamespace } from '../support/namespace.js';
import { pattern } from '../support/packets.js';
import { readableFolder, ServeProcess } from '../support/serve-process.js';
import { needsRing } from '../support/ways.js';

const FILES = new Map([100, 16_384, 131_072, 1_000_000].map((size) => [`/${size}.bin`, Buffer.from(pattern(size))]));
const AT_ONCE = 12;

describeInNamespace(import.meta.url, 'serving through an io_uring', () => {
  const folder = readableFolder('fastpath-ring-');
  const site = join(folder, 'site');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  let server: ServeProcess | undefined;

  before(function () {
    needsRing(this);
    mkdirSync(site);
    for (const [path, content] of FILES) writeFileSync(join(site, path), content);
  });

  afterEach(async () => {
    if (server?.child.exitCode === null) await server.end('SIGKILL');
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const offload of ['with', 'without']) {
    it(`gives every byte, ${offload} offload, as a user without privileges`, async () => {
      const options = offload === 'with' ? [] : ['--no-offload'];
      server = await ServeProcess.start([site, '--frames', 'ring', ...options], { env });
      const ready = await server.event('ready');
      expect(ready.frames).to.include({ way: 'ring' });
      for (const [path, content] of FILES) {
        const bodies = await Promise.all(Array.from({ length: AT_ONCE }, () => fetchBody(path)));
        expect(bodies.filter((body) => !body.equals(content))).to.deep.equal([]);
      }
      const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
      if (ready.user === 'nobody')
        expect(status)
          .to.match(/^CapEff:\s+0+$/m)
          .and.match(/^NoNewPrivs:\s+1$/m);
      const { counters } = (await server.event(
        'status',
        ({ counters }) => answered(counters) > FILES.size * AT_ONCE,
      )) as {
        counters?: Record<string, number>;
      };
      expect(counters).to.include({ 'ring.failed': 0, 'device.sendFailed': 0, 'device.receiveMalformed': 0 });
      expect(counters?.['ring.turns']).to.be.above(FILES.size);
      expect(await server.end()).to.equal(0);
      expect(new HostInterface('fp0').exists).to.equal(false);
    });
  }
});

/** The self-probe asks once as well. */
function answered(counters: unknown): number {
  return (counters as Record<string, number>)['http.requests'] ?? 0;
}

function fetchBody(path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const request = get(`http://10.77.0.2${path}`, { agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
