/** The public suite of cache tests through the whole server over TAP: workers, hand-over, cache, proxy, fast path. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { findSuite, runSuiteAt, type TestKind } from '../../scripts/cache-tests/suite.js';
import { describeInNamespace } from '../support/namespace.js';
import { readableFolder, ServeProcess } from '../support/serve-process.js';

/** The origin of this test has a Transfer-Encoding that does not exist, which the proxy refuses with 502. */
const REFUSED = ['headers-store-Transfer-Encoding'];

/**
 * Some tests store something for two or three seconds. Where the machine is busy with other things, it has expired when
 * the suite comes to ask for it, and the suite says that its test could not be set up.
 */
const LATE = 'Setup: Response 2 does not come from cache';
const MOST_LATE = 6;

describeInNamespace(import.meta.url, 'the public suite of cache tests over TAP', function () {
  this.timeout(200_000);
  this.retries(0); // the suite runs once in a process

  it('finds as much wrong with the server as with the cache alone, and the fast path sends hits', async function () {
    const place = findSuite();
    if (place === null) {
      console.log('      the suite is not installed: see scripts/cache-tests/suite.ts');
      this.skip();
    }
    const folder = readableFolder('fastpath-cache-tests-');
    mkdirSync(join(folder, 'www'));
    const config = join(folder, 'site.yaml');
    let server: ServeProcess | undefined;
    const results = await runSuiteAt(place, async (port) => {
      writeFileSync(
        config,
        `
sites: [{folder: www, routes: [{path: /, to: upstream suite}]}]
upstreams:
  suite: {servers: ["http://localhost:${port}"], passive: {failures: 0}, cache: {setCookie: store}}
`,
      );
      const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
      server = await ServeProcess.start(['--config', config], { env });
      return {
        base: 'http://10.77.0.2',
        async close() {
          await server?.end();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    });
    const failed = (kind: TestKind) => results.filter((result) => result.kind === kind && !result.isPassed);
    for (const { id, verdict, why } of [...failed('required'), ...failed('optimal')]) {
      console.log(`      ${verdict} ${id}: ${why}`);
    }
    const passed = (kind: TestKind) => results.filter((result) => result.kind === kind && result.isPassed).length;
    console.log(`      required ${passed('required')}, optimal ${passed('optimal')}`);
    const late = failed('required').filter(({ why }) => why.startsWith(LATE));
    expect(failed('required').filter((result) => !late.includes(result))).to.satisfy((rest: { id: string }[]) =>
      rest.every(({ id }) => REFUSED.includes(id)),
    );
    expect(late).to.have.length.below(MOST_LATE);
    expect(passed('optimal')).to.be.at.least(90);
  });
});
