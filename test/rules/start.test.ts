/** What every start of the command loads: no package that only some of them need. */
import { expect } from 'chai';
import { filesBehind, sourceImports } from './import-graph.js';

/** Each takes from 20 to 180 ms of a processor to load. */
const HEAVY = ['zod', 'yaml', 'undici', 'prom-client', 'html-encoding-sniffer', 'import-meta-resolve', 'cli-progress'];

describe('the start of the command', () => {
  const imports = sourceImports();

  for (const [what, roots] of [
    ['fastpath --help', ['cli.ts']],
    ['fastpath serve FOLDER', ['cli.ts', 'cli/config-source.ts', 'cli/run-server.ts', 'cli/json-reporter.ts']],
    ['a worker', ['serve/worker/worker.ts']],
  ] as const) {
    it(`loads no package for ${what} that only some starts need: they are imported where they are used`, () => {
      const files = filesBehind(
        [...roots],
        imports.filter(({ isLater }) => !isLater),
      );
      expect(files).to.include('net/wire/address.ts');
      expect(HEAVY.filter((name) => files.includes(name))).to.deep.equal([]);
    });
  }
});
