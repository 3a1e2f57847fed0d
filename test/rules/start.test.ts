/** What every start of the command loads: no package that only some of them need, and few files. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { filesBehind, sourceImports } from './import-graph.js';

/** Each takes from 20 to 180 ms of a processor to load. */
const HEAVY = ['zod', 'yaml', 'undici', 'prom-client', 'html-encoding-sniffer', 'import-meta-resolve', 'cli-progress'];

describe('the start of the command', () => {
  const imports = sourceImports();

  for (const [what, roots, sample] of [
    ['any command', ['cli.ts'], 'cli/program.ts'],
    [
      'fastpath serve FOLDER',
      ['cli.ts', 'cli/serve.ts', 'cli/config-source.ts', 'cli/run-server.ts', 'cli/json-reporter.ts'],
      'serve/server.ts',
    ],
    ['a worker', ['serve/worker/worker.ts'], 'net/tcp/tcp.ts'],
  ] as const) {
    it(`loads no package for ${what} that only some starts need: they are imported where they are used`, () => {
      const files = filesBehind(
        [...roots],
        imports.filter(({ isLater }) => !isLater),
      );
      expect(files).to.include(sample);
      expect(HEAVY.filter((name) => files.includes(name))).to.deep.equal([]);
    });
  }

  it('reads few files: what the same programs need lies together in the bundle', () => {
    expect(bundledFiles('serve/worker/worker.js')).to.have.length.within(2, 45);
    expect(bundledFiles('cli.js')).to.have.length.within(2, 45);
    expect(bundledFiles('serve/process/keeper.js')).to.have.lengthOf(1);
  });

  it('loads nothing of Node in a browser', () => {
    const texts = bundledFiles('browser/index.js').map((file) => readFileSync(file, 'utf8'));
    expect(texts.flatMap((text) => text.match(/^import .*"node:.*/gm) ?? [])).to.deep.equal([]);
  });
});

const PROGRAM = fileURLToPath(new URL('../../program/', import.meta.url));

/** A file of the bundle, and those that are loaded with it. */
function bundledFiles(name: string, found = new Set<string>(), file = join(PROGRAM, name)): string[] {
  if (found.has(file)) return [];
  found.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s*(?:[^'"]*?from\s*)?"(\.[^"]+)";/gm);
  for (const [, path = ''] of imports) bundledFiles(path, found, join(dirname(file), path));
  return [...found];
}
