import { chmodSync, renameSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import type { SiteOptions } from '../../../src/site/options.js';
import { ordinaryUser, TemporaryFolder } from '../../cache/support.js';
import { RuledSite } from '../../support/ruled-site.js';

const HTML = 'Accept: text/html';

type Expected = readonly [status: number, what: string];

describe('the names of a site', () => {
  let folder: TemporaryFolder;
  let sites: RuledSite[];
  beforeEach(() => {
    folder = new TemporaryFolder();
    sites = [];
  });
  afterEach(() => {
    for (const site of sites) site.close();
    folder.remove();
  });

  function write(...names: string[]): void {
    for (const name of names) folder.write(name, `this is ${name}`);
  }

  async function load(options: Omit<SiteOptions, 'folder'>, how = {}): Promise<RuledSite> {
    const site = await RuledSite.load(folder, options, how);
    sites.push(site);
    return site;
  }

  /** Status, and Location or the name of the file. */
  async function told(site: RuledSite, path: string, ...fields: string[]): Promise<Expected> {
    const { status, fields: got, body } = await site.get(path, ...fields);
    return [status, got.location ?? body.replace(/^this is /, '').trim()];
  }

  /** Each path has this answer, if all is in memory, and if it is read when somebody asks. */
  async function expectAll(options: Omit<SiteOptions, 'folder'>, expected: Record<string, Expected>): Promise<void> {
    for (const lazily of [false, true]) {
      const site = await load(options, { lazily });
      const answers: Record<string, Expected> = {};
      for (const path of Object.keys(expected)) answers[path] = await told(site, path, HTML);
      expect(answers, lazily ? 'on demand' : 'in memory').to.deep.equal(expected);
    }
  }

  const NOT_FOUND: Expected = [404, '404 Not Found'];

  it('without any rule are those of the files, and of folders with their slash', async () => {
    write('index.html', 'about.html', 'docs/index.html', 'docs/a b.txt', 'empty/x/y');
    await expectAll(
      {},
      {
        '/': [200, 'index.html'],
        '/index.html': [200, 'index.html'],
        '/about': NOT_FOUND,
        '/about.html': [200, 'about.html'],
        '/docs': [301, '/docs/'],
        '/docs/': [200, 'docs/index.html'],
        '/docs/a%20b.txt': [200, 'docs/a b.txt'],
        '/docs/a%20b.txt/': NOT_FOUND,
        '/empty/': NOT_FOUND,
        '/empty': [301, '/empty/'],
      },
    );
  });

  const CLEAN = [
    'index.html',
    'about.html',
    'blog.html',
    'blog/post.html',
    'docs/index.html',
    'raw',
    'raw.html',
    '.html',
  ];

  it('with clean URLs have no .html, which is redirected', async () => {
    write(...CLEAN);
    await expectAll(
      { cleanUrls: true },
      {
        '/': [200, 'index.html'],
        '/index.html': [301, '/'],
        '/index': [301, '/'],
        '/about': [200, 'about.html'],
        '/about.html': [301, '/about'],
        '/about/': NOT_FOUND,
        '/blog': [200, 'blog.html'],
        '/blog/post': [200, 'blog/post.html'],
        '/blog/': NOT_FOUND,
        '/docs': [301, '/docs/'],
        '/docs/': [200, 'docs/index.html'],
        '/docs/index.html': [301, '/docs/'],
        '/raw': [200, 'raw'],
        '/raw.html': [200, 'raw.html'],
        '/.html': NOT_FOUND,
        '/none': NOT_FOUND,
      },
    );
  });

  it('with clean URLs beside the usual ones are both', async () => {
    write(...CLEAN);
    await expectAll(
      { cleanUrls: 'keep' },
      {
        '/index.html': [200, 'index.html'],
        '/index': [200, 'index.html'],
        '/about': [200, 'about.html'],
        '/about.html': [200, 'about.html'],
        '/raw': [200, 'raw'],
        '/raw.html': [200, 'raw.html'],
      },
    );
  });

  it('may have or lack the slash of a folder', async () => {
    write('index.html', 'docs/index.html', 'empty/x', 'a.txt');
    await expectAll(
      { trailingSlash: 'ignore' },
      {
        '/': [200, 'index.html'],
        '/docs': [200, 'docs/index.html'],
        '/docs/': [200, 'docs/index.html'],
        '/empty': NOT_FOUND,
        '/a.txt/': NOT_FOUND,
      },
    );
  });

  it('may have no slash at the end', async () => {
    write('index.html', 'docs/index.html', 'about.html', 'empty/x', 'a.txt');
    await expectAll(
      { trailingSlash: 'remove', cleanUrls: true },
      {
        '/': [200, 'index.html'],
        '/docs': [200, 'docs/index.html'],
        '/docs/': [301, '/docs'],
        '/docs/index.html': [301, '/docs'],
        '/about/': [301, '/about'],
        '/empty/': NOT_FOUND,
        '/empty': NOT_FOUND,
        '/a.txt/': NOT_FOUND,
      },
    );
  });

  it('lead elsewhere by redirects, which count before files, in their order', async () => {
    write('old.html', 'new/x.txt', 'old/x.txt', 'old/keep.txt', 'ü.txt');
    await expectAll(
      {
        redirects: [
          { from: '/old.html', to: '/new.html' },
          { from: '/old/keep.txt', to: '/kept', status: 302 },
          { from: '/old/*', to: '/new/:splat', status: 308 },
          { from: '/old/late', to: '/never' },
          { from: '/ü.txt', to: 'https://example.org/ü?a', status: 307 },
          { from: '/gone', status: 410 },
          { from: '/lost/*', status: 410 },
        ],
      },
      {
        '/old.html': [301, '/new.html'],
        '/old/keep.txt': [302, '/kept'],
        '/old/x.txt': [308, '/new/x.txt'],
        '/old/late': [308, '/new/late'],
        '/old/x.txt?a=b': [308, '/new/x.txt?a=b'],
        '/new/x.txt': [200, 'new/x.txt'],
        '/%C3%BC.txt': [307, 'https://example.org/%C3%BC?a'],
        '/gone': [410, '410 Gone'],
        '/lost/it': [410, '410 Gone'],
      },
    );
  });

  it('that are gone have the page of the site for 410', async () => {
    write('gone.html', 'a.txt');
    await expectAll(
      {
        redirects: [
          { from: '/a', status: 410 },
          { from: '/b/*', status: 410 },
        ],
        errorPages: { 410: '/gone.html' },
      },
      { '/a': [410, 'gone.html'], '/b/c': [410, 'gone.html'], '/a.txt': [200, 'a.txt'] },
    );
  });

  it('of what cannot be read are 403, with the page for it, and in no list', async function () {
    const asUser = ordinaryUser();
    if (asUser === undefined) {
      this.test!.title += ' (skipped: this root cannot become another user)';
      this.skip();
    }
    write('open.txt', 'closed.txt', 'shut/index.html', 'docs/index.html', 'sorry.html');
    chmodSync(folder.path, 0o755);
    for (const name of ['closed.txt', 'docs/index.html', 'shut']) chmodSync(folder.at(name), 0);
    const expected: Record<string, Expected> = {
      '/open.txt': [200, 'open.txt'],
      '/closed.txt': [403, '403 Forbidden'],
      '/docs/': [403, '403 Forbidden'],
      '/shut/': [403, '403 Forbidden'],
      '/none.txt': NOT_FOUND,
    };
    const isClosed = Object.entries(expected).filter(([, [status]]) => status === 403);
    const withPage = Object.fromEntries(isClosed.map(([path]) => [path, [403, 'sorry.html'] as const]));
    await asUser(async () => {
      await expectAll({ browse: true }, expected);
      await expectAll({ browse: true, errorPages: { 403: '/sorry.html' } }, withPage);
      for (const lazily of [false, true]) {
        const { body } = await (await load({ browse: true }, { lazily })).get('/');
        const names = [...body.matchAll(/href="(\/[^"]+)"/g)].map(([, name]) => name);
        expect(names, lazily ? 'on demand' : 'in memory').to.deep.equal(['/docs/', '/open.txt', '/sorry.html']);
      }
    });
  });

  it('of what cannot be read are told once, and served when it can be', async function () {
    const asUser = ordinaryUser();
    if (asUser === undefined) {
      this.test!.title += ' (skipped: this root cannot become another user)';
      this.skip();
    }
    write('a.txt', 'b.txt');
    chmodSync(folder.path, 0o755);
    chmodSync(folder.at('a.txt'), 0);
    const site = await asUser(() => load({}));
    expect(site.loader.statistics.warnings).to.deep.equal({ unreadable: 1 });
    await asUser(() => site.refresh(''));
    expect(site.loader.statistics.warnings, 'looked at again').to.deep.equal({ unreadable: 1 });
    expect(await told(site, '/a.txt')).to.deep.equal([403, '403 Forbidden']);
    chmodSync(folder.at('a.txt'), 0o644);
    chmodSync(folder.at('b.txt'), 0);
    await asUser(() => site.refresh('/a.txt', '/b.txt'));
    expect(await told(site, '/a.txt')).to.deep.equal([200, 'a.txt']);
    expect(await told(site, '/b.txt')).to.deep.equal([403, '403 Forbidden']);
    expect(site.loader.statistics.warnings).to.deep.equal({ unreadable: 2 });
  });

  it('without a file of their own are answered by a rewrite', async () => {
    write('user.html', 'me.html', 'people', 'user/index.html');
    await expectAll(
      {
        rewrites: [
          { from: '/me', to: '/me.html' },
          { from: '/people', to: '/user.html' },
          { from: '/users/:id', to: '/user.html' },
          { from: '/users/7', to: '/me.html' },
          { from: '/all', to: '/user' },
        ],
      },
      {
        '/me': [200, 'me.html'],
        '/people': [200, 'people'],
        '/users/7': [200, 'user.html'],
        '/all': [301, '/user/'],
        '/users/7/8': NOT_FOUND,
      },
    );
  });

  it('that nobody knows are those of a single-page application, for who reads pages', async () => {
    write('index.html', 'app.js', '404.html');
    for (const lazily of [false, true]) {
      const site = await load({ spa: true }, { lazily });
      const { fields } = await site.get('/');
      const page = await site.get('/users/7', HTML);
      expect([page.status, page.body, page.fields.etag]).to.deep.equal([200, 'this is index.html', fields.etag]);
      expect(page.fields).to.include({ vary: 'Accept', 'last-modified': fields['last-modified'] });
      expect((await site.get('/users/7', HTML, `If-None-Match: ${fields.etag}`)).status).to.equal(304);
      expect(await told(site, '/none.js', HTML)).to.deep.equal([404, '404.html']);
      expect(await told(site, '/users/7', 'Accept: */*')).to.deep.equal([404, '404.html']);
      expect((await site.get('/users/7', 'Accept: */*')).fields.vary).to.equal('Accept');
      expect((await site.ask('HEAD', '/users/7', HTML)).status).to.equal(200);
      expect((await site.ask('POST', '/users/7', HTML)).status).to.equal(405);
    }
  });

  it('that nobody knows get the error page of the folder, which no cache takes for a page', async () => {
    write('404.html', 'errors/405.html', 'a');
    const rule = { match: '/**', set: { 'Cache-Control': 'max-age=99', 'X-A': 'b' } };
    for (const lazily of [false, true]) {
      const site = await load({ headers: [rule] }, { lazily });
      const { status, fields, body } = await site.get('/none');
      expect([status, body]).to.deep.equal([404, 'this is 404.html']);
      expect(fields).to.include({ 'x-a': 'b', 'content-type': 'text/html; charset=utf-8' });
      expect(fields).to.not.have.any.keys('etag', 'last-modified', 'cache-control', 'accept-ranges');
      expect((await site.get('/404.html')).fields).to.include({ 'cache-control': 'max-age=99' });
      const other = await load({ errorPages: { 405: '/errors/405.html' }, cleanUrls: true }, { lazily });
      const answer = await other.ask('POST', '/a');
      expect([answer.status, answer.body, answer.fields.allow]).to.deep.equal([
        ...[405, 'this is errors/405.html', 'GET, HEAD, OPTIONS'],
      ]);
      expect(await told(other, '/none')).to.deep.equal(NOT_FOUND);
    }
  });

  describe('follow the folder', () => {
    const told200 = (what: string): Expected => [200, what];

    for (const lazily of [false, true]) {
      const how = lazily ? 'on demand' : 'in memory';

      it(`when a page comes, changes and goes (${how})`, async () => {
        write('index.html');
        const site = await load({ cleanUrls: true }, { lazily });
        expect(await told(site, '/about')).to.deep.equal(NOT_FOUND);
        write('about.html');
        await site.refresh('/about.html');
        expect(await told(site, '/about')).to.deep.equal(told200('about.html'));
        expect(await told(site, '/about.html')).to.deep.equal([301, '/about']);
        folder.write('about.html', 'new text');
        await site.refresh('/about.html');
        expect(await told(site, '/about')).to.deep.equal(told200('new text'));
        write('about');
        await site.refresh('/about');
        expect(await told(site, '/about')).to.deep.equal(told200('about'));
        expect(await told(site, '/about.html')).to.deep.equal(told200('new text'));
        rmSync(folder.at('about'));
        await site.refresh('/about');
        expect(await told(site, '/about')).to.deep.equal(told200('new text'));
        expect(await told(site, '/about.html')).to.deep.equal([301, '/about']);
        rmSync(folder.at('about.html'));
        await site.refresh('/about.html');
        for (const path of ['/about', '/about.html']) expect(await told(site, path)).to.deep.equal(NOT_FOUND);
        expect(site.library.namesUnder(['/about.html'])).to.deep.equal([]);
      });

      it(`when a folder takes the place of a page, and goes again (${how})`, async () => {
        write('docs.html', 'me.html');
        const options = { cleanUrls: true, rewrites: [{ from: '/manual', to: '/docs/' }] };
        const site = await load(options, { lazily });
        expect(await told(site, '/docs')).to.deep.equal(told200('docs.html'));
        rmSync(folder.at('docs.html'));
        write('docs/index.html');
        await site.refresh('/docs.html', '/docs');
        expect(await told(site, '/docs')).to.deep.equal([301, '/docs/']);
        expect(await told(site, '/manual')).to.deep.equal(told200('docs/index.html'));
        renameSync(folder.at('docs'), folder.at('.hidden'));
        write('docs.html');
        await site.refresh('/docs', '/docs.html');
        expect(await told(site, '/docs')).to.deep.equal(told200('docs.html'));
        expect(await told(site, '/manual')).to.deep.equal(NOT_FOUND);
      });

      it(`with the pages for errors and for an application (${how})`, async () => {
        write('index.html', 'pages/404.html');
        const site = await load({ spa: true, errorPages: { 404: '/pages/404.html' } }, { lazily });
        folder.write('index.html', 'new app');
        folder.write('pages/404.html', 'new 404');
        await site.refresh('/index.html', '/pages');
        expect(await told(site, '/x', HTML)).to.deep.equal(told200('new app'));
        expect(await told(site, '/x.js')).to.deep.equal([404, 'new 404']);
        rmSync(folder.at('index.html'));
        rmSync(folder.at('pages'), { recursive: true });
        await site.refresh('/index.html', '/pages');
        expect(await told(site, '/x', HTML)).to.deep.equal(NOT_FOUND);
      });
    }
  });
});
