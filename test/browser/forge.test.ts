/** Frames that lie about their sender. */
import { expect } from 'chai';
import { forgedSegment, forgedUnreachable } from '../../src/browser/forge.js';
import { QUIET, World } from '../../src/browser/world.js';
import { FRAGMENTATION_NEEDED } from '../../src/net/wire/icmp.js';
import { RST } from '../../src/net/wire/tcp.js';

/** A client with a connection to a server, and a third host. */
function threeHosts(): World {
  const world = new World({
    hosts: { client: {}, server: {}, attacker: {} },
    link: { both: { delay: 1_000 } },
    start: (now) => now.at(QUIET, (then) => void then.transfer('client', 'server', { content: 5_000, close: false })),
  });
  world.runUntil((now) => now.transfers[0]?.sender !== undefined);
  return world;
}

/** The client's segment that is first in flight, or one that lies `further` on. */
function segmentOf(world: World, flags: number, further = 0) {
  const { sender } = world.transfers[0]!;
  const [from, to] = [world.host('client').address.word3, world.host('server').address.word3];
  const sequence = sender!.info().sndUna + further;
  return { from, fromPort: sender!.localPort, to, toPort: 9, flags, sequence };
}

describe('a forged frame', () => {
  it('is believed by a host if all that it says fits: its sums are right', () => {
    const world = threeHosts();
    world.runUntilIdle();
    world.do((now) => {
      const [attacker, server] = [now.host('attacker'), now.host('server')];
      attacker.sendRaw(forgedSegment({ from: attacker.mac, to: server.mac }, segmentOf(now, RST)));
    });
    world.runUntilIdle();
    const { tcp } = world.host('server').stack.statistics;
    expect([tcp.badChecksum, tcp.resetsReceived]).to.deep.equal([0, 1]);
  });

  it('may be an ICMP error: it makes segments smaller if it quotes a number in flight, and else nothing', () => {
    for (const [further, mtu] of [
      [0, 1000],
      [100_000, 1500],
    ] as const) {
      const world = threeHosts();
      world.do((now) => {
        const [attacker, client] = [now.host('attacker'), now.host('client')];
        const about = segmentOf(now, 0, further);
        const error = { from: 0x0a0000fe, code: FRAGMENTATION_NEEDED, mtu: 1000, about };
        attacker.sendRaw(forgedUnreachable({ from: attacker.mac, to: client.mac }, error));
      });
      world.runUntilIdle();
      expect(world.transfers[0]?.sender?.info().pathMtu).to.equal(mtu);
      expect(world.host('client').stack.statistics.tcp.icmpIgnored).to.equal(further === 0 ? 0 : 1);
    }
  });
});
