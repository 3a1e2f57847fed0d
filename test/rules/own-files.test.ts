/** Paths of fastpath's own files mean the same in the compiler's output and in the bundle: src/own-files.ts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The sources, by their paths from src/. */
const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(ROOT, 'src', file), 'utf8') }));

describe("fastpath's own files", () => {
  it('are asked for in own-files.ts alone: import.meta.url is another folder in the bundle', () => {
    const askers = SOURCES.filter(({ text }) => /\bimport\.meta\b/.test(text.replaceAll(/\/\*.*?\*\/|\/\/.*$/gms, '')));
    expect(askers.map(({ file }) => file)).to.deep.equal(['own-files.ts']);
  });

  it('are there in both forms', () => {
    const named = SOURCES.flatMap(({ text }) =>
      Array.from(text.matchAll(/\bownFile\('([^']+)'\)/g), ([, path]) => path),
    );
    expect(named).to.include.members([
      './serve/worker/worker.js',
      './cache/demand/disk-worker.js',
      '../../package.json',
    ]);
    for (const form of ['src', 'program']) {
      const missing = named.filter((path) => !existsSync(join(ROOT, 'dist', form, path ?? '')));
      expect(missing, `missing from dist/${form}`).to.deep.equal([]);
    }
  });
});
