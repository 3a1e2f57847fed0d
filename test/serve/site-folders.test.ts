import { symlinkSync } from 'node:fs';
import { expect } from 'chai';
import { Library } from '../../src/cache/library.js';
import type { LoadProgress } from '../../src/cache/loader.js';
import { sitesOf } from '../../src/serve/options.js';
import { ServeError } from '../../src/serve/serve-error.js';
import { SiteFolders } from '../../src/serve/site-folders.js';
import { payloadText, TemporaryFolder, utf8 } from '../cache/support.js';

describe('the folders of several sites', () => {
  let first: TemporaryFolder;
  let second: TemporaryFolder;
  beforeEach(() => {
    first = new TemporaryFolder();
    second = new TemporaryFolder();
  });
  afterEach(() => {
    first.remove();
    second.remove();
  });

  const text = (library: Library, name: string, site: number) => payloadText(library.find(utf8(name), site));

  it('lie in the cache side by side, under the number of their place in the list', async () => {
    first.write('/a.txt', 'one');
    second.write('/a.txt', 'two');
    second.write('/only-here.txt', '!');
    const library = new Library();
    const folders = new SiteFolders(library, { warn: () => {} });
    await folders.load([{ folder: first.path }, { folder: second.path, hosts: ['two.example'] }]);
    expect(text(library, '/a.txt', 0)).to.equal('one');
    expect(text(library, '/a.txt', 1)).to.equal('two');
    expect(text(library, '/only-here.txt', 0)).to.equal('(nothing)');
    expect(folders.sites.map(({ number, name }) => [number, name])).to.deep.equal([
      [0, 'site-1'],
      [1, 'two.example'],
    ]);
  });

  it('tell their progress as one sum, and their warnings with the name of the site', async () => {
    first.write('/a.txt', 'one');
    second.write('/b.txt', 'four');
    symlinkSync('/nowhere', second.at('gone'));
    const seen: LoadProgress[] = [];
    const warnings: string[] = [];
    const folders = new SiteFolders(new Library(), { warn: (warning) => warnings.push(warning) });
    await folders.load([{ folder: first.path }, { folder: second.path }], (progress) => seen.push({ ...progress }));
    expect(seen.at(-1)).to.deep.equal({ files: 2, totalFiles: 2, bytes: 7, totalBytes: 7 });
    expect(warnings).to.deep.equal(['site-2: /gone: left out: a symbolic link to something that does not exist']);
  });

  it('are kept up to date each by its own loader', async () => {
    first.write('/a.txt', 'one');
    second.write('/a.txt', 'two');
    const library = new Library();
    const folders = new SiteFolders(library, { warn: () => {} });
    await folders.load([{ folder: first.path }, { folder: second.path }]);
    second.write('/a.txt', 'second');
    await folders.sites[1]?.loader.refresh('/a.txt');
    expect(text(library, '/a.txt', 0)).to.equal('one');
    expect(text(library, '/a.txt', 1)).to.equal('second');
  });
});

describe('the sites of a server', () => {
  it('are one for a folder alone, and those of the list else, with the common options as defaults', () => {
    const defaults = { dotfiles: false, symlinks: 'inside', charset: 'auto', compress: 'load' };
    expect(sitesOf({ folder: 'www' })).to.deep.equal([{ ...defaults, folder: 'www' }]);
    const sites = sitesOf({ dotfiles: true, sites: [{ folder: 'a' }, { folder: 'b', dotfiles: false }] });
    expect(sites.map(({ folder, dotfiles }) => [folder, dotfiles])).to.deep.equal([
      ['a', true],
      ['b', false],
    ]);
  });

  it('cannot be none, nor a folder beside a list', () => {
    expect(() => sitesOf({})).to.throw(ServeError, 'either one folder or a list of sites');
    expect(() => sitesOf({ folder: 'a', sites: [{ folder: 'b' }] })).to.throw(ServeError);
  });
});
