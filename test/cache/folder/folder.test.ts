import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { FolderWalk, isClosed, openFolder } from '../../../src/cache/folder/folder.js';
import { FolderError } from '../../../src/cache/folder/warnings.js';
import { latin1, ordinaryUser, TemporaryFolder, utf8 } from '../support.js';

describe('cache/folder/folder', () => {
  let folder: TemporaryFolder;
  let warnings: string[];

  beforeEach(() => {
    folder = new TemporaryFolder();
    warnings = [];
  });
  afterEach(() => folder.remove());

  /** Names found, sorted; folders end with a slash here. */
  async function walk(from = '', options = {}, root = folder.path): Promise<string[]> {
    const warn = ({ reason, path }: { reason: string; path: string }) => void warnings.push(`${reason} ${path}`);
    const found = await new FolderWalk(openFolder(root), { warn, ...options }).from(latin1(from));
    const text = (name: string) => Buffer.from(name, 'latin1').toString('utf8');
    const names = found.files.map(({ name }) => text(name));
    return [...names, ...found.folders.map(({ name }) => `${text(name)}/`)].sort();
  }

  it('finds files and folders at any depth, with their sizes', async () => {
    folder.write('a.txt', 'four');
    folder.write('b/c/d.txt', '');
    expect(await walk()).to.deep.equal(['/', '/a.txt', '/b/', '/b/c/', '/b/c/d.txt']);
    const { files } = await new FolderWalk(openFolder(folder.path), {}).from('');
    expect(files.find(({ name }) => name === '/a.txt')?.size).to.equal(4);
  });

  it('keeps names as they are: spaces, Unicode, and bytes that are not UTF-8', async () => {
    folder.write('a b%20.txt', '');
    folder.write('äöü/日本語 🎉.html', '');
    writeFileSync(Buffer.concat([utf8(`${folder.path}/`), Buffer.of(0xff, 0x2e, 0x61)]), '');
    expect(await walk()).to.deep.equal(['/', '/a b%20.txt', '/äöü/', '/äöü/日本語 🎉.html', '/\ufffd.a']);
    const { files } = await new FolderWalk(openFolder(folder.path), {}).from('');
    expect(files.some(({ name }) => name === '/\u00ff.a')).to.equal(true);
  });

  it('leaves out names that begin with a dot, except .well-known', async () => {
    for (const name of ['.env', '.git/config', 'a/.hidden/x', '.well-known/acme']) folder.write(name, '');
    expect(await walk()).to.deep.equal(['/', '/.well-known/', '/.well-known/acme', '/a/']);
    expect(await walk('/.git/config')).to.deep.equal([]);
    expect(await walk('', { dotfiles: true })).to.include.members(['/.env', '/.git/config', '/a/.hidden/x']);
    expect(warnings).to.deep.equal([]);
  });

  it('follows links within the folder, and none that leads out of it', async () => {
    const outside = new TemporaryFolder();
    try {
      outside.write('secret/key', 'x');
      folder.write('real/page', '');
      symlinkSync('real', folder.at('inside'));
      symlinkSync('real/page', folder.at('page'));
      symlinkSync(outside.at('secret'), folder.at('folder-out'));
      symlinkSync('../../../../../../etc/passwd', folder.at('relative-out'));
      symlinkSync('inside/../folder-out/key', folder.at('chain-out'));
      expect(await walk()).to.deep.equal(['/', '/inside/', '/inside/page', '/page', '/real/', '/real/page']);
      const expected = ['outside /chain-out', 'outside /folder-out', 'outside /relative-out'];
      expect(warnings.sort()).to.deep.equal(expected);
      expect(await walk('/folder-out/key')).to.deep.equal([]);
    } finally {
      outside.remove();
    }
  });

  it('judges a link by what it leads to: a hidden file or folder stays hidden', async () => {
    folder.write('.env', 'SECRET=1');
    folder.write('.git/config', '');
    folder.write('.git/hooks/x', '');
    folder.write('.well-known/acme', '');
    folder.write('page', '');
    for (const [link, target] of [
      ['env-link', '.env'],
      ['config-link', '.git/config'],
      ['hooks-link', '.git/hooks'],
      ['chain', 'env-link'],
      ['acme-link', '.well-known/acme'],
      ['page-link', 'page'],
    ] as const) {
      symlinkSync(target, folder.at(link));
    }
    const served = ['/', '/.well-known/', '/.well-known/acme', '/acme-link', '/page', '/page-link'];
    expect(await walk()).to.deep.equal(served);
    const hidden = ['/chain', '/config-link', '/env-link', '/hooks-link'].map((name) => `hidden ${name}`);
    expect(warnings.sort()).to.deep.equal(hidden);
    expect(await walk('/hooks-link/x')).to.deep.equal([]);
    expect(await walk('', { dotfiles: true })).to.include.members(['/env-link', '/hooks-link/x', '/.env']);
  });

  it('follows no link at all, or also those that lead out, as it is told', async () => {
    const outside = new TemporaryFolder();
    try {
      outside.write('shared/a', '');
      outside.write('.hidden', '');
      folder.write('real/page', '');
      symlinkSync('real', folder.at('inside'));
      symlinkSync(outside.at('shared'), folder.at('out'));
      symlinkSync(outside.at('.hidden'), folder.at('out-hidden'));
      expect(await walk('', { symlinks: 'none' })).to.deep.equal(['/', '/real/', '/real/page']);
      expect(warnings.sort()).to.deep.equal(['symlink /inside', 'symlink /out', 'symlink /out-hidden']);
      expect(await walk('/inside/page', { symlinks: 'none' })).to.deep.equal([]);
      warnings = [];
      const all = ['/', '/inside/', '/inside/page', '/out/', '/out/a', '/real/', '/real/page'];
      expect(await walk('', { symlinks: 'all' })).to.deep.equal(all);
      expect(await walk('/out/a', { symlinks: 'all' })).to.deep.equal(['/out/a']);
      expect(warnings).to.deep.equal(['hidden /out-hidden']);
    } finally {
      outside.remove();
    }
  });

  it('is not deceived by a folder whose name only begins like the root', async () => {
    mkdirSync(folder.at('site'));
    folder.write('site-private/key', '');
    symlinkSync('../site-private/key', folder.at('site/key'));
    expect(await walk('', {}, folder.at('site'))).to.deep.equal(['/']);
    expect(warnings).to.deep.equal(['outside /key']);
  });

  it('serves a root that is a link itself', async () => {
    folder.write('release-42/a', '');
    symlinkSync('release-42', folder.at('current'));
    expect(await walk('', {}, folder.at('current'))).to.deep.equal(['/', '/a']);
  });

  it('ends although links lead in circles, and names them', async () => {
    mkdirSync(folder.at('a'));
    mkdirSync(folder.at('b'));
    symlinkSync('../b', folder.at('a/to-b'));
    symlinkSync('../a', folder.at('b/to-a'));
    symlinkSync('.', folder.at('a/self'));
    symlinkSync('..', folder.at('b/up'));
    symlinkSync('nothing', folder.at('dangling'));
    symlinkSync('circle', folder.at('circle'));
    expect(await walk()).to.deep.equal(['/', '/a/', '/a/to-b/', '/b/', '/b/to-a/']);
    expect(warnings).to.include.members(['loop /a/self', 'loop /b/up', 'loop /a/to-b/to-a', 'loop /b/to-a/to-b']);
    expect(warnings).to.include.members(['dangling /dangling', 'loop /circle']);
  });

  it('leaves out pipes, without waiting for their other end', async () => {
    execFileSync('mkfifo', [folder.at('pipe')]);
    symlinkSync('pipe', folder.at('link-to-pipe'));
    expect(await walk()).to.deep.equal(['/']);
    expect(warnings.sort()).to.deep.equal(['special /link-to-pipe', 'special /pipe']);
  });

  it('goes on when a folder cannot be read', async function () {
    folder.write('closed/a', '');
    folder.write('open/a', '');
    chmodSync(folder.at('closed'), 0);
    chmodSync(folder.path, 0o755);
    const asUser = ordinaryUser();
    if (asUser === undefined) {
      this.test!.title += ' (skipped: this root cannot become another user)';
      this.skip();
    }
    expect(await asUser(walk)).to.deep.equal(['/', '/closed/', '/open/', '/open/a']);
    expect(warnings).to.deep.equal(['closed /closed']);
    chmodSync(folder.at('closed'), 0o755);
  });

  it('takes a folder that goes while it is listed for an empty one, and not for one that may not be read', () => {
    folder.write('docs/a', '');
    const listener = {
      entering: (name: string) => {
        if (name === '/docs') rmSync(folder.at('docs'), { recursive: true });
        return false;
      },
      followed: () => false,
      defers: () => false,
    };
    const warn = ({ reason }: { reason: string }) => void warnings.push(reason);
    const one = new FolderWalk(openFolder(folder.path), { listener, warn });
    expect(one.list('/docs')).to.deep.equal({ files: [], folders: [] });
    expect(warnings).to.deep.equal([]);
  });

  it('calls closed what the system refuses, and nothing that is gone or has another fault', async function () {
    folder.write('closed', '');
    folder.write('open', '');
    symlinkSync('circle', folder.at('circle'));
    expect(['none', 'open/x', 'circle', 'circle/x'].filter((name) => isClosed(folder.at(name)))).to.deep.equal([]);
    chmodSync(folder.at('closed'), 0);
    chmodSync(folder.path, 0o755);
    const asUser = ordinaryUser();
    if (asUser === undefined) {
      this.test!.title += ' (the first is skipped: this root cannot become another user)';
      return;
    }
    const closed = () => Promise.resolve(['closed', 'open'].filter((name) => isClosed(folder.at(name))));
    expect(await asUser(closed)).to.deep.equal(['closed']);
  });

  it('stops at its bound of names, and says so', async () => {
    for (let i = 0; i < 30; i++) folder.write(`${i}`, '');
    const cut = new FolderWalk(openFolder(folder.path), { maxNames: 10 });
    expect((await cut.from('')).files.length, 'the folder itself counts').to.equal(9);
    const whole = new FolderWalk(openFolder(folder.path), { maxNames: 31 });
    await whole.from('');
    expect([cut.isCut, whole.isCut]).to.deep.equal([true, false]);
  });

  it('finds one name alone by the same rules, without what is in a folder', () => {
    folder.write('docs/a', 'x');
    folder.write('.env', 'x');
    symlinkSync('.env', folder.at('link'));
    symlinkSync('docs', folder.at('linked'));
    const namesOf = (name: string) => {
      const { files, folders } = new FolderWalk(openFolder(folder.path), {}).find(name);
      return [...files, ...folders].map((found) => found.name);
    };
    expect(['/docs/a', '/docs', '/linked/a', '/.env', '/link', '/docs/../docs/a', '/no'].map(namesOf)).to.deep.equal([
      ...[['/docs/a'], ['/docs'], ['/linked/a'], [], [], [], []],
    ]);
  });

  it('finds one file after another in one walk, by the same rules, and forgets none that it found before', async () => {
    folder.write('docs/a', 'x');
    folder.write('docs/.b', 'x');
    folder.write('.hidden/c', 'x');
    folder.write('d', 'x');
    symlinkSync('.hidden', folder.at('linked'));
    const one = new FolderWalk(openFolder(folder.path), {});
    await one.from('/d');
    const names = ['/docs/a', '/docs/.b', '/docs/none', '/docs', '/.hidden/c', '/linked/c', '/docs/a'];
    expect(names.map((name) => one.file(name)?.name)).to.deep.equal([
      ...['/docs/a', undefined, undefined, undefined, undefined, undefined, '/docs/a'],
    ]);
    expect([one.files.map(({ name }) => name), one.folders]).to.deep.equal([['/d'], []]);
  });

  it('finds a part of the folder, or nothing where nothing is', async () => {
    folder.write('a/b/c', '');
    folder.write('a/d', '');
    expect(await walk('/a/b')).to.deep.equal(['/a/b/', '/a/b/c']);
    expect(await walk('/a/d')).to.deep.equal(['/a/d']);
    for (const gone of ['/x', '/x/y', '/a/d/e']) expect(await walk(gone)).to.deep.equal([]);
    expect(warnings).to.deep.equal([]);
  });

  it('does not climb out by a name with dots in it', async () => {
    folder.write('site/a', '');
    folder.write('key', '');
    for (const name of ['/../key', '/a/../../key', '/./a']) {
      expect(await walk(name, { dotfiles: true }, folder.at('site')), name).to.deep.equal([]);
    }
  });

  it('names what is wrong with a root that cannot be served', () => {
    folder.write('file', '');
    const codeOf = (path: string) => {
      try {
        openFolder(path);
      } catch (error) {
        return error instanceof FolderError ? error.code : error;
      }
      return 'opened';
    };
    expect(codeOf(folder.at('nowhere'))).to.equal('not-found');
    expect(codeOf(folder.at('file'))).to.equal('not-a-folder');
    expect(codeOf(folder.at('file/x'))).to.equal('not-a-folder');
    symlinkSync('circle', folder.at('circle'));
    expect(codeOf(folder.at('circle'))).to.equal('unreadable');
  });
});
