import { expect } from 'chai';
import { SECOND } from '../../src/net/clock.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { LEASED, numberOption, SERVER } from './server.js';
import { DhcpWorld, OUR_MAC } from './world.js';

/** The last message of the client. */
function last(world: DhcpWorld) {
  const asked = world.server.asked.at(-1);
  if (asked === undefined) throw new Error('nothing was asked');
  return asked;
}

/** A world whose client has a lease of an hour. */
function bound(): DhcpWorld {
  const world = new DhcpWorld();
  expect(world.client.state).to.equal('bound');
  return world;
}

describe('the DHCP client: a lease is got', () => {
  it('DISCOVER, OFFER, REQUEST, ACK: the address, its network and the router are ours (2131-1)', () => {
    const world = new DhcpWorld();
    expect(world.asked).to.deep.equal(['DISCOVER 0', 'REQUEST 0']);
    expect(world.told).to.deep.equal([`bound ${LEASED}/24`]);
    expect(world.stack.internet.isLocal(IpAddress.parse(LEASED))).to.equal(true);
    const near = world.stack.internet.routeTo(IpAddress.parse('192.168.1.77'));
    const far = world.stack.internet.routeTo(IpAddress.parse('192.0.2.7'));
    expect(String(near?.neighbor.address)).to.equal('192.168.1.77');
    expect(String(far?.neighbor.address)).to.equal(SERVER);
  });

  it('both questions go from 0.0.0.0 to 255.255.255.255, with our Ethernet address and its id (2131-2)', () => {
    const [discover, request] = new DhcpWorld().server.asked;
    for (const asked of [discover, request]) {
      expect(asked).to.include({ from: '0.0.0.0', to: '255.255.255.255', hardware: OUR_MAC, clientAddress: '0.0.0.0' });
      expect(asked?.options.get(61)).to.deep.equal([1, 0x02, 0xfa, 0x57, 0, 0, 2]);
      expect(asked?.isBroadcastWanted).to.equal(false);
      expect(asked?.length).to.be.at.least(300);
    }
    expect(request?.transaction).to.equal(discover?.transaction);
    expect(request?.options.get(50)).to.deep.equal([192, 168, 1, 50]);
    expect(request?.options.get(54)).to.deep.equal([192, 168, 1, 1]);
    expect(discover?.options.has(54)).to.equal(false);
  });

  it('classless routes are asked for before the router (RFC 3442), and the size of a packet is told (2131-2)', () => {
    const [discover] = new DhcpWorld().server.asked;
    const wishes = discover?.options.get(55) ?? [];
    expect(wishes).to.include.members([1, 3, 6, 15, 26, 51, 58, 59, 121]);
    expect(wishes.indexOf(121)).to.be.below(wishes.indexOf(3));
    expect(discover?.options.get(57)).to.deep.equal([1472 >> 8, 1472 & 255]);
  });

  it('our name is told if there is one', () => {
    const [discover, request] = new DhcpWorld({ hostName: 'web1' }).server.asked;
    for (const asked of [discover, request]) {
      expect(String.fromCharCode(...(asked?.options.get(12) ?? []))).to.equal('web1');
    }
    expect(new DhcpWorld().server.asked[0]?.options.has(12)).to.equal(false);
  });

  it('answers that are sent to the address before it is ours reach the client; so do broadcast ones (2131-3)', () => {
    for (const broadcasts of [false, true]) {
      const world = new DhcpWorld({ start: false });
      world.server.broadcasts = broadcasts;
      world.client.start();
      world.pass();
      expect(world.client.state).to.equal('bound');
    }
  });

  it('nobody answers: it asks again after 4, 8, 16, 32, 64, 64 s, each more or less a second (2131-4)', () => {
    const world = new DhcpWorld({ start: false });
    world.server.answers = false;
    world.client.start();
    world.advance(260);
    const times = world.server.asked.map(({ at }) => at);
    const waits = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    for (const [i, nominal] of [4, 8, 16, 32, 64, 64].entries()) expect(waits[i]).to.be.closeTo(nominal, 1);
    expect(waits.some((wait) => wait !== Math.round(wait))).to.equal(true);
    expect(world.server.asked.map(({ isBroadcastWanted }) => isBroadcastWanted).slice(0, 3)).to.deep.equal([
      false,
      false,
      true,
    ]);
    expect(last(world).seconds).to.equal(Math.floor(last(world).at));
    world.server.answers = true;
    world.advance(64);
    expect(world.client.state).to.equal('bound');
  });

  it('the server goes after its offer: four requests, and then all begins anew (2131-4)', () => {
    const world = new DhcpWorld({ start: false });
    const answer = world.server.answerTo.bind(world.server);
    world.server.answerTo = (asked) => {
      const said = answer(asked);
      return asked.type === 'REQUEST' ? undefined : said;
    };
    world.client.start();
    world.advance(65);
    expect(world.asked.map((text) => text.split(' ')[0]).slice(0, 7)).to.deep.equal([
      'DISCOVER',
      'REQUEST',
      'REQUEST',
      'REQUEST',
      'REQUEST',
      'DISCOVER',
      'REQUEST',
    ]);
    const [first, second] = world.server.asked.filter(({ type }) => type === 'DISCOVER');
    expect(second?.transaction).not.to.equal(first?.transaction);
  });

  it('a NAK to the request: it waits a second, twice as long each time, and begins anew (2131-5)', () => {
    const world = new DhcpWorld({ start: false });
    world.server.refuses = true;
    world.client.start();
    world.pass();
    expect(world.client.state).to.equal('init');
    world.advance(8);
    const discovers = world.server.asked.filter(({ type }) => type === 'DISCOVER').map(({ at }) => at);
    expect(discovers).to.deep.equal([0, 1, 3, 7]);
    world.server.refuses = false;
    world.advance(10);
    expect(world.client.state).to.equal('bound');
  });
});

describe('the DHCP client: a lease is extended', () => {
  it('at T1 the server is asked alone, from our address, and the lease counts from then (2131-6)', () => {
    const world = bound();
    world.advance(1801);
    expect(last(world)).to.include({ type: 'REQUEST', from: LEASED, to: SERVER, clientAddress: LEASED });
    expect([50, 54].filter((code) => last(world).options.has(code))).to.deep.equal([]);
    expect(last(world).at).to.be.within(0.95 * 1800, 1800);
    expect(world.told).to.deep.equal([`bound ${LEASED}/24`, `extended ${LEASED}/24`]);
    expect(world.client.state).to.equal('bound');
    expect(world.client.held?.since).to.be.within(1700 * SECOND, 1800 * SECOND);
    expect(world.client.statistics).to.include({ bound: 1, renewed: 1, rebound: 0 });
  });

  it('the server is silent: it is asked at half of what is left until T2, but not more than once a minute (2131-6)', () => {
    const world = bound();
    world.server.answers = false;
    world.advance(3149);
    const times = world.server.asked.filter(({ to }) => to === SERVER).map(({ at }) => at);
    expect(times.length).to.be.within(5, 7);
    for (const [i, at] of times.slice(1).entries()) expect(at - (times[i] ?? 0)).to.be.at.least(59.999);
  });

  it('at T2 every server is asked, and another one may extend the lease (2131-7)', () => {
    const world = bound();
    world.server.answers = false;
    world.advance(3151);
    expect(last(world)).to.include({ type: 'REQUEST', from: LEASED, to: '255.255.255.255', clientAddress: LEASED });
    expect(world.client.state).to.equal('rebinding');
    world.server.answers = true;
    world.server.address = '192.168.1.9';
    world.advance(250);
    expect(world.client.state).to.equal('bound');
    expect(String(world.client.held?.lease.server)).to.equal('192.168.1.9');
    expect(world.client.statistics.rebound).to.equal(1);
  });

  it('at its end the address is given up at once, and asked for again (2131-8)', () => {
    const world = bound();
    world.server.answers = false;
    world.advance(3601);
    expect(world.told.at(-1)).to.equal(`lost ${LEASED}/24 expired`);
    expect(world.stack.internet.isLocal(IpAddress.parse(LEASED))).to.equal(false);
    expect(world.stack.internet.routeTo(IpAddress.parse('192.168.1.77'))).to.equal(undefined);
    expect(last(world)).to.include({ type: 'DISCOVER', from: '0.0.0.0' });
    expect(last(world).options.get(50)).to.deep.equal([192, 168, 1, 50]);
    world.server.answers = true;
    world.server.yourAddress = '192.168.1.51';
    world.advance(5);
    expect(world.told.at(-1)).to.equal('bound 192.168.1.51/24');
  });

  it('T1 and T2 of the server count, if they are in their order (2131-6)', () => {
    for (const [t1, t2, expected] of [
      [10, 20, 10],
      [30, 20, 1800],
      [20, 7200, 1800],
    ] as const) {
      const world = new DhcpWorld({ start: false });
      world.server.extra = [numberOption(58, t1), numberOption(59, t2)];
      world.client.start();
      world.pass();
      expect(world.client.nextDeadline() / SECOND).to.be.within(0.95 * expected, expected);
    }
  });

  it('a lease for ever is never asked about', () => {
    const world = new DhcpWorld({ start: false });
    world.server.leaseSeconds = 0xffffffff;
    world.client.start();
    world.pass();
    expect(world.client.state).to.equal('bound');
    expect(world.client.nextDeadline()).to.equal(Number.POSITIVE_INFINITY);
  });

  it('a NAK to an extension: the address is given up at once, and all begins anew (2131-5)', () => {
    const world = bound();
    world.server.refuses = true;
    world.advance(1801);
    expect(world.told.at(-1)).to.equal(`lost ${LEASED}/24 refused`);
    world.server.refuses = false;
    world.advance(70);
    expect(world.client.state).to.equal('bound');
    expect(world.server.asked.find(({ type, at }) => type === 'DISCOVER' && at > 1)?.options.has(50)).to.equal(false);
  });

  it('an extension with another router: the address and its connections stay, the route changes', () => {
    const world = bound();
    world.server.extra = [[3, 4, 192, 168, 1, 254]];
    world.advance(1801);
    expect(world.told.at(-1)).to.equal(`extended ${LEASED}/24`);
    const far = world.stack.internet.routeTo(IpAddress.parse('192.0.2.7'));
    expect(String(far?.neighbor.address)).to.equal('192.168.1.254');
  });
});

describe('the DHCP client: the end of a lease', () => {
  it('another host answers our probes: DECLINE, ten seconds of silence, and another address (2131-9, 5227-1)', () => {
    const world = new DhcpWorld({ start: false });
    world.rivals.add(LEASED);
    world.client.start();
    world.advance(8);
    expect(world.conflicts.map(({ phase }) => phase)).to.deep.equal(['probing']);
    const decline = last(world);
    expect(decline).to.include({ type: 'DECLINE', from: '0.0.0.0', to: '255.255.255.255', clientAddress: '0.0.0.0' });
    expect(decline.options.get(50)).to.deep.equal([192, 168, 1, 50]);
    expect(decline.options.get(54)).to.deep.equal([192, 168, 1, 1]);
    expect(world.told.at(-1)).to.equal(`lost ${LEASED}/24 conflict`);
    world.server.yourAddress = '192.168.1.51';
    world.advance(12);
    const next = world.server.asked[world.server.asked.indexOf(decline) + 1];
    expect((next?.at ?? 0) - decline.at).to.be.closeTo(10, 0.001);
    expect(next?.options.has(50)).to.equal(false);
    expect(world.told.at(-1)).to.equal('bound 192.168.1.51/24');
  });

  it('release: the server is told, alone, and the address is ours no more (2131-10)', () => {
    const world = bound();
    world.client.release();
    world.pass();
    expect(last(world)).to.include({ type: 'RELEASE', from: LEASED, to: SERVER, clientAddress: LEASED });
    expect(last(world).options.get(54)).to.deep.equal([192, 168, 1, 1]);
    expect(world.told.at(-1)).to.equal(`lost ${LEASED}/24 released`);
    expect(world.client.nextDeadline()).to.equal(Number.POSITIVE_INFINITY);
  });

  it('stop says nothing: another process goes on with the lease', () => {
    const world = bound();
    const before = world.server.asked.length;
    world.client.stop();
    world.advance(4000);
    expect(world.server.asked).to.have.length(before);
    expect(world.told).to.deep.equal([`bound ${LEASED}/24`]);
  });
});

describe('the DHCP client: the lease of an earlier run', () => {
  it('INIT-REBOOT: one request for the address, without a server, and it is ours again (2131-11)', () => {
    const world = new DhcpWorld({ start: false });
    world.client.start(IpAddress.parse(LEASED));
    world.pass();
    expect(world.asked).to.deep.equal(['REQUEST 0']);
    expect(last(world)).to.include({ from: '0.0.0.0', to: '255.255.255.255', clientAddress: '0.0.0.0' });
    expect(last(world).options.get(50)).to.deep.equal([192, 168, 1, 50]);
    expect(last(world).options.has(54)).to.equal(false);
    expect(world.client.state).to.equal('bound');
  });

  it('INIT-REBOOT in another network: NAK, and another address is asked for (2131-11)', () => {
    const world = new DhcpWorld({ start: false });
    world.server.refuses = true;
    world.client.start(IpAddress.parse('10.0.0.5'));
    world.pass();
    world.server.refuses = false;
    world.advance(2);
    expect(world.told).to.deep.equal([`bound ${LEASED}/24`]);
  });

  it('INIT-REBOOT without an answer: after two requests, 12 s, it begins anew with DISCOVER (2131-11)', () => {
    const world = new DhcpWorld({ start: false });
    world.server.answers = false;
    world.client.start(IpAddress.parse(LEASED));
    world.advance(14.1);
    expect(world.asked.map((text) => text.split(' ')[0])).to.deep.equal(['REQUEST', 'REQUEST', 'DISCOVER']);
    expect(last(world).options.get(50)).to.deep.equal([192, 168, 1, 50]);
  });

  it('resume: a lease that another thread has got is extended at its T1', () => {
    const other = bound();
    const held = other.client.held;
    if (held === undefined) throw new Error('there is a lease');
    const world = new DhcpWorld({ start: false });
    world.session.resume(held);
    expect(world.stack.internet.isLocal(IpAddress.parse(LEASED))).to.equal(true);
    expect(world.asked).to.deep.equal([]);
    world.advance(1801);
    expect(last(world)).to.include({ type: 'REQUEST', to: SERVER });
  });
});
