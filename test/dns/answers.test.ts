import { expect } from 'chai';
import packet from 'dns-packet';
import { ZoneError } from '../../src/dns/load.js';
import { queryOf, type Seen, seen } from '../support/dns/message.js';
import { DnsWorld, zoneOf } from '../support/dns/world.js';
import { RICH_ZONE } from '../support/dns/zone-text.js';

const ZONE = zoneOf(RICH_ZONE);

/** What the answer to a question says. */
function ask(world: DnsWorld, name: string, type: string, options = {}): Seen {
  const answer = world.ask(queryOf({ name, type, edns: true, dnssec: false, ...options }));
  if (answer === undefined) throw new Error('no answer');
  return seen(answer);
}

/** A query with an OPT record of these bytes behind its fixed part. */
function withOptions(name: string, options: string, head = '00002904d0000000000000'.slice(0, 18)): Buffer {
  const plain = queryOf({ name, type: 'A', edns: false, dnssec: false });
  plain.writeUInt16BE(1, 10);
  const data = Buffer.from(options, 'hex');
  const length = Buffer.from([data.length >> 8, data.length & 255]);
  return Buffer.concat([plain, Buffer.from(head, 'hex'), length, data]);
}

describe('an answer of the DNS server', () => {
  it('is what dns-packet reads, with the case of the question, its identifier and RD', () => {
    const world = new DnsWorld([ZONE]);
    for (const name of ['WeB.eXample.oRG', 'web.example.org', 'WEB.EXAMPLE.ORG']) {
      const answer = packet.decode(world.ask(queryOf({ name, type: 'A', edns: false, dnssec: false }, 513))!);
      expect(answer.id).to.equal(513);
      expect(answer.questions).to.deep.equal([{ name, type: 'A', class: 'IN' }]);
      expect(answer.answers?.map((each) => [each.name, (each as { data: unknown }).data])).to.deep.equal([
        [name, '192.0.2.5'],
        [name, '192.0.2.6'],
      ]);
      expect([answer.flag_aa, answer.flag_qr, answer.flag_ra, answer.flag_tc]).to.deep.equal([
        true,
        true,
        false,
        false,
      ]);
    }
    expect(world.statistics.tableMisses).to.equal(1);
    expect(world.statistics.tableHits).to.equal(2);
  });

  it('is REFUSED outside of all zones, and for another class', () => {
    const world = new DnsWorld([ZONE]);
    expect(ask(world, 'www.example.net', 'A')).to.include({ rcode: 5, flags: 'QR EDNS' });
    const chaos = queryOf({ name: 'version.bind', type: 'TXT', edns: false, dnssec: false });
    chaos.writeUInt16BE(3, chaos.length - 2);
    expect(seen(world.ask(chaos)!).rcode).to.equal(5);
    const named = new DnsWorld([ZONE], { version: 'fastpath' });
    expect(seen(named.ask(chaos)!).answers).to.deep.equal(['version.bind. 0 3 16  086661737470617468']);
  });

  it('names no more than one set for ANY: HINFO in a zone without signatures (RFC 8482)', () => {
    expect(ask(new DnsWorld([ZONE]), 'web.example.org', 'ANY').answers).to.deep.equal([
      'web.example.org. 3600 1 13  075246433834383200',
    ]);
  });

  it('has the lowest zone that the name is within, but DS from the zone above', () => {
    const child = zoneOf('$TTL 60\n@ SOA a b 1 2 3 4 5\n NS ns\nns A 192.0.2.99\n', 'signed.example.org');
    const world = new DnsWorld([ZONE, child]);
    expect(ask(world, 'ns.signed.example.org', 'A').answers).to.deep.equal(['ns.signed.example.org. 60 1 1  c0000263']);
    expect(ask(world, 'signed.example.org', 'DS').answers).to.have.length(1);
    expect(ask(new DnsWorld([child]), 'signed.example.org', 'DS')).to.include({ rcode: 0, flags: 'QR AA EDNS' });
  });

  it('is truncated to nothing but the question if it does not fit, and loses what is additional first', () => {
    const world = new DnsWorld([ZONE]);
    expect(ask(world, 'many.example.org', 'TXT', { size: 512 })).to.deep.include({
      flags: 'QR AA TC EDNS',
      answers: [],
    });
    expect(ask(world, 'many.example.org', 'TXT', { size: 4096 }).flags).to.equal('QR AA TC EDNS');
    const large = new DnsWorld([ZONE], { payload: 4096 });
    expect(ask(large, 'many.example.org', 'TXT', { size: 4096 }).answers).to.have.length(3);
  });

  it('is FORMERR, NOTIMP or BADVERS for what we do not understand, and nothing for what is no query', () => {
    const world = new DnsWorld([ZONE]);
    const query = queryOf({ name: 'web.example.org', type: 'A', edns: false, dnssec: false });
    const changed = (at: number, value: number) => {
      const copy = Buffer.from(query);
      copy.writeUInt16BE(value, at);
      return world.ask(copy);
    };
    expect(changed(4, 2)![3]! & 15, 'two questions').to.equal(1);
    expect(changed(2, 0x2800)![3]! & 15, 'an update').to.equal(4);
    expect(changed(2, 0x8000), 'an answer').to.equal(undefined);
    expect(world.ask(query.subarray(0, 11))).to.equal(undefined);
    expect(world.ask(query.subarray(0, 20))![3]! & 15, 'cut').to.equal(1);
    const version = Buffer.from(withOptions('web.example.org', ''));
    version[version.length - 5] = 1;
    expect(seen(world.ask(version)!).rcode).to.equal(16);
    expect(seen(world.ask(withOptions('web.example.org', '000a0003aabbcc'))!).rcode, 'a cookie of 3 bytes').to.equal(1);
  });

  it('is another one from the query on that follows a new zone, and no query between is lost', () => {
    const world = new DnsWorld([ZONE]);
    expect(ask(world, 'web.example.org', 'A').answers).to.have.length(2);
    world.module.received?.({
      kind: 'zone',
      image: zoneOf('$TTL 5\n@ SOA a b 2 2 3 4 5\n NS a\na A 192.0.2.1\nweb A 192.0.2.77').image,
    });
    expect(ask(world, 'web.example.org', 'A').answers).to.deep.equal(['web.example.org. 5 1 1  c000024d']);
    expect(world.statistics.zoneUpdates).to.equal(2);
  });

  it('goes to long names too, which do not fit the frame beside the headers', () => {
    const world = new DnsWorld([ZONE]);
    const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.wild.example.org`;
    expect(ask(world, name, 'A').answers).to.deep.equal([`${name}. 3600 1 1  c0000208`]);
  });
});

describe('cookies of the DNS server', () => {
  const CLIENT = '2464c4abcf10c957';

  it('are those of RFC 9018 appendix A.1, and are accepted from the address that they were made for', () => {
    const world = new DnsWorld([ZONE]);
    const answer = world.ask(withOptions('web.example.org', `000a0008${CLIENT}`), '198.51.100.100');
    expect(answer?.toString('hex')).to.match(/000a00182464c4abcf10c957010000005cf79f111f8130c3eee29480$/);
    const back = withOptions('web.example.org', `000a0018${CLIENT}010000005cf79f111f8130c3eee29480`);
    world.ask(back, '198.51.100.100');
    world.ask(back, '198.51.100.101');
    expect([world.statistics.cookiesGood, world.statistics.cookiesBad]).to.deep.equal([1, 1]);
  });
});

describe('limits of the DNS server', () => {
  const limits = (rateLimit: { responses: number; slip: number; excess: number }) =>
    new DnsWorld([ZONE], { rateLimit });

  it('drop or truncate answers alike to one network beyond the rate, by turns, and know other networks', () => {
    const world = limits({ responses: 10, slip: 2, excess: 0 });
    const query = queryOf({ name: 'web.example.org', type: 'A', edns: false, dnssec: false });
    const results = Array.from({ length: 30 }, () => world.ask(query)).map((answer) =>
      answer === undefined ? 'dropped' : seen(answer).flags,
    );
    expect(results.slice(0, 10)).to.deep.equal(new Array(10).fill('QR AA'));
    expect(results.slice(10).filter((result) => result === 'dropped')).to.have.length(10);
    expect(results.slice(10).filter((result) => result === 'QR AA TC')).to.have.length(10);
    expect(seen(world.ask(query, '10.78.0.1')!).flags).to.equal('QR AA');
    expect(world.statistics).to.include({ limitDropped: 10, limitSlipped: 10 });
  });

  it('let a sender that may be forged have three times what it sent, and the bytes of its account', () => {
    const world = limits({ responses: 0, slip: 1, excess: 5000 });
    const query = queryOf({ name: 'many.example.org', type: 'TXT', edns: true, dnssec: false });
    const large = new DnsWorld([ZONE], { payload: 4096, rateLimit: { responses: 0, slip: 1, excess: 5000 } });
    let got = 0;
    for (let i = 0; i < 100; i++) got += large.ask(query)?.length ?? 0;
    expect(got).to.be.greaterThan(5000);
    expect(got).to.be.lessThan(3 * 100 * query.length + 5000);
    expect(world.ask(query)!.length).to.be.lessThan(query.length + 40);
  });

  it('do not concern a client with a cookie of ours', () => {
    const world = limits({ responses: 1, slip: 0, excess: 0 });
    const cookie = '2464c4abcf10c957010000005cf79f111f8130c3eee29480';
    const query = withOptions('web.example.org', `000a0018${cookie}`);
    for (let i = 0; i < 20; i++) expect(world.ask(query, '198.51.100.100')).to.not.equal(undefined);
  });
});

describe('a zone that cannot be served', () => {
  it('is refused with all that is wrong', () => {
    const load = () => zoneOf('$TTL 1\nwww CNAME a\nwww A 192.0.2.1\nx CNAME a\nx CNAME b\n');
    expect(load).to.throw(ZoneError);
    try {
      load();
    } catch (error) {
      expect((error as Error).message.split('\n')).to.deep.equal([
        'example.org.zone: example.org. has no SOA: write "@ SOA ns1 hostmaster 1 3600 600 604800 300"',
        'example.org.zone: example.org. has no NS: write a line like "@ NS ns1" for each of its servers',
        'example.org.zone:3: www.example.org. has A beside CNAME: a CNAME stands alone',
        'example.org.zone:4: x.example.org. has 2 CNAME records: leave one',
      ]);
    }
  });
});
