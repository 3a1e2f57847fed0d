import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SCRIPT = pathToFileURL(join(ROOT, 'scripts/check-install.mjs')).href;
const { staleInstalls } = (await import(SCRIPT)) as { staleInstalls(root: string): string[] };

describe('the check of the installed packages before a build', () => {
  let root: string;
  const put = (file: string, content: object): void => {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), JSON.stringify(content));
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'install-'));
    put('package-lock.json', {
      packages: {
        '': { dependencies: { a: '^1.0.0' }, devDependencies: { typescript: '^7.0.0' } },
        'node_modules/a': { version: '1.2.0', dependencies: { b: '*' } },
        'node_modules/b': { version: '1.0.0' },
        'node_modules/typescript': { version: '7.0.2' },
        'tools/api': { devDependencies: { a: '^1.0.0', typescript: '^6.0.0' } },
        'tools/api/node_modules/typescript': { version: '6.0.3' },
      },
    });
    put('node_modules/a/package.json', { version: '1.2.0' });
    put('node_modules/typescript/package.json', { version: '7.0.2' });
    put('tools/api/node_modules/typescript/package.json', { version: '6.0.3' });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is content with the packages of the lock file', () => {
    expect(staleInstalls(root)).to.deep.equal([]);
  });

  it('names a package that is older than the lock file says', () => {
    put('node_modules/a/package.json', { version: '1.1.9' });
    expect(staleInstalls(root)).to.deep.equal(['node_modules/a is 1.1.9, and package-lock.json has 1.2.0']);
  });

  it('names a missing package of a workspace, although the root has another version of it', () => {
    rmSync(join(root, 'tools/api/node_modules'), { recursive: true });
    expect(staleInstalls(root)).to.deep.equal(['tools/api/node_modules/typescript is missing']);
  });

  it('is content with the packages of this project', () => {
    expect(staleInstalls(ROOT)).to.deep.equal([]);
  });
});
