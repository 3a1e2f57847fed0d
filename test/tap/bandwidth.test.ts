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

  /**
   * Measures until a busy machine has let the clients run as they would, a longer time each time: a client that starts
   * late leaves its share to the others for so long.
   * @param faults what is wrong with what has been measured for so many seconds
   */
  async function measured(faults: (seconds: number) => Promise<(string | false)[]>): Promise<void> {
    for (let seconds = 2; ; seconds *= 1.6) {
      const found = (await faults(seconds)).filter((fault) => fault !== false);
      if (found.length === 0) return;
      if (seconds > 20) throw new Error(found.join('; '));
    }
  }

  const unless = (isTrue: boolean, what: string, rate: number) => !isTrue && `${what}: ${rate}`;

  it('gives each site its share, lends what another does not use, and counts it', async function () {
    this.timeout(300_000);
    await measured(async (seconds) => {
      const sites = ['one', 'one', 'two'];
      const [a = 0, b = 0, two = 0] = await Promise.all(sites.map((site) => download(site, seconds)));
      const one = a + b;
      expect(one + two, 'all').to.be.below(1.1 * TOTAL);
      return [
        unless(one + two > LEAST * TOTAL, 'all', one + two),
        unless(one < 1.1 * MEGABYTE, 'the site with a weight of 1', one),
        unless(two < 3.3 * MEGABYTE, 'the site with a weight of 3', two),
        unless(two > 2 * one && two < 4.5 * one, 'the sites', two / one),
        unless(a > 0.6 * b && a < 1.7 * b, 'two connections of a site', a / b),
      ];
    });
    await measured(async (seconds) => {
      const alone = await download('one', seconds);
      expect(alone, 'alone').to.be.below(1.1 * TOTAL);
      return [unless(alone > 1.5 * MEGABYTE, 'alone: more than its share', alone)];
    });
    await measured(async (seconds) => {
      const both = [download('one', seconds, '--http2'), download('two', seconds, '--http1.1')];
      const [weak = 0, strong = 0] = await Promise.all(both);
      return [
        unless(weak < 1.15 * MEGABYTE, 'a weight of 1 over HTTPS', weak),
        unless(strong < 3.4 * MEGABYTE, 'a weight of 3 over HTTPS', strong),
        unless(strong > 2 * weak && strong < 4.5 * weak, 'the sites over HTTPS', strong / weak),
      ];
    });
    const { stdout } = await fastpath(['status'], { env });
    expect(stdout).to.match(/one\.example has sent .* % of all; \d+ % of it had to wait/);
  });
});
