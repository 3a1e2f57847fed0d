/** What a change of the lease does to a stack that serves: connections, listeners, routes, MTU. */
import { expect } from 'chai';
import type { Connection, ConnectionHandler } from '../../src/net/tcp/handler.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { addressBytes, concat, ethernet, ipv4, PEER_MAC, readIp, word16 } from '../support/packets.js';
import { tcpSegment } from '../support/tcp-segment.js';
import { LEASED } from './server.js';
import { DhcpWorld, OUR_MAC } from './world.js';

const CLIENT = '192.168.1.20';
const HTTP = 80;

/** A server with one port, and a client that is made of frames. */
class Serving extends DhcpWorld {
  readonly ends: string[] = [];
  readonly opened: Connection[] = [];

  constructor() {
    super();
    const handler: ConnectionHandler = {
      acknowledged: () => {},
      ended: () => {},
      timedOut: () => {},
      received: (_bytes, from, to) => to - from,
      closed: (reason, code) => this.ends.push(`${reason} ${code}`),
    };
    this.stack.listen(HTTP, (connection) => {
      this.opened.push(connection);
      return handler;
    });
    this.others.splice(0);
  }

  /** Sends a segment; the flags and addresses of what the server says to it. */
  segment(to: string, flags: string, sequence: number, acknowledgment = 0): string[] {
    const pseudo = (length: number) => concat(addressBytes(CLIENT), addressBytes(to), [0, 6], word16(length));
    const fields = { sourcePort: 40_000, destinationPort: HTTP, flags, sequence, acknowledgment };
    const packet = ipv4({ source: CLIENT, destination: to, protocol: 6, payload: tcpSegment(fields, pseudo) });
    this.frame(ethernet(OUR_MAC, PEER_MAC, 0x0800, packet));
    this.pass();
    return this.others.splice(0).map((frame) => {
      const { source, payload } = readIp(frame);
      this.lastSequence = new DataView(payload.buffer, payload.byteOffset).getInt32(4);
      return `${source} ${(payload[13] ?? 0).toString(2).padStart(5, '0')}`;
    });
  }

  lastSequence = 0;

  /** A connection from the client to this address. */
  connect(to: string): void {
    expect(this.segment(to, 'S', 1000)).to.deep.equal([`${to} 10010`]);
    this.segment(to, '.', 1001, this.lastSequence + 1);
  }
}

describe('a lease that changes while a stack serves', () => {
  it('is lost: its connections end with EADDRNOTAVAIL, and nothing more is sent from the address (2131-8)', () => {
    const world = new Serving();
    world.connect(LEASED);
    expect(world.stack.connectionCount).to.equal(1);
    world.server.answers = false;
    world.advance(3601);
    expect(world.ends).to.deep.equal(['stopped EADDRNOTAVAIL']);
    expect(world.stack.connectionCount).to.equal(0);
    expect(world.others.map((frame) => readIp(frame).source)).to.deep.equal([]);
    expect(world.segment(LEASED, 'S', 5000)).to.deep.equal([]);
  });

  it('another address comes: the listeners have it at once', () => {
    const world = new Serving();
    world.server.answers = false;
    world.advance(3601);
    world.server.answers = true;
    world.server.yourAddress = '192.168.1.51';
    world.advance(5);
    world.others.splice(0);
    world.connect('192.168.1.51');
    expect(world.opened).to.have.length(1);
  });

  it('is extended: its connections stay', () => {
    const world = new Serving();
    world.connect(LEASED);
    world.advance(1801);
    expect(world.told.at(-1)).to.contain('extended');
    expect(world.ends).to.deep.equal([]);
    expect(world.stack.connectionCount).to.equal(1);
  });

  it('names an MTU: packets are no larger, and the MSS that we offer fits it', () => {
    const world = new DhcpWorld({ start: false });
    world.server.extra = [[26, 2, 1300 >> 8, 1300 & 255]];
    world.client.start();
    world.pass();
    const route = world.stack.internet.routeTo(IpAddress.parse('192.168.1.77'));
    expect([route?.mtu, route?.linkMtu]).to.deep.equal([1300, 1300]);
  });

  it('names routes: each network has its router, and the longest prefix counts (RFC 3442)', () => {
    const world = new DhcpWorld({ start: false });
    const routes = [0, 192, 168, 1, 1, 8, 10, 192, 168, 1, 2, 16, 10, 9, 192, 168, 1, 3, 24, 172, 16, 0, 0, 0, 0, 0];
    world.server.extra = [[121, routes.length, ...routes]];
    world.client.start();
    world.pass();
    const hop = (to: string) => String(world.stack.internet.routeTo(IpAddress.parse(to))?.neighbor.address);
    expect(['192.0.2.7', '10.1.1.1', '10.9.1.1', '172.16.0.9'].map(hop)).to.deep.equal([
      '192.168.1.1',
      '192.168.1.2',
      '192.168.1.3',
      '172.16.0.9',
    ]);
  });

  it('without a lease a datagram to another port is none of ours, and nobody is told of a closed port', () => {
    const world = new DhcpWorld({ start: false });
    const { ip } = world.stack.statistics.internet;
    const payload = concat(word16(67), word16(69), word16(8), [0, 0]);
    world.frame(
      ethernet(OUR_MAC, PEER_MAC, 0x0800, ipv4({ source: CLIENT, destination: LEASED, protocol: 17, payload })),
    );
    expect(ip.notForUs).to.equal(1);
    payload.set(word16(68), 2);
    world.frame(
      ethernet(OUR_MAC, PEER_MAC, 0x0800, ipv4({ source: CLIENT, destination: LEASED, protocol: 17, payload })),
    );
    expect(ip.notForUs).to.equal(1);
    world.session.close();
    world.frame(
      ethernet(OUR_MAC, PEER_MAC, 0x0800, ipv4({ source: CLIENT, destination: LEASED, protocol: 17, payload })),
    );
    expect(ip.notForUs).to.equal(2);
    expect(world.device.takeSent()).to.have.length(0);
  });
});
