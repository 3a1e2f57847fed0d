/** A bounded bandwidth, measured with curl over TAP. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeCertificateFor } from '../support/certificate.js';
import { describeInNamespace } from '../support/namespace.js';
import { fastpath, needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';

const MEGABYTE = 1_000_000;
const TOTAL = 4 * MEGABYTE;
/** A busy machine sends less than it may, but never more. Exact rates: test/http/bandwidth, in virtual time. */
const LEAST = 0.4;

describeInNamespace(import.meta.url, 'fastpath serve with a bounded bandwidth', () => {
  const folder = readableFolder('fastpath-bandwidth-');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  let server: ServeProcess | undefined;

  before(async function () {
    needs(this, 'curl');
    for (const site of ['one', 'two']) {
      mkdirSync(join(folder, site));
      writeFileSync(join(folder, site, 'big.bin'), Buffer.alloc(64 * MEGABYTE, site));
    }
    const sites = ['one', 'two'].map(
      (name, i) => `  - {folder: ${name}, hosts: ${name}.example, weight: ${1 + 2 * i}}`,
    );
    const made = makeCertificateFor(['DNS:one.example', 'DNS:two.example']);
    writeFileSync(join(folder, 'both.pem'), `${made?.cert}${made?.key}`, { mode: 0o644 });
    const tls = made === undefined ? [] : ['tls: {certificates: [{certificate: both.pem, key: both.pem}]}'];
    writeFileSync(join(folder, 'site.yaml'), ['bandwidth: {total: 4000000}', ...tls, 'sites:', ...sites].join('\n'));
    server = await ServeProcess.start([join(folder, 'site.yaml')], { env });
  });

  after(async () => {
    await server?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Downloads for so many seconds; bytes a second, without the first answer's start. */
  async function download(site: string, seconds: number, ...more: string[]): Promise<number> {
    const isSecure = more.length > 0;
    const [scheme, port] = isSecure ? ['https', 443] : ['http', 80];
    const { stdout } = await run('curl', [
      ...['-sk', ...more],
      ...['-o', '/dev/null', '-m', String(seconds), '-w', '%{size_download} %{time_total}'],
      ...['--resolve', `${site}.example:${port}:10.77.0.2`, `${scheme}://${site}.example/big.bin`],
    ]);
    const [bytes = 0, time = 1] = stdout.split(' ').map(Number);
    return bytes / time;
  }

  it('gives each site its share, lends what another does not use, and counts it', async () => {
    const shares = await Promise.all([download('one', 2.5), download('one', 2.5), download('two', 2.5)]);
    const [one, two] = [shares[0]! + shares[1]!, shares[2]!];
    expect(one + two, 'all').to.be.within(LEAST * TOTAL, 1.1 * TOTAL);
    expect(one, 'the site with a weight of 1').to.be.below(1.1 * MEGABYTE);
    expect(two, 'the site with a weight of 3').to.be.below(3.3 * MEGABYTE);
    expect(two / one, 'the sites').to.be.within(2, 4.5);
    expect(shares[0]! / shares[1]!, 'two connections of a site').to.be.within(0.6, 1.7);
    expect(await download('one', 2), 'alone: more than its share').to.be.within(1.5 * MEGABYTE, 1.1 * TOTAL);
    const [weak, strong] = await Promise.all([download('one', 2, '--http2'), download('two', 2, '--http1.1')]);
    expect(weak, 'a weight of 1 over HTTPS').to.be.below(1.15 * MEGABYTE);
    expect(strong, 'a weight of 3 over HTTPS').to.be.below(3.4 * MEGABYTE);
    expect(strong / weak, 'the sites over HTTPS').to.be.within(2, 4.5);
    const { stdout } = await fastpath(['status'], { env });
    expect(stdout).to.match(/one\.example has sent .* % of all; \d+ % of it had to wait/);
  });
});
