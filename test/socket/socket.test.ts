import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { finished } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect } from 'chai';
import { MILLISECOND, SECOND } from '../../src/net/clock.js';
import { connect, FastSocket, listen } from '../../src/socket/index.js';
import { CLIENT_ADDRESS, SERVER_ADDRESS, SocketWorld } from '../support/socket-world.js';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Writes `bytes` piece by piece, each in the same memory as the one before, and ends. */
async function writeFromOneBuffer(socket: FastSocket, bytes: Uint8Array, pieceBytes: number): Promise<void> {
  const memory = Buffer.alloc(pieceBytes);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = bytes.subarray(at, at + pieceBytes);
    memory.set(piece);
    await new Promise((resolve) => socket.write(memory.subarray(0, piece.length), resolve));
  }
  socket.end();
}

/** Takes all and gives the digest; leaves the socket alone, which `for await` would destroy. */
function digestOf(socket: FastSocket): Promise<string> {
  const hash = createHash('sha256');
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => hash.update(chunk));
    socket.on('end', () => resolve(hash.digest('hex')));
    socket.on('error', reject);
  });
}

/** The events of a socket in the order of their coming. */
function record(socket: FastSocket): string[] {
  const seen: string[] = [];
  for (const name of ['lookup', 'connect', 'ready', 'end', 'finish', 'timeout'] as const) {
    socket.on(name, () => seen.push(name));
  }
  socket.on('error', (error: NodeJS.ErrnoException) => seen.push(`error ${error.code}`));
  socket.on('close', (hadError: boolean) => seen.push(`close ${hadError}`));
  return seen;
}

describe('a socket over a stack', () => {
  let world: SocketWorld;
  beforeEach(() => {
    world = new SocketWorld();
  });
  afterEach(() => world.stop());

  describe('opening', () => {
    it('connects, with both addresses known to both ends', async () => {
      const [client, server] = await world.open();
      expect(client.remoteAddress).to.equal(SERVER_ADDRESS);
      expect(client.address()).to.deep.equal({ address: CLIENT_ADDRESS, family: 'IPv4', port: client.localPort });
      expect([server.remoteAddress, server.remotePort]).to.deep.equal([client.localAddress, client.localPort]);
      expect([server.localAddress, server.localPort]).to.deep.equal([client.remoteAddress, client.remotePort]);
      expect([client.localFamily, client.remoteFamily]).to.deep.equal(['IPv4', 'IPv4']);
      expect([client.connecting, client.pending, client.readyState]).to.deep.equal([false, false, 'open']);
    });

    it('connects over IPv6, brackets or not', async () => {
      for (const host of ['fd00::2', '[fd00::2]']) {
        const [client, server] = await world.open({ host });
        expect([client.remoteAddress, client.remoteFamily]).to.deep.equal(['fd00::2', 'IPv6']);
        expect(server.address()).to.deep.equal({ address: 'fd00::2', family: 'IPv6', port: server.localPort });
        client.end('six');
        expect(await digestOf(server)).to.equal(digest(Buffer.from('six')));
      }
      const refused = world.connect({ host: 'fd00::2', port: 9 });
      expect((await once(refused, 'error'))[0].message).to.equal('connect ECONNREFUSED fd00::2:9');
    });

    it('shows that it is on its way', async () => {
      const socket = world.connect({ port: 1 });
      expect([socket.connecting, socket.pending, socket.readyState]).to.deep.equal([true, true, 'opening']);
      expect([socket.address(), socket.localPort, socket.remoteAddress]).to.deep.equal([{}, undefined, undefined]);
      await once(socket, 'error');
      expect([socket.connecting, socket.readyState]).to.deep.equal([false, 'closed']);
    });

    it('emits connect and then ready, once, and calls the listener given', async () => {
      const listener = listen(world.server, 8080);
      let called = 0;
      const socket = connect(world.client, { host: SERVER_ADDRESS, port: 8080 }, () => called++);
      const seen = record(socket);
      await once(socket, 'ready');
      expect([seen, called]).to.deep.equal([['connect', 'ready'], 1]);
      expect(() => socket.connect({ port: 8080, host: SERVER_ADDRESS })).to.throw('already');
      socket.destroy();
      listener.close();
    });

    it('connects a socket that was made before, by port and host', async () => {
      const listener = listen(world.server, 8080);
      const socket = new FastSocket(world.client);
      expect([socket.pending, socket.connecting]).to.deep.equal([true, false]);
      socket.connect(8080, SERVER_ADDRESS);
      await once(socket, 'connect');
      socket.destroy();
      listener.close();
    });

    it('sends what was written before it was connected, and the end behind it', async () => {
      const listener = listen(world.server, 8080);
      const socket = world.connect({ port: 8080 });
      socket.write('early ');
      socket.end('and more');
      const [accepted] = await once(listener, 'connection');
      expect(await digestOf(accepted)).to.equal(digest(Buffer.from('early and more')));
      socket.resume();
      await once(socket, 'close');
      listener.close();
    });

    it('is refused with ECONNREFUSED where nobody listens', async () => {
      const socket = world.connect({ port: 4711 });
      const seen = record(socket);
      const [error] = await once(socket, 'error');
      expect(error).to.include({ code: 'ECONNREFUSED', syscall: 'connect', address: SERVER_ADDRESS, port: 4711 });
      expect(error.message).to.equal(`connect ECONNREFUSED ${SERVER_ADDRESS}:4711`);
      expect(error.errno).to.equal(-111);
      await once(socket, 'close');
      expect(seen).to.deep.equal(['error ECONNREFUSED', 'close true']);
    });

    it('gives up with ETIMEDOUT where nobody answers', async () => {
      const [known] = await world.open();
      world.dropSegments();
      const socket = world.connect({ port: 80 });
      const failed = once(socket, 'error');
      await world.pass(1200);
      expect((await failed)[0]).to.include({ code: 'ETIMEDOUT', syscall: 'connect', port: 80 });
      known.destroy();
    });

    it('says EHOSTUNREACH where no neighbour answers, and ENETUNREACH where no route leads', async () => {
      const absent = world.connect({ host: '10.0.0.77', port: 80 });
      const far = world.connect({ host: '192.0.2.1', port: 80 });
      const errors = Promise.all([once(absent, 'error'), once(far, 'error')]);
      await world.pass(30);
      const [[unanswered], [unrouted]] = await errors;
      expect(unanswered).to.include({ code: 'EHOSTUNREACH', address: '10.0.0.77' });
      expect(unrouted).to.include({ code: 'ENETUNREACH', address: '192.0.2.1' });
    });

    it('binds to a local address and port, and says what is wrong with them', async () => {
      const [first] = await world.open({ localAddress: CLIENT_ADDRESS, localPort: 40_000 });
      expect(first.localPort).to.equal(40_000);
      const again = world.connect({ port: first.remotePort, localPort: 40_000 });
      expect((await once(again, 'error'))[0]).to.include({ code: 'EADDRINUSE' });
      const foreign = world.connect({ port: 80, localAddress: '10.0.0.9' });
      expect((await once(foreign, 'error'))[0]).to.include({ code: 'EADDRNOTAVAIL' });
    });

    it('looks names up, tries each address that has a route, and reports each', async () => {
      const [probe] = await world.open();
      const port = probe.remotePort;
      const asked: unknown[] = [];
      const socket = world.connect({
        host: 'three.example',
        port,
        lookup: (hostname, options, callback) => {
          asked.push(hostname, options);
          const addresses = ['192.0.2.1', SERVER_ADDRESS].map((address) => ({ address, family: 4 }));
          process.nextTick(callback, null, addresses);
        },
      });
      const seen: unknown[] = [];
      socket.on('lookup', (_error, address, family, host) => seen.push([address, family, host]));
      expect((await once(socket, 'error'))[0]).to.include({ code: 'ECONNREFUSED', address: SERVER_ADDRESS, port });
      expect(asked).to.deep.equal(['three.example', { all: true, family: 0 }]);
      expect(seen).to.deep.equal([
        ['192.0.2.1', 4, 'three.example'],
        [SERVER_ADDRESS, 4, 'three.example'],
      ]);
    });

    it('fails with the error of a lookup that fails', async () => {
      const unknown = Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' });
      const socket = world.connect({
        host: 'no.example',
        port: 80,
        lookup: (_name, _options, done) => done(unknown, []),
      });
      expect((await once(socket, 'error'))[0]).to.equal(unknown);
    });

    it('does not connect any more once it is destroyed', async () => {
      const socket = world.connect({ port: 80 });
      const seen = record(socket);
      socket.destroy();
      await once(socket, 'close');
      expect(world.client.connectionCount).to.equal(0);
      expect(seen).to.deep.equal(['close false']);
    });

    it('ends by an AbortSignal', async () => {
      const controller = new AbortController();
      const socket = world.connect({ port: 80, signal: controller.signal });
      controller.abort();
      expect((await once(socket, 'error'))[0].name).to.equal('AbortError');
    });

    it('refuses options that make no sense', () => {
      expect(() => world.connect({ port: 70_000 }))
        .to.throw(RangeError)
        .with.property('code', 'ERR_SOCKET_BAD_PORT');
      expect(() => world.connect({ port: 80, host: '' }))
        .to.throw(TypeError)
        .with.property('code', 'ERR_MISSING_ARGS');
      const socket = world.connect({ port: 80 });
      expect(() => socket.setTimeout(-1))
        .to.throw(RangeError)
        .with.property('code', 'ERR_OUT_OF_RANGE');
      socket.destroy();
    });
  });

  describe('data', () => {
    it('goes both ways at once through memory that is used again, 10 MiB each, at 1 % loss', async () => {
      const link = { impairment: { loss: 0.01, reordering: 0.01, delay: 2 * MILLISECOND } };
      await world.stop();
      world = new SocketWorld({ link });
      const [client, server] = await world.open({ allowHalfOpen: true }, { allowHalfOpen: true });
      const up = randomBytes(10 << 20);
      const down = randomBytes(10 << 20);
      const [atServer, atClient] = await Promise.all([
        digestOf(server),
        digestOf(client),
        writeFromOneBuffer(client, up, 50_000),
        writeFromOneBuffer(server, down, 70_001),
      ]);
      expect([atServer, atClient]).to.deep.equal([digest(up), digest(down)]);
      expect([client.bytesWritten, server.bytesRead]).to.deep.equal([up.length, up.length]);
      expect([server.bytesWritten, client.bytesRead]).to.deep.equal([down.length, down.length]);
    });

    it('flows through pipeline() both ways', async () => {
      const [client, server] = await world.open();
      const bytes = randomBytes(1 << 20);
      const hash = createHash('sha256');
      const pieces = Array.from({ length: 16 }, (_, n) => bytes.subarray(n << 16, (n + 1) << 16));
      await Promise.all([pipeline(pieces, client), pipeline(server, server), pipeline(client, hash)]);
      expect(hash.digest('hex')).to.equal(digest(bytes));
    });

    it('of many small writes goes out in few segments', async () => {
      const [client, server] = await world.open();
      const before = world.client.statistics.tcp.segmentsSent;
      for (let n = 0; n < 1000; n++) client.write(`line ${n}\n`);
      client.end();
      let text = '';
      for await (const chunk of server.setEncoding('utf8')) text += chunk;
      expect(text.split('\n').length).to.equal(1001);
      expect(world.client.statistics.tcp.segmentsSent - before).to.be.below(30);
    });

    it('is not taken beyond what the reader keeps: the window closes, and opens again', async () => {
      const [client, server] = await world.open({}, { receiveBufferBytes: 64 * 1024 });
      const bytes = randomBytes(2 << 20);
      client.end(bytes);
      server.once('readable', () => {});
      await world.pass(3);
      // One chunk in the stream, the window in TCP.
      expect(server.bytesRead).to.be.at.most(65_536 + server.readableHighWaterMark);
      expect(server.connection!.unreadBytes).to.be.at.least(60_000);
      expect(client.connection!.info().sndWnd).to.equal(0);
      expect(await digestOf(server)).to.equal(digest(bytes));
    });

    it('is not queued beyond the send buffer: write callbacks and drain wait for the peer', async () => {
      const [client, server] = await world.open({ sendBufferBytes: 100_000 }, { receiveBufferBytes: 32 * 1024 });
      server.pause();
      const bytes = randomBytes(1 << 20);
      let written = false;
      expect(client.write(bytes, () => (written = true))).to.equal(false);
      await world.pass(2);
      expect(written).to.equal(false);
      expect(client.connection!.queuedBytes).to.be.at.most(100_000);
      expect([client.bytesWritten, client.writableLength]).to.deep.equal([bytes.length, bytes.length]);
      server.resume();
      await once(client, 'drain');
      expect(written).to.equal(true);
      expect([client.bytesWritten, client.writableLength]).to.deep.equal([bytes.length, 0]);
    });

    it('that is unread when both sides have ended is still read', async () => {
      const [client, server] = await world.open({ allowHalfOpen: true }, {});
      const bytes = randomBytes(200_000);
      client.pause();
      client.end();
      server.resume();
      server.end(bytes);
      await world.until(() => world.client.connectionCount === 0);
      expect(client.bytesRead).to.be.below(bytes.length);
      const read = digestOf(client);
      client.resume();
      expect(await read).to.equal(digest(bytes));
      await once(client, 'close');
    });

    it('is not bounded by buffers on a long path: they grow on both sides', async () => {
      await world.stop();
      world = new SocketWorld({ link: { offload: 'whole', impairment: { delay: 50 * MILLISECOND } } });
      const [client, server] = await world.open();
      const { clock } = world.network;
      const began = clock.now;
      client.end(Buffer.alloc(12 << 20));
      server.resume();
      await once(server, 'end');
      // 256 KiB each round trip of 100 ms would take 4.8 s.
      expect((clock.now - began) / SECOND).to.be.below(2.4);
    });
  });

  describe('the end', () => {
    it('of one side ends the other, and both close', async () => {
      const [client, server] = await world.open();
      const [seen, seenAtServer] = [record(client), record(server)];
      client.resume();
      server.resume();
      client.end('the last');
      await world.until(() => client.destroyed && server.destroyed);
      await world.until(() => seen.length === 3 && seenAtServer.length === 3);
      expect(seen).to.deep.equal(['finish', 'end', 'close false']);
      expect(seenAtServer).to.deep.equal(['end', 'finish', 'close false']);
      await world.until(() => world.client.connectionCount + world.server.connectionCount === 0);
    });

    it('of one side leaves the other open with allowHalfOpen', async () => {
      const [client, server] = await world.open({}, { allowHalfOpen: true });
      client.end('question');
      expect(await digestOf(server)).to.equal(digest(Buffer.from('question')));
      expect([server.readyState, server.destroyed]).to.deep.equal(['writeOnly', false]);
      server.end('answer');
      expect(await digestOf(client)).to.equal(digest(Buffer.from('answer')));
    });

    it('comes to a side that does not read, if nothing is left to be read', async () => {
      const [client, server] = await world.open();
      client.end();
      await once(server, 'end');
    });

    it('makes a later write fail with EPIPE', async () => {
      const [client, server] = await world.open();
      server.resume();
      client.end();
      await once(server, 'finish');
      const [error] = await new Promise<unknown[]>((resolve) => server.write('late', (...args) => resolve(args)));
      expect(error).to.include({ code: 'EPIPE', message: 'This socket has been ended by the other party' });
    });

    it('by destroy lets what was written arrive', async () => {
      const [client, server] = await world.open();
      client.write('last words');
      await world.until(() => client.writableLength === 0);
      client.destroy(new Error('own trouble'));
      expect(await digestOf(server)).to.equal(digest(Buffer.from('last words')));
    });

    it('by destroy with unread bytes in TCP resets the peer', async () => {
      const [client, server] = await world.open();
      client.pause();
      server.write(randomBytes(200_000));
      await world.until(() => client.connection!.unreadBytes > 0);
      client.destroy();
      expect((await once(server, 'error'))[0]).to.include({ code: 'ECONNRESET', syscall: 'read' });
    });

    it('by resetAndDestroy resets the peer: ECONNRESET there, no error here', async () => {
      const [client, server] = await world.open();
      const [seen, seenAtServer] = [record(client), record(server)];
      client.resetAndDestroy();
      await world.until(() => seenAtServer.length === 2);
      expect(seen).to.deep.equal(['close false']);
      expect(seenAtServer).to.deep.equal(['error ECONNRESET', 'close true']);
    });

    it('by a reset fails the write under way and all behind it', async () => {
      const [client, server] = await world.open({ sendBufferBytes: 10_000 });
      server.pause();
      const failures: unknown[] = [];
      const failed = (error?: Error | null) => failures.push((error as NodeJS.ErrnoException)?.code);
      client.write(Buffer.alloc(1 << 20), failed);
      client.write('more', failed);
      server.resetAndDestroy();
      await world.until(() => failures.length === 2);
      expect(failures).to.deep.equal(['ECONNRESET', 'ECONNRESET']);
    });

    it('by silence of the peer is ETIMEDOUT', async () => {
      const [client] = await world.open();
      world.dropSegments();
      client.write('hello?');
      const failed = once(client, 'error');
      await world.pass(1500);
      expect((await failed)[0]).to.include({ code: 'ETIMEDOUT', syscall: 'read' });
    });

    it('by silence is found with keep-alive, though nothing is sent', async () => {
      const [client] = await world.open({ keepAlive: true, keepAliveInitialDelay: 5000 });
      expect(client.connection!.keepAlive).to.deep.equal({ idle: 5_000_000, interval: 1_000_000, probes: 10 });
      world.dropSegments();
      const failed = once(client, 'error');
      await world.pass(20);
      expect((await failed)[0]).to.include({ code: 'ETIMEDOUT' });
      client.setKeepAlive(false);
    });

    it('of the stack itself is ECONNABORTED', async () => {
      const [client] = await world.open();
      const failed = once(client, 'error');
      world.client.abort();
      expect((await failed)[0]).to.include({ code: 'ECONNABORTED' });
    });

    it('is premature for finished() when destroyed in the middle of a write', async () => {
      const [client, server] = await world.open({ sendBufferBytes: 1000 });
      server.pause();
      let failure: NodeJS.ErrnoException | undefined;
      client.write(Buffer.alloc(1 << 20), (error) => (failure = error as NodeJS.ErrnoException));
      const outcome = new Promise((resolve) => finished(client, resolve));
      client.destroy();
      expect(await outcome).to.include({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
      await world.until(() => failure !== undefined);
      expect(failure).to.include({ code: 'ECANCELED', syscall: 'write' });
    });
  });

  describe('beside the data', () => {
    it('times out when idle, and again only after traffic', async () => {
      const [client, server] = await world.open();
      server.pipe(server);
      client.resume();
      let called = 0;
      client.setTimeout(20, () => called++);
      expect(client.timeout).to.equal(20);
      await once(client, 'timeout');
      expect([called, client.destroyed]).to.deep.equal([1, false]);
      const again = once(client, 'timeout');
      client.write('traffic');
      await again;
      client.setTimeout(0);
      expect(client.timeout).to.equal(0);
    });

    it('sets no-delay before and after connecting', async () => {
      const [client] = await world.open({ noDelay: true });
      expect(client.connection!.noDelay).to.equal(true);
      client.setNoDelay(false);
      expect(client.connection!.noDelay).to.equal(false);
    });

    it('runs listeners in the context that the socket was made in', async () => {
      const storage = new AsyncLocalStorage<string>();
      const [client, server] = await storage.run('mine', () => world.open());
      const seen: unknown[] = [];
      storage.run('another', () => server.write('x'));
      client.on('data', () => seen.push(storage.getStore()));
      client.on('end', () => seen.push(storage.getStore()));
      server.end();
      await once(client, 'close');
      expect(seen).to.deep.equal(['mine', 'mine']);
    });

    it('keeps the stack whole when a listener throws', async () => {
      const [client, server] = await world.open();
      const thrown = nextUncaught();
      client.once('data', () => {
        throw new Error('of a listener');
      });
      server.write('one');
      expect((await thrown).message).to.equal('of a listener');
      server.end('two');
      expect(await digestOf(client)).to.equal(digest(Buffer.from('two')));
    });
  });

  it('opens, uses and closes 200 at once', async () => {
    const pairs = await Promise.all(Array.from({ length: 200 }, () => world.open()));
    const bytes = randomBytes(20_000);
    const results = pairs.map(async ([client, server]) => {
      server.pipe(server);
      client.end(bytes);
      return digestOf(client);
    });
    expect(new Set(await Promise.all(results))).to.deep.equal(new Set([digest(bytes)]));
    await world.until(() => world.server.connectionCount === 0);
  });
});

/** The next uncaught exception, in mocha's place. */
function nextUncaught(): Promise<Error> {
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  return new Promise((resolve) => {
    process.once('uncaughtException', (error) => {
      for (const listener of others) process.on('uncaughtException', listener);
      resolve(error);
    });
  });
}
