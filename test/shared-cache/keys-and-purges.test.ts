import { expect } from 'chai';
import { counting, withCache } from './support.js';

const FRESH = { 'Cache-Control': 'max-age=60' };

describe('cache keys', () => {
  it('have the host, if that is not left out', async () => {
    await withCache(counting(FRESH), async (world) => {
      await world.get('/a');
      expect((await world.get('/a', { host: 'EXAMPLE.org' })).body).to.equal('answer 1');
      expect((await world.get('/a', { host: 'example.org:80' })).body).to.equal('answer 1');
      expect((await world.get('/a', { host: 'other.example' })).body).to.equal('answer 2');
    });
    await withCache(
      counting(FRESH),
      async (world) => {
        await world.get('/a');
        expect((await world.get('/a', { host: 'other.example' })).body).to.equal('answer 1');
      },
      { key: { host: false } },
    );
  });

  it('leave out query parameters that are dropped, and can sort the rest', () =>
    withCache(
      counting(FRESH),
      async (world) => {
        await world.get('/a?b=2&utm_source=x&a=1');
        expect((await world.get('/a?a=1&b=2&utm_medium=y&fbclid=z')).body).to.equal('answer 1');
        expect((await world.get('/a?a=1&b=3')).body).to.equal('answer 2');
        expect(world.asked[0]?.target).to.equal('/a?b=2&utm_source=x&a=1');
      },
      { key: { query: { drop: ['utm_*', 'fbclid'], sort: true } } },
    ));

  it('can have only the query parameters that are kept', () =>
    withCache(
      counting(FRESH),
      async (world) => {
        await world.get('/a?page=1&x=1');
        expect((await world.get('/a?page=1')).body).to.equal('answer 1');
        expect((await world.get('/a')).body).to.equal('answer 2');
      },
      { key: { query: { keep: ['page'] } } },
    ));

  it('can have header fields and cookies', () =>
    withCache(
      counting(FRESH),
      async (world) => {
        await world.get('/a', { 'X-Tenant': 'one', Cookie: 'theme=dark; session=1' });
        expect((await world.get('/a', { 'X-Tenant': 'one', Cookie: 'session=2; theme=dark' })).body).to.equal(
          'answer 1',
        );
        expect((await world.get('/a', { 'X-Tenant': 'one', Cookie: 'theme=light' })).body).to.equal('answer 2');
        expect((await world.get('/a', { 'X-Tenant': 'two', Cookie: 'theme=dark' })).body).to.equal('answer 3');
      },
      { key: { headers: ['X-Tenant'], cookies: ['theme'] } },
    ));
});

describe('a purge', () => {
  const tagged = (url = '') => ({ ...FRESH, 'Surrogate-Key': `all ${url.slice(1, 2)}`, 'Cache-Tag': 'x, y z' });

  it('by URL, prefix and tag takes away what it names, and says how much', () =>
    withCache(
      (request, response, count) => response.writeHead(200, tagged(request.url)).end(`answer ${count}`),
      async (world) => {
        const paths = ['/a/1', '/a/2', '/b/1', '/c/1'];
        const fill = async () => {
          const bodies = [];
          for (const path of paths) bodies.push((await world.get(path)).body.slice(7));
          return bodies.join();
        };
        const host = 'example.org';
        expect(await fill()).to.equal('1,2,3,4');
        expect(world.cache.purge({ by: 'url', host, target: '/a/1' })).to.equal(1);
        expect(await fill()).to.equal('5,2,3,4');
        expect(world.cache.purge({ by: 'prefix', host, target: '/a/' })).to.equal(2);
        expect(await fill()).to.equal('6,7,3,4');
        expect(world.cache.purge({ by: 'tag', tag: 'b' })).to.equal(1);
        expect(await fill()).to.equal('6,7,8,4');
        expect(world.cache.purge({ by: 'tag', tag: 'z' })).to.equal(4);
        expect(world.cache.purge({ by: 'tag', tag: 'all' })).to.equal(0);
        expect(world.cache.purge({ by: 'url', host: 'other.example', target: '/a/1' })).to.equal(0);
        await fill();
        expect(world.cache.purge({ by: 'all' })).to.equal(4);
        expect(world.cache.size).to.include({ answers: 0, bytes: 0 });
      },
    ));

  it('without a host concerns all hosts, and with a query that URL alone', () =>
    withCache(counting(FRESH), async (world) => {
      for (const host of ['a.example', 'b.example:8080']) {
        for (const path of ['/x', '/x?q=1', '/xy']) await world.get(path, { host });
      }
      const { cache } = world;
      expect(cache.purge({ by: 'url', target: '/x' })).to.equal(2);
      expect(cache.purge({ by: 'url', host: 'B.example:8080', target: '/x?q=1' })).to.equal(1);
      expect(cache.purge({ by: 'url', host: 'b.example', target: '/xy' })).to.equal(0);
      expect(cache.purge({ by: 'prefix', scheme: 'https', target: '/' })).to.equal(0);
      expect(cache.purge({ by: 'prefix', scheme: 'http', target: '/x' })).to.equal(3);
    }));

  it('names a URL as the key is shaped: without what the key leaves out', () =>
    withCache(
      counting(FRESH),
      async (world) => {
        await world.get('/a?utm_source=x&b=1');
        expect(world.cache.purge({ by: 'url', host: 'other.example', target: '/a?b=1&utm_medium=y' })).to.equal(1);
      },
      { key: { host: false, scheme: false, query: { drop: ['utm_*'] } } },
    ));

  it('takes away all variants of a URL', () =>
    withCache(counting({ ...FRESH, Vary: 'X-Kind' }), async (world) => {
      for (const kind of ['a', 'b']) await world.get('/', { 'X-Kind': kind });
      expect(world.cache.purge({ by: 'url', host: 'example.org', target: '/' })).to.equal(2);
    }));

  it('that is soft has the answer validated, and lets it stand in while the origin fails', () =>
    withCache(
      (request, response, count) => {
        if (count === 3) response.destroy();
        else if (request.headers['if-none-match'] === '"v1"') response.writeHead(304, { ETag: '"v1"' }).end();
        else response.writeHead(200, { ...FRESH, ETag: '"v1"' }).end('text');
      },
      async (world) => {
        await world.get('/a');
        world.cache.purge({ by: 'all' }, 'soft');
        const validated = await world.get('/a');
        expect(validated.headers['cache-status']).to.equal('fastpath; fwd=stale; fwd-status=304; stored');
        expect((await world.get('/a')).headers['cache-status']).to.equal('fastpath; hit; ttl=60');
        world.cache.purge({ by: 'all' }, 'soft');
        expect((await world.get('/a')).headers['cache-status']).to.contain('stale-if-error');
      },
    ));

  it('concerns an answer that is under way: it is not stored', () => {
    const held: (() => void)[] = [];
    return withCache(
      (_request, response, count) => {
        held.push(() => response.writeHead(200, { ...FRESH, 'Cache-Tag': 'news' }).end(`answer ${count}`));
      },
      async (world) => {
        const first = world.get('/a');
        while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
        expect(world.cache.purge({ by: 'tag', tag: 'news' })).to.equal(0);
        held[0]?.();
        await first;
        expect(world.cache.size.answers).to.equal(0);
      },
    );
  });

  it('keeps tags from clients, also after a 304 has freshened the answer', () =>
    withCache(
      (request, response) => {
        const isKnown = request.headers['if-none-match'] !== undefined;
        response.writeHead(isKnown ? 304 : 200, { ETag: '"1"', ...(isKnown ? FRESH : tagged()) }).end();
      },
      async (world) => {
        expect((await world.get('/a')).headers).to.not.have.any.keys('surrogate-key', 'cache-tag');
        world.clock.advance(60);
        expect((await world.get('/a')).headers).to.not.have.any.keys('surrogate-key', 'cache-tag');
        expect(world.cache.purge({ by: 'tag', tag: 'all' })).to.equal(1);
      },
    ));
});

describe('the memory of the shared cache', () => {
  it('never exceeds its bound; what is asked for again stays', () =>
    withCache(
      (_request, response) => response.writeHead(200, FRESH).end('x'.repeat(10_000)),
      async (world) => {
        for (let i = 0; i < 100; i++) {
          await world.get(`/${i}`);
          for (let again = 0; again < 2; again++) await world.get('/0');
          expect(world.cache.size.bytes).to.be.at.most(200_000);
        }
        expect(world.cache.size.evicted).to.be.greaterThan(80);
        await world.get('/0');
        expect(world.asked).to.have.length(100);
      },
      { memoryBytes: 200_000 },
    ));

  it('takes no answer that is longer than it may be, with and without a Content-Length', () =>
    withCache(
      (request, response) => {
        if (request.url === '/told') response.setHeader('Content-Length', '1001');
        response.writeHead(200, FRESH);
        response.write('x');
        response.end('x'.repeat(1_000));
      },
      async (world) => {
        for (const path of ['/told', '/chunked']) expect((await world.get(path)).body).to.have.length(1_001);
        expect(world.cache.size).to.include({ answers: 0, bytes: 0 });
      },
      { objectBytes: 1_000 },
    ));
});

describe('what is published for the data path', () => {
  it('is what every client may have, until it expires', () =>
    withCache(counting({ 'Cache-Control': 'max-age=60', Age: '10' }), async (world) => {
      await world.get('/a?x=1');
      const published = world.publisher.answers.get('http://example.org/a?x=1');
      const now = world.clock.seconds;
      expect(published).to.include({ status: 200, born: now - 10, until: now + 50 });
      expect(Buffer.from(published?.body ?? []).toString()).to.equal('answer 1');
    }));

  it('is published again when a request for it comes here all the same, at most once a second', () =>
    withCache(counting({ 'Cache-Control': 'max-age=60' }), async (world) => {
      await world.get('/a?b');
      expect(world.publisher.puts).to.equal(1);
      world.publisher.answers.clear(); // it gave way to other objects
      await world.get('/a?b');
      expect(world.publisher.puts).to.equal(1);
      world.clock.advance(1);
      for (let i = 0; i < 3; i++) await world.get('/a?b');
      expect(world.publisher.puts).to.equal(2);
      expect(world.publisher.answers.get('http://example.org/a?b')).to.include({ until: world.clock.seconds + 59 });
      world.clock.advance(1);
      world.cache.purge({ by: 'all' }, 'soft');
      expect(world.publisher.answers.size).to.equal(0);
    }));

  it('is neither a variant, nor a part, nor what has to be validated each time', () =>
    withCache(
      (request, response) => {
        const [, field = ''] = (request.url ?? '').split('?');
        const [name = '', value = ''] = decodeURIComponent(field).split(':');
        response.writeHead(name === 'Content-Range' ? 206 : 200, { ...FRESH, ETag: '"1"', [name]: value }).end('text');
      },
      async (world) => {
        await world.get('/?Vary:Foo');
        await world.get('/?Cache-Control:no-cache');
        await world.get('/?Content-Range:bytes%200-3/9', { Range: 'bytes=0-3' });
        expect(world.cache.size.answers).to.equal(3);
        expect(world.publisher.answers.size).to.equal(0);
      },
    ));

  it('is withdrawn by a purge of either kind, an unsafe method, a newer answer and an eviction', () =>
    withCache(
      (request, response) => {
        response.writeHead(200, request.method === 'GET' ? FRESH : {}).end('x'.repeat(8_000));
      },
      async (world) => {
        const published = () => [...world.publisher.answers.keys()].map((key) => new URL(key).pathname).join();
        for (const path of ['/a', '/b', '/c']) await world.get(path);
        expect(published()).to.equal('/a,/b,/c');
        world.cache.purge({ by: 'url', host: 'example.org', target: '/a' }, 'soft');
        expect(published()).to.equal('/b,/c');
        await world.ask('/b', { method: 'DELETE' });
        expect(published()).to.equal('/c');
        for (let i = 0; i < 20; i++) await world.get(`/more${i}`);
        expect(published()).to.not.contain('/c');
        expect(world.publisher.answers.size).to.be.at.most(world.cache.size.answers);
      },
      { memoryBytes: 60_000 },
    ));
});
