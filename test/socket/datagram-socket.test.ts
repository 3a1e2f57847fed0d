import { AsyncLocalStorage } from 'node:async_hooks';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'chai';
import dnsPacket from 'dns-packet';
import { createDatagramSocket, type FastDatagramSocket } from '../../src/socket/index.js';
import { CLIENT_ADDRESS, SERVER_ADDRESS, SocketWorld } from '../support/socket-world.js';

type From = { address: string; family: string; port: number; size: number };

describe('a datagram socket over a stack', () => {
  let world: SocketWorld;
  let sockets: FastDatagramSocket[];
  beforeEach(() => {
    world = new SocketWorld();
    sockets = [];
  });
  afterEach(async () => {
    for (const socket of sockets) await socket[Symbol.asyncDispose]();
    await world.stop();
  });

  function make(side: 'client' | 'server', ...rest: [Parameters<typeof createDatagramSocket>[1]]): FastDatagramSocket {
    const socket = createDatagramSocket(world[side], ...rest);
    sockets.push(socket);
    return socket;
  }

  it('asks a DNS server on the other stack, written as for node:dgram, and takes the answer of dns-packet', async () => {
    const server = make('server', 'udp4').bind(53);
    server.on('message', (message, from) => {
      const query = dnsPacket.decode(message);
      const { name } = query.questions![0]!;
      const answers = [{ name, type: 'A' as const, ttl: 60, data: '192.0.2.1' }];
      const answer = { type: 'response' as const, id: query.id, flags: dnsPacket.AUTHORITATIVE_ANSWER, answers };
      server.send(dnsPacket.encode({ ...answer, questions: query.questions }), from.port, from.address);
    });
    const client = make('client', 'udp4');
    const questions = [{ name: 'example.org', type: 'A' as const }];
    client.send(dnsPacket.encode({ type: 'query', id: 4711, questions }), 53, SERVER_ADDRESS);
    const [message, from] = (await once(client, 'message')) as [Buffer, From];
    const answer = dnsPacket.decode(message);
    expect([answer.id, answer.answers]).to.deep.equal([
      4711,
      [{ name: 'example.org', type: 'A', ttl: 60, class: 'IN', flush: false, data: '192.0.2.1' }],
    ]);
    expect(from).to.deep.equal({ address: SERVER_ADDRESS, family: 'IPv4', port: 53, size: message.length });
  });

  it('says where it is bound, as Node’s own', async () => {
    const ours = make('server', 'udp4').bind(5353);
    await once(ours, 'listening');
    expect(ours.address()).to.deep.equal({ address: '0.0.0.0', family: 'IPv4', port: 5353 });
    const named = make('server', 'udp6').bind({ port: 5353, address: 'fd00::2' });
    await once(named, 'listening');
    expect(named.address()).to.deep.equal({ address: 'fd00::2', family: 'IPv6', port: 5353 });
    expect(make('server', 'udp6').bind().address().port).to.be.at.least(32_768);
    const node = createSocket('udp4');
    for (const socket of [node, make('server', 'udp4')]) {
      expect(() => socket.address())
        .to.throw()
        .with.property('code', 'EBADF');
    }
    node.close();
  });

  it('a udp6 socket takes IPv4 too, in IPv6 form, unless it is for IPv6 only', async () => {
    const both = make('server', 'udp6').bind(53);
    make('client', 'udp4').send('4', 53, SERVER_ADDRESS);
    const [, from] = (await once(both, 'message')) as [Buffer, From];
    expect(from).to.include({ address: `::ffff:${CLIENT_ADDRESS}`, family: 'IPv6' });
    make('client', 'udp6').send('6', 53, 'fd00::2');
    expect(((await once(both, 'message')) as [Buffer, From])[1]).to.include({ address: 'fd00::1', family: 'IPv6' });
    both.send('back', from.port, from.address);
    both.close();
    const only = make('server', { type: 'udp6', ipv6Only: true }).bind(53);
    const heard: string[] = [];
    only.on('message', (message) => heard.push(String(message)));
    make('client', 'udp4').send('4', 53, SERVER_ADDRESS);
    make('client', 'udp6').send('6', 53, 'fd00::2');
    await world.until(() => heard.length > 0);
    expect(heard).to.deep.equal(['6']);
  });

  it('sends strings, views, parts of them and lists of them, like node:dgram', async () => {
    const server = make('server', 'udp4').bind(7);
    const heard: string[] = [];
    server.on('message', (message) => heard.push(String(message)));
    const client = make('client', 'udp4');
    const bytes = Buffer.from('abcdef');
    client.send('text', 7, SERVER_ADDRESS);
    client.send(bytes, 1, 3, 7, SERVER_ADDRESS);
    client.send(new DataView(bytes.buffer, bytes.byteOffset + 4, 2), 7, SERVER_ADDRESS);
    client.send(['x', Buffer.from('y'), 'z'], 7, SERVER_ADDRESS);
    const sent = await new Promise((resolve) => {
      client.send('', 7, SERVER_ADDRESS, (error, size) => resolve([error, size]));
    });
    bytes.fill(0);
    await world.until(() => heard.length === 5);
    expect(heard).to.deep.equal(['text', 'bcd', 'ef', 'xyz', '']);
    expect(sent).to.deep.equal([null, 0]);
  });

  it('refuses what node:dgram refuses, with the same codes', async () => {
    const node = createSocket('udp4');
    const ours = make('client', 'udp4');
    const wrong: ((socket: typeof node) => unknown)[] = [
      (socket) => socket.send('x', 0, SERVER_ADDRESS),
      (socket) => socket.send('x', 65536, SERVER_ADDRESS),
      (socket) => socket.send(Buffer.from('abc'), 2, 5, 7, SERVER_ADDRESS),
      (socket) => socket.send(5 as never, 7, SERVER_ADDRESS),
      (socket) => socket.send('x', 7, 9 as never),
      (socket) => socket.disconnect(),
      (socket) => socket.remoteAddress(),
      (socket) => socket.connect(0),
      (socket) => {
        socket.close();
        socket.send('x', 7, SERVER_ADDRESS);
      },
      (socket) => socket.close(),
    ];
    const codeOf = (call: () => unknown) => {
      try {
        call();
      } catch (error) {
        return (error as { code: string }).code;
      }
      return undefined;
    };
    for (const call of wrong) {
      const expected = codeOf(() => call(node));
      expect(expected, String(call)).to.be.a('string');
      expect(
        codeOf(() => call(ours as never)),
        String(call),
      ).to.equal(expected);
    }
    expect(() => createDatagramSocket(world.client, 'udp5' as never))
      .to.throw()
      .with.property('code', 'ERR_SOCKET_BAD_TYPE');
    const bound = make('client', 'udp4').bind(9);
    expect(() => bound.bind(10))
      .to.throw()
      .with.property('code', 'ERR_SOCKET_ALREADY_BOUND');
  });

  it('fails with EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH, EACCES, EMSGSIZE where Node’s own does', async () => {
    make('server', 'udp4').bind(53);
    const second = make('server', 'udp4').bind(53);
    expect((await once(second, 'error'))[0]).to.include({ code: 'EADDRINUSE', syscall: 'bind', port: 53 });
    const elsewhere = make('server', 'udp4').bind(54, '10.9.9.9');
    expect((await once(elsewhere, 'error'))[0]).to.include({ code: 'EADDRNOTAVAIL', address: '10.9.9.9' });
    const client = make('client', 'udp4');
    const failure = (message: string, address: string) =>
      new Promise<NodeJS.ErrnoException>((resolve) => {
        client.send(message, 7, address, (error) => resolve(error as NodeJS.ErrnoException));
      });
    expect(await failure('x', '192.0.2.1')).to.include({ code: 'ENETUNREACH', syscall: 'send', address: '192.0.2.1' });
    expect(await failure('x', '10.0.0.255')).to.include({ code: 'EACCES' });
    expect(await failure('x'.repeat(65_508), SERVER_ADDRESS)).to.include({ code: 'EMSGSIZE' });
    client.send('x', 7, '192.0.2.1');
    expect((await once(client, 'error'))[0]).to.include({ code: 'ENETUNREACH' });
  });

  it('a connected socket hears one end alone, and of a closed port there', async () => {
    const server = make('server', 'udp4').bind(7);
    server.on('message', (message, from) => server.send(message, from.port, from.address));
    const client = make('client', 'udp4');
    client.connect(7, SERVER_ADDRESS);
    client.send('early');
    await once(client, 'message');
    expect(client.remoteAddress()).to.deep.equal({ address: SERVER_ADDRESS, family: 'IPv4', port: 7 });
    expect(client.address().address).to.equal(CLIENT_ADDRESS);
    expect(() => client.connect(8, SERVER_ADDRESS))
      .to.throw()
      .with.property('code', 'ERR_SOCKET_DGRAM_IS_CONNECTED');
    server.close();
    client.send(Buffer.from('late'), 1, 2);
    expect((await once(client, 'error'))[0]).to.include({ code: 'ECONNREFUSED', syscall: 'recvmsg' });
    client.disconnect();
    expect(() => client.remoteAddress())
      .to.throw()
      .with.property('code', 'ERR_SOCKET_DGRAM_NOT_CONNECTED');
  });

  it('joins a group and leaves it; sends with the TTL of a group', async () => {
    const member = make('server', { type: 'udp4', reuseAddr: true }).bind(5353);
    const other = make('server', { type: 'udp4', reuseAddr: true }).bind(5353);
    const heard: string[] = [];
    for (const [name, socket] of Object.entries({ member, other })) socket.on('message', () => heard.push(name));
    member.addMembership('224.0.0.251');
    const client = make('client', 'udp4').bind();
    client.setMulticastTTL(4);
    client.send('who', 5353, '224.0.0.251');
    await world.until(() => heard.length === 1);
    member.dropMembership('224.0.0.251');
    other.addMembership('224.0.0.251');
    client.send('who', 5353, '224.0.0.251');
    await world.until(() => heard.length === 2);
    expect(heard).to.deep.equal(['member', 'other']);
    for (const call of [() => member.dropMembership('224.0.0.251'), () => member.addMembership('10.0.0.1')]) {
      expect(call).to.throw().with.property('syscall');
    }
    client.setBroadcast(true);
    client.send('all', 5353, '10.0.0.255');
    await world.until(() => heard.length === 4);
    for (const hops of [0, 256, 1.5])
      expect(() => client.setTTL(hops))
        .to.throw()
        .with.property('code', 'EINVAL');
    expect(client.setTTL(9)).to.equal(9);
  });

  it('names are looked up by the function that it is given', async () => {
    const server = make('server', 'udp4').bind(7);
    const lookup = ((_name: string, _options: unknown, found: (...given: unknown[]) => void) =>
      setImmediate(found, null, SERVER_ADDRESS, 4)) as never;
    make('client', { type: 'udp4', lookup }).send('x', 7, 'server.example');
    expect(String((await once(server, 'message'))[0])).to.equal('x');
    const broken = ((_name: string, _options: unknown, found: (error: Error) => void) =>
      setImmediate(found, Object.assign(new Error('no'), { code: 'ENOTFOUND' }))) as never;
    const client = make('client', { type: 'udp4', lookup: broken });
    client.send('x', 7, 'server.example');
    expect((await once(client, 'error'))[0]).to.include({ code: 'ENOTFOUND' });
  });

  it('closes by itself when its signal aborts, or when its stack shuts down', async () => {
    const controller = new AbortController();
    const first = createDatagramSocket(world.server, { type: 'udp4', signal: controller.signal }).bind(53);
    await once(first, 'listening');
    controller.abort();
    await once(first, 'close');
    const second = createDatagramSocket(world.server, 'udp4').bind(53);
    await once(second, 'listening');
    world.server.shutdown();
    await once(second, 'close');
    expect(() => second.send('x', 7, CLIENT_ADDRESS))
      .to.throw()
      .with.property('code', 'ERR_SOCKET_DGRAM_NOT_RUNNING');
  });

  it('a listener that throws does not disturb the stack, and runs in the context that the socket was made in', async () => {
    const storage = new AsyncLocalStorage<string>();
    const server = storage.run('ours', () => make('server', 'udp4').bind(7));
    const contexts: (string | undefined)[] = [];
    server.on('message', () => {
      contexts.push(storage.getStore());
      if (contexts.length === 1) throw new Error('a mistake of the program');
    });
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const thrown = once(process, 'uncaughtException');
    const client = make('client', 'udp4');
    client.send('x', 7, SERVER_ADDRESS);
    expect((await thrown)[0]).to.have.property('message', 'a mistake of the program');
    for (const listener of listeners) process.on('uncaughtException', listener);
    client.send('x', 7, SERVER_ADDRESS);
    await world.until(() => contexts.length === 2);
    expect(contexts).to.deep.equal(['ours', 'ours']);
  });

  it('datagrams of any size cross, in fragments if need be', async () => {
    const server = make('server', 'udp4').bind(7);
    server.on('message', (message, from) => server.send(message, from.port, from.address));
    const client = make('client', 'udp4');
    for (const size of [1, 1472, 1473, 9000, 65_507]) {
      const bytes = Buffer.alloc(size, `${size}`);
      client.send(bytes, 7, SERVER_ADDRESS);
      const [message] = (await once(client, 'message')) as [Buffer];
      expect(message.equals(bytes), `${size} bytes`).to.equal(true);
    }
  });
});
