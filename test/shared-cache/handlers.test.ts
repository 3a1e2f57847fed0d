import { Readable } from 'node:stream';
import { expect } from 'chai';
import express from 'express';
import { type OriginHandler, withCache } from './support.js';

const FRESH = { 'Cache-Control': 'max-age=60' };

describe('a handler behind the shared cache', () => {
  it('may be an Express app: JSON, streams, middleware that wraps its methods, and errors', () => {
    const app = express();
    app.use((_request, response, next) => {
      const { writeHead } = response;
      response.writeHead = function (this: typeof response, ...given: unknown[]) {
        this.setHeader('X-Wrapped', 'yes');
        return Reflect.apply(writeHead, this, given);
      } as typeof writeHead;
      response.setHeader('Cache-Control', 'max-age=60');
      next();
    });
    app.get('/json', (request, response) => {
      response.json({ ip: request.ip, host: request.hostname, q: request.query.q });
    });
    app.get('/stream', (_request, response) => {
      Readable.from(Array.from({ length: 100 }, () => 'x'.repeat(10_000))).pipe(response);
    });
    app.get('/error', () => {
      throw new Error('on purpose');
    });
    app.set('env', 'test');
    const handler: OriginHandler = (request, response) => app(request, response);
    return withCache(handler, async (world) => {
      const json = await world.get('/json?q=1');
      expect(JSON.parse(json.body)).to.deep.equal({ ip: '127.0.0.1', host: 'example.org', q: '1' });
      expect(json.headers['x-wrapped']).to.equal('yes');
      expect((await world.get('/json?q=1')).headers['cache-status']).to.equal('fastpath; hit; ttl=60');
      expect((await world.get('/stream')).body).to.have.length(1_000_000);
      expect((await world.get('/stream')).headers['content-length']).to.equal('1000000');
      expect((await world.get('/error')).status).to.equal(500);
    });
  });

  it('may throw, or reject, before its answer or within it', () =>
    withCache(
      (request, response) => {
        if (request.url === '/late') response.writeHead(200, FRESH).write('begun');
        if (request.url === '/promise') return Promise.reject(new Error('on purpose'));
        throw new Error('on purpose');
      },
      async (world) => {
        expect((await world.get('/throws')).status).to.equal(500);
        expect((await world.get('/promise')).status).to.equal(500);
        expect((await world.get('/late')).status).to.equal(502);
        expect(world.cache.size).to.include({ answers: 0, fetching: 0 });
      },
    ));

  it('may say Transfer-Encoding itself: its bytes are the body, and its trailers are sent on', () =>
    withCache(
      (_request, response) => {
        response.writeHead(200, { ...FRESH, 'Transfer-Encoding': 'chunked', Trailer: 'X-Sum' });
        response.write('one ');
        response.addTrailers({ 'X-Sum': '42' });
        response.end('two');
      },
      async (world) => {
        const incoming = await world.begin('/a');
        let body = '';
        for await (const chunk of incoming) body += chunk;
        expect(body).to.equal('one two');
        expect(incoming.trailers).to.deep.equal({ 'x-sum': '42' });
        const stored = await world.get('/a');
        expect(stored.body).to.equal('one two');
        expect(stored.headers['content-length']).to.equal('7');
      },
    ));

  it('may end without a body, or with a status that has none', () =>
    withCache(
      (request, response) => response.writeHead(request.url === '/none' ? 204 : 200, FRESH).end(),
      async (world) => {
        for (const path of ['/none', '/none', '/empty', '/empty']) expect((await world.get(path)).body).to.equal('');
        expect((await world.get('/none')).status).to.equal(204);
        expect(world.asked).to.have.length(2);
      },
    ));

  it('learns that the last client has gone, and a late write of it harms nobody', () => {
    const closed: string[] = [];
    return withCache(
      (request, response) => {
        response.once('close', () => closed.push(request.url ?? ''));
        response.writeHead(200, { 'Cache-Control': 'no-store' }).write('begun');
        response.once('close', () => response.write('late'));
      },
      async (world) => {
        const incoming = await world.begin('/a');
        incoming.destroy();
        while (closed.length === 0) await new Promise((resolve) => setImmediate(resolve));
        expect(closed).to.deep.equal(['/a']);
      },
    );
  });
});
