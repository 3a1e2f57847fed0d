import { symlinkSync } from 'node:fs';
import { mock } from 'node:test';
import { expect } from 'chai';
import { FolderError } from '../../../src/cache/folder/warnings.js';
import { Library } from '../../../src/cache/library/library.js';
import { Store } from '../../../src/cache/library/store.js';
import type { LoadProgress } from '../../../src/cache/loading/load-options.js';
import { Sites } from '../../../src/http/sites/sites.js';
import { SiteFolders } from '../../../src/serve/folders/site-folders.js';
import { siteTable } from '../../../src/serve/folders/site-table.js';
import { sitesOf } from '../../../src/serve/options.js';
import { ServeError } from '../../../src/serve/serve-error.js';
import type { SiteOptions } from '../../../src/site/options.js';
import { find, payloadText, TemporaryFolder, utf8 } from '../../cache/support.js';

const open: SiteFolders[] = [];

/** The folders, which are closed after the test. */
function closed(folders: SiteFolders): SiteFolders {
  open.push(folders);
  return folders;
}

/** Their loaders look at young files again when they are told to, however slow the machine is. */
function standStill(): void {
  beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
  afterEach(() => {
    mock.timers.reset();
    for (const folders of open.splice(0)) folders.close();
  });
}

describe('the folders of several sites', () => {
  standStill();
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
    const folders = closed(new SiteFolders(library, { warn: () => {} }));
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
    const folders = closed(new SiteFolders(new Library(), { warn: (warning) => warnings.push(warning) }));
    await folders.load([{ folder: first.path }, { folder: second.path }], (progress) => seen.push({ ...progress }));
    expect(seen.at(-1)).to.deep.equal({ files: 2, totalFiles: 2, bytes: 7, totalBytes: 7 });
    expect(warnings).to.deep.equal(['site-2: /gone: left out: a symbolic link to something that does not exist']);
  });

  it('are kept up to date each by its own loader', async () => {
    first.write('/a.txt', 'one');
    second.write('/a.txt', 'two');
    const library = new Library();
    const folders = closed(new SiteFolders(library, { warn: () => {} }));
    await folders.load([{ folder: first.path }, { folder: second.path }]);
    second.write('/a.txt', 'second');
    await folders.sites[1]?.loader.refresh('/a.txt');
    expect(text(library, '/a.txt', 0)).to.equal('one');
    expect(text(library, '/a.txt', 1)).to.equal('second');
  });
});

describe('a new configuration of sites', () => {
  standStill();
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
    for (const name of ['a', 'b', 'c']) folder.write(`/${name}/index.html`, `this is ${name}`);
  });
  afterEach(() => folder.remove());

  const site = (name: string, more: Partial<SiteOptions> = {}): SiteOptions => ({
    folder: folder.at(name),
    hosts: [`${name}.example`],
    ...more,
  });

  /** The first page of a site as a worker finds it. */
  const page = (store: Store, number: number) => payloadText(find(store, '/', 0, number));

  async function start(...sites: SiteOptions[]) {
    const library = new Library();
    const released: number[] = [];
    const store = new Store((id) => released.push(id));
    const subscriber = library.attach((message) => store.apply(message));
    const letGo = () => {
      for (const id of released.splice(0)) subscriber.released(id);
    };
    const folders = closed(new SiteFolders(library, { warn: () => {} }));
    await folders.load(sites);
    return { library, store, folders, letGo };
  }

  it('keeps the objects of a site whose rules are the same, and looks at its folder', async () => {
    const { store, folders, library } = await start(site('a'), site('b'));
    folder.write('/a/new.html', 'new');
    const published = library.statistics.published;
    const changes = await folders.replace([site('a', { hosts: ['other.example'] }), site('b')], () => {});
    expect(changes).to.deep.equal({
      added: [],
      removed: ['a.example'],
      changed: [],
      kept: ['other.example', 'b.example'],
    });
    expect(library.statistics.published - published).to.equal(1);
    expect(payloadText(find(store, '/new.html'))).to.equal('new');
    expect(folders.sites.map(({ number }) => number)).to.deep.equal([0, 1]);
  });

  it('loads a site that has changed beside the old one, which goes when the workers know the new one', async () => {
    const { store, folders } = await start(site('a'), site('b'));
    folder.write('/b/index.html', 'this is b, changed');
    let during: string[] = [];
    const changes = await folders.replace([site('a'), site('b', { etag: false }), site('c')], (sites) => {
      during = [page(store, 1), ...sites.map(({ number }) => `${number}: ${page(store, number)}`)];
    });
    expect(during).to.deep.equal(['this is b', '0: this is a', '2: this is b, changed', '3: this is c']);
    expect(page(store, 1)).to.equal('(nothing)');
    expect([page(store, 0), page(store, 2), page(store, 3)]).to.deep.equal([
      'this is a',
      'this is b, changed',
      'this is c',
    ]);
    expect(changes).to.deep.equal({
      added: ['c.example'],
      removed: [],
      changed: ['b.example'],
      kept: ['a.example'],
    });
  });

  it('keeps the numbers of a site for its name, so that the log and the metrics know it after a release', async () => {
    const { store, folders } = await start(site('a'), site('b'));
    const numbers = () => folders.sites.map(({ number, name }) => `${number} ${name}`);
    for (const etag of [false, true, false]) {
      await folders.replace([site('a', { etag }), site('b', { etag })], () => {});
    }
    expect(numbers()).to.deep.equal(['2 a.example', '3 b.example']);
    expect(Object.fromEntries(folders.names)).to.deep.equal({
      0: 'a.example',
      1: 'b.example',
      2: 'a.example',
      3: 'b.example',
    });
    await folders.replace([site('b', { etag: false }), site('c')], () => {});
    expect(numbers(), 'one that is new takes no number of another name').to.deep.equal(['3 b.example', '4 c.example']);
    await folders.replace([site('b', { etag: false }), site('c', { hosts: ['d.example'] })], () => {});
    expect([folders.names.get(4), page(store, 4)]).to.deep.equal(['d.example', 'this is c']);
  });

  it('changes nothing if one folder cannot be served, and gives back what was loaded', async () => {
    const { store, folders, library, letGo } = await start(site('a'));
    const called = [...folders.names];
    const { names, usedBytes } = library.statistics;
    let told = 0;
    const wrong = folders.replace([site('a', { etag: false }), site('b'), site('gone')], () => told++);
    const error = await wrong.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(FolderError);
    expect(told).to.equal(0);
    expect(page(store, 0)).to.equal('this is a');
    expect(folders.sites.map(({ name }) => name)).to.deep.equal(['a.example']);
    letGo();
    expect(library.statistics).to.include({ names, usedBytes });
    const renamed = [site('a', { hosts: ['other.example'] }), site('gone')];
    await folders.replace(renamed, () => told++).catch(() => {});
    expect([told, [...folders.names]], 'in the log and the metrics').to.deep.equal([0, called]);
  });

  it('tells those who watch folders', async () => {
    const { folders } = await start(site('a'));
    const seen: string[][] = [];
    folders.onSites((sites) => seen.push(sites.map(({ name }) => name)));
    await folders.replace([site('b')], () => {});
    expect(seen).to.deep.equal([['a.example'], ['b.example']]);
  });

  it('leaves a loader that is gone without effect, even if it is asked later', async () => {
    const { store, folders } = await start(site('a'));
    const [old] = folders.sites;
    await folders.replace([site('b')], () => {});
    await old?.loader.refresh('');
    expect(page(store, 0)).to.equal('(nothing)');
  });
});

describe('the table of sites', () => {
  standStill();
  const table = (...sites: Partial<SiteOptions>[]) =>
    siteTable(
      sites.map((options, i) => ({ number: 2 * i, options: { folder: '/', ...options } })),
      'misdirected',
    );

  it('has hosts, aliases and rules by the numbers of the sites', () => {
    expect(
      table(
        { hosts: ['a.example', '*.a.example'], aliases: ['b.example'] },
        { redirects: [{ from: '/x/*', to: '/y' }], rewrites: [{ from: '/u/:id', to: '/u' }] },
      ),
    ).to.deep.equal({
      sites: [
        {},
        {},
        { redirects: [{ from: '/x/*', to: '/y', status: 301 }], rewrites: [{ from: '/u/:id', to: '/u' }] },
      ],
      hosts: [
        { name: 'a.example', site: 0 },
        { name: '*.a.example', site: 0 },
        { name: 'b.example', site: 0, redirectTo: 'a.example' },
      ],
      defaultSite: 2,
      unknownHost: 'misdirected',
    });
  });

  it('has the default site that a configuration names, else the first without hosts, else the first', () => {
    const [a, b] = [{ hosts: ['a.example'] }, { hosts: ['b.example'] }];
    expect(table(a, b).defaultSite).to.equal(0);
    expect(table(a, {}, b).defaultSite).to.equal(2);
    expect(table(a, {}, { ...b, isDefault: true }).defaultSite).to.equal(4);
  });

  it('is taken by the workers', () => {
    expect(() => new Sites(table({ hosts: ['a.example'], aliases: ['b.example'] }, {}))).not.to.throw();
  });
});

describe('the sites of a server', () => {
  standStill();
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
