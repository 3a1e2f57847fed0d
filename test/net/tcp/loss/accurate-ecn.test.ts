import { expect } from 'chai';
import { MILLISECOND, SECOND } from '../../../../src/net/clock.js';
import type { AccurateEcnInfo } from '../../../../src/net/tcp/connection-info.js';
import type { TcpSettings } from '../../../../src/net/tcp/settings.js';
import { pattern, sendAll, TcpWorld } from '../../../support/tcp-world.js';

/** Frames are Ethernet, IPv6 and TCP: without a header sum, and over a link with offload without any. */
const ETHERNET = 14;
const TCP = ETHERNET + 40;
const IS_TCP = 6;
const SYN = 0x02;

/** What something on the way does to a frame. */
type Meddling = (bytes: Uint8Array) => void;

function ecnOf(bytes: Uint8Array): number {
  return (bytes[ETHERNET + 1]! >> 4) & 3;
}

function setEcn(bytes: Uint8Array, mark: number): void {
  bytes[ETHERNET + 1] = (bytes[ETHERNET + 1]! & 0xcf) | (mark << 4);
}

const hasSyn = (bytes: Uint8Array) => (bytes[TCP + 13]! & SYN) !== 0;

/** Clears AE alone, as a middlebox that knows it as a reserved bit. */
const clearAe: Meddling = (bytes) => {
  bytes[TCP + 12]! &= 0xfe;
};
/** Clears all three flags. */
const clearFlags: Meddling = (bytes) => {
  clearAe(bytes);
  bytes[TCP + 13]! &= 0x3f;
};
const clearMarks: Meddling = (bytes) => setEcn(bytes, 0);
const markAll: Meddling = (bytes) => setEcn(bytes, 3);
/** Turns the option into NOPs. */
const stripOption: Meddling = (bytes) => {
  const end = TCP + (bytes[TCP + 12]! >> 4) * 4;
  for (let at = TCP + 20; at < end; ) {
    const [kind, length] = [bytes[at]!, bytes[at + 1]!];
    if (kind === 172 || kind === 174) bytes.fill(1, at, at + length);
    at += kind === 1 ? 1 : length;
  }
};

interface Options {
  client?: Partial<TcpSettings>;
  server?: Partial<TcpSettings>;
  /** Done to each frame from the client, and from the server. */
  forth?: Meddling;
  back?: Meddling;
  /** The chance that a frame is lost. */
  loss?: number;
  seed?: number;
}

const ACCURATE = { ecn: 'accurate' } as const;

/** A connection over 20 ms, and all frames' ECN bits by who sent them. */
function connect({ client = ACCURATE, server = ACCURATE, forth, back, loss = 0, seed = 1 }: Options = {}) {
  const marks: { client: number[]; server: number[] } = { client: [], server: [] };
  const way = (seen: number[], meddle: Meddling | undefined) => ({
    delay: 10 * MILLISECOND,
    loss,
    lose: (bytes: Uint8Array) => {
      if (bytes[ETHERNET + 6] !== IS_TCP) return false;
      seen.push(ecnOf(bytes));
      meddle?.(bytes);
      return false;
    },
  });
  const world = new TcpWorld({
    seed,
    ipv6: true,
    clientTcp: client,
    tcp: server,
    link: { offload: 'whole', superSegmentBytes: 0, forth: way(marks.client, forth), back: way(marks.server, back) },
  });
  const [opened, accepted] = world.open();
  const infoOf = (program: typeof opened) => program.connection.info();
  return { world, opened, accepted, marks, client: () => infoOf(opened), server: () => infoOf(accepted) };
}

type Bench = ReturnType<typeof connect>;

/** Both send so much, and both have it at the end, and a moment for the last ACKs. */
function exchange({ world, opened, accepted }: Bench, bytes = 300_000): void {
  const before = [opened.bytes, accepted.bytes] as const;
  sendAll(opened, pattern(bytes, 3));
  sendAll(accepted, pattern(bytes, 4));
  world.network.runUntil(() => opened.bytes === before[0] + bytes && accepted.bytes === before[1] + bytes);
  world.network.runFor(SECOND);
}

function accurate(info: { accurateEcn: AccurateEcnInfo | null }): AccurateEcnInfo {
  expect(info.accurateEcn).to.not.equal(null);
  return info.accurateEcn as AccurateEcnInfo;
}

function mode({ ecn, accurateEcn }: { ecn: boolean; accurateEcn: AccurateEcnInfo | null }): string {
  return accurateEcn !== null ? 'accurate' : ecn ? 'classic' : 'none';
}

/** Every `nth` packet that may be marked is. */
function markEvery(nth: number): Meddling {
  let count = 0;
  return (bytes) => {
    if (ecnOf(bytes) !== 0 && ++count % nth === 0) setEcn(bytes, 3);
  };
}

describe('tcp: accurate ECN', () => {
  const CHOICES = ['off', 'accept', 'request', 'accurate', 'accurate-request-classic', 'accurate-accept'] as const;
  const asks = { accurate: 'accurate', request: 'classic', 'accurate-request-classic': 'classic' };

  for (const client of CHOICES) {
    it(`a client set to ${client} and any server agree on what both know [9768-1] [9768-2]`, () => {
      const agreed = CHOICES.map((server) => {
        const bench = connect({ client: { ecn: client }, server: { ecn: server } });
        exchange(bench, 2000);
        expect(mode(bench.client())).to.equal(mode(bench.server()));
        return mode(bench.server());
      });
      const wanted = CHOICES.map((server) => {
        const asked = asks[client as keyof typeof asks] ?? 'none';
        if (server === 'off' || asked === 'none') return 'none';
        return asked === 'accurate' && server.startsWith('accurate') ? 'accurate' : 'classic';
      });
      expect(agreed).to.deep.equal(wanted);
    });
  }

  for (const option of ['off', 'needed', 'always'] as const) {
    it(`option ${option}: both sides count the same marks, however many [9768-6] [9768-11]`, () => {
      for (const nth of [2, 3, 7, 50]) {
        const settings = { ...ACCURATE, accurateEcnOption: option };
        const bench = connect({ client: settings, server: settings, forth: markEvery(nth), back: markEvery(nth) });
        exchange(bench);
        const [client, server] = [accurate(bench.client()), accurate(bench.server())];
        // What the last ACKs were marked with has not been reported yet, at most six of them.
        expect(client.receivedCe - server.deliveredCe, `1 of ${nth}`).to.be.within(0, 6);
        expect(server.receivedCe - client.deliveredCe, `1 of ${nth}`).to.be.within(0, 6);
        if (option === 'off') continue;
        expect(server.deliveredCeBytes).to.equal(client.receivedCeBytes);
        expect(client.deliveredCeBytes).to.equal(server.receivedCeBytes);
        expect(server.deliveredEct0Bytes).to.equal(client.receivedEct0Bytes);
        expect(client.receivedCeBytes + client.receivedEct0Bytes).to.equal(300_000);
      }
    });
  }

  it('what is lost on the way is made up for by later ACKs, with no more counted than was marked [9768-9]', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const bench = connect({ loss: 0.02, seed, forth: markEvery(5), back: markEvery(5) });
      exchange(bench);
      const [client, server] = [accurate(bench.client()), accurate(bench.server())];
      expect(client.receivedCe - server.deliveredCe).to.be.within(0, 7);
      expect(server.receivedCe - client.deliveredCe).to.be.within(0, 7);
    }
  });

  it('marks slow the sender down as losses do, without one [9768-14]', () => {
    const without = connect();
    exchange(without);
    const bench = connect({ back: markEvery(10) });
    exchange(bench);
    const { retransmits } = bench.world.server.statistics.tcp;
    expect(retransmits).to.equal(0);
    expect(bench.server().slowStartThreshold).to.be.lessThan(300_000);
    expect(without.server().slowStartThreshold).to.equal(Number.POSITIVE_INFINITY);
  });

  it('everything but SYNs may be marked; without agreement nothing is [9768-5]', () => {
    const bench = connect();
    exchange(bench, 10_000);
    bench.opened.connection.close();
    bench.accepted.connection.close();
    bench.world.network.runFor(SECOND);
    expect(bench.marks.client.slice(0, 1)).to.deep.equal([0]);
    expect(new Set(bench.marks.client.slice(1))).to.deep.equal(new Set([2]));
    expect(bench.marks.server.slice(0, 1)).to.deep.equal([0]);
    const none = connect({ client: { ecn: 'accept' } });
    exchange(none, 10_000);
    expect(new Set([...none.marks.client, ...none.marks.server])).to.deep.equal(new Set([0]));
  });

  describe('on ways that change things [9768-8] [9768-12]', () => {
    const onSyns =
      (meddle: Meddling): Meddling =>
      (bytes) => {
        if (hasSyn(bytes)) meddle(bytes);
      };
    const cases: [string, Options, string, { client: boolean; server: boolean }][] = [
      ['AE is cleared in the SYN: classic', { forth: onSyns(clearAe) }, 'classic', { client: false, server: false }],
      [
        'all flags are cleared in the SYN: none',
        { forth: onSyns(clearFlags) },
        'none',
        { client: false, server: false },
      ],
      [
        'all flags are cleared in the SYN-ACK',
        { back: onSyns(clearFlags) },
        'none/accurate',
        { client: false, server: false },
      ],
      ['SYNs are marked CE', { forth: onSyns(markAll) }, 'accurate', { client: false, server: true }],
      ['SYN-ACKs are marked CE', { back: onSyns(markAll) }, 'accurate', { client: true, server: false }],
      ['all of the client is marked CE', { forth: markAll }, 'accurate', { client: false, server: true }],
      [
        'marks are cleared everywhere: nothing shows it',
        { forth: clearMarks, back: clearMarks },
        'accurate',
        { client: true, server: true },
      ],
      [
        'flags are cleared everywhere but in SYNs',
        { forth: (bytes) => !hasSyn(bytes) && clearFlags(bytes) },
        'accurate',
        { client: true, server: false },
      ],
      [
        'the option is taken out',
        { forth: stripOption, back: stripOption },
        'accurate',
        { client: true, server: true },
      ],
    ];
    for (const [name, options, agreed, mayMark] of cases) {
      it(name, () => {
        const bench = connect(options);
        exchange(bench);
        const modes = [mode(bench.client()), mode(bench.server())];
        const [client, server] = agreed.includes('/') ? agreed.split('/') : [agreed, agreed];
        expect(modes).to.deep.equal([client, server]);
        const marking = {
          client: bench.client().accurateEcn?.mayMark ?? false,
          server: bench.server().accurateEcn?.mayMark ?? false,
        };
        expect(marking).to.deep.equal(mayMark);
        const mangled = modes.includes('accurate') && !(mayMark.client && mayMark.server);
        const { client: one, server: other } = bench.world;
        const counted = one.statistics.tcp.accurateEcnMangled + other.statistics.tcp.accurateEcnMangled;
        expect(counted > 0).to.equal(mangled);
      });
    }

    it('an option that is taken out is not sent any more than the peer needs to see it', () => {
      const bench = connect({ forth: stripOption, back: stripOption });
      exchange(bench);
      expect(accurate(bench.client()).optionSeen).to.equal(false);
      expect(accurate(bench.server()).optionSeen).to.equal(false);
      expect(accurate(bench.client()).deliveredEct0Bytes).to.equal(0);
    });

    it('segments with the option are lost: after two time-outs they go without [9768-12]', () => {
      let armed = false;
      const world = connect({
        back: (bytes) => {
          const header = (bytes[TCP + 12]! >> 4) * 4;
          // A payload too short for its header is no TCP any more: lost.
          if (armed && header > 32 && !hasSyn(bytes)) bytes[TCP + 12] = 0;
        },
      });
      armed = true;
      sendAll(world.accepted, pattern(5000));
      world.world.network.runUntil(() => world.opened.bytes === 5000);
      expect(accurate(world.server()).optionFailed).to.equal(true);
    });
  });

  it('under a flood of SYNs a cookie cannot remember it: classic ECN is granted [9768-15]', () => {
    const bench = connect({ server: { ...ACCURATE, synCookies: 'always' } });
    exchange(bench, 5000);
    expect([mode(bench.client()), mode(bench.server())]).to.deep.equal(['classic', 'classic']);
  });

  it('is off by default: no state, no flags, no option', () => {
    const bench = connect({ client: { ecn: 'request' }, server: {} });
    exchange(bench, 5000);
    expect(bench.client().accurateEcn).to.equal(null);
    expect(bench.world.server.statistics.tcp.accurateEcn).to.equal(0);
  });
});
