import { expect } from 'chai';
import { counting, withCache } from './support.js';

describe('the shared cache', () => {
  it('answers from memory while an answer is fresh, with its age and what it did', () =>
    withCache(counting({ 'Cache-Control': 'max-age=60' }), async (world) => {
      const first = await world.get('/a');
      world.clock.advance(25);
      const second = await world.get('/a');
      expect(first.body).to.equal('answer 1');
      expect(first.headers['cache-status']).to.equal('fastpath; fwd=uri-miss; fwd-status=200; stored');
      expect(first.headers.age).to.equal(undefined);
      expect(second.body).to.equal('answer 1');
      expect(second.headers.age).to.equal('25');
      expect(second.headers['cache-status']).to.equal('fastpath; hit; ttl=35');
      expect(second.headers.date).to.equal(first.headers.date);
      expect(world.asked).to.have.length(1);
    }));

  it('asks again at the very second at which an answer expires', () =>
    withCache(counting({ 'Cache-Control': 'max-age=60' }), async (world) => {
      await world.get('/a');
      world.clock.advance(59);
      expect((await world.get('/a')).body).to.equal('answer 1');
      world.clock.advance(1);
      expect((await world.get('/a')).body).to.equal('answer 2');
    }));

  it('counts the age that an answer came with', () =>
    withCache(counting({ 'Cache-Control': 'max-age=60', Age: '50' }), async (world) => {
      await world.get('/a');
      world.clock.advance(5);
      expect((await world.get('/a')).headers.age).to.equal('55');
      world.clock.advance(5);
      expect((await world.get('/a')).body).to.equal('answer 2');
    }));

  it('counts the time that the answer took as part of its age', () =>
    withCache(
      (_request, response, count) => {
        if (count === 1) slow = () => response.writeHead(200, { 'Cache-Control': 'max-age=60' }).end('late');
        else response.end('other');
      },
      async (world) => {
        const first = world.get('/a');
        while (slow === null) await new Promise((resolve) => setImmediate(resolve));
        world.clock.advance(7);
        slow();
        await first;
        expect((await world.get('/a')).headers.age).to.equal('7');
      },
    ));

  it('asks whether a stale answer is still right, and takes over the fields of the 304', () =>
    withCache(
      (request, response) => {
        if (request.headers['if-none-match'] === '"v1"') {
          response.writeHead(304, { ETag: '"v1"', 'Cache-Control': 'max-age=10', 'X-New': 'yes' }).end();
        } else {
          response.writeHead(200, { ETag: '"v1"', 'Cache-Control': 'max-age=5', 'X-Old': 'yes' }).end('text');
        }
      },
      async (world) => {
        await world.get('/a');
        world.clock.advance(6);
        const validated = await world.get('/a');
        expect(validated.status).to.equal(200);
        expect(validated.body).to.equal('text');
        expect(validated.headers).to.include({ 'x-old': 'yes', 'x-new': 'yes', 'cache-control': 'max-age=10' });
        expect(validated.headers['cache-status']).to.equal('fastpath; fwd=stale; fwd-status=304; stored');
        world.clock.advance(9);
        expect((await world.get('/a')).headers.age).to.equal('9');
        expect(world.asked).to.have.length(2);
      },
    ));

  it('asks anew for everything if a 304 speaks of another version', () =>
    withCache(
      (request, response, count) => {
        if (request.headers['if-none-match'] === undefined) {
          response.writeHead(200, { ETag: `"v${count}"`, 'Cache-Control': 'max-age=5' }).end(`text ${count}`);
        } else response.writeHead(304, { ETag: '"other"' }).end();
      },
      async (world) => {
        await world.get('/a');
        world.clock.advance(6);
        expect((await world.get('/a')).body).to.equal('text 3');
      },
    ));

  it('answers 304 to a client that has the stored version already', () =>
    withCache(counting({ 'Cache-Control': 'max-age=60', ETag: '"v1"', 'X-Field': 'large' }), async (world) => {
      await world.get('/a');
      const got = await world.get('/a', { 'If-None-Match': '"v0", W/"v1"' });
      expect(got.status).to.equal(304);
      expect(got.headers.etag).to.equal('"v1"');
      expect(got.headers['x-field']).to.equal(undefined);
      expect((await world.get('/a', { 'If-None-Match': '"v2"' })).status).to.equal(200);
      expect(world.asked).to.have.length(1);
    }));

  it('fills itself with a whole answer though the client asks with a condition, and answers 304', () =>
    withCache(counting({ 'Cache-Control': 'max-age=60', ETag: '"v1"' }), async (world) => {
      expect((await world.get('/a', { 'If-None-Match': '"v1"' })).status).to.equal(304);
      expect(world.asked[0]?.headers['if-none-match']).to.equal(undefined);
      expect((await world.get('/a')).body).to.equal('answer 1');
    }));

  it('keeps an answer for each set of fields that Vary names, whatever their spelling', () =>
    withCache(
      (request, response, count) => {
        response.writeHead(200, { 'Cache-Control': 'max-age=60', Vary: 'Accept-Language' });
        response.end(`${count} ${request.headers['accept-language']}`);
      },
      async (world) => {
        await world.get('/a', { 'Accept-Language': 'de' });
        await world.get('/a', { 'Accept-Language': 'en, fr;q=0.5' });
        expect((await world.get('/a', { 'Accept-Language': 'DE' })).body).to.equal('1 de');
        expect((await world.get('/a', { 'Accept-Language': 'fr; q=0.50,en' })).body).to.equal('2 en, fr;q=0.5');
        const third = await world.get('/a', { 'Accept-Language': 'it' });
        expect(third.headers['cache-status']).to.equal('fastpath; fwd=vary-miss; fwd-status=200; stored');
      },
    ));

  it('keeps no more variants than it may, the newest ones', () =>
    withCache(
      counting({ 'Cache-Control': 'max-age=60', Vary: 'X-Kind' }),
      async (world) => {
        for (const kind of ['a', 'b', 'c']) await world.get('/', { 'X-Kind': kind });
        expect(world.cache.size.answers).to.equal(2);
        await world.get('/', { 'X-Kind': 'c' });
        await world.get('/', { 'X-Kind': 'b' });
        expect(world.asked).to.have.length(3);
      },
      { variants: 2 },
    ));

  it('sends a stale answer at once and refreshes it in the background where that is allowed', () =>
    withCache(counting({ 'Cache-Control': 'max-age=10, stale-while-revalidate=20' }), async (world) => {
      await world.get('/a');
      world.clock.advance(15);
      const stale = await world.get('/a');
      expect(stale.body).to.equal('answer 1');
      expect(stale.headers['cache-status']).to.equal('fastpath; hit; ttl=-5; detail=stale-while-revalidate');
      expect((await world.get('/a')).body).to.equal('answer 2');
      expect(world.asked).to.have.length(2);
    }));

  it('sends a stale answer while the origin fails, unless the answer forbids it', () =>
    withCache(
      (request, response, count) => {
        const [, field = ''] = (request.url ?? '').split('?');
        if (count > 3) response.destroy(new Error('gone'));
        else response.writeHead(200, { 'Cache-Control': `max-age=10, ${field}` }).end('text');
      },
      async (world) => {
        for (const path of ['/?', '/?must-revalidate', '/?stale-if-error=5']) await world.get(path);
        world.clock.advance(16);
        const silent = await world.get('/?');
        expect(silent.body).to.equal('text');
        expect(silent.headers['cache-status']).to.equal('fastpath; hit; ttl=-6; detail=stale-if-error');
        expect((await world.get('/?must-revalidate')).status).to.equal(504);
        expect((await world.get('/?stale-if-error=5')).status).to.equal(502);
        world.clock.advance(100);
        expect((await world.get('/?')).status).to.equal(502);
      },
    ));

  it('sends no stored error in place of another error', () =>
    withCache(
      (_request, response, count) => {
        response.writeHead(502, { 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }).end(`error ${count}`);
      },
      async (world) => {
        await world.get('/a');
        expect((await world.get('/a')).body).to.equal('error 2');
      },
    ));

  it('keeps an error for as long as the operator says, where the error says nothing', () =>
    withCache(
      (_request, response, count) => response.writeHead(404).end(`no ${count}`),
      async (world) => {
        await world.get('/a');
        world.clock.advance(9);
        expect((await world.get('/a')).body).to.equal('no 1');
        world.clock.advance(1);
        expect((await world.get('/a')).body).to.equal('no 2');
      },
      { lifetimes: { 404: 10 } },
    ));

  for (const [what, headers, sent] of [
    ['private', { 'Cache-Control': 'private, max-age=60' }, {}],
    ['no-store', { 'Cache-Control': 'no-store, max-age=60' }, {}],
    ['Set-Cookie', { 'Cache-Control': 'max-age=60', 'Set-Cookie': 'a=b' }, {}],
    ['Vary: *', { 'Cache-Control': 'max-age=60', Vary: 'Foo, *' }, {}],
    ['nothing about its freshness', {}, {}],
    ['max-age to a request with Authorization', { 'Cache-Control': 'max-age=60' }, { Authorization: 'x' }],
    ['max-age to a request with no-store', { 'Cache-Control': 'max-age=60' }, { 'Cache-Control': 'no-store' }],
  ] as const) {
    it(`does not store an answer that says ${what}`, () =>
      withCache(counting(headers), async (world) => {
        await world.get('/a', sent);
        expect((await world.get('/a')).body).to.equal('answer 2');
      }));
  }

  it('counts why an answer is not stored, and says it in Cache-Status', () => {
    const told: Readonly<Record<string, Record<string, string>>> = {
      '/authorization': { 'Cache-Control': 'max-age=60' },
      '/set-cookie': { 'Cache-Control': 'max-age=60', 'Set-Cookie': 'a=b' },
      '/private': { 'Cache-Control': 'private' },
      '/no-store': { 'Cache-Control': 'no-store' },
      '/vary': { 'Cache-Control': 'max-age=60', Vary: '*' },
      '/no-lifetime': {},
      '/too-long': { 'Cache-Control': 'max-age=60', 'Content-Length': '2000' },
    };
    return withCache(
      (request, response) => response.writeHead(200, told[request.url ?? '']).end('x'.repeat(2_000)),
      async (world) => {
        for (const path of Object.keys(told)) {
          const { headers } = await world.get(path, path === '/authorization' ? { Authorization: 'Basic x' } : {});
          expect(headers['cache-status'], path).to.match(new RegExp(`detail=${path.slice(1)}$`));
        }
        expect(world.cache.statistics).to.include({
          ...{ stored: 0, misses: 7, refusedAuthorization: 1, refusedSetCookie: 1, refusedPrivate: 1 },
          ...{ refusedNoStore: 1, refusedVary: 1, refusedNoLifetime: 1, refusedTooLong: 1, refusedStatus: 0 },
        });
      },
      { objectBytes: 1_000 },
    );
  });

  it('stores an answer to a request with Authorization that is public, and gives it to others', () =>
    withCache(counting({ 'Cache-Control': 'public, max-age=60' }), async (world) => {
      await world.get('/a', { Authorization: 'x' });
      expect((await world.get('/a')).body).to.equal('answer 1');
    }));

  it('stores an answer without its Set-Cookie where the operator has that stripped, and never sends the cookie', () =>
    withCache(
      counting({ 'Cache-Control': 'max-age=60', 'Set-Cookie': 'a=b' }),
      async (world) => {
        expect((await world.get('/a')).headers['set-cookie']).to.equal(undefined);
        const second = await world.get('/a');
        expect(second.body).to.equal('answer 1');
        expect(second.headers['set-cookie']).to.equal(undefined);
      },
      { setCookie: 'strip' },
    ));

  it('leaves fields out of what it stores that no-cache and private name', () =>
    withCache(
      counting({
        'Cache-Control': 'max-age=60, private="X-A", no-cache="x-b, x-c"',
        'X-A': '1',
        'X-B': '2',
        'X-D': '3',
      }),
      async (world) => {
        expect((await world.get('/a')).headers).to.include({ 'x-a': '1', 'x-b': '2', 'x-d': '3' });
        const { headers } = await world.get('/a');
        expect(headers).to.include({ 'x-d': '3' }).and.not.have.any.keys('x-a', 'x-b');
      },
    ));

  it('lets clients ask for fresher answers only where the operator allows it', async () => {
    const origin = counting({ 'Cache-Control': 'max-age=60' });
    await withCache(origin, async (world) => {
      await world.get('/a');
      expect((await world.get('/a', { 'Cache-Control': 'no-cache' })).body).to.equal('answer 1');
    });
    await withCache(
      origin,
      async (world) => {
        await world.get('/a');
        world.clock.advance(30);
        const get = async (value: string) => (await world.get('/a', { 'Cache-Control': value })).body;
        expect(await get('max-age=30')).to.equal('answer 1');
        expect(await get('min-fresh=30')).to.equal('answer 1');
        expect(await get('max-age=29')).to.equal('answer 2');
        expect(await get('min-fresh=61')).to.equal('answer 3');
        expect(await get('no-cache')).to.equal('answer 4');
        world.clock.advance(70);
        expect(await get('max-stale=11')).to.equal('answer 4');
        expect((await world.get('/b', { 'Cache-Control': 'only-if-cached' })).status).to.equal(504);
      },
      { honorRequests: true },
    );
  });

  it('drops what is stored when an unsafe method succeeds, at Location and Content-Location too', () =>
    withCache(
      (request, response, count) => {
        if (request.method === 'GET') response.writeHead(200, { 'Cache-Control': 'max-age=60' }).end(`text ${count}`);
        else if (request.url === '/fails') response.writeHead(500).end();
        else {
          const elsewhere = { Location: 'http://example.org/b', 'Content-Location': 'c', 'X-Other': 'd' };
          response.writeHead(201, elsewhere).end();
        }
      },
      async (world) => {
        const paths = ['/a', '/b', '/c', '/d', '/fails'];
        for (const path of paths) await world.get(path);
        await world.ask('/a', { method: 'POST', body: 'x' });
        await world.ask('/fails', { method: 'DELETE' });
        const after = [];
        for (const path of paths) after.push((await world.get(path)).body);
        expect(after).to.deep.equal(['text 8', 'text 9', 'text 10', 'text 4', 'text 5']);
        expect(world.cache.statistics.invalidated).to.equal(3);
      },
    ));

  it('does not drop what another host has when Location leads there', () =>
    withCache(
      (request, response, count) => {
        if (request.method === 'GET') response.writeHead(200, { 'Cache-Control': 'max-age=60' }).end(`text ${count}`);
        else response.writeHead(201, { Location: 'http://other.example/b' }).end();
      },
      async (world) => {
        await world.get('/b', { host: 'other.example' });
        await world.get('/b');
        await world.ask('/a', { method: 'POST' });
        expect((await world.get('/b')).body).to.equal('text 2');
        expect((await world.get('/b', { host: 'other.example' })).body).to.equal('text 1');
      },
    ));

  it('does not store an answer that was under way while its URL was changed', () =>
    withCache(
      (request, response, count) => {
        if (count === 1) late = () => response.writeHead(200, { 'Cache-Control': 'max-age=60' }).end('old');
        else if (request.method === 'PUT') response.writeHead(204).end();
        else response.writeHead(200, { 'Cache-Control': 'max-age=60' }).end('new');
      },
      async (world) => {
        const first = world.get('/a');
        while (late === null) await new Promise((resolve) => setImmediate(resolve));
        await world.ask('/a', { method: 'PUT', body: 'x' });
        expect((await world.get('/a')).body).to.equal('new');
        late();
        expect((await first).body).to.equal('old');
        expect((await world.get('/a')).body).to.equal('new');
      },
    ));

  it('sends a request body on, and the answer to it', () =>
    withCache(
      async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        response.end(Buffer.concat(chunks).toString().toUpperCase());
      },
      async (world) => {
        const got = await world.ask('/a', { method: 'POST', body: 'hello' });
        expect(got.body).to.equal('HELLO');
        expect(got.headers['cache-status']).to.equal('fastpath; fwd=method; fwd-status=200');
      },
    ));

  it('answers HEAD from what a GET has stored, and takes over what a HEAD says', () =>
    withCache(
      (request, response) => {
        const fresh = request.method === 'HEAD' ? 100 : 10;
        response.writeHead(200, { 'Cache-Control': `max-age=${fresh}`, ETag: '"v1"', 'Content-Length': '4' });
        response.end(request.method === 'HEAD' ? undefined : 'text');
      },
      async (world) => {
        await world.get('/a');
        const head = await world.ask('/a', { method: 'HEAD' });
        expect(head.body).to.equal('');
        expect(head.headers).to.include({ 'content-length': '4', age: '0' });
        world.clock.advance(20);
        await world.ask('/a', { method: 'HEAD' });
        world.clock.advance(50);
        expect((await world.get('/a')).headers.age).to.equal('50');
        expect(world.asked.map(({ method }) => method)).to.deep.equal(['GET', 'HEAD']);
      },
    ));
});

let slow: (() => void) | null = null;
let late: (() => void) | null = null;
