import { expect } from 'chai';
import { SECOND } from '../../src/net/clock.js';
import { SeededRandom } from '../../src/net/random.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { mutate } from '../support/mutate.js';
import { type Asked, addressOption, buildAnswer, LEASED, numberOption, SERVER, TYPE } from './server.js';
import { DhcpWorld } from './world.js';

/** How many damaged messages; FASTPATH_DHCP_MESSAGES sets another number. */
const MESSAGES = Number(process.env.FASTPATH_DHCP_MESSAGES ?? 20_000);

/** A client that waits for an offer, and its question. */
function waiting(): { world: DhcpWorld; asked: Asked } {
  const world = new DhcpWorld({ start: false });
  world.server.answers = false;
  world.client.start();
  world.pass();
  const asked = world.server.asked.at(-1);
  if (asked === undefined) throw new Error('nothing was asked');
  return { world, asked };
}

function offer({ transaction, hardware }: Asked, more: number[][] = [], type: number = TYPE.OFFER): Uint8Array {
  const options = [addressOption(54, SERVER), numberOption(51, 3600), addressOption(1, '255.255.255.0'), ...more];
  return buildAnswer({ type, transaction, hardware, yourAddress: LEASED, options });
}

describe('the DHCP client and other voices', () => {
  it("does not listen to another client's answers, nor to old ones", () => {
    const { world, asked } = waiting();
    world.reply(offer({ ...asked, transaction: asked.transaction ^ 1 }));
    world.reply(offer({ ...asked, hardware: '02:fa:57:00:00:99' }));
    expect(world.client.state).to.equal('selecting');
    expect(world.client.statistics).to.include({ notOurs: 2, offersReceived: 0 });
    world.reply(offer(asked));
    expect(world.client.state).to.equal('requesting');
  });

  it('wants its own identifier back, if any comes back (RFC 6842)', () => {
    const { world, asked } = waiting();
    world.reply(offer(asked, [[61, 7, 1, 2, 0xfa, 0x57, 0, 0, 9]]));
    expect(world.client.state).to.equal('selecting');
    world.reply(offer(asked, [[61, 7, 1, 2, 0xfa, 0x57, 0, 0, 2]]));
    expect(world.client.state).to.equal('requesting');
  });

  it('does not take an acknowledgment that nobody asked for, or of another server, or for another address', () => {
    const { world, asked } = waiting();
    world.reply(offer(asked, [], TYPE.ACK));
    expect(world.client.state).to.equal('selecting');
    world.reply(offer(asked));
    world.reply(
      buildAnswer({ ...asked, type: TYPE.ACK, yourAddress: '192.168.1.77', options: world.server.leaseOptions() }),
    );
    world.server.address = '192.168.1.9';
    world.reply(offer(asked, [], TYPE.ACK).map((byte, i) => (i === 248 ? 9 : byte)));
    expect(world.client.state).to.equal('requesting');
    expect(world.client.statistics.unusable).to.equal(3);
  });

  it('does not take a NAK of a server that it has not asked', () => {
    const { world, asked } = waiting();
    world.reply(offer(asked));
    const nak = (server: string) =>
      buildAnswer({ ...asked, type: TYPE.NAK, yourAddress: '0.0.0.0', options: [addressOption(54, server)] });
    world.reply(nak('192.168.1.9'));
    expect(world.client.state).to.equal('requesting');
    world.reply(nak(SERVER));
    expect(world.client.state).to.equal('init');
  });

  it('hears nothing from another port than the server has, and no question of another client', () => {
    const { world, asked } = waiting();
    const question = offer(asked);
    question[0] = 1;
    world.reply(question);
    expect(world.client.statistics.notOurs).to.equal(1);
    expect(world.client.state).to.equal('selecting');
  });

  it(`${MESSAGES} damaged offers and acknowledgments: no exception, and nothing but sound leases`, () => {
    const random = new SeededRandom(20261130);
    const { world, asked } = waiting();
    const { client } = world;
    const extra = [
      [52, 1, 3],
      [121, 8, 24, 10, 0, 1, 192, 168, 1, 9],
      [61, 7, 1, 2, 0xfa, 0x57, 0, 0, 2],
      addressOption(3, SERVER),
      addressOption(6, SERVER),
      numberOption(58, 100),
      numberOption(59, 200),
      [26, 2, 5, 0],
    ];
    const sound = [offer(asked, extra), offer(asked, extra, TYPE.ACK), offer(asked, extra, TYPE.NAK)];
    const whole = offer(asked, extra);
    let leases = 0;
    for (let i = 0; i < MESSAGES; i++) {
      const message = mutate(Uint8Array.from(sound[i % 3] ?? []), random);
      // What is damaged and no offer is looked at once an offer has been taken.
      if (i % 3 !== 0 && client.state === 'selecting') client.received(whole, 0, whole.length);
      client.received(message, 0, message.length);
      const lease = client.held?.lease;
      if (lease !== undefined) {
        leases++;
        const { network, renewSeconds, rebindSeconds, leaseSeconds, mtu, routes } = lease;
        expect(network.prefixLength).to.be.within(1, 32);
        expect(network.address.word3 >>> 24)
          .to.be.within(1, 223)
          .and.not.equal(127);
        expect(renewSeconds < rebindSeconds || leaseSeconds === Number.POSITIVE_INFINITY).to.equal(true);
        expect(mtu === 0 || mtu >= 576).to.equal(true);
        expect(routes.length).to.be.at.most(32);
      }
      // Back to a state in which the next message is looked at.
      if (client.state !== 'selecting' && client.state !== 'requesting') restart(world, asked);
    }
    expect(leases).to.be.above(MESSAGES / 1000);
    const { malformed, notOurs, unusable } = client.statistics;
    expect(Math.min(malformed, notOurs, unusable)).to.be.above(MESSAGES / 1000);
    expect(world.clock.now).to.be.below(SECOND);
  });

  /** A client that waits for an offer of the same transaction as before. */
  function restart(world: DhcpWorld, { transaction }: Asked): void {
    world.client.stop();
    world.stack.removeAddress(IpAddress.parse(LEASED));
    world.device.takeSent();
    world.random.next = transaction;
    world.client.start();
  }
});
