/** The entry for web pages bundles with nothing of Node, and stays small. */

import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { build } from 'esbuild';

const ENTRY = fileURLToPath(new URL('../../src/browser/index.js', import.meta.url));
/** Stack, HTTP and world, compressed. */
const MOST_BYTES = 150 * 1024;

const PROGRAM = `
  const { World } = fastpath;
  const world = new World({ hosts: { a: {}, b: { files: { '/': 'hello' } } }, start: (w) => w.get('a', 'b', '/') });
  world.runUntilIdle();
  const [{ status, bytes }] = world.fetches[0].answers;
  status + ' ' + bytes;
`;

describe('fastpath/browser', () => {
  let code: string;
  let imports: { readonly path: string; readonly external?: boolean }[];

  before(async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [ENTRY],
      bundle: true,
      minify: true,
      format: 'iife',
      globalName: 'fastpath',
      platform: 'browser',
      write: false,
      metafile: true,
    });
    code = outputFiles[0]?.text ?? '';
    imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  });

  it('bundles without an import of Node or of a package', () => {
    expect(imports.length).to.be.greaterThan(200);
    const outside = imports.filter(({ path, external }) => external === true || path.includes('node_modules'));
    expect(outside).to.deep.equal([]);
  });

  it('is under 150 KB compressed', () => {
    expect(gzipSync(code).length).to.be.greaterThan(20_000).and.lessThan(MOST_BYTES);
    expect(brotliCompressSync(code).length).to.be.lessThan(MOST_BYTES);
  });

  it('serves a page where there is no Node and no shared memory: it needs the language and TextEncoder', () => {
    const context = createContext({ TextEncoder });
    const there = runInContext(
      'delete globalThis.SharedArrayBuffer; typeof SharedArrayBuffer + typeof process',
      context,
    );
    expect(there).to.equal('undefinedundefined');
    runInContext(code, context);
    expect(runInContext(PROGRAM, context)).to.equal('200 5');
  });
});

describe('capture reader, dissector, display filters and packet scripts in a page', () => {
  it('bundle without Node, without a package, and without code made at run time, which a strict policy forbids', async () => {
    const root = fileURLToPath(new URL('../../src/', import.meta.url));
    const modules = [
      'capture/format/capture-reader',
      'dissect/dissector',
      'dissect/filter/parser',
      'packetdrill/run/script-text',
    ];
    const { outputFiles, metafile } = await build({
      stdin: { contents: modules.map((name) => `export * from './${name}.js';`).join('\n'), resolveDir: root },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      write: false,
      metafile: true,
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.length).to.be.greaterThan(60);
    expect(inputs.filter((path) => path.includes('node_modules') || path.includes('node:'))).to.deep.equal([]);
    expect(outputFiles[0]?.text).to.not.match(/\bnew Function\b|\beval\(|\bBuffer\b\.|\bprocess\b\./);
  });
});
