import { rmSync } from 'node:fs';
import { mock } from 'node:test';
import { expect } from 'chai';
import { AdminError } from '../../../src/admin/source.js';
import { Library } from '../../../src/cache/library/library.js';
import { purge } from '../../../src/serve/folders/purge.js';
import { SiteFolders } from '../../../src/serve/folders/site-folders.js';
import { payloadText, TemporaryFolder, utf8 } from '../../cache/support.js';

describe('a purge', () => {
  let first: TemporaryFolder;
  let second: TemporaryFolder;
  let library: Library;
  let folders: SiteFolders;

  beforeEach(async () => {
    mock.timers.enable({ apis: ['setInterval'] }); // loaders look at young files again when they are told to
    first = new TemporaryFolder();
    second = new TemporaryFolder();
    for (const folder of [first, second]) {
      folder.write('/index.html', 'home');
      folder.write('/css/a b.css', 'old');
      folder.write('/css/b.css', 'old');
      folder.write('/other.txt', 'old');
    }
    library = new Library();
    folders = new SiteFolders(library, { warn: () => {} });
    await folders.load([
      { name: 'one', folder: first.path },
      { name: 'two', folder: second.path, hosts: ['two.example', '*.two.example'] },
    ]);
    for (const folder of [first, second]) {
      folder.write('/css/a b.css', 'new');
      folder.write('/css/c.css', 'new');
      folder.write('/index.html', 'new home');
      folder.write('/other.txt', 'new');
    }
  });
  afterEach(() => {
    mock.timers.reset();
    folders.close();
    first.remove();
    second.remove();
  });

  const text = (name: string, site = 0) => payloadText(library.find(utf8(name), site));

  it('of a URL reads that file again, in every site', async () => {
    const purged = await purge(folders.sites, { path: '/css/a b.css', isPrefix: false });
    expect(purged).to.deep.equal([
      { site: 'one', read: 1, changed: 1, removed: 0 },
      { site: 'two', read: 1, changed: 1, removed: 0 },
    ]);
    expect([text('/css/a b.css'), text('/css/a b.css', 1), text('/other.txt')]).to.deep.equal(['new', 'new', 'old']);
  });

  it('counts what it has read itself, and not what the loader reads beside it', async () => {
    const beside = folders.sites[0]?.loader.refresh('/other.txt');
    const purged = await purge(folders.sites, { path: '/css/a b.css', isPrefix: false, site: 'one' });
    await beside;
    expect(purged).to.deep.equal([{ site: 'one', read: 1, changed: 1, removed: 0 }]);
    expect([text('/css/a b.css'), text('/other.txt')]).to.deep.equal(['new', 'new']);
  });

  it('of a URL with a host, or of a named site, is for that site alone', async () => {
    const named = await purge(folders.sites, { path: '/other.txt', isPrefix: false, site: 'one' });
    expect(named.map(({ site }) => site)).to.deep.equal(['one']);
    for (const [host, site] of [
      ['two.example', 'two'],
      ['www.TWO.example', 'two'],
      ['unknown.example', 'one'],
    ] as const) {
      const [purged, ...rest] = await purge(folders.sites, { path: '/other.txt', isPrefix: false, host });
      expect(purged?.site, host).to.equal(site);
      expect(rest).to.deep.equal([]);
    }
  });

  it('of a prefix reads the folder that holds it, with files that are new', async () => {
    const [purged] = await purge(folders.sites, { path: '/css/', isPrefix: true, site: 'one' });
    expect(purged).to.deep.equal({ site: 'one', read: 3, changed: 2, removed: 0 });
    expect([text('/css/c.css'), text('/other.txt')]).to.deep.equal(['new', 'old']);
    await purge(folders.sites, { path: '/oth', isPrefix: true, site: 'one' });
    expect(text('/other.txt')).to.equal('new');
  });

  it('of a folder’s page reads its index, and a file that is gone is removed', async () => {
    await purge(folders.sites, { path: '/', isPrefix: false, site: 'one' });
    expect(text('/')).to.equal('new home');
    rmSync(first.at('/other.txt'));
    const [purged] = await purge(folders.sites, { path: '/other.txt', isPrefix: false, site: 'one' });
    expect(purged).to.deep.equal({ site: 'one', read: 0, changed: 0, removed: 1 });
    expect(text('/other.txt')).to.equal('(nothing)');
  });

  it('of a site that is not there names those that are', async () => {
    const [result] = await Promise.allSettled([purge(folders.sites, { path: '/', isPrefix: true, site: 'three' })]);
    expect((result as PromiseRejectedResult).reason).to.be.instanceOf(AdminError);
    expect(((result as PromiseRejectedResult).reason as AdminError).advice).to.equal('There are: one, two.');
  });
});
