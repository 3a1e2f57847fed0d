import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { SiteOptions } from '../../../src/site/options.js';
import { TemporaryFolder } from '../../cache/support.js';
import { RuledSite } from '../../support/ruled-site.js';

describe('the list of a folder', () => {
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

  async function load(options: Omit<SiteOptions, 'folder'> = {}, how = {}): Promise<RuledSite> {
    const site = await RuledSite.load(folder, { browse: true, ...options }, how);
    sites.push(site);
    return site;
  }

  const linksOf = (body: string) =>
    [...body.slice(body.indexOf('<tbody')).matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href);

  it('shows folders first, then files by their names, with sizes and dates, and no hidden name', async () => {
    folder.write('docs/b10.txt', 'x'.repeat(1536), 784_111_777);
    folder.write('docs/b9.txt', 'x', 784_111_777);
    folder.write('docs/sub/x', '');
    folder.write('docs/.env', 'secret');
    symlinkSync('/etc', folder.at('docs/out'));
    utimesSync(folder.at('docs/sub'), 1, 784_111_000);
    for (const lazily of [false, true]) {
      const site = await load({}, { lazily });
      const { status, fields, body } = await site.get('/docs/');
      expect([status, fields['content-type']]).to.deep.equal([200, 'text/html; charset=utf-8']);
      expect(linksOf(body)).to.deep.equal(['/', '/docs/sub/', '/docs/b9.txt', '/docs/b10.txt']);
      expect(body).to.contain('<td class="size" data-value="1536">1.5 KiB</td>');
      expect(body).to.contain('<time datetime="1994-11-06T08:49:37Z">1994-11-06 08:49</time>');
      expect(body).to.contain('data-value="0">–</td><td class="date" data-value="1994-11-06T08:36:40Z"><time ');
      expect(body).to.contain('<caption>1 folder, 2 files</caption>');
      expect(fields.etag).to.match(/^"[\w-]{22}"$/);
      expect(fields).to.not.have.any.keys('last-modified');
      expect((await site.get('/docs/', `If-None-Match: ${fields.etag}`)).status).to.equal(304);
      expect((await site.get('/docs')).fields.location).to.equal('/docs/');
      expect((await site.get('/')).body)
        .to.contain('href="/docs/"')
        .and.not.contain('parent folder');
    }
  });

  it('gives way to index.html, and comes back when that goes', async () => {
    folder.write('a/x', '');
    const site = await load();
    expect(linksOf((await site.get('/a/')).body)).to.deep.equal(['/', '/a/x']);
    folder.write('a/index.html', 'index');
    await site.refresh('/a/index.html');
    expect((await site.get('/a/')).body).to.equal('index');
    rmSync(folder.at('a/index.html'));
    await site.refresh('/a/index.html');
    expect(linksOf((await site.get('/a/')).body)).to.deep.equal(['/', '/a/x']);
  });

  for (const lazily of [false, true]) {
    it(`is made anew when something in its folder changes (${lazily ? 'lazy' : 'eager'})`, async () => {
      folder.write('a/x', 'x');
      const site = await load({}, { lazily });
      await site.get('/a/');
      folder.write('a/new', 'xx');
      folder.write('a/b/y', '');
      await site.refresh('/a/new', '/a/b');
      expect(linksOf((await site.get('/a/')).body)).to.deep.equal(['/', '/a/b/', '/a/new', '/a/x']);
      expect(linksOf((await site.get('/a/b/')).body)).to.deep.equal(['/a/', '/a/b/y']);
      folder.write('a/x', 'xxxx');
      await site.refresh('/a/x');
      expect((await site.get('/a/')).body).to.contain('data-value="4"');
      renameSync(folder.at('a/b'), folder.at('.gone'));
      rmSync(folder.at('a/new'));
      await site.refresh('/a/b', '/a/new');
      expect(linksOf((await site.get('/a/')).body)).to.deep.equal(['/', '/a/x']);
      expect((await site.get('/a/b/')).status).to.equal(404);
    });

    it(`says the new date of a folder in the list above it (${lazily ? 'lazy' : 'eager'})`, async () => {
      folder.write('a/b/x', 'x');
      utimesSync(folder.at('a/b'), 1, 784_111_000);
      const site = await load({}, { lazily });
      expect((await site.get('/a/')).body).to.contain('1994-11-06 08:36');
      rmSync(folder.at('a/b/x'));
      utimesSync(folder.at('a/b'), 1, 784_111_777);
      await site.refresh('/a/b/x');
      expect((await site.get('/a/')).body).to.contain('1994-11-06 08:49');
    });
  }

  it('escapes names in its text and in its addresses', async () => {
    mkdirSync(folder.at('<b>'));
    folder.write('<b>/"&\'<script>?#%41 ü', '');
    const name = Buffer.concat([Buffer.from(`${folder.at('<b>')}/`), Buffer.from([0xff, 0x0a, 0x61])]);
    writeFileSync(name, '');
    const { body } = await (await load()).get('/%3Cb%3E/');
    const [parent, ...links] = linksOf(body);
    expect(parent).to.equal('/');
    expect(links).to.have.members(['/%3Cb%3E/%22&#38;&#39;%3Cscript%3E%3F%23%2541%20%C3%BC', '/%3Cb%3E/%FF%0Aa']);
    expect(body).to.contain('&#34;&#38;&#39;&#60;script&#62;?#%41 ü</a>');
    expect(body).to.contain('<title>Index of /&#60;b&#62;/</title>');
    expect(body.match(/<script>/g)).to.have.length(1);
  });

  it('allows its own script and style by their hashes, whatever policy the site has', async () => {
    folder.write('x', '');
    const headers = [{ match: '/**', set: { 'content-security-policy': "default-src 'self'", 'X-A': 'b' } }];
    const { fields, body } = await (await load({ headers })).get('/');
    expect(fields['x-a']).to.equal('b');
    const hashes = ['style', 'script'].map((tag) => {
      const text = new RegExp(`<${tag}>(.*)</${tag}>`, 's').exec(body)?.[1] ?? '';
      return `${tag}-src 'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    });
    const [style, script] = hashes;
    expect(fields['content-security-policy']).to.equal(
      `default-src 'none'; img-src 'self'; ${style}; ${script}; base-uri 'none'; form-action 'none'`,
    );
  });

  it('is compressed as other pages are, with Vary', async () => {
    for (let i = 0; i < 30; i++) folder.write(`page-${i}.html`, 'x'.repeat(2000));
    const site = await load({ compress: 'load', errorPages: { 404: '/page-1.html' }, spa: '/page-2.html' });
    const { fields, body } = await site.get('/');
    expect(fields.vary).to.equal('Accept-Encoding');
    const coded = site.bench.feed(['GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n']).sent;
    expect(coded)
      .to.match(/^Content-Encoding: gzip\r$/m)
      .and.match(/^Vary: Accept-Encoding\r$/m);
    const length = Number(/Content-Length: (\d+)/.exec(coded)?.[1]);
    expect(length).to.be.lessThan(body.length / 2);
    const missing = await site.get('/none.js', 'Accept-Encoding: br');
    expect([missing.status, missing.fields['content-encoding'], missing.fields.vary]).to.deep.equal([
      ...[404, 'br', 'Accept-Encoding, Accept'],
    ]);
    expect(missing.fields).to.not.have.any.keys('etag');
    const app = await site.get('/none', 'Accept-Encoding: br', 'Accept: text/html');
    const page = await site.get('/page-2.html', 'Accept-Encoding: br');
    expect([app.status, app.fields['content-encoding'], app.fields.vary]).to.deep.equal([
      ...[200, 'br', 'Accept-Encoding, Accept'],
    ]);
    expect(app.fields.etag).to.equal(page.fields.etag);
    expect(page.fields.vary).to.equal('Accept-Encoding');
    const identity = await site.get('/none.js', 'Accept-Encoding: identity;q=0');
    expect(identity.status).to.equal(404);
  });

  it('has addresses without a slash where the site has none', async () => {
    folder.write('a/b/x', '');
    for (const lazily of [false, true]) {
      const site = await load({ trailingSlash: 'remove' }, { lazily });
      expect(linksOf((await site.get('/a')).body)).to.deep.equal(['/', '/a/b']);
      expect((await site.get('/a/')).fields.location).to.equal('/a');
      expect(linksOf((await site.get('/a/b')).body)).to.deep.equal(['/a', '/a/b/x']);
    }
  });

  it('shows ten thousand names, and says how many more there are', async () => {
    folder.write('f0', '');
    for (let i = 1; i < 10_003; i++) linkSync(folder.at('f0'), folder.at(`f${i}`)); // far quicker than a file
    const { body } = await (await load({}, { lazily: true })).get('/');
    expect(linksOf(body)).to.have.length(10_000);
    expect(body).to.contain('<caption>0 folders, 10,003 files; 3 of them are not shown</caption>');
  });

  it('does not exist unless the site wants it', async () => {
    folder.write('a/x', '');
    expect((await (await load({ browse: false })).get('/a/')).status).to.equal(404);
  });
});
