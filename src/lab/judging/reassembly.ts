/** The cases of the lab `reassembly`. */
import { Clock, SECOND } from '../../net/clock.js';
import type { InternetContext } from '../../net/ip/context.js';
import { withDefaults } from '../../net/ip/context.js';
import { IpPacket } from '../../net/ip/packet.js';
import { Reassembly } from '../../net/ip/reassembly.js';
import { InternetStatistics } from '../../net/ip/statistics.js';
import { type Case, hexBytes, Mismatch, same } from './case.js';

const HEADER_BYTES = 20;

/** A datagram whose bytes are all different nearby. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}

interface Fragment {
  readonly from: number;
  readonly to: number;
  readonly more: boolean;
  readonly id?: number;
  /** Other bytes than the datagram's, to tell copies apart. */
  readonly fill?: number;
}

/** The reassembly alone, under a clock that the cases move. */
class Bench {
  readonly clock = new Clock();
  readonly statistics = new InternetStatistics();
  readonly timedOut: number[] = [];
  readonly trace: string[] = [];
  readonly #whole: Uint8Array;
  // The reassembly asks for these three alone.
  readonly #context = { clock: this.clock, statistics: this.statistics, options: withDefaults() } as InternetContext;
  readonly reassembly = new Reassembly(this.#context, (first) => {
    this.timedOut.push(first.payloadTo - first.payloadFrom);
  });

  constructor(length: number) {
    this.#whole = pattern(length);
  }

  /** One fragment arrives; returns the data of the whole datagram if it is complete now. */
  arrive({ from, to, more, id = 1, fill }: Fragment): Uint8Array | null {
    this.trace.push(`fragment ${id}: bytes ${from} to ${to}${more ? ', more follow' : ', the last'}`);
    const packet = new IpPacket();
    packet.bytes = new Uint8Array(HEADER_BYTES + to - from);
    if (fill === undefined) packet.bytes.set(this.#whole.subarray(from, to), HEADER_BYTES);
    else packet.bytes.fill(fill, HEADER_BYTES);
    packet.payloadFrom = HEADER_BYTES;
    packet.payloadTo = packet.bytes.length;
    packet.protocol = 17;
    packet.linkBytes = new Uint8Array(6);
    packet.ttl = 64;
    const done = this.reassembly.add(packet, id, from, more);
    return done === null ? null : done.bytes.slice(done.payloadFrom, done.payloadTo);
  }

  /** All fragments arrive in this order: only the last one of them may complete the datagram. */
  completesWithLast(what: string, fragments: readonly Fragment[]): void {
    for (const [i, fragment] of fragments.entries()) {
      const isLast = i === fragments.length - 1;
      const whole = this.arrive(fragment);
      const expected = isLast ? `a datagram of ${this.#whole.length} bytes` : 'nothing yet';
      const came = whole === null ? 'nothing yet' : `a datagram of ${whole.length} bytes`;
      if (came !== expected) throw new Mismatch(what, came, expected, this.trace);
      if (whole !== null && hexBytes(whole, 1e5) !== hexBytes(this.#whole, 1e5)) {
        throw new Mismatch(what, 'other bytes', 'the bytes that were sent', this.trace);
      }
    }
  }

  /** None of these may complete anything. */
  staysOpen(what: string, fragments: readonly Fragment[]): void {
    for (const fragment of fragments) {
      if (this.arrive(fragment) !== null) throw new Mismatch(what, 'a whole datagram', 'nothing', this.trace);
    }
  }
}

const FIRST: Fragment = { from: 0, to: 800, more: true };
const MIDDLE: Fragment = { from: 800, to: 1600, more: true };
const LAST: Fragment = { from: 1600, to: 2000, more: false };

export const cases: readonly Case[] = [
  {
    name: 'three fragments in order make the datagram',
    section: 'RFC 791 section 3.2',
    nudge: 'Keep each fragment’s bytes at its offset, and count how many bytes are there.',
    hint: '#store copies the data to HEADER_ROOM + offset and adds its length to `received`.',
    run: () => new Bench(2000).completesWithLast('fragments in order', [FIRST, MIDDLE, LAST]),
  },
  {
    name: 'the last fragment may come first: the datagram is complete when every byte is there',
    section: 'RFC 791 section 3.2',
    nudge: 'The fragment without “more” tells how long the datagram is. It does not tell that the rest has come.',
    hint: 'Complete means: datagram.received === datagram.length. The length is -1 until the last one has come.',
    run: () => {
      for (const order of [
        [LAST, MIDDLE, FIRST],
        [MIDDLE, LAST, FIRST],
        [FIRST, LAST, MIDDLE],
      ]) {
        new Bench(2000).completesWithLast('fragments in another order', order);
      }
    },
  },
  {
    name: 'a fragment that comes twice counts once',
    section: 'RFC 791 section 3.2',
    nudge: 'A network may deliver a packet twice. An exact copy is harmless, and its bytes are no new bytes.',
    hint: 'isDuplicate: the same from and the same to are in the lists already, and `more` agrees with the known end.',
    run: () => new Bench(2000).completesWithLast('a copy among the fragments', [FIRST, FIRST, LAST, LAST, MIDDLE]),
  },
  {
    name: 'a fragment that overlaps another condemns the datagram',
    section: 'RFC 5722 section 4',
    nudge: 'No honest sender makes overlaps. An attacker does, so that a filter sees other bytes than we do.',
    hint: 'fits: for each known fragment, from < its to and its from < to means an overlap. Then #condemn.',
    run: () => {
      const overlap: Fragment = { from: 792, to: 1600, more: true, fill: 0xee };
      const bench = new Bench(2000);
      bench.staysOpen('fragments that overlap', [FIRST, overlap, MIDDLE, LAST]);
      same('datagrams counted as invalid', bench.statistics.reassembly.invalid, 1);
    },
  },
  {
    name: 'data behind the known end condemns the datagram',
    section: 'RFC 5722 section 4, RFC 791 section 3.2',
    nudge: 'Two fragments cannot both be the last, and nothing follows the last.',
    hint: 'fits: once `length` is known, another last one, or a `to` beyond it, does not fit.',
    run: () => {
      const beyond: Fragment = { from: 2000, to: 2400, more: true, fill: 0xee };
      new Bench(2000).staysOpen('data behind the end', [LAST, beyond, FIRST, MIDDLE]);
      const sooner: Fragment = { from: 800, to: 1200, more: false, fill: 0xee };
      new Bench(2000).staysOpen('a second last fragment', [LAST, sooner, FIRST, MIDDLE]);
      new Bench(2000).staysOpen('an end before data that is here', [MIDDLE, sooner, FIRST, LAST]);
    },
  },
  {
    name: 'datagrams with different identifications stay apart',
    section: 'RFC 791 section 3.2',
    nudge: 'Fragments belong together if source, destination, protocol and identification are the same.',
    hint: '#entry finds the datagram of a fragment. Ask it for each fragment anew.',
    run: () => {
      const bench = new Bench(2000);
      const other = { ...MIDDLE, id: 2, fill: 0xee };
      bench.completesWithLast('two datagrams at once', [FIRST, other, LAST, MIDDLE]);
    },
  },
  {
    name: 'a datagram longer than 65,535 bytes is refused (the ping of death)',
    section: 'RFC 791 section 3.1',
    nudge: 'The offset field reaches to 65,528, and data behind that would not fit any length field.',
    hint: 'In add: offset + length + header bytes above MAX_LENGTH is invalid, and so is a fragment without data.',
    run: () => {
      const bench = new Bench(100);
      bench.staysOpen('a fragment beyond the end of all datagrams', [
        { from: 65_480, to: 65_560, more: false, fill: 1 },
      ]);
      same('datagrams in progress', bench.reassembly.pending, 0);
      same('fragments counted as invalid', bench.statistics.reassembly.invalid, 1);
    },
  },
  {
    name: 'after 60 s without the rest, the datagram is given up and its first fragment reported',
    section: 'RFC 1122 section 3.3.2',
    nudge: 'The time runs from the first fragment that came, and is not started again.',
    hint: '#store keeps the header with keepHeader when offset is 0. The timer itself is written already.',
    run: () => {
      const bench = new Bench(2000);
      bench.staysOpen('two of three fragments', [FIRST]);
      bench.clock.now = 50 * SECOND;
      bench.staysOpen('two of three fragments', [MIDDLE]);
      bench.clock.now = 61 * SECOND;
      bench.reassembly.runTimers();
      same('bytes of the first fragment reported', bench.timedOut[0] ?? 0, 800);
      same('datagrams in progress', bench.reassembly.pending, 0);
    },
  },
];
