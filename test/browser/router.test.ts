/** The router of a world: packets that are too long for the next link, and the exchange of frames as arrows. */
import { expect } from 'chai';
import { World, type WorldOptions } from '../../src/browser/index.js';
import { arrowsOf, lanesOf, place } from '../../src/inspect/trace/exchange.js';
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

describe('inspect/trace/exchange', () => {
  const world = worldWith((now) => now.transfer('client', 'server', { content: 100 }));
  world.runUntilIdle();

  it('counts the numbers of TCP from the first of each side, and leaves out addresses and options', () => {
    const texts = arrowsOf(world.history.events, ['ARP']).map(({ text }) => text);
    expect(texts[0]).to.equal('[S] seq 0, win 65535, length 0');
    expect(texts).to.include('[S.] seq 0, ack 1, win 65535, length 0');
    expect(texts.some((text) => text.startsWith('[FP.] seq 1:101, ack 1'))).to.equal(true);
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
