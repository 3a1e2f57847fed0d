import { createServer } from 'node:http';
import { expect } from 'chai';
import { CacheResult } from '../../src/http/index.js';
import { settle } from '../channel/support.js';
import { HandlerWorld, request } from './support.js';

const FRESH = { 'Cache-Control': 'max-age=60' };

describe('a cache in front of a handler', () => {
  it('answers from memory, and tells the worker what it did', async () => {
    let asked = 0;
    const world = await HandlerWorld.create((_req, res) => {
      res.writeHead(200, { ...FRESH, 'Content-Length': 6 }).end(`made ${++asked}`);
    }, {});
    const words = [];
    for (const path of ['/a', '/a', '/b']) {
      const { text, answer } = await world.get(path);
      words.push([text.slice(-6), answer?.cache]);
      expect(answer).to.include({ status: 200, headBytes: text.length - 6, persists: true });
    }
    expect(words).to.deep.equal([
      ['made 1', CacheResult.miss],
      ['made 1', CacheResult.hit],
      ['made 2', CacheResult.miss],
    ]);
    const posted = await world.begin(`${request('POST', '/a', 'Content-Length: 2')}xy`).until('answered');
    expect(posted.answer?.cache).to.equal(CacheResult.bypass);
    expect((await world.get('/a')).text).to.match(/made 4$/); // what a POST changes is asked for again
  });

  it('stores nothing under a field that the client hides in Connection', async () => {
    const world = await HandlerWorld.create(({ headers }, res) => {
      const told = `${headers.host} ${headers['accept-language']} ${headers.cookie}`;
      res.writeHead(200, { ...FRESH, Vary: 'Accept-Language', 'Content-Length': told.length }).end(told);
    }, {});
    const bodyOf = async (...fields: string[]) => {
      const { text } = await world.begin(request('GET', '/vary', ...fields)).until('answered');
      return text.slice(text.indexOf('\r\n\r\n') + 4);
    };
    const host = /^Host: (.*)\r$/m.exec(request('GET', '/'))?.[1];
    expect(await bodyOf('Accept-Language: de', 'Connection: accept-language, host')).to.equal(
      `${host} undefined undefined`,
    );
    expect(await bodyOf('Accept-Language: de')).to.equal(`${host} de undefined`);
    expect(await bodyOf()).to.equal(`${host} undefined undefined`);
  });

  it('tells who had the answer to another request', async () => {
    const held: (() => void)[] = [];
    const world = await HandlerWorld.create((_req, res) => {
      held.push(() => res.writeHead(200, FRESH).end('one'));
    }, {});
    const other = world.another();
    const both = [world.begin(request('GET', '/a')), other.begin(request('GET', '/a'))];
    while (world.cache?.size.fetching !== 1) await settle();
    await settle();
    held[0]?.();
    const answers = await Promise.all(both.map((exchange) => exchange.until('answered')));
    expect(held).to.have.length(1);
    expect(answers.map(({ answer }) => answer?.cache)).to.have.members([CacheResult.miss, CacheResult.collapsed]);
  });

  it('has the faults of the handler told, and no fault of it ends the thread', async () => {
    const world = await HandlerWorld.create((req, res) => {
      if (req.url === '/throws') throw new Error('no good');
      res.writeHead(200, { ...FRESH, 'Content-Length': 4 }).end('done');
      if (req.url === '/late') res.write('more');
    }, {});
    const thrown = await world.get('/throws');
    expect(thrown.answer).to.include({ status: 500, cache: CacheResult.miss });
    expect((await world.get('/late')).text).to.match(/done$/);
    await settle();
    expect(world.told.join()).to.contain('no good');
    expect((await world.get('/')).text).to.match(/done$/);
  });

  it('lets a client wait with its body until the handler wants it', async () => {
    const server = createServer();
    server.on('checkContinue', (req, res) => {
      res.writeContinue();
      req.pipe(res.writeHead(200));
    });
    server.on('request', (_req, res) => res.writeHead(200, FRESH).end('stored'));
    const world = await HandlerWorld.create(server, {});
    await world.get('/a');
    const exchange = world.begin(request('PUT', '/a', 'Content-Length: 3', 'Expect: 100-continue'), false);
    await settle();
    expect(exchange.text).to.equal('HTTP/1.1 100 Continue\r\n\r\n');
    world.more('abc', true);
    expect((await exchange.until('answered')).text).to.match(/abc\r\n0\r\n\r\n$/);
    expect(world.cache?.size.answers).to.equal(0); // PUT has changed it
  });
});
