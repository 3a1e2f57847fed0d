import { expect } from 'chai';
import type { Acceptor } from '../../src/net/tcp/handler.js';
import { queryOf, seen } from '../support/dns/message.js';
import { DnsWorld, zoneOf } from '../support/dns/world.js';
import { RICH_ZONE } from '../support/dns/zone-text.js';
import { FakeConnection } from '../support/fake-connection.js';

const ZONE = zoneOf(RICH_ZONE);

function framed(...messages: Buffer[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => [Buffer.from([message.length >> 8, message.length & 255]), message]),
  );
}

function messages(sent: string): Buffer[] {
  const bytes = Buffer.from(sent, 'latin1');
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt16BE(at);
    found.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return found;
}

function connect(world: DnsWorld): FakeConnection {
  return new FakeConnection(world.module.accept as Acceptor, world.udp.world.clock);
}

const query = (name: string, type: string, id = 1) => queryOf({ name, type, edns: true, dnssec: false }, id);

describe('DNS over TCP', () => {
  it('answers queries that come one behind the other, however they are cut, in their order', () => {
    const names = ['web', 'mail', 'nowhere', 'many', 'www'];
    const all = framed(...names.map((name, i) => query(`${name}.example.org`, name === 'many' ? 'TXT' : 'A', i + 1)));
    for (let step = 1; step < 40; step += 3) {
      const connection = connect(new DnsWorld([ZONE]));
      for (let at = 0; at < all.length; at += step) connection.deliver(all.subarray(0, at + step).subarray(at));
      const answers = messages(connection.sent);
      expect(answers.map((answer) => answer.readUInt16BE(0))).to.deep.equal([1, 2, 3, 4, 5]);
      expect(answers.map((answer) => seen(answer).answers.length)).to.deep.equal([2, 1, 0, 3, 3]);
    }
  });

  it('skips a message that is longer than any query, and answers it FORMERR', () => {
    const connection = connect(new DnsWorld([ZONE]));
    const long = Buffer.concat([query('web.example.org', 'A', 7), Buffer.alloc(60_000)]);
    connection.deliver(framed(long, query('web.example.org', 'A', 8)));
    const answers = messages(connection.sent);
    expect(answers.map((answer) => [answer.readUInt16BE(0), answer[3]! & 15])).to.deep.equal([
      [7, 1],
      [8, 0],
    ]);
  });

  it('closes a connection that is idle, and resets what sends no queries', () => {
    const world = new DnsWorld([ZONE], { idle: 10 });
    const idle = connect(world);
    idle.deliver(framed(query('web.example.org', 'A')));
    idle.pass(9_999);
    expect(idle.closing).to.equal(false);
    idle.pass(2);
    expect(idle.closing).to.equal(true);
    const wrong = connect(world);
    wrong.deliver(Buffer.concat([Buffer.from([0, 5]), Buffer.from('GET /')]));
    expect(wrong.gone).to.equal(true);
  });

  it('has so many connections at most, and from one client', () => {
    const world = new DnsWorld([ZONE], { connectionsPerClient: 2 });
    const connections = [connect(world), connect(world), connect(world)];
    for (const connection of connections) connection.deliver(framed(query('web.example.org', 'A')));
    expect(connections.map(({ gone }) => gone)).to.deep.equal([false, false, true]);
    expect(world.statistics.connectionsRefused).to.equal(1);
  });
});

describe('a zone transfer', () => {
  const allowed = { zones: [{ zone: 'example.org', file: 'none', transfer: ['192.0.2.0/24'], notify: [] }] };

  it('has every record once, between the SOA and the SOA', () => {
    const connection = connect(new DnsWorld([ZONE], allowed));
    connection.deliver(framed(query('example.org', 'AXFR')));
    const records = messages(connection.sent).flatMap((message) => seen(message).answers);
    expect(records.filter((text) => text.includes(' 1 6 '))).to.have.length(2);
    expect(records).to.have.length(ZONE.records + 1);
    expect(new Set(records).size).to.equal(ZONE.records);
  });

  it('of a large zone comes in messages, and is made as the client takes it', () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `host${i} A 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    const large = zoneOf(`$TTL 60\n@ SOA a b 1 2 3 4 5\n NS a\na A 192.0.2.1\n${lines.join('\n')}\n`);
    const connection = connect(new DnsWorld([large], allowed));
    connection.acknowledges = false;
    connection.deliver(framed(query('example.org', 'AXFR')));
    expect(connection.queuedBytes).to.be.within(200_000, 300_000);
    while (connection.queuedBytes > 0) connection.acknowledgeAll();
    const found = messages(connection.sent);
    expect(found.length).to.be.greaterThan(20);
    expect(found.flatMap((message) => seen(message).answers)).to.have.length(30_004);
  });

  it('is refused to others, and over UDP', () => {
    const world = new DnsWorld([ZONE]);
    const connection = connect(world);
    connection.deliver(framed(query('example.org', 'AXFR')));
    expect(seen(messages(connection.sent)[0]!)).to.include({ rcode: 5 });
    expect(seen(world.ask(query('example.org', 'AXFR'))!)).to.deep.include({ rcode: 1, answers: [] });
    expect(seen(world.ask(query('example.org', 'IXFR'))!)).to.deep.include({ rcode: 0, flags: 'QR TC EDNS' });
    expect(world.statistics.transfersRefused).to.equal(1);
  });
});
