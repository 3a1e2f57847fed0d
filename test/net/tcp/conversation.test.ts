/** Two programs that write, read, rest and close as they like, over any link: what one wrote the other has read. */
import { expect } from 'chai';
import fc from 'fast-check';
import { MILLISECOND, SECOND } from '../../../src/net/clock.js';
import { type Collector, pattern, sendAll, TcpWorld, type WorldOptions } from '../../support/tcp-world.js';
import { nothingLeft } from '../../support/transfer.js';

type Side = 'client' | 'server';
type Action =
  | { side: Side; write: number }
  | { side: Side; read: number }
  | { side: Side; close: true }
  | { side: Side; noDelay: boolean }
  | { rest: number };

const side = fc.constantFrom<Side>('client', 'server');
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ side, write: fc.integer({ min: 1, max: 20_000 }) }) },
  { weight: 3, arbitrary: fc.record({ side, read: fc.integer({ min: 1, max: 30_000 }) }) },
  { weight: 1, arbitrary: fc.record({ side, close: fc.constant(true as const) }) },
  { weight: 1, arbitrary: fc.record({ side, noDelay: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ rest: fc.integer({ min: 0, max: 300 * MILLISECOND }) }) },
);

const chance = (most: number) => fc.oneof(fc.constant(0), fc.double({ min: 0, max: most, noNaN: true }));
const circumstances = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  loss: chance(0.15),
  duplication: chance(0.2),
  reordering: chance(0.3),
  corruption: chance(0.05),
  delay: fc.constantFrom(0, 100, 5 * MILLISECOND, 150 * MILLISECOND),
  mtu: fc.constantFrom(128, 576, 1500, 9000),
  offload: fc.constantFrom('none' as const, 'whole' as const, 'cut' as const),
  receiveBufferBytes: fc.constantFrom(500, 4000, 65_535, 1_000_000),
  options: fc.constantFrom(
    {},
    { sack: false },
    { timestamps: false },
    { sack: false, timestamps: false, windowScaling: false },
  ),
  congestionControl: fc.constantFrom('cubic' as const, 'newreno' as const),
  ipv6: fc.boolean(),
  lazy: fc.boolean(),
});

type Circumstances = typeof circumstances extends fc.Arbitrary<infer T> ? T : never;

/** All six ACKs that should end the handshake are lost: the server gives up, and the client does not know. */
const DEAF_SERVER: Circumstances = {
  seed: 7,
  loss: 0.1465197496581823,
  duplication: 0,
  reordering: 0,
  corruption: 0.0090626513119787,
  delay: 0,
  mtu: 128,
  offload: 'none',
  receiveBufferBytes: 500,
  options: {},
  congestionControl: 'cubic',
  ipv6: false,
  lazy: false,
};

function worldOf({
  seed,
  mtu,
  offload,
  receiveBufferBytes,
  options,
  congestionControl,
  ...rest
}: Circumstances): TcpWorld {
  const { loss, duplication, reordering, corruption, delay } = rest;
  const ipv6 = rest.ipv6 && mtu >= 1280;
  const impairment = { loss, duplication, reordering, corruption, delay };
  const settings: WorldOptions = { seed, ipv6, link: { mtu, offload, impairment } };
  return new TcpWorld({ ...settings, tcp: { receiveBufferBytes, congestionControl, ...options } });
}

function perform(
  one: Action,
  programs: Record<Side, Collector>,
  written: Record<Side, Buffer[]>,
  closed: Set<Side>,
): void {
  if ('rest' in one) return;
  const program = programs[one.side];
  if ('read' in one) {
    program.appetite = program.bytes + one.read;
    program.connection.resume();
  } else if ('noDelay' in one) program.connection.noDelay = one.noDelay;
  else if ('close' in one) {
    closed.add(one.side);
    program.connection.close();
  } else if (!closed.has(one.side)) {
    const bytes = pattern(one.write, written[one.side].length + 1);
    written[one.side].push(Buffer.from(bytes));
    sendAll(program, bytes);
  }
}

describe('tcp: conversations', () => {
  it('whatever two programs do, and whatever the link: all that was written is read, in order, and nothing is left', () => {
    fc.assert(
      fc.property(circumstances, fc.array(action, { maxLength: 40 }), (around, actions) => {
        const world = worldOf(around);
        const [client, server] = world.open();
        const programs = { client, server };
        const written: Record<Side, Buffer[]> = { client: [], server: [] };
        const closed = new Set<Side>();
        if (around.lazy) client.appetite = server.appetite = 0;
        for (const one of actions) {
          perform(one, programs, written, closed);
          world.network.runFor('rest' in one ? one.rest : 0);
        }
        for (const program of [client, server]) {
          program.appetite = Number.POSITIVE_INFINITY;
          program.connection.resume();
          program.connection.close();
        }
        world.network.runUntil(() => client.hasEnded && server.hasEnded, 100_000 * SECOND);
        expect(client.data.equals(Buffer.concat(written.server)), 'server to client').to.equal(true);
        expect(server.data.equals(Buffer.concat(written.client)), 'client to server').to.equal(true);
        nothingLeft(world);
        // Once in a while every ACK of a last FIN is lost for as long as TIME-WAIT lasts.
        if (around.loss + around.corruption > 0) return;
        expect([client.reason, server.reason]).to.deep.equal(['closed', 'closed']);
      }),
      { numRuns: 100, examples: [[DEAF_SERVER, []]] },
    );
  });
});
