/** The router of a world: packets that are too long, prefixes of IPv6; and the exchange of frames as arrows. */
import { expect } from 'chai';
import { type RouterOptions, World, type WorldOptions } from '../../src/browser/index.js';
import { arrowsOf, lanesOf, place } from '../../src/inspect/trace/exchange.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';

const NARROW = 900;

/** A client and a server with a router between them; the server's link takes `NARROW` bytes. */
function worldWith(start: WorldOptions['start']): World {
  return new World({
    hosts: { client: { mtu: 1500 }, server: { mtu: 1500 } },
    routers: { router: '10.0.0.254' },
    links: [
      { ends: ['client', 'router'], both: { delay: 1_000 } },
      { ends: ['router', 'server'], both: { delay: 1_000 }, mtu: NARROW },
    ],
    ...(start !== undefined && { start }),
  });
}

describe('browser/narrow-way', () => {
  it('tells a sender whose packets must not be cut which size passes, and all arrives', () => {
    const world = worldWith((now) => now.transfer('client', 'server', { content: 20_000 }));
    world.runUntilIdle();
    expect(world.transfers[0]).to.include({ done: true });
    const arrows = arrowsOf(world.history.events);
    const refusals = arrows.filter(({ text }) => text.includes('need to frag (mtu 900)'));
    expect(refusals).to.not.have.lengthOf(0);
    expect(new Set(refusals.map(({ from, to }) => `${from} ${to}`))).to.deep.equal(new Set(['router client']));
    const { icmp } = world.host('client').stack.statistics.internet;
    expect(icmp).to.include({ errorsReceived: refusals.length, badChecksum: 0, errorsIgnored: 0 });
    expect(world.history.frames.every(({ link, bytes }) => link === 'client-router' || bytes.length <= NARROW + 14)).to
      .be.true;
  });

  it('cuts a packet that may be cut, and a fragment once more; the receiver joins the parts', () => {
    let received = new Uint8Array(0);
    const payload = Uint8Array.from({ length: 4_000 }, (_, i) => i % 251);
    const world = worldWith((now) => {
      now.host('server').stack.bind(9, {
        received: ({ bytes, from, to }) => {
          received = bytes.slice(from, to);
        },
      });
      const port = now.host('client').stack.bind(0, { received: () => {} });
      port.send(SummedBytes.of(payload), now.host('server').address, 9);
    });
    world.runUntilIdle();
    expect(received).to.deep.equal(payload);
    const parts = world.history.frames.filter(({ link, from, bytes }) => {
      return link === 'router-server' && from === 'router' && bytes[12] === 8 && bytes[13] === 0;
    });
    expect(parts.length, 'three fragments, the first two of them cut again').to.equal(6);
    expect(world.host('server').stack.statistics.internet.ip.badChecksum).to.equal(0);
  });
});

/** The same over IPv6, whose links take 1280 bytes at least. */
function world6With(start: WorldOptions['start']): World {
  const host = (address: string) => ({
    mtu: 1500,
    addresses: [`${address}/64`],
    internet: { acceptRouterAdvertisements: false },
  });
  return new World({
    hosts: { client: host('2001:db8::1'), server: host('2001:db8::2') },
    routers: { router: '2001:db8::fe' },
    links: [
      { ends: ['client', 'router'], both: { delay: 1_000 } },
      { ends: ['router', 'server'], both: { delay: 1_000 }, mtu: 1280 },
    ],
    ...(start !== undefined && { start }),
  });
}

describe('browser/narrow-way over IPv6', () => {
  it('tells the sender that a packet is too big, and all arrives', () => {
    const world = world6With((now) => now.transfer('client', 'server', { content: 20_000 }));
    world.runUntilIdle();
    expect(world.transfers[0]).to.include({ done: true });
    const refusals = arrowsOf(world.history.events).filter(({ text }) => text.includes('packet too big, mtu 1280'));
    expect(refusals).to.not.have.lengthOf(0);
    expect(new Set(refusals.map(({ from, to }) => `${from} ${to}`))).to.deep.equal(new Set(['router client']));
    const { icmp } = world.host('client').stack.statistics.internet;
    expect(icmp).to.include({ errorsReceived: refusals.length, badChecksum: 0, errorsIgnored: 0 });
    expect(world.history.frames.every(({ link, bytes }) => link === 'client-router' || bytes.length <= 1280 + 14)).to.be
      .true;
  });

  it('cuts nothing: the first datagram is lost, and the source cuts the next one smaller', () => {
    const received: number[] = [];
    const world = world6With((now) => {
      now.host('server').stack.bind(9, { received: ({ from, to }) => void received.push(to - from) });
      const port = now.host('client').stack.bind(0, { received: () => {} });
      const send = (length: number) => port.send(SummedBytes.of(new Uint8Array(length)), now.host('server').address, 9);
      send(4_000);
      now.at(1_000_000, () => send(4_001));
    });
    world.runUntilIdle();
    expect(received).to.deep.equal([4_001]);
    const texts = arrowsOf(world.history.events)
      .filter(({ from, text }) => from === 'client' && text.includes('frag'))
      .map(({ text }) => /frag .*(?=\))/.exec(text)?.[0]);
    expect(texts.slice(0, 3)).to.deep.equal(['frag 1448@0+', 'frag 1448@1448+', 'frag 1112@2896']);
    expect(texts.slice(3)).to.deep.equal(['frag 1232@0+', 'frag 1232@1232+', 'frag 1232@2464+', 'frag 313@3696']);
  });
});

describe('browser/router', () => {
  const unexpected = () => {
    throw new Error('nobody listens there');
  };
  const begin = (router: RouterOptions, start?: WorldOptions['start']) =>
    new World({
      hosts: {
        client: { addresses: [], internet: { ipv6: true, duplicateDetection: 'strict' } },
        server: {
          addresses: ['2001:db8:1::2/64'],
          files: { '/': 'hello' },
          internet: { acceptRouterAdvertisements: false },
        },
      },
      routers: { router },
      links: [{ ends: ['client', 'router'] }, { ends: ['router', 'server'] }],
      ...(start !== undefined && { start }),
    });

  it('advertises its prefix to a host that asks: the host makes an address of it, and uses it', () => {
    const world = begin({ prefix: '2001:db8:1::/64' });
    expect(() => world.host('client').address).to.throw(RangeError, 'no address yet');
    world.runUntilIdle();
    expect(String(world.host('client').address)).to.equal('2001:db8:1:0:fa:57ff:fe00:1');
    const { ndp, icmp } = world.host('client').stack.statistics.internet;
    expect(ndp).to.include({ routerSolicitationsSent: 1, routerAdvertisementsReceived: 1, malformed: 0 });
    expect(icmp.badChecksum).to.equal(0);
    world.do((now) => now.get('client', 'server', '/'));
    world.runUntilIdle();
    expect(world.fetches[0]?.answers[0]).to.include({ status: 200 });
  });

  it('says which Ethernet address it has, and keeps questions about itself from the other links', () => {
    const world = begin({ addresses: ['2001:db8:1::fe'], prefix: '2001:db8:1::/64' });
    world.runTo(5_000_000);
    world.do((now) => {
      const to = IpAddress.parse('2001:db8:1::fe');
      now.host('client').stack.connect({ address: to, port: 80 }, { connected: unexpected, failed: () => {} });
    });
    world.runFor(1_000);
    const about = arrowsOf(world.history.events).filter(({ text }) => text.endsWith(' 2001:db8:1::fe'));
    expect(about.map(({ from, to, text }) => `${from} ${to} ${text}`)).to.deep.equal([
      'client router ICMP6, neighbor solicitation, who has 2001:db8:1::fe',
      'router client ICMP6, neighbor advertisement, tgt is 2001:db8:1::fe',
    ]);
  });

  it('is refused if its addresses or its prefix make no sense, and so is a host without any address', () => {
    expect(() => begin({ addresses: ['10.0.0.1', '10.0.0.2'] })).to.throw(RangeError, 'one address of each family');
    for (const prefix of ['10.0.0.0/24', '2001:db8::/48']) {
      expect(() => begin({ prefix })).to.throw(RangeError, 'a /64 of IPv6');
    }
    expect(() => new World({ hosts: { a: { addresses: [] }, b: {} } })).to.throw(RangeError, 'a has no address');
  });
});

describe('inspect/trace/exchange', () => {
  const world = worldWith((now) => now.transfer('client', 'server', { content: 100 }));
  world.runUntilIdle();

  it('counts the numbers of TCP from the first of each side, and leaves out addresses and options', () => {
    const texts = arrowsOf(world.history.events, ['ARP']).map(({ text }) => text);
    expect(texts[0]).to.equal('[S] seq 0, win 65535, length 0');
    expect(texts).to.include('[S.] seq 0, ack 1, win 65535, length 0');
    expect(texts.some((text) => text.startsWith('[FP.] seq 1:101, ack 1'))).to.equal(true);
  });

  it('leaves out what was sent before a time', () => {
    const all = arrowsOf(world.history.events);
    const since = all.at(-1)!.time;
    const later = arrowsOf(world.history.events, [], since);
    expect(later).to.have.lengthOf.within(1, all.length - 1);
    expect(later).to.deep.equal(all.filter(({ time }) => time >= since));
  });

  it('puts a switch between the hosts, and places later frames lower', () => {
    const lanes = lanesOf(['client', 'server'], ['client', 'router', 'router', 'server']);
    expect(lanes).to.deep.equal(['client', 'router', 'server']);
    const { arrows, height } = place(arrowsOf(world.history.events), lanes, 700);
    for (const [index, { y1, y2, arrival, time }] of arrows.entries()) {
      expect(y2).to.be.greaterThan(y1).and.at.most(height);
      expect(arrival).to.be.greaterThan(time);
      if (index > 0) expect(y1).to.be.greaterThan(arrows[index - 1]!.y1);
    }
  });

  it('lets a frame that is lost end half-way', () => {
    const lossy = new World({
      hosts: { a: {}, b: {} },
      link: { forth: { loseFrames: [1] } },
    });
    lossy.runUntilIdle();
    const [lost] = place(arrowsOf(lossy.history.events), ['a', 'b'], 700).arrows;
    expect(lost).to.include({ fate: 'lost', arrival: Number.POSITIVE_INFINITY });
    expect(lost!.x2).to.be.lessThan(500);
  });
});
