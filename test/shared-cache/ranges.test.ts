import { expect } from 'chai';
import { type OriginHandler, withCache } from './support.js';

const TEXT = '0123456789';

/** An origin that sends ranges, with a strong ETag. */
const whole: OriginHandler = (_request, response) => {
  response.writeHead(200, { 'Cache-Control': 'max-age=60', ETag: '"v1"', 'Content-Type': 'text/plain' }).end(TEXT);
};

const ranged: OriginHandler = (request, response) => {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const head = { 'Cache-Control': 'max-age=60', ETag: '"v1"' };
  if (from === undefined) response.writeHead(200, { ...head, 'Content-Length': '10' }).end(TEXT);
  else {
    const end = to === '' || to === undefined ? 9 : Number(to);
    const body = TEXT.slice(Number(from), end + 1);
    response.writeHead(206, { ...head, 'Content-Range': `bytes ${from}-${end}/10` }).end(body);
  }
};

describe('ranges from the shared cache', () => {
  it('are cut out of a stored whole', () =>
    withCache(whole, async (world) => {
      await world.get('/a');
      const one = await world.get('/a', { Range: 'bytes=2-4' });
      expect(one.status).to.equal(206);
      expect(one.body).to.equal('234');
      expect(one.headers).to.include({ 'content-range': 'bytes 2-4/10', 'content-length': '3', age: '0' });
      expect((await world.get('/a', { Range: 'bytes=-3' })).body).to.equal('789');
      expect((await world.get('/a', { Range: 'bytes=8-99' })).body).to.equal('89');
      expect((await world.get('/a', { Range: 'lines=1-2' })).status).to.equal(200);
      const none = await world.get('/a', { Range: 'bytes=10-' });
      expect(none.status).to.equal(416);
      expect(none.headers['content-range']).to.equal('bytes */10');
      expect(world.asked).to.have.length(1);
    }));

  it('come as multipart/byteranges if they are several, and as the whole if they overlap', () =>
    withCache(whole, async (world) => {
      await world.get('/a');
      const got = await world.get('/a', { Range: 'bytes=0-1, 8-' });
      expect(got.status).to.equal(206);
      expect(got.headers['content-type']).to.equal('multipart/byteranges; boundary=fastpath-part-0');
      expect(got.body).to.equal(
        '\r\n--fastpath-part-0\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01' +
          '\r\n--fastpath-part-0\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n89' +
          '\r\n--fastpath-part-0--\r\n',
      );
      expect((await world.get('/a', { Range: 'bytes=0-5, 3-' })).status).to.equal(200);
    }));

  it('count only if If-Range names the stored version', () =>
    withCache(whole, async (world) => {
      await world.get('/a');
      expect((await world.get('/a', { Range: 'bytes=0-1', 'If-Range': '"v1"' })).status).to.equal(206);
      expect((await world.get('/a', { Range: 'bytes=0-1', 'If-Range': '"v2"' })).status).to.equal(200);
      expect((await world.get('/a', { Range: 'bytes=0-1', 'If-Range': 'W/"v1"' })).status).to.equal(200);
    }));

  it('are stored as parts, which answer ranges within them', () =>
    withCache(ranged, async (world) => {
      await world.get('/a', { Range: 'bytes=2-7' });
      expect((await world.get('/a', { Range: 'bytes=3-5' })).body).to.equal('345');
      expect(world.asked).to.have.length(1);
      expect((await world.get('/a', { Range: 'bytes=3-8' })).body).to.equal('345678');
      expect(world.asked).to.have.length(2);
    }));

  it('complete a stored beginning when the whole is asked for', () =>
    withCache(ranged, async (world) => {
      await world.get('/a', { Range: 'bytes=0-3' });
      const got = await world.get('/a');
      expect(world.asked[1]?.headers).to.include({ range: 'bytes=4-', 'if-range': '"v1"' });
      expect(got.status).to.equal(200);
      expect(got.body).to.equal(TEXT);
      expect(got.headers['content-length']).to.equal('10');
      expect((await world.get('/a')).headers['cache-status']).to.equal('fastpath; hit; ttl=60');
    }));

  it('are completed as well after the origin broke off', () =>
    withCache(
      (request, response, count) => {
        if (count > 1) ranged(request, response, count);
        else {
          response.writeHead(200, { 'Cache-Control': 'max-age=60', ETag: '"v1"', 'Content-Length': '10' });
          response.write(TEXT.slice(0, 6), () => response.destroy());
        }
      },
      async (world) => {
        const broken = await world.get('/a').catch((error: Error) => error.message);
        expect(broken).to.equal('aborted');
        expect((await world.get('/a')).body).to.equal(TEXT);
        expect(world.asked[1]?.headers.range).to.equal('bytes=6-');
      },
    ));

  it('are not put together if the rest is of another version', () =>
    withCache(
      (request, response) => {
        const head = { 'Cache-Control': 'max-age=60' };
        if (request.headers.range === 'bytes=0-3') {
          response.writeHead(206, { ...head, ETag: '"v1"', 'Content-Range': 'bytes 0-3/10' }).end('0123');
        } else if (request.headers.range !== undefined) {
          response.writeHead(206, { ...head, ETag: '"v2"', 'Content-Range': 'bytes 4-9/10' }).end('efghij');
        } else response.writeHead(200, { ...head, ETag: '"v2"' }).end('abcdefghij');
      },
      async (world) => {
        await world.get('/a', { Range: 'bytes=0-3' });
        expect((await world.get('/a')).body).to.equal('abcdefghij');
      },
    ));

  it('are not stored if the part is not as long as it says', () =>
    withCache(
      (_request, response) => {
        response.writeHead(206, { 'Cache-Control': 'max-age=60', 'Content-Range': 'bytes 4-9/10' }).end('45678');
      },
      async (world) => {
        await world.get('/a', { Range: 'bytes=4-9' });
        await world.get('/a', { Range: 'bytes=4-5' });
        expect(world.asked).to.have.length(2);
      },
    ));
});
