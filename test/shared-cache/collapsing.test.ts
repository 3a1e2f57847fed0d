import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect } from 'chai';
import { until } from '../support/until.js';
import { withCache } from './support.js';

describe('many clients that ask for one thing', () => {
  it('make one request to the origin: 1,000 of them, for one cold object', () => {
    const held: ServerResponse[] = [];
    return withCache(
      (_request, response) => held.push(response),
      async (world) => {
        const all = Array.from({ length: 1_000 }, () => world.get('/a'));
        await until(() => world.cache.statistics.misses === 1_000);
        held[0]?.writeHead(200, { 'Cache-Control': 'max-age=60' }).end('x'.repeat(10_000));
        const got = await Promise.all(all);
        expect(got.every(({ body }) => body.length === 10_000)).to.equal(true);
        expect(world.asked).to.have.length(1);
        expect(world.cache.statistics).to.include({ collapsed: 999, fetches: 1, stored: 1 });
      },
    );
  });

  it('all get the bytes while they come, also one who joins in the middle', () => {
    const held: ServerResponse[] = [];
    return withCache(
      (_request, response) => held.push(response),
      async (world) => {
        const first = world.begin('/a');
        await until(() => held.length === 1);
        const [origin] = held as [ServerResponse];
        origin.writeHead(200, { 'Cache-Control': 'max-age=60' }).write('one ');
        const early = parts(await first);
        expect(await early()).to.equal('one ');
        const second = await world.begin('/a');
        const late = parts(second);
        expect(await late()).to.equal('one ');
        expect(second.headers['cache-status']).to.equal('fastpath; fwd=uri-miss; fwd-status=200; stored; collapsed');
        origin.end('two');
        expect([await early(), await late()]).to.deep.equal(['two', 'two']);
        expect(held).to.have.length(1);
      },
    );
  });

  it('ask for themselves if the answer is for one of them alone, and then do not wait for each other', () => {
    const held: ServerResponse[] = [];
    return withCache(
      (_request, response) => held.push(response),
      async (world) => {
        const all = ['a', 'b', 'c'].map((name) => world.get('/a', { Cookie: name }));
        await until(() => world.cache.statistics.misses === 3);
        expect(held).to.have.length(1);
        held[0]?.writeHead(200, { 'Cache-Control': 'private' }).end('0');
        await until(() => held.length === 3);
        held[1]?.end('1');
        held[2]?.end('2');
        expect((await Promise.all(all)).map(({ body }) => body).sort()).to.deep.equal(['0', '1', '2']);
        const later = [world.get('/a'), world.get('/a')];
        await until(() => held.length === 5);
        for (const response of held.slice(3)) response.end('late');
        await Promise.all(later);
      },
    );
  });

  it('fail together when the origin fails, without a request for each', () =>
    withCache(
      (_request, response) => waitFor(() => response.writeHead(503, { 'Retry-After': '5' }).end('busy')),
      async (world) => {
        const all = Array.from({ length: 20 }, () => world.get('/a'));
        await until(() => world.cache.statistics.misses === 20);
        letGo();
        const got = await Promise.all(all);
        expect(got.map(({ status }) => status)).to.deep.equal(Array(20).fill(503));
        expect(world.asked).to.have.length(1);
      },
    ));

  it('are served though the first of them goes away', () => {
    const held: ServerResponse[] = [];
    return withCache(
      (_request, response) => held.push(response),
      async (world) => {
        const first = world.begin('/a');
        await until(() => held.length === 1);
        held[0]?.writeHead(200, { 'Cache-Control': 'max-age=60' }).write('begun ');
        const gone = await first;
        const second = world.get('/a');
        await until(() => world.cache.statistics.collapsed === 1);
        gone.destroy();
        await once(gone, 'close');
        held[0]?.end('done');
        expect((await second).body).to.equal('begun done');
        expect((await world.get('/a')).headers.age).to.equal('0');
      },
    );
  });

  it('leave: then the handler learns of it, if nobody will have its answer', () => {
    let closed = false;
    return withCache(
      (_request, response) => {
        response.once('close', () => {
          closed = true;
        });
        response.writeHead(200, { 'Cache-Control': 'no-store' }).write('begun');
      },
      async (world) => {
        const gone = await world.begin('/a');
        gone.destroy();
        await until(() => closed);
        expect(world.cache.size.fetching).to.equal(0);
      },
    );
  });

  it('do not make the cache hold more of a long answer than its window, however slow they are', () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    return withCache(
      (_request, response) => {
        response.writeHead(200, { 'Cache-Control': 'max-age=60' });
        const more = () => {
          while (written < 64 * 2 ** 20) {
            written += chunk.length;
            if (!response.write(chunk)) return;
          }
          response.end();
        };
        response.on('drain', more);
        more();
      },
      async (world) => {
        const slow = await world.begin('/a');
        await settled(() => written);
        expect(written).to.be.lessThan(16 * 2 ** 20);
        let read = 0;
        for await (const part of slow) read += (part as Buffer).length;
        expect(read).to.equal(64 * 2 ** 20);
        expect(world.cache.size).to.include({ answers: 0, fetching: 0 });
      },
      { objectBytes: 2 ** 20 },
    );
  });
});

/** What comes of an answer, piece by piece. */
function parts(incoming: IncomingMessage): () => Promise<string> {
  const pieces = incoming[Symbol.asyncIterator]();
  return async () => String((await pieces.next()).value);
}

let waiting: (() => void)[] = [];

function waitFor(act: () => void): void {
  waiting.push(act);
}

function letGo(): void {
  for (const act of waiting) act();
  waiting = [];
}

/** Waits until a number has not changed for many turns of the event loop. */
async function settled(number: () => number): Promise<void> {
  for (let still = 0, last = number(); still < 2_000; still++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (number() !== last) still = 0;
    last = number();
  }
}
