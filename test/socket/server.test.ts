import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { FastServer, type FastSocket, listen } from '../../src/socket/index.js';
import { SERVER_ADDRESS, SocketWorld } from '../support/socket-world.js';

describe('a server over a stack', () => {
  let world: SocketWorld;
  beforeEach(() => {
    world = new SocketWorld();
  });
  afterEach(() => world.stop());

  it('listens on a port that it is given, and says so', async () => {
    const server = new FastServer(world.server).listen(8080);
    await once(server, 'listening');
    expect(server.listening).to.equal(true);
    expect(server.address()).to.deep.equal({ address: '0.0.0.0', family: 'IPv4', port: 8080 });
    server.close();
    expect([server.listening, server.address()]).to.deep.equal([false, null]);
  });

  it('chooses a free port for port 0', () => {
    const servers = Array.from({ length: 50 }, () => listen(world.server, 0));
    const ports = new Set(servers.map((server) => server.address()!.port));
    expect(ports.size).to.equal(50);
    expect(Math.min(...ports)).to.be.at.least(49_152);
    for (const server of servers) server.close();
  });

  it('fails with EADDRINUSE where somebody listens already', async () => {
    const first = listen(world.server, 8080);
    const [error] = await once(listen(world.server, 8080), 'error');
    expect(error).to.include({ code: 'EADDRINUSE', syscall: 'listen', port: 8080 });
    first.close();
    const third = listen(world.server, 8080);
    await once(third, 'listening');
    expect(() => third.listen(8081)).to.throw('already listening');
    third.close();
  });

  it('listens on one of several addresses only', async () => {
    const elsewhere = new FastServer(world.server).listen({ port: 8080, host: 'fd00::2' });
    expect((await once(world.connect({ port: 8080 }), 'error'))[0]).to.include({ code: 'ECONNREFUSED' });
    elsewhere.close();
    const here = new FastServer(world.server).listen(8080, SERVER_ADDRESS);
    const socket = world.connect({ port: 8080 });
    await once(socket, 'connect');
    socket.destroy();
    here.close();
  });

  it('listens on one port at two addresses, beside a server for all of them', async () => {
    const servers = [SERVER_ADDRESS, 'fd00::2', '::'].map((host) => new FastServer(world.server).listen(8080, host));
    const [v4, v6, all] = servers as [FastServer, FastServer, FastServer];
    const heard: string[] = [];
    for (const [name, server] of Object.entries({ v4, v6, all })) server.on('connection', () => heard.push(name));
    for (const host of ['fd00::2', SERVER_ADDRESS]) await once(world.connect({ port: 8080, host }), 'connect');
    v6.close();
    await once(world.connect({ port: 8080, host: 'fd00::2' }), 'connect');
    expect(heard).to.deep.equal(['v6', 'v4', 'all']);
    for (const server of [v4, all]) server.close();
  });

  it('fails with EADDRNOTAVAIL at an address that the stack does not have', async () => {
    const [error] = await once(new FastServer(world.server).listen({ port: 8080, host: '10.0.0.9' }), 'error');
    expect(error).to.include({ code: 'EADDRNOTAVAIL', syscall: 'listen', address: '10.0.0.9', port: 8080 });
  });

  it('has TTL and traffic class in force from the SYN on, on both sides', async () => {
    const choices = { timeToLive: 255, minimumTimeToLive: 255, trafficClass: 0xb8 };
    const server = new FastServer(world.server, choices).listen(8080);
    const client = world.connect({ port: 8080, ...choices });
    await once(client, 'connect');
    expect(client.connection).to.include(choices);
    const far = world.connect({ port: 8080 });
    client.end();
    await once(client, 'close');
    expect(far.connecting).to.equal(true);
    far.destroy();
    server.close();
  });

  it('gives each connection a socket with the options of the server', async () => {
    const options = { noDelay: true, allowHalfOpen: true, receiveBufferBytes: 10_000 };
    const server = new FastServer(world.server, options, (socket) => void sockets.push(socket)).listen(8080);
    const sockets: FastSocket[] = [];
    const client = world.connect({ port: 8080 });
    await once(server, 'connection');
    expect(sockets[0]!.connection).to.include({ noDelay: true, receiveBuffer: 10_000 });
    expect(sockets[0]!.allowHalfOpen).to.equal(true);
    client.destroy();
    sockets[0]!.destroy();
    server.close();
  });

  it('closes once the last connection has: new ones are refused, old ones go on', async () => {
    const server = listen(world.server, 8080, (socket) => void socket.pipe(socket));
    const socket = world.connect({ port: 8080 });
    await once(socket, 'connect');
    let closed = false;
    server.close(() => (closed = true));
    expect((await once(world.connect({ port: 8080 }), 'error'))[0]).to.include({ code: 'ECONNREFUSED' });
    expect(closed).to.equal(false);
    socket.end('still here');
    expect(await text(socket)).to.equal('still here');
    await world.until(() => closed);
  });

  it('says that it is not running when closed twice', async () => {
    const server = listen(world.server, 8080);
    await new Promise((resolve) => server.close(resolve));
    const error = await new Promise<Error | undefined>((resolve) => server.close(resolve));
    expect(error).to.include({ code: 'ERR_SERVER_NOT_RUNNING' });
  });

  it('can be closed by a signal', async () => {
    const controller = new AbortController();
    const server = listen(world.server, { port: 8080, signal: controller.signal });
    controller.abort();
    await once(server, 'close');
  });

  it('counts its connections, and drops those beyond maxConnections', async () => {
    const server = listen(world.server, 8080);
    server.maxConnections = 2;
    const two = [world.connect({ port: 8080 }), world.connect({ port: 8080 })];
    await world.until(() => two.every((socket) => !socket.connecting));
    const third = world.connect({ port: 8080 });
    const [dropped] = await once(server, 'drop');
    expect(dropped).to.deep.include({ remoteAddress: '10.0.0.1', localAddress: SERVER_ADDRESS, localPort: 8080 });
    await once(third, 'end');
    const count = await new Promise((resolve) => server.getConnections((_error, number) => resolve(number)));
    expect(count).to.equal(2);
    for (const socket of two) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
