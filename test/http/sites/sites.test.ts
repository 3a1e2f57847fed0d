import { expect } from 'chai';
import type { Store } from '../../../src/cache/library/store.js';
import { ONE_SITE, Sites, type SiteTable } from '../../../src/http/sites/sites.js';
import { HttpBench, waysToCut } from '../../support/http-bench.js';
import { makeSite } from '../../support/site.js';

const TABLE: SiteTable = {
  sites: [{}, {}],
  hosts: [
    { name: 'one.example', site: 0 },
    { name: 'www.one.example', site: 0, redirectTo: 'one.example' },
    { name: 'old.example', site: 1, redirectTo: 'two.example', redirectStatus: 308 },
    { name: 'two.example', site: 1 },
    { name: '*.two.example', site: 1 },
    { name: '[2001:DB8:0::1]', site: 1 },
  ],
  defaultSite: 0,
  unknownHost: 'default',
};

const RULES: SiteTable = {
  ...ONE_SITE,
  sites: [
    {
      redirects: [
        { from: '/old/*', to: '/new/:splat', status: 308 },
        { from: '/away/*', to: 'https://example.org/:splat?from=us#top', status: 302 },
        { from: '/part/*', to: '/a#:splat', status: 307 },
      ],
      rewrites: [
        { from: '/user/:name', to: '/a' },
        { from: '/files/*', to: '/:splat' },
      ],
    },
  ],
};

const benchOf = (store: Store, table: SiteTable) => new HttpBench(store, {}, undefined, table);

const get = (host: string, path = '/', ...fields: string[]) =>
  `${[`GET ${path} HTTP/1.1`, ...(host === '' ? [] : [`Host: ${host}`]), ...fields].join('\r\n')}\r\n\r\n`;

describe('sites', () => {
  let store: Store;
  before(async () => {
    const html = 'text/html';
    const made = await makeSite({
      files: { '/': { content: 'site one' }, '/a': { content: 'file a', etag: 'aaa' }, '/x.y': { content: 'dotted' } },
      others: [
        { '/': { content: 'site two' } },
        {
          '/': { content: 'app', contentType: html, etag: 'app' },
          'fallback:': { content: 'app', contentType: html, etag: 'app' },
          'error:404': { content: '<p>not here', contentType: html },
          'error:405': { content: '<p>not so', contentType: html },
          'error:412': { content: '<p>made for it', contentType: html, status: 412, etag: 'own' },
        },
      ],
    });
    store = made.store;
  });

  function answerOf(request: string, table: SiteTable = TABLE): string {
    const answers = [...waysToCut(request)].map(([, parts]) => benchOf(store, table).feed(parts).sent);
    expect(new Set(answers)).to.have.length(1);
    return answers[0]!;
  }

  const bodyOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4);
  const lineOf = (answer: string, name: string) => new RegExp(`^${name}: (.*)\r$`, 'm').exec(answer)?.[1];

  describe('a host', () => {
    for (const [host, site] of [
      ['one.example', 'one'],
      ['ONE.example.:8080', 'one'],
      ['two.example', 'two'],
      ['a.b.two.example', 'two'],
      ['[2001:db8::1]:80', 'two'],
      ['other.example', 'one'],
    ] as const) {
      it(`${host} leads to site ${site}`, () => {
        expect(bodyOf(answerOf(get(host)))).to.equal(`site ${site}`);
      });
    }

    it('in an absolute-form target replaces Host (RFC 9112 section 3.2.2)', () => {
      expect(bodyOf(answerOf(get('one.example', 'http://two.example/')))).to.equal('site two');
      expect(bodyOf(answerOf(get('two.example', 'http://one.example:80?q')))).to.equal('site one');
    });

    it('does not stay for the next request of the connection', () => {
      const text = get('one.example') + get('two.example') + get('one.example', 'http://two.example') + get('x');
      const { sent } = benchOf(store, TABLE).feed([text]);
      expect(sent.match(/site (one|two)/g)).to.deep.equal(['site one', 'site two', 'site two', 'site one']);
    });

    it('has only the objects of its site, for OPTIONS too', () => {
      expect(answerOf(get('two.example', '/a'))).to.match(/^HTTP\/1.1 404 /);
      expect(answerOf(get('two.example', '/a').replace('GET', 'OPTIONS'))).to.match(/^HTTP\/1.1 404 /);
      expect(answerOf(get('one.example', '/a').replace('GET', 'OPTIONS'))).to.match(/^HTTP\/1.1 200 /);
    });

    it('leads where a new table says, from the next request on', () => {
      const bench = benchOf(store, TABLE);
      const connection = bench.feed([get('two.example')]);
      bench.sites.use({ ...TABLE, hosts: [{ name: 'two.example', site: 0 }] });
      connection.deliver(get('two.example'));
      bench.sites.use(ONE_SITE);
      connection.deliver(get('two.example'));
      expect(connection.sent.match(/site (one|two)/g)).to.deep.equal(['site two', 'site one', 'site one']);
    });
  });

  describe('an unknown host', () => {
    const misdirected: SiteTable = { ...TABLE, unknownHost: 'misdirected' };
    const close: SiteTable = { ...TABLE, unknownHost: 'close' };
    const old = 'GET / HTTP/1.0\r\n\r\n';

    it('may get 421, and its connection goes on', () => {
      const { sent, closing } = benchOf(store, misdirected).feed([get('x.example'), get('two.example')]);
      expect(sent.match(/HTTP\/1.1 \d+ /g)).to.deep.equal(['HTTP/1.1 421 ', 'HTTP/1.1 200 ']);
      expect(closing).to.equal(false);
    });

    it('may get no answer, and the end', () => {
      const bench = benchOf(store, close);
      const { sent, closing } = bench.feed([get('x.example') + get('two.example')]);
      expect([sent, closing, bench.statistics.unknownHosts]).to.deep.equal(['', true, 1]);
    });

    it('is what a request of HTTP/1.0 without Host has', () => {
      expect(answerOf(old, misdirected)).to.match(/^HTTP\/1.1 421 /);
      expect(answerOf(old, close)).to.equal('');
      expect(bodyOf(answerOf(old))).to.equal('site one');
    });

    it('is refused for other methods too', () => {
      expect(answerOf(get('x', '*').replace('GET', 'OPTIONS'), misdirected)).to.match(/^HTTP\/1.1 421 /);
    });

    it('does not exist where there are no host names', () => {
      expect(bodyOf(answerOf(get('x'), { ...ONE_SITE, unknownHost: 'close' }))).to.equal('site one');
    });
  });

  describe('an alias', () => {
    const location = (request: string) => lineOf(answerOf(request), 'Location');

    it('is redirected with path, query and port', () => {
      expect(answerOf(get('www.one.example', '/a/../%41?b=c'))).to.match(/^HTTP\/1.1 301 Moved Permanently\r\n/);
      expect(location(get('www.one.example', '/a/../%41?b=c'))).to.equal('http://one.example/a/../%41?b=c');
      expect(location(get('WWW.one.example.:8080', '//evil'))).to.equal('http://one.example:8080//evil');
      expect(location(get('www.one.example:', '/'))).to.equal('http://one.example/');
    });

    it('is redirected from an absolute-form target', () => {
      expect(location(get('one.example', 'http://www.one.example:81/a?b'))).to.equal('http://one.example:81/a?b');
      expect(location(get('one.example', 'http://www.one.example?b'))).to.equal('http://one.example/?b');
      expect(location(get('one.example', 'http://www.one.example'))).to.equal('http://one.example/');
    });

    it('has its own status', () => {
      expect(answerOf(get('old.example'))).to.match(/^HTTP\/1.1 308 Permanent Redirect\r\n/);
    });

    it('is escaped in Location', () => {
      expect(location(get('www.one.example', '/"\xc3\xbc"'))).to.equal('http://one.example/"%C3%BC"');
    });

    it('is not redirected for a method that is not served', () => {
      expect(answerOf(get('www.one.example').replace('GET', 'PUT'))).to.match(/^HTTP\/1.1 405 /);
    });
  });

  describe('a miss', () => {
    const app: SiteTable = { ...ONE_SITE, sites: [{}, {}, {}], defaultSite: 2 };
    const html = 'Accept: image/png, text/html;q=0.9';

    it('is redirected by a pattern, with the query', () => {
      const answer = answerOf(get('x', '/old/a%20b?c=d'), RULES);
      expect(answer).to.match(/^HTTP\/1.1 308 /);
      expect(lineOf(answer, 'Location')).to.equal('/new/a%20b?c=d');
      expect(lineOf(answerOf(get('x', '/away/a?b'), RULES), 'Location')).to.equal('https://example.org/a?from=us#top');
      expect(lineOf(answerOf(get('x', '/part/2?b'), RULES), 'Location')).to.equal('/a?b#2');
    });

    it('is answered by the object of a rewritten path, which keeps its validators', () => {
      expect(bodyOf(answerOf(get('x', '/user/42'), RULES))).to.equal('file a');
      expect(answerOf(get('x', '/user/42', 'If-None-Match: "aaa"'), RULES)).to.match(/^HTTP\/1.1 304 /);
      expect(bodyOf(answerOf(get('x', '/files/x.y?z'), RULES))).to.equal('dotted');
      expect(answerOf(get('x', '/files/none'), RULES)).to.match(/^HTTP\/1.1 404 /);
    });

    it('is answered by the page of a single-page application, to who takes HTML', () => {
      const answer = answerOf(get('x', '/people/42?tab=1', html), app);
      expect(answer).to.match(/^HTTP\/1.1 200 /);
      expect([bodyOf(answer), lineOf(answer, 'ETag')]).to.deep.equal(['app', '"app"']);
      expect(answerOf(get('x', '/people/42', html, 'If-None-Match: "app"'), app)).to.match(/^HTTP\/1.1 304 /);
    });

    for (const [what, path, ...fields] of [
      ['who takes anything', '/people', 'Accept: */*'],
      ['who says nothing of it', '/people'],
      ['who refuses HTML', '/people', 'Accept: text/html;q=0.0, */*'],
      ['a file that is missing', '/app/main.js', html],
      ['a path that cannot be', '/a%2Fb', html],
    ] as const) {
      it(`is 404 with the site's page to ${what}`, () => {
        const answer = answerOf(get('x', path, ...fields), app);
        expect(answer).to.match(/^HTTP\/1.1 404 Not Found\r\n/);
        expect(bodyOf(answer)).to.equal('<p>not here');
        expect(lineOf(answer, 'Content-Type')).to.equal('text/html');
        expect(lineOf(answer, 'ETag')).to.equal(undefined);
      });
    }

    it('has an error page for HEAD without its payload', () => {
      const answer = answerOf(get('x', '/no.js').replace('GET', 'HEAD'), app);
      expect([bodyOf(answer), lineOf(answer, 'Content-Length')]).to.deep.equal(['', '11']);
    });

    it('leaves Allow on the page for 405', () => {
      const answer = answerOf(get('x').replace('GET', 'DELETE'), app);
      expect([lineOf(answer, 'Allow'), bodyOf(answer)]).to.deep.equal(['GET, HEAD, OPTIONS', '<p>not so']);
    });

    it('sends a page that was made for its status with all its fields', () => {
      const answer = answerOf(get('x', '/', 'If-Match: "other"'), app);
      expect(answer).to.match(/^HTTP\/1.1 412 /);
      expect([lineOf(answer, 'ETag'), bodyOf(answer)]).to.deep.equal(['"own"', '<p>made for it']);
    });

    it('finds no internal name by a target', () => {
      for (const target of ['error:404', 'fallback:', '/error:404', '/fallback:', 'http://x/error:404']) {
        expect(answerOf(get('x', target), app), target).to.match(/^HTTP\/1.1 40[04] /);
      }
    });

    it('is counted by what became of it', () => {
      const bench = benchOf(store, RULES);
      bench.feed([get('x', '/old/a') + get('x', '/user/1') + get('x', '/none')]);
      const { cacheMisses, patternRedirects, rewritten, clientErrors } = bench.statistics;
      expect([cacheMisses, patternRedirects, rewritten, clientErrors]).to.deep.equal([3, 1, 1, 1]);
    });
  });

  for (const [what, table] of [
    ['a default site that is not there', { ...ONE_SITE, defaultSite: 1 }],
    ['a host of a site that is not there', { ...ONE_SITE, hosts: [{ name: 'a', site: 1 }] }],
    ['a rule that cannot be', { ...ONE_SITE, sites: [{ rewrites: [{ from: 'a', to: '/b' }] }] }],
  ] as const) {
    it(`refuses a table with ${what}`, () => {
      const sites = new Sites(TABLE);
      expect(() => sites.use(table)).to.throw(RangeError);
      expect(sites.isSingle).to.equal(false);
    });
  }
});
