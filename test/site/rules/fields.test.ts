import { expect } from 'chai';
import type { SiteOptions } from '../../../src/site/options.js';
import { SiteRules } from '../../../src/site/rules/site-rules.js';
import { TemporaryFolder } from '../../cache/support.js';
import { RuledSite } from '../../support/ruled-site.js';

describe('the fields of a site', () => {
  let folder: TemporaryFolder;
  let sites: RuledSite[];
  beforeEach(() => {
    folder = new TemporaryFolder();
    sites = [];
    for (const name of ['index.html', 'about.html', 'assets/app.123.js', 'docs/a.txt', 'x.foo'])
      folder.write(name, name);
  });
  afterEach(() => {
    for (const site of sites) site.close();
    folder.remove();
  });

  async function load(options: Omit<SiteOptions, 'folder'>, how = {}): Promise<RuledSite> {
    const site = await RuledSite.load(folder, options, how);
    sites.push(site);
    return site;
  }

  const NO_DEFAULTS = ['cache-control', 'server-timing', 'access-control-allow-origin', 'content-security-policy'];

  it('are none by default: no max-age, no timing, no origin', async () => {
    const { fields } = await (await load({})).get('/');
    expect(fields).to.not.have.any.keys(...NO_DEFAULTS);
    expect(fields).to.include.keys('etag', 'last-modified', 'accept-ranges');
  });

  const headers = [
    { match: '/**', set: { 'X-All': 'yes', 'Cache-Control': 'no-cache' } },
    { match: '/assets/**', set: { 'cache-control': 'max-age=31536000, immutable' } },
    { match: '*.txt', set: { 'X-All': null, 'X-Text': 'a: b' } },
    { match: '/about', set: { 'X-About': 'clean' } },
  ];

  for (const lazily of [false, true]) {
    it(`come from all rules that fit, the later one wins, and null takes away (${lazily ? 'lazy' : 'eager'})`, async () => {
      const site = await load({ headers, cleanUrls: true }, { lazily });
      expect((await site.get('/')).fields).to.include({ 'x-all': 'yes', 'cache-control': 'no-cache' });
      expect((await site.get('/assets/app.123.js')).fields).to.include({
        'cache-control': 'max-age=31536000, immutable',
      });
      const { fields } = await site.get('/docs/a.txt');
      expect(fields).to.include({ 'x-text': 'a: b' }).and.not.have.any.keys('x-all');
      expect((await site.get('/about')).fields).to.include({ 'x-about': 'clean' });
      expect((await site.get('/docs')).fields).to.include({ location: '/docs/', 'x-all': 'yes' });
      expect((await site.get('/about.html?q')).fields).to.include({ location: '/about?q', 'x-all': 'yes' });
    });
  }

  for (const lazily of [false, true]) {
    it(`have hints of what a page loads first, if the site wants them (${lazily ? 'lazy' : 'eager'})`, async () => {
      folder.write('page/index.html', '<link rel=stylesheet href=s.css><script src=/assets/app.123.js></script>');
      const link = '</page/s.css>; rel=preload; as=style, </assets/app.123.js>; rel=preload; as=script';
      expect((await (await load({}, { lazily })).get('/page/')).fields).to.not.have.property('link');
      const site = await load({ hints: true, spa: '/page/index.html' }, { lazily });
      const { fields } = await site.get('/page/');
      expect(fields).to.include({ link });
      expect((await site.get('/page/', 'Range: bytes=0-3')).fields).to.include({ link });
      expect((await site.get('/about.html')).fields).to.not.have.property('link');
      expect((await site.get('/docs/a.txt')).fields).to.not.have.property('link');
      const again = await site.get('/page/', `If-None-Match: ${fields.etag}`);
      expect(again.status).to.equal(304);
      expect(again.fields).to.not.have.property('link');
      if (!lazily) expect((await site.get('/route', 'Accept: text/html')).fields).to.include({ link });
    });
  }

  it('stand in 304, 206 and the answer to HEAD as well, and in errors without those about caching', async () => {
    const site = await load({ headers });
    const { fields } = await site.get('/assets/app.123.js');
    const validated = await site.get('/assets/app.123.js', `If-None-Match: ${fields.etag}`);
    expect([validated.status, validated.fields['cache-control']]).to.deep.equal([304, 'max-age=31536000, immutable']);
    const part = await site.get('/assets/app.123.js', 'Range: bytes=0-1');
    expect([part.status, part.body, part.fields['x-all']]).to.deep.equal([206, 'as', 'yes']);
    expect((await site.ask('HEAD', '/')).fields['x-all']).to.equal('yes');
    const error = await site.get('/none');
    expect([error.status, error.body, error.fields['x-all']]).to.deep.equal([404, '404 Not Found\n', 'yes']);
    expect(error.fields).to.not.have.any.keys('cache-control');
    const refused = await site.ask('POST', '/');
    expect([refused.status, refused.fields['x-all'], refused.fields.allow]).to.deep.equal([
      ...[405, 'yes', 'GET, HEAD, OPTIONS'],
    ]);
  });

  for (const lazily of [false, true]) {
    it(`about caching are in a redirect only where a rule means its path alone (${lazily ? 'lazy' : 'eager'})`, async () => {
      folder.write('old/index.html', 'old');
      const kept = { match: '/old', set: { 'Cache-Control': 'max-age=60' } };
      const site = await load({ headers: [...headers, kept] }, { lazily });
      const redirect = await site.get('/assets');
      expect([redirect.status, redirect.fields.location, redirect.fields['x-all']]).to.deep.equal([
        ...[301, '/assets/', 'yes'],
      ]);
      expect(redirect.fields).to.not.have.any.keys('cache-control');
      expect((await site.get('/old')).fields).to.include({ location: '/old/', 'cache-control': 'max-age=60' });
    });
  }

  it('say Vary: Accept where Accept decides: the page of an application, and a 404 in its place', async () => {
    const site = await load({ spa: true, redirects: [{ from: '/was/*', to: '/is/:splat' }] });
    const html = 'Accept: text/html';
    expect((await site.get('/app/any', html)).fields.vary).to.contain('Accept');
    expect((await site.get('/app/any')).fields.vary).to.equal('Accept');
    for (const path of ['/was/here', '/docs']) {
      const { status, fields } = await site.get(path, html);
      expect([status, fields.vary], path).to.deep.equal([301, undefined]);
    }
    expect((await site.ask('OPTIONS', '/')).fields).to.not.have.any.keys('vary');
  });

  it('let scripts of other origins read, and answer their preflights for every path', async () => {
    const site = await load({ cors: true, redirects: [{ from: '/old/*', to: '/docs/:splat' }] });
    const origin = 'Origin: https://other.example';
    for (const path of ['/', '/docs', '/none', '/old/a.txt', '/old/a.txt?x']) {
      expect((await site.get(path, origin)).fields['access-control-allow-origin'], path).to.equal('*');
    }
    expect((await site.get('/')).fields['access-control-expose-headers']).to.contain('Content-Range');
    for (const path of ['/', '/none', '*']) {
      const { status, fields } = await site.ask('OPTIONS', path, origin, 'Access-Control-Request-Method: GET');
      expect([status, fields]).to.deep.equal([
        200,
        {
          date: fields.date,
          server: 'test',
          allow: 'GET, HEAD, OPTIONS',
          'access-control-allow-origin': '*',
          'access-control-expose-headers': (await site.get('/')).fields['access-control-expose-headers'],
          'access-control-allow-methods': 'GET, HEAD, OPTIONS',
          'access-control-allow-headers': '*',
          'access-control-max-age': '86400',
          'content-length': '0',
        },
      ]);
    }
  });

  it('name the one origin that may read, which needs no Vary', async () => {
    const { fields } = await (await load({ cors: 'https://app.example' })).get('/');
    expect(fields).to.include({ 'access-control-allow-origin': 'https://app.example' }).and.not.have.any.keys('vary');
  });

  it('do not let OPTIONS tell of a path that is not there, where no other origin may read', async () => {
    expect((await (await load({})).ask('OPTIONS', '/none')).status).to.equal(404);
  });

  it('have the types of the site', async () => {
    const site = await load({ types: { FOO: 'text/x-foo', js: 'application/x-own' } });
    expect((await site.get('/x.foo')).fields['content-type']).to.equal('text/x-foo; charset=utf-8');
    expect((await site.get('/assets/app.123.js')).fields['content-type']).to.equal('application/x-own');
  });

  it('may lack ETag: then the date validates', async () => {
    const site = await load({ etag: false });
    const { fields } = await site.get('/');
    expect(fields).to.not.have.any.keys('etag');
    const since = `If-Modified-Since: ${new Date(784_115_377_000).toUTCString()}`;
    folder.write('index.html', 'index.html', 784_100_000);
    await site.refresh('/index.html');
    folder.write('old.txt', 'old', 784_000_000);
    await site.refresh('/old.txt');
    const validated = await site.get('/old.txt', since);
    expect(validated.status).to.equal(304);
    expect(validated.fields['last-modified']).to.equal(new Date(784_000_000_000).toUTCString());
    expect((await site.get('/old.txt', 'If-None-Match: "x"', since)).status).to.equal(200);
    expect((await site.get('/old.txt', 'If-Match: "x"')).status).to.equal(412);
    folder.write('old.txt', 'new', 784_000_000);
    await site.refresh('/old.txt');
    expect((await site.get('/old.txt')).body).to.equal('new');
  });

  it('may lack Last-Modified, or any validator: then an answer is always whole', async () => {
    folder.write('old.txt', 'old', 784_000_000);
    const undated = await load({ lastModified: false });
    const { fields } = await undated.get('/old.txt');
    expect(fields).to.include.keys('etag').and.not.have.any.keys('last-modified');
    const since = `If-Modified-Since: ${new Date(784_115_377_000).toUTCString()}`;
    expect((await undated.get('/old.txt', since)).status).to.equal(200);
    expect((await undated.get('/old.txt', `If-None-Match: ${fields.etag}`)).status).to.equal(304);
    const bare = await load({ lastModified: false, etag: false });
    expect((await bare.get('/old.txt')).fields).to.not.have.any.keys('etag', 'last-modified');
    for (const field of [since, 'If-None-Match: *']) expect((await bare.get('/old.txt', field)).status).to.equal(200);
    expect((await bare.get('/old.txt', 'Range: bytes=1-1')).body).to.equal('l');
  });

  it('say how the cache did, if the site wants it', async () => {
    const timing = async (site: RuledSite, path: string, ...fields: string[]) =>
      (await site.get(path, ...fields)).fields['server-timing'];
    const site = await load({ serverTiming: true }, { lazily: true });
    expect(await timing(site, '/docs/a.txt')).to.equal('cache;desc=read');
    expect(await timing(site, '/docs/a.txt')).to.equal('cache;desc=hit');
    expect(await timing(site, '/docs/a.txt', 'Connection: close')).to.equal('cache;desc=hit');
    expect(await timing(site, '/docs/a.txt', 'Range: bytes=0-0')).to.equal('cache;desc=hit');
    expect(await timing(site, '/none')).to.equal('cache;desc=miss');
    const connection = site.bench.feed(['GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n']);
    for (let i = 0; i < 20; i++) {
      site.worker.turn();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([connection.closing, /^Connection: close\r$/m.test(connection.sent)]).to.deep.equal([true, true]);
  });

  it('are made by a few rules for many files, which share their heads', () => {
    const rules = new SiteRules({ folder: '/', headers });
    expect(rules.headOf('/a.txt', ['/a.txt'])).to.equal(rules.headOf('/b/c.txt', ['/b/c.txt']));
    expect(new SiteRules({ folder: '/' }).headOf('/a.txt', ['/a.txt'])).to.equal(undefined);
  });
});
