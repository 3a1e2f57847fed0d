import { createServer } from 'node:http';
import { expect } from 'chai';
import { type ChannelSocket, HANDLER, RequestPath, UPSTREAMS } from '../../src/channel/index.js';
import { DOWN_CLASSES, UP_CLASSES } from '../../src/channel/memory.js';
import { BlockPool, NO_BLOCK } from '../../src/channel/pool.js';
import { RecordReader, RecordWriter } from '../../src/channel/ring.js';
import { CacheResult } from '../../src/http/index.js';
import { sum } from '../../src/net/wire/checksum.js';
import { someBytes } from '../cache/support.js';
import { FakeClient, IGNORES_ALL, NearChannel, settle } from './support.js';

describe('channel', () => {
  it('makes a socket with the addresses of both ends', async () => {
    const { socket } = await new NearChannel().connect();
    expect([socket.remoteAddress, socket.remotePort, socket.remoteFamily]).to.deep.equal([
      '2001:db8::1',
      40_000,
      'IPv6',
    ]);
    expect([socket.localAddress, socket.localPort, socket.localFamily]).to.deep.equal(['10.77.0.2', 80, 'IPv4']);
  });

  it('carries bytes both ways, of any size, in order', async () => {
    const channel = new NearChannel();
    const { client, socket } = await channel.connect();
    socket.on('data', (chunk) => socket.write(chunk));
    const sent: Uint8Array[] = [];
    const echoed: Uint8Array[] = [];
    for (const [i, length] of [1, 31, 32, 33, 2_048, 2_049, 70_000, 1, 300_000, 8_192].entries()) {
      sent.push(someBytes(length, i));
      client.send(sent.at(-1) as Uint8Array);
      await settle(40);
      echoed.push(client.take());
    }
    for (let i = 0; i < 20; i++) {
      await settle();
      echoed.push(client.take());
    }
    expect(Buffer.compare(Buffer.concat(echoed), Buffer.concat(sent))).to.equal(0);
  });

  it('sums what the thread writes as it is written, so that any interval is a subtraction', async () => {
    const { client, socket } = await new NearChannel().connect();
    for (const length of [5, 64, 2_048, 5_000, 65_536, 40_000, 7, 2_048]) {
      socket.write(someBytes(length, length));
      await settle();
      const account = { payloadBytesRead: 0 };
      for (const { bytes, from, to } of client.queue) {
        for (const [a, b] of [
          [from, to],
          [from + 1, to],
          [Math.min(from + 33, to), to],
          [from, from + ((to - from) >> 1)],
        ]) {
          expect(bytes.sum(a as number, b as number, account) % 0xffff).to.equal(
            sum(bytes.bytes, a as number, b as number) % 0xffff,
          );
        }
        const edges = { payloadBytesRead: 0 };
        bytes.sum(from, to & ~31, edges);
        expect(edges.payloadBytesRead, 'no byte is read between two block edges').to.equal(0);
      }
      client.take();
      await settle();
    }
  });

  it('leaves to TCP what the stream does not want, and goes on when it does', async () => {
    const channel = new NearChannel();
    const { client, socket } = await channel.connect();
    const sent = someBytes(1_000_000, 1);
    client.send(sent);
    await settle(50);
    expect(client.unread, 'the ring of a connection is bounded').to.be.greaterThan(600_000);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    for (let i = 0; i < 50; i++) await settle();
    expect(Buffer.compare(Buffer.concat(chunks), sent)).to.equal(0);
  });

  it('lets the stream’s writes wait while its client takes nothing, and others go on', async () => {
    const channel = new NearChannel();
    const slow = await channel.connect();
    const quick = await channel.connect();
    slow.socket.write(Buffer.alloc(64 * 2 ** 20));
    await settle(50);
    const held = slow.client.queue.reduce((bytes, { from, to }) => bytes + to - from, 0);
    expect(held).to.be.within(65_536, 2 * 2 ** 20);
    expect(slow.socket.writableLength).to.equal(64 * 2 ** 20);
    quick.socket.write('quick');
    await settle();
    expect(quick.client.take().toString()).to.equal('quick');
    let taken = 0;
    for (let i = 0; i < 2_000 && taken < 64 * 2 ** 20; i++) {
      taken += slow.client.take().length;
      await settle(4);
    }
    expect([taken, slow.socket.writableLength]).to.deep.equal([64 * 2 ** 20, 0]);
  });

  it('brings the ends of both directions, one after the other', async () => {
    const { client, socket } = await new NearChannel().connect();
    const seen: string[] = [];
    socket.on('end', () => seen.push('end')).on('close', () => seen.push('close'));
    client.send(Buffer.from('last'));
    client.handler?.ended();
    socket.resume();
    await settle();
    expect([seen, client.events]).to.deep.equal([['end'], []]);
    socket.end('answer');
    await settle();
    expect(client.take().toString()).to.equal('answer');
    expect(client.events[0]).to.equal('close');
  });

  it('resets the client of a socket that is destroyed with an error, and lets go of one without', async () => {
    const channel = new NearChannel();
    const broken = await channel.connect();
    broken.socket.on('error', () => {}).destroy(new Error('a handler threw'));
    const left = await channel.connect();
    left.socket.destroy();
    await settle();
    expect([broken.client.events, left.client.events]).to.deep.equal([['abort'], ['detach']]);
    expect([channel.thread.size, channel.worker.statistics.open]).to.deep.equal([0, 0]);
  });

  it('destroys the socket of a client that is gone, with ECONNRESET if it was reset', async () => {
    const channel = new NearChannel();
    const { client, socket } = await channel.connect();
    const errors: unknown[] = [];
    socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
    client.handler?.closed('reset');
    await settle();
    expect([errors, socket.destroyed, channel.worker.statistics.open]).to.deep.equal([['ECONNRESET'], true, 0]);
    socket.write('late', (error) => errors.push((error as NodeJS.ErrnoException).code));
    await settle();
    expect(errors).to.deep.equal(['ECONNRESET', 'ERR_STREAM_DESTROYED']);
  });

  it('gives every block back, whatever end the connections came to', async () => {
    const channel = new NearChannel();
    for (let i = 0; i < 40; i++) {
      const { client, socket } = await channel.connect();
      socket.on('error', () => {});
      if (i % 2 === 0) socket.on('data', () => {});
      client.send(someBytes(50_000, i));
      socket.write(someBytes(90_000, i));
      await settle(i % 7);
      if (i % 3 === 0) client.handler?.closed('reset');
      else if (i % 3 === 1) socket.destroy();
      else {
        socket.end();
        client.handler?.ended();
        socket.resume();
      }
      await settle();
      client.take();
      if (i % 3 === 2) client.handler?.closed('closed');
    }
    await settle(20);
    const all = (classes: typeof UP_CLASSES) => classes.reduce((bytes, each) => bytes + each.bytes * each.count, 0);
    expect(channel.worker.freeBytes).to.equal(all(UP_CLASSES));
    expect(channel.thread.freeBytes).to.equal(all(DOWN_CLASSES));
    expect([channel.thread.size, channel.worker.statistics.open]).to.deep.equal([0, 0]);
  });

  it('resets all connections when the other thread has ended, and takes no more', async () => {
    const channel = new NearChannel();
    const clients = [await channel.connect(), await channel.connect()];
    channel.worker.fail();
    expect(clients.map(({ client }) => client.events)).to.deep.equal([['abort'], ['abort']]);
    const late = new FakeClient();
    expect([channel.worker.open(late.connection), channel.worker.statistics.refused]).to.deep.equal([null, 1]);
  });

  it('writes nothing to a thread that has ended, though TCP lets go of its blocks later', async () => {
    const channel = new NearChannel();
    const { client, socket } = await channel.connect();
    socket.write('an answer');
    await settle();
    const { thread } = channel.wakeUps;
    channel.worker.fail();
    expect(client.take().toString()).to.equal('an answer');
    expect(channel.wakeUps.thread).to.equal(thread);
  });

  it('takes what a thread has sent before it ended', async () => {
    const channel = new NearChannel();
    const { client, socket } = await channel.connect();
    await settle();
    socket.write('last words'); // the worker has not looked yet
    channel.worker.fail();
    expect(client.take().toString()).to.equal('last words');
  });

  it('lets a thread go when what it has under way is over, and gives it nothing new', async () => {
    let hasLeft = false;
    const channel = new NearChannel({
      left: () => {
        hasLeft = true;
      },
    });
    const ends = new Map([[HANDLER, channel.worker]]);
    const path = new RequestPath(ends);
    const next = new NearChannel();
    const [busy, idle] = [path.open(new FakeClient().connection), path.open(new FakeClient().connection)];
    const answered: string[] = [];
    const user = { ...IGNORES_ALL, answered: () => void answered.push('busy') };
    expect([busy.reaches(''), idle.reaches('')]).to.deep.equal([true, true]);
    busy.begin(user, '');
    await settle();
    ends.set(HANDLER, next.worker);
    channel.worker.leave();
    await settle();
    expect([channel.worker.size, channel.thread.size, hasLeft]).to.deep.equal([1, 1, false]);
    busy.endRequest();
    await settle();
    channel.sockets[0]?.answered(200, 0, true, CacheResult.none);
    await settle();
    expect([answered, channel.worker.size, hasLeft]).to.deep.equal([['busy'], 0, true]);
    expect([busy.reaches(''), next.worker.size]).to.deep.equal([true, 1]);
  });

  it('takes no request for an upstream while it has no room for its name, and gives none to another', async () => {
    const channel = new NearChannel();
    const path = new RequestPath(new Map([[UPSTREAMS, channel.worker]]));
    const ready = path.open(new FakeClient().connection);
    expect(ready.reaches('app')).to.equal(true);
    const begun: string[] = [];
    await settle();
    channel.sockets[0]?.on('begin', (name: string) => begun.push(name));
    const filling = new Uint8Array(262_144);
    for (let room = 1; room > 0; ) {
      const connection = channel.worker.open(new FakeClient().connection);
      if (connection === null) break;
      while (connection.room > 0) connection.write(filling, 0, connection.room);
      room = channel.worker.room(0);
    }
    expect(ready.reaches('app')).to.equal(false);
    for (const socket of channel.sockets) socket.resume();
    await settle(40);
    for (const socket of channel.sockets) socket.resume();
    await settle(40);
    expect(ready.reaches('app')).to.equal(true);
    ready.begin(IGNORES_ALL, 'app');
    await settle();
    expect(begun).to.deep.equal(['app']);
  });

  it('wakes a side once for many records', async () => {
    const channel = new NearChannel();
    const { client, socket } = await channel.connect();
    const before = channel.wakeUps.worker;
    for (let i = 0; i < 100; i++) socket.write('x');
    await settle(3);
    expect(channel.wakeUps.worker - before).to.be.lessThan(5);
    for (let i = 0; i < 20; i++) await settle();
    expect(client.take().length).to.equal(100);
  });

  it('carries Node’s own http server', async () => {
    const server = createServer((request, response) => {
      const body: Buffer[] = [];
      request.on('data', (chunk: Buffer) => body.push(chunk));
      request.on('end', () => response.end(`${request.method} ${request.url} ${Buffer.concat(body)}`));
    });
    const channel = new NearChannel({ opened: (socket: ChannelSocket) => void server.emit('connection', socket) });
    const { client } = await channel.connect();
    client.send(
      Buffer.from('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    let text = '';
    for (let i = 0; i < 50; i++) {
      await settle();
      text += client.take().toString();
    }
    expect(text).to.match(/^HTTP\/1\.1 200 OK\r\n[\s\S]*POST \/a abcHTTP\/1\.1 200 OK\r\n[\s\S]*GET \/b $/);
    server.closeAllConnections();
  });
});

describe('channel/ring', () => {
  const memory = () => new SharedArrayBuffer(4 * (48 + 4 * 16_384));

  it('keeps records that find it full, in order', () => {
    const buffer = memory();
    const writer = new RecordWriter(buffer, 0, () => {});
    const reader = new RecordReader(buffer, 0);
    const seen: number[] = [];
    for (let i = 0; i < 40_000; i++) writer.put(1, i);
    expect([writer.isBehind, writer.hasRoom()]).to.deep.equal([true, false]);
    while (seen.length < 40_000) {
      reader.drain((_kind, connection) => seen.push(connection), 1_000);
      writer.flush();
    }
    expect(seen).to.deep.equal(Array.from({ length: 40_000 }, (_, i) => i));
    expect([writer.isBehind, writer.hasRoom()]).to.deep.equal([false, true]);
  });
});

describe('channel/pool', () => {
  it('gives the smallest block that holds the content, then larger ones, then smaller ones, then none', () => {
    const pool = new BlockPool(
      [
        { bytes: 100, count: 1 },
        { bytes: 200, count: 2 },
      ],
      false,
    );
    expect([pool.take(150), pool.take(10), pool.take(10), pool.take(10)]).to.deep.equal([1, 0, 2, NO_BLOCK]);
    expect(pool.freeBytes).to.equal(0);
    pool.give(0);
    expect([pool.freeBytes, pool.take(1_000), pool.capacityOf(0)]).to.deep.equal([100, 0, 100]);
  });
});
