/** The user calls of RFC 9293 section 3.9.1 that are not shown elsewhere: what a program may set, ask and do. */
import { expect } from 'chai';
import { NetworkError } from '../../../../src/net/network-error.js';
import { SeededRandom } from '../../../../src/net/random.js';
import { createStack } from '../../../../src/net/stack.js';
import type { ConnectOptions } from '../../../../src/net/tcp/tcp.js';
import { IpAddress, IpNetwork } from '../../../../src/net/wire/address.js';
import { SummedBytes } from '../../../../src/net/wire/summed-bytes.js';
import { reach } from '../../../support/reach.js';
import { ScriptedPeer } from '../../../support/scripted-peer.js';

const REMOTE = IpAddress.parse('10.0.0.1');
const OPENER = {
  connected: () => {
    throw new Error('connected');
  },
  failed: () => {},
};

/** The code of the error that `call` throws; undefined if it throws none. */
function codeOf(call: () => void): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return error.code;
  }
}

describe('tcp: user calls', () => {
  it('DSCP goes to IP unchanged, and may be changed [9293-MUST-48] [9293-SHLD-22] [9293-SHLD-23]', () => {
    const peer = new ScriptedPeer({ tcp: { dscp: 46 } });
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.');
    expect(peer.lastTos).to.equal(46 << 2);
    peer.send('.', { seq: 1, ack: 1 });
    peer.program.connection.trafficClass = 10 << 2;
    peer.write(10);
    peer.expect('P.');
    expect(peer.lastTos).to.equal(10 << 2);
  });

  it('SEND refuses what are no SummedBytes, and an interval that they do not have, and goes on', () => {
    const peer = reach('ESTABLISHED');
    const { connection } = peer.program;
    const refused = (bytes: unknown, from: number, to: number) =>
      expect(() => connection.send(bytes as SummedBytes, from, to), `${from} ${to}`);
    refused(null, 0, 5).to.throw(TypeError, 'send takes SummedBytes, not null; SummedBytes.of(bytes) makes them');
    refused(undefined, 0, 5).to.throw(TypeError, 'not undefined;');
    refused(new Uint8Array(5), 0, 5).to.throw(TypeError, 'not Uint8Array;');
    refused('hello', 0, 5).to.throw(TypeError, 'not String;');
    const five = SummedBytes.of(new Uint8Array(5));
    for (const [from, to] of [
      [0, 6],
      [-1, 5],
      [3, 2],
      [0, Number.NaN],
      [0, undefined as never],
    ] as const) {
      refused(five, from, to).to.throw(RangeError, `there is no interval [${from}, ${to}) in 5 bytes`);
    }
    expect(connection.queuedBytes).to.equal(0);
    peer.write(10);
    peer.expect('P.');
  });

  it('TTL can be set [9293-MUST-49]', () => {
    const peer = reach('ESTABLISHED');
    peer.write(10);
    peer.expect('P.');
    expect(peer.lastTtl).to.equal(64);
    peer.send('.');
    peer.program.connection.timeToLive = 5;
    peer.write(10);
    peer.expect('P.');
    expect(peer.lastTtl).to.equal(5);
  });

  it('TTL and traffic class of a listener: from the SYN-ACK to the ACKs of TIME-WAIT [9293-MUST-48] [9293-MUST-49]', () => {
    const peer = new ScriptedPeer({ listen: { timeToLive: 255, trafficClass: 0xb9 } });
    const expectSo = (flags: string) => {
      peer.expect(flags);
      expect([peer.lastTtl, peer.lastTos], flags).to.deep.equal([255, 0xb8]);
    };
    peer.send('.', { seq: 5, ack: 5 });
    expectSo('R');
    peer.send('S', { seq: 0, mss: 1460 });
    expectSo('S.');
    peer.send('.', { seq: 1, ack: 9 });
    expectSo('R');
    peer.send('.', { seq: 1, ack: 1 });
    peer.write(10);
    expectSo('P.');
    peer.close();
    expectSo('F.');
    peer.send('.', { seq: 1, ack: 12 });
    peer.send('F.', { seq: 1, ack: 12 });
    expectSo('.');
    peer.send('F.', { seq: 1, ack: 12 });
    expectSo('.');
  });

  it('TTL and traffic class of a listener: on SYN cookies too [9293-MUST-48] [9293-MUST-49]', () => {
    const peer = new ScriptedPeer({ tcp: { synCookies: 'always' }, listen: { timeToLive: 255, trafficClass: 0x20 } });
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.');
    expect([peer.lastTtl, peer.lastTos]).to.deep.equal([255, 0x20]);
    peer.send('.', { seq: 1, ack: 1 });
    peer.write(1);
    peer.expect('P.');
    expect([peer.lastTtl, peer.lastTos]).to.deep.equal([255, 0x20]);
  });

  it('TTL and traffic class before connect: on the SYN [9293-MUST-48] [9293-MUST-49]', () => {
    const peer = new ScriptedPeer();
    const { stack, bench } = peer;
    stack.connect({ address: REMOTE, port: 40_000, timeToLive: 3, trafficClass: 0x48 }, OPENER);
    bench.run();
    const { ttl, tos } = bench.departed[0]!;
    expect([ttl, tos]).to.deep.equal([3, 0x48]);
  });

  for (const ipv6 of [false, true]) {
    it(`GTSM over IPv${ipv6 ? 6 : 4}: what has come through a router is dropped unseen [5082-1]`, () => {
      const peer = new ScriptedPeer({ ipv6, listen: { timeToLive: 255, minimumTimeToLive: 255 } });
      const near = { ttl: 255 };
      peer.send('S', { seq: 0, mss: 1220, ttl: 254 });
      peer.expectNothing();
      peer.send('S', { seq: 0, mss: 1220, ...near });
      peer.expect('S.');
      peer.send('.', { seq: 1, ack: 1, ttl: 254 });
      expect(peer.state).to.equal('SYN-RECEIVED');
      peer.send('.', { seq: 1, ack: 1, ...near });
      peer.send('R', { seq: 1, ttl: 254 });
      peer.send('P.', { seq: 1, ack: 1, data: 10, ttl: 254 });
      peer.expectNothing(1000);
      expect([peer.state, peer.program.bytes]).to.deep.equal(['ESTABLISHED', 0]);
      peer.send('P.', { seq: 1, ack: 1, data: 10, ...near });
      peer.expect('.', { ack: 11 });
      peer.close();
      peer.expect('F.');
      peer.send('F.', { seq: 11, ack: 2, ...near });
      peer.expect('.', { ack: 12 });
      peer.send('R', { seq: 12, ack: 2, ttl: 254 });
      expect(peer.state).to.equal('TIME-WAIT');
      expect(peer.stack.statistics.tcp.belowMinimumTtl).to.equal(5);
    });
  }

  it('GTSM of a connection that we open: the SYN-ACK of a stranger far off is dropped [5082-1]', () => {
    const peer = reach('SYN-SENT');
    peer.controlBlock!.connection!.minimumTimeToLive = 254;
    peer.send('S.', { seq: 0, ack: 1, mss: 1460, ttl: 253 });
    expect(peer.state).to.equal('SYN-SENT');
    peer.send('S.', { seq: 0, ack: 1, mss: 1460, ttl: 254 });
    expect(peer.state).to.equal('ESTABLISHED');
  });

  it('a TTL or traffic class that is none is an error with a code', () => {
    const { stack, program } = reach('ESTABLISHED');
    for (const choices of [{ timeToLive: 256 }, { trafficClass: -1 }, { minimumTimeToLive: 0.5 }]) {
      expect(codeOf(() => stack.listen(81, () => program, choices))).to.equal('EINVAL');
      expect(codeOf(() => void stack.connect({ address: REMOTE, port: 80, ...choices }, OPENER))).to.equal('EINVAL');
      expect(codeOf(() => void Object.assign(program.connection, choices))).to.equal('EINVAL');
    }
  });

  it('cork: a last segment that is not full waits for more, or until the cork is taken out, but not for ever', () => {
    const peer = reach('ESTABLISHED');
    const { connection } = peer.program;
    connection.cork = true;
    expect(connection.cork).to.equal(true);
    peer.write(2000);
    peer.expect('.', { length: 1460 });
    peer.expectNothing(100);
    connection.cork = false;
    peer.bench.run();
    peer.expect('P.', { seq: 1461, length: 540 });
    peer.send('.');
    connection.cork = true;
    peer.write(10);
    peer.wait(1000);
    peer.expect('P.', { seq: 2001, length: 10 });
  });

  it('the segment size can be lowered, never above what link and peer take', () => {
    const peer = reach('ESTABLISHED');
    const { connection } = peer.program;
    connection.maxSegment = 9000;
    expect(connection.maxSegment).to.equal(1460);
    connection.maxSegment = 500;
    peer.write(700);
    peer.expect('.', { length: 500 });
    peer.expect('P.', { length: 200 });
  });

  it("the receive buffer of one connection can be other than the host's", () => {
    const peer = new ScriptedPeer({ listen: { receiveBuffer: 5000 } });
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.', { win: 5000 });
  });

  it('a listener for one address of ours serves no other [9293-MUST-43]', () => {
    const peer = new ScriptedPeer({
      addresses: ['10.0.0.2', '10.0.0.3'],
      listen: { address: IpAddress.parse('10.0.0.3') },
    });
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('R.', { ack: 1 });
  });

  it('a connection of ours gets a port that is free, above 32,768, hard to guess [9293-MUST-44]', () => {
    const peer = new ScriptedPeer();
    const ports = Array.from({ length: 50 }, () => peer.stack.connect({ address: REMOTE, port: 9 }, OPENER).localPort);
    expect(new Set(ports).size).to.equal(50);
    expect(Math.min(...ports)).to.be.at.least(32_768);
    const steps = ports.slice(1).map((port, i) => port - ports[i]!);
    expect(new Set(steps).size).to.be.greaterThan(25);
  });

  it('an address that there is no way to is an error [9293-MUST-46]', () => {
    const peer = new ScriptedPeer();
    const address = IpAddress.parse('192.0.2.1');
    expect(() => peer.stack.connect({ address, port: 9 }, OPENER)).to.throw(/no route/);
  });

  it('a listener that is given up accepts no more; what it accepted stays [9293-MUST-41]', () => {
    const peer = reach('ESTABLISHED');
    const { listener } = peer.controlBlock!;
    peer.stack.unlisten(listener!);
    peer.send('S', { seq: 0, mss: 1460, peerPort: 9 });
    peer.expect('R.');
    peer.send('P.', { data: 10 });
    peer.expect('.', { ack: 11 });
  });

  it('connect to a broadcast or multicast address is an error, and nothing leaves [9293-MUST-46]', () => {
    const peer = new ScriptedPeer();
    for (const text of ['255.255.255.255', '10.0.0.255', '224.0.0.1', '0.0.0.0']) {
      const address = IpAddress.parse(text);
      expect(() => peer.stack.connect({ address, port: 80 }, OPENER), text).to.throw();
    }
    peer.bench.run();
    peer.expectNothing(1000);
    expect(peer.stack.connectionCount).to.equal(0);
  });

  it('connect twice between the same ends is an error [9293-MUST-42]', () => {
    const peer = reach('SYN-SENT');
    const options = { address: REMOTE, port: peer.peerPort, localPort: peer.port };
    expect(() => peer.stack.connect(options, OPENER)).to.throw(/in use/);
  });

  it('listening on a port leaves connections from that port alone, half-open ones too [9293-MUST-41] [9293-MUST-42]', () => {
    const peer = reach('SYN-SENT');
    // The bench listens on the same port that this connection is opened from.
    peer.send('S', { seq: 0, peerPort: 5555, mss: 1460 });
    expect(peer.takeAll().map(({ flags }) => flags)).to.deep.equal(['S.']);
    peer.send('S.', { seq: 0, ack: 1, mss: 1460 });
    expect(peer.stack.connectionCount).to.equal(2);
  });

  it("the local address is the program's choice, or IP's, and never changes [9293-MUST-43] [9293-MUST-44] [9293-MUST-45]", () => {
    for (const chosen of [undefined, '10.0.0.3']) {
      const peer = new ScriptedPeer({ addresses: ['10.0.0.2', '10.0.0.3'] });
      const { departed } = peer.bench;
      const local = chosen ?? '10.0.0.2';
      const back = { destination: local };
      peer.bench.connect(peer.peerPort, peer.port, chosen);
      expect(departed[0]!.source).to.equal(local);
      peer.expect('S');
      peer.send('S.', { seq: 0, ack: 1, mss: 1460, ...back });
      peer.write(2000);
      peer.send('FP.', { data: 10, ...back });
      peer.close();
      peer.wait(10_000);
      expect(departed.length).to.be.greaterThan(4);
      expect(departed.every(({ source }) => source === local)).to.equal(true);
    }
  });

  it('two listeners on one port at the same address are an error, whichever way all addresses are written', () => {
    const peer = new ScriptedPeer();
    const listen = (address?: string) => () => {
      peer.stack.listen(80, () => peer.program, address === undefined ? {} : { address: IpAddress.parse(address) });
    };
    expect(codeOf(listen())).to.equal('EADDRINUSE');
    expect(codeOf(listen('::'))).to.equal('EADDRINUSE');
    listen('0.0.0.0')();
    expect(codeOf(listen('0.0.0.0'))).to.equal('EADDRINUSE');
    listen(peer.bench.stackAddress)();
    expect(codeOf(listen(peer.bench.stackAddress))).to.equal('EADDRINUSE');
  });

  it('one port at two addresses and at all of them: the listener that says it most exactly has the connection', () => {
    const peer = new ScriptedPeer({ addresses: ['10.0.0.2', '10.0.0.3', '10.0.0.4'] });
    const { stack } = peer;
    const at = (address: string) =>
      stack.listen(80, () => peer.program, { address: IpAddress.parse(address), backlog: 7 });
    const listeners = new Map([
      ['10.0.0.3', at('10.0.0.3')],
      ['10.0.0.2', at('10.0.0.2')],
      ['10.0.0.4', at('0.0.0.0')],
    ]);
    const listenerOf = (destination: string, peerPort: number) => {
      peer.send('S', { seq: 0, mss: 1460, destination, peerPort });
      peer.bench.run();
      const tcb = stack.tcp.host.connections.values().find(({ remotePort }) => remotePort === peerPort);
      return tcb?.listener;
    };
    let port = 1000;
    for (const [address, listener] of listeners) expect(listenerOf(address, port++), address).to.equal(listener);
    // What is given up falls to the next: at last to the bench's own, which is for all addresses.
    stack.unlisten(listeners.get('10.0.0.3')!);
    expect(listenerOf('10.0.0.3', port++)).to.equal(listeners.get('10.0.0.4'));
    stack.unlisten(listeners.get('10.0.0.4')!);
    expect(listenerOf('10.0.0.3', port++)?.address).to.equal(undefined);
    expect(listenerOf('10.0.0.2', port++)).to.equal(listeners.get('10.0.0.2'));
  });

  it('a listener for all of IPv4 has no connection over IPv6', () => {
    const peer = new ScriptedPeer({ ipv6: true });
    peer.stack.listen(81, () => peer.program, { address: IpAddress.parse('0.0.0.0') });
    peer.send('S', { seq: 0, mss: 1440, port: 81 });
    expect(peer.takeAll().map(({ flags }) => flags)).to.deep.equal(['R.']);
  });

  it('listen at an address that is not ours, or on what is no port: an error with a code', () => {
    const { stack, program } = reach('ESTABLISHED');
    const accept = () => program;
    expect(codeOf(() => stack.listen(81, accept, { address: REMOTE }))).to.equal('EADDRNOTAVAIL');
    for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
      expect(
        codeOf(() => stack.listen(port, accept)),
        `${port}`,
      ).to.equal('EINVAL');
    }
  });

  it('listen is possible before the addresses have been checked', () => {
    const bench = new ScriptedPeer();
    const stack = createStack({
      device: bench.stack.device,
      clock: bench.clock,
      random: new SeededRandom(1),
      addresses: [IpNetwork.parse('10.0.0.2/24')],
    });
    stack.listen(80, () => bench.program, { address: IpAddress.parse('10.0.0.2') });
    expect(stack.tcp.host.listeners.has(80)).to.equal(true);
  });

  it('connect says why it cannot, with a code', () => {
    const peer = reach('SYN-SENT');
    const { stack, peerPort, port } = peer;
    const attempt = (options: Partial<ConnectOptions>) =>
      codeOf(() => void stack.connect({ address: REMOTE, port: 80, ...options }, OPENER));
    expect(attempt({ address: IpAddress.parse('192.0.2.1') })).to.equal('ENETUNREACH');
    expect(attempt({ address: IpAddress.parse('224.0.0.1') })).to.equal('ENETUNREACH');
    expect(attempt({ localAddress: IpAddress.parse('10.0.0.99') })).to.equal('EADDRNOTAVAIL');
    expect(attempt({ port: peerPort, localPort: port })).to.equal('EADDRINUSE');
    expect(attempt({ port: 0 })).to.equal('EINVAL');
    expect(attempt({ localPort: 70_000 })).to.equal('EINVAL');
  });

  it('a local port whose connection to the same end is in TIME-WAIT is in use', () => {
    const peer = reach('TIME-WAIT');
    const options = { address: REMOTE, port: peer.peerPort, localPort: peer.port };
    expect(codeOf(() => void peer.stack.connect(options, OPENER))).to.equal('EADDRINUSE');
    peer.wait(60_000);
    expect(codeOf(() => void peer.stack.connect(options, OPENER))).to.equal(undefined);
  });

  it('what a program gets is a Connection and nothing of the control block', () => {
    const { connection } = reach('ESTABLISHED').program;
    expect(Object.keys(connection)).to.deep.equal([]);
    const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(connection));
    expect(Object.keys(members)).to.have.members([
      ...['localAddress', 'localPort', 'remoteAddress', 'remotePort'],
      ...[
        'send',
        'flush',
        'queuedBytes',
        'queuedPieces',
        'queuedTo',
        'acknowledgedTo',
        'receivedTo',
        'congestionWindow',
        'close',
        'detach',
        'abort',
        'resume',
        'setTimeout',
      ],
      ...[
        'noDelay',
        'cork',
        'maxSegment',
        'receiveBuffer',
        'trafficClass',
        'timeToLive',
        'minimumTimeToLive',
        'userTimeout',
        'pacingRate',
        'pacingGroup',
        'keepAlive',
      ],
      ...['unreadBytes', 'urgentBytes', 'info'],
    ]);
  });

  it('close in SYN-SENT: nothing more is sent, and the opener hears [9293-MUST-11]', () => {
    const peer = reach('SYN-SENT');
    peer.controlBlock!.connection!.close();
    expect(peer.bench.failures).to.have.length(1);
    peer.expectNothing(10_000);
  });

  it('close in SYN-RECEIVED of a simultaneous open: the SYN and the FIN both go again until acknowledged', () => {
    const peer = reach('SYN-SENT');
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.', { seq: 0, ack: 1 });
    peer.controlBlock!.connection!.close();
    peer.bench.run();
    peer.expect('F.', { seq: 1, ack: 1 });
    expect(peer.state).to.equal('FIN-WAIT-1');
    peer.wait(5000);
    const again = peer.takeAll();
    expect(again.map(({ flags }) => flags)).to.include('S.');
    peer.send('.', { seq: 1, ack: 2 });
    expect(peer.state).to.equal('FIN-WAIT-2');
  });

  it('abort: RST with all that we know, and closed is told once [9293-MUST-12]', () => {
    const peer = reach('ESTABLISHED');
    let closed = 0;
    peer.program.closed = () => closed++;
    peer.write(100);
    peer.expect('P.');
    peer.program.connection.abort();
    peer.program.connection.abort();
    peer.bench.run();
    peer.expect('R.', { seq: 101, ack: 1 });
    peer.expectNothing(10_000);
    expect(closed).to.equal(1);
  });

  it('after it has closed, a program can send no more, and nothing breaks if it tries [9293-SHLD-3]', () => {
    const peer = reach('FIN-WAIT-1');
    peer.write(10);
    peer.program.connection.close();
    peer.program.connection.flush();
    peer.bench.run();
    peer.expectNothing();
    peer.send('.', { ack: 2 });
    expect(peer.state).to.equal('FIN-WAIT-2');
  });

  it('calls on a connection that is gone do nothing', () => {
    const peer = reach('ESTABLISHED');
    const { connection } = peer.program;
    peer.send('R', { seq: 1 });
    peer.write(10);
    connection.close();
    connection.abort();
    connection.resume();
    connection.detach();
    connection.setTimeout(1000);
    connection.flush();
    peer.expectNothing(10_000);
    expect(peer.stack.tcp.host.timers.size).to.equal(0);
  });

  it('its own time-out comes once, and can be moved and taken back', () => {
    const peer = reach('ESTABLISHED');
    const at: number[] = [];
    peer.program.timedOut = () => at.push(peer.clock.now / 1000);
    peer.program.connection.setTimeout(5000);
    peer.program.connection.setTimeout(7000);
    peer.wait(100);
    expect(at).to.deep.equal([7]);
    peer.program.connection.setTimeout(5000);
    peer.program.connection.setTimeout(0);
    peer.wait(100);
    expect(at).to.have.length(1);
  });

  it('a resume within a callback is seen to when the callback returns', () => {
    const peer = reach('ESTABLISHED');
    const { program } = peer;
    program.appetite = 10;
    peer.send('P.', { data: 100 });
    peer.write(10);
    program.acknowledged = () => {
      program.appetite = 1000;
      program.connection.resume();
      expect(program.bytes).to.equal(10);
    };
    peer.send('.', { ack: 11 });
    expect(program.bytes).to.equal(100);
  });

  it('what it sends at its time-out, goes out', () => {
    const peer = reach('ESTABLISHED');
    const ten = SummedBytes.of(new Uint8Array(10));
    peer.program.timedOut = () => peer.program.connection.send(ten, 0, 10);
    peer.program.connection.setTimeout(5000);
    peer.expectAfter(5, 'P.', { length: 10 });
  });

  it('a program that aborts, closes or sends inside any of its callbacks breaks nothing', () => {
    for (const callback of ['received', 'acknowledged', 'ended', 'timedOut'] as const) {
      for (const action of ['abort', 'close', 'detach'] as const) {
        const peer = reach('ESTABLISHED');
        const { program } = peer;
        Object.assign(program, {
          [callback]: () => {
            program.connection[action]();
            return 0;
          },
        });
        program.connection.setTimeout(1000);
        peer.write(10);
        peer.send('P.', { seq: 1, ack: 11, data: 10 });
        peer.send('F.', { seq: 11, ack: 11 });
        peer.wait(200_000);
        peer.takeAll();
        peer.send('R', { seq: peer.nxt });
        expect(peer.stack.connectionCount, `${action} in ${callback}`).to.equal(0);
        expect(peer.stack.tcp.host.bufferedBytes, `${action} in ${callback}`).to.equal(0);
      }
    }
  });

  it('bytes held are accounted for to the last: taken in part, then aborted while they are offered', () => {
    const peer = reach('ESTABLISHED');
    const { program } = peer;
    program.appetite = 10;
    peer.send('P.', { data: 100 });
    expect(peer.stack.tcp.host.bufferedBytes).to.equal(90);
    let offers = 0;
    program.received = () => {
      if (offers++ > 0) program.connection.abort();
      return 20;
    };
    program.connection.resume();
    expect(offers).to.equal(2);
    expect(peer.stack.tcp.host.bufferedBytes).to.equal(0);
  });

  it('bytes held are accounted for to the last: those that a mad peer sent beyond its FIN', () => {
    const peer = reach('ESTABLISHED');
    peer.send('.', { seq: 201, data: 100 });
    expect(peer.stack.tcp.host.bufferedBytes).to.equal(100);
    peer.send('F.', { seq: 1 });
    expect(peer.state).to.equal('CLOSE-WAIT');
    expect(peer.stack.tcp.host.bufferedBytes).to.equal(0);
  });

  it('shutdown: FIN to all that are open, and the half-open are forgotten', () => {
    const peer = new ScriptedPeer();
    peer.establish();
    peer.send('S', { seq: 0, peerPort: 1, mss: 1460 });
    peer.takeAll();
    peer.stack.shutdown();
    peer.bench.run();
    expect(peer.takeAll().map(({ flags }) => flags)).to.include('F.');
    peer.send('S', { seq: 0, peerPort: 2, mss: 1460 });
    peer.expect('R.');
    peer.stack.abort();
    peer.bench.run();
    expect(peer.stack.connectionCount).to.equal(0);
  });
});
