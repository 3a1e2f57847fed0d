/** Each program of examples/handlers is served as it is. */
import { expect } from 'chai';
import express from '../../examples/handlers/express.js';
import fastify from '../../examples/handlers/fastify.js';
import hono from '../../examples/handlers/hono.js';
import koa from '../../examples/handlers/koa.js';
import websocket from '../../examples/handlers/websocket.js';
import type { Handler } from '../../src/handler/index.js';
import { serverOf } from '../../src/handler/index.js';
import { settle } from '../channel/support.js';
import { HandlerWorld, request } from './support.js';

const bodyOf = (text: string) => text.slice(text.indexOf('\r\n\r\n') + 4);

describe('an example of a handler', () => {
  for (const [name, app] of Object.entries<unknown>({ express, fastify, hono, koa })) {
    it(`answers by ${name}, which sees the client's address`, async () => {
      const world = await HandlerWorld.create(app as Handler);
      const { text, answer } = await world.get('/api/users/7');
      expect(answer?.status).to.equal(200);
      expect(JSON.parse(bodyOf(text))).to.deep.equal({ id: '7', from: '2001:db8::1' });
      expect((await world.get('/none')).answer?.status).to.equal(404);
    });
  }

  for (const [name, app] of Object.entries<unknown>({ express, fastify, hono })) {
    it(`gives the body of a request to ${name}`, async () => {
      const world = await HandlerWorld.create(app as Handler);
      const body = JSON.stringify({ name: 'Ada' });
      const fields = ['Content-Type: application/json', `Content-Length: ${body.length}`];
      const exchange = world.begin(request('POST', '/api/users', ...fields) + body);
      const { text, answer } = await exchange.until('answered');
      expect(answer?.status).to.equal(201);
      expect(JSON.parse(bodyOf(text))).to.deep.equal({ name: 'Ada' });
    });
  }

  it('is a WebSocket server, whose handshake makes a tunnel', async () => {
    const world = await HandlerWorld.create(websocket);
    const key = 'dGhlIHNhbXBsZSBub25jZQ=='; // RFC 6455 section 1.3
    const fields = [
      'Connection: upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${key}`,
    ];
    const exchange = world.begin(request('GET', '/echo', ...fields));
    await exchange.until('tunneled');
    await settle();
    expect(exchange.text)
      .to.match(/^HTTP\/1\.1 101 /)
      .and.include('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    world.more('\x81\x82\0\0\0\0hi'); // a masked frame of text, with a mask of zeros
    await settle(20);
    expect(exchange.text.endsWith('\x81\x02hi')).to.equal(true);
  });

  it('sends events as they happen', async () => {
    const world = await HandlerWorld.create(websocket);
    const exchange = world.begin(request('GET', '/events'));
    while (!exchange.text.includes('id: 2')) await settle();
    expect(exchange.answer).to.equal(undefined);
    await world.leave();
    expect(world.channel.thread.size).to.equal(0);
  });
});

describe('what is no handler', () => {
  for (const [what, value, message] of [
    ['nothing', undefined, 'there is no default export'],
    ['a number', 7, 'this is no handler: 7'],
    ['an object', { a: 1 }, 'this is no handler: an object of Object'],
  ] as const) {
    it(`is refused with a sentence that says what could be one: ${what}`, async () => {
      const error = await serverOf(value).then(
        () => undefined,
        (reason: Error) => reason.message,
      );
      expect(error).to.include(message).and.include('(req, res) => …');
    });
  }

  it('may be wrapped by a compiler in another default, or be a promise', async () => {
    for (const value of [{ default: () => {} }, Promise.resolve(() => {})]) {
      expect((await serverOf(value)).listenerCount('request')).to.equal(1);
    }
  });

  it('awaits Next, and takes its request handler', async () => {
    const calls: string[] = [];
    const app = {
      prepare: async () => void calls.push('prepare'),
      getRequestHandler: () => {
        calls.push('handler');
        return () => {};
      },
    };
    await serverOf(app);
    expect(calls).to.deep.equal(['prepare', 'handler']);
  });
});
