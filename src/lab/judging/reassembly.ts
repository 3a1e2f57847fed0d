/** The cases of the lab `reassembly`. */
import { Clock, SECOND } from '../../net/clock.js';
import type { InternetContext } from '../../net/ip/context.js';
import { withDefaults } from '../../net/ip/context.js';
import { IpPacket } from '../../net/ip/packet.js';
import { MAX_FRAGMENTS_EACH, Reassembly } from '../../net/ip/reassembly.js';
import { InternetStatistics } from '../../net/ip/statistics.js';
import { type Case, hexBytes, Mismatch, same } from './case.js';

const HEADER_BYTES = 20;
/** A header that IPv6 may have, and that is longer than its room in the buffer. */
const LONG_HEADER_BYTES = 264;
const V6_HEADER_BYTES = 48;
/** Where the Ethernet source address stands in a frame. */
const SOURCE_MAC_AT = 6;

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
  readonly ttl?: number;
  /** The ECN codepoint. */
  readonly ecn?: number;
  readonly headerBytes?: number;
  /** The second byte of the header, to tell headers apart. */
  readonly mark?: number;
  readonly v6?: boolean;
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

  /** One fragment arrives; returns the whole datagram if it is complete now. */
  take(fragment: Fragment): IpPacket | null {
    const { from, to, more, id = 1, headerBytes = HEADER_BYTES } = fragment;
    this.trace.push(`fragment ${id}: bytes ${from} to ${to}${more ? ', more follow' : ', the last'}`);
    const packet = new IpPacket();
    packet.bytes = new Uint8Array(headerBytes + to - from);
    packet.bytes[1] = fragment.mark ?? 0;
    if (fragment.fill === undefined) packet.bytes.set(this.#whole.subarray(from, to), headerBytes);
    else packet.bytes.fill(fragment.fill, headerBytes);
    packet.payloadFrom = headerBytes;
    packet.payloadTo = packet.bytes.length;
    packet.protocol = 17;
    packet.isV6 = fragment.v6 ?? false;
    packet.linkBytes = Uint8Array.of(9, 9, 9, 9, 9, 9, 2, 0, 0, 0, 0, 1);
    packet.sourceMacFrom = SOURCE_MAC_AT;
    packet.ttl = fragment.ttl ?? 64;
    packet.trafficClass = fragment.ecn ?? 0;
    const done = this.reassembly.add(packet, id, from, more);
    packet.linkBytes.fill(0xee); // the next frame lies there
    return done;
  }

  /** The same; returns the data of the whole datagram. */
  arrive(fragment: Fragment): Uint8Array | null {
    const done = this.take(fragment);
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
      if (whole?.some((byte, at) => byte !== this.#whole[at])) {
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

/** The fragment `offender`, after those of `before`, condemns the datagram: what has come is dropped. */
function condemns(what: string, before: readonly Fragment[], offender: Fragment): void {
  const bench = new Bench(2000);
  bench.staysOpen(what, [...before, offender]);
  const { statistics, trace, reassembly } = bench;
  const isCondemned = statistics.reassembly.invalid === 1 && reassembly.pendingBytes === 0;
  if (!isCondemned) throw new Mismatch(what, 'the fragment is kept, or ignored', 'the datagram is condemned', trace);
  bench.staysOpen(`${what}, and then all fragments once more`, [FIRST, MIDDLE, LAST]);
}

/** The reassembly refuses this fragment, and begins no datagram for it. */
function refuses(what: string, fragment: Fragment): void {
  const bench = new Bench(0);
  bench.staysOpen(what, [fragment]);
  same(`${what}: datagrams in progress`, bench.reassembly.pending, 0);
  same(`${what}: fragments counted as invalid`, bench.statistics.reassembly.invalid, 1);
}

/** The reassembly takes this fragment. */
function takes(what: string, fragment: Fragment): void {
  const bench = new Bench(0);
  bench.staysOpen(what, [fragment]);
  same(`${what}: datagrams in progress`, bench.reassembly.pending, 1);
  same(`${what}: fragments counted as invalid`, bench.statistics.reassembly.invalid, 0);
}

/** The whole datagram of these fragments, which is complete with the last of them. */
function wholeOf(what: string, fragments: readonly Fragment[]): IpPacket {
  const bench = new Bench(2000);
  let whole: IpPacket | null = null;
  for (const fragment of fragments) whole = bench.take(fragment);
  if (whole === null) throw new Mismatch(what, 'nothing', 'a datagram', bench.trace);
  return whole;
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
    run: () => {
      const bench = new Bench(2000);
      bench.completesWithLast('fragments in order', [FIRST, MIDDLE, LAST]);
      same('fragments counted', bench.statistics.reassembly.fragmentsReceived, 3);
    },
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
    name: 'the buffer has room for the header in front of the data',
    section: 'the drawing at the top of the file',
    nudge: 'The data begins at HEADER_ROOM. How long must the buffer be for a fragment that ends at byte 4000?',
    hint: '#reserve(datagram, HEADER_ROOM + offset + length), before the data is copied.',
    run: () => {
      const pieces = (length: number) => [
        { from: 0, to: 2400, more: true },
        { from: 2400, to: length, more: false },
      ];
      for (const length of [4000, 12_000]) {
        const bench = new Bench(length);
        bench.completesWithLast(`a datagram of ${length} bytes`, pieces(length));
        new Bench(length).completesWithLast(`a datagram of ${length} bytes, last one first`, pieces(length).reverse());
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
      const piece = (from: number, to: number): Fragment => ({ from, to, more: true, fill: 0xee });
      condemns('its first bytes overlap', [FIRST], piece(792, 1600));
      condemns('its last bytes overlap', [MIDDLE], piece(0, 808));
      condemns('it lies inside of another', [FIRST], piece(400, 480));
      condemns('another lies inside of it', [MIDDLE], piece(400, 2000));
      condemns('it begins like another, and ends sooner', [FIRST], piece(0, 400));
      condemns('it ends like another, and begins later', [FIRST], piece(400, 800));
    },
  },
  {
    name: 'a fragment with the ends of another, and another `more`, is no copy: it condemns the datagram',
    section: 'RFC 5722 section 4',
    nudge: 'A copy says the same in all respects. One of these two says that more follow, and one that nothing does.',
    hint: 'isDuplicate also compares: more === (to !== datagram.length).',
    run: () => {
      condemns('the middle again, as the last', [FIRST, MIDDLE], { ...MIDDLE, more: false });
      condemns('the last again, and more follow', [FIRST, LAST], { ...LAST, more: true });
    },
  },
  {
    name: 'data behind the known end condemns the datagram',
    section: 'RFC 5722 section 4, RFC 791 section 3.2',
    nudge: 'Two fragments cannot both be the last, and nothing follows the last.',
    hint: 'fits: a `to` beyond a `length` that is known does not fit. In the loop: no fragment ends behind a last one.',
    run: () => {
      const sooner: Fragment = { from: 800, to: 1200, more: false, fill: 0xee };
      condemns('data behind the end', [LAST], { from: 2000, to: 2400, more: true, fill: 0xee });
      condemns('a second last fragment', [LAST], sooner);
      condemns('a last fragment, and data behind it is here', [{ from: 1600, to: 2000, more: true }], sooner);
    },
  },
  {
    name: 'a datagram has MAX_FRAGMENTS_EACH fragments at most',
    section: 'MAX_FRAGMENTS_EACH in the file',
    nudge: 'Each fragment costs an entry that every later one is compared with. A hostile sender makes thousands.',
    hint: 'fits: false if datagram.from.length is MAX_FRAGMENTS_EACH already.',
    run: () => {
      const pieces = Array.from({ length: MAX_FRAGMENTS_EACH + 1 }, (_, i) => ({
        from: 8 * i,
        to: 8 * i + 8,
        more: true,
      }));
      const whole = pieces
        .slice(0, MAX_FRAGMENTS_EACH)
        .map((piece, i) => ({ ...piece, more: i + 1 < MAX_FRAGMENTS_EACH }));
      new Bench(8 * MAX_FRAGMENTS_EACH).completesWithLast(`a datagram of ${MAX_FRAGMENTS_EACH} fragments`, whole);
      const bench = new Bench(8 * (MAX_FRAGMENTS_EACH + 1));
      bench.staysOpen('too many fragments', pieces);
      same(`fragment ${MAX_FRAGMENTS_EACH + 1}: datagrams counted as invalid`, bench.statistics.reassembly.invalid, 1);
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
      refuses('data to byte 65,560', { from: 65_480, to: 65_560, more: false, fill: 1 });
      refuses('65,536 bytes with the header', { from: 65_512, to: 65_516, more: false, fill: 1 });
      takes('65,535 bytes with the header', { from: 65_512, to: 65_515, more: false, fill: 1 });
    },
  },
  {
    name: 'IPv6 counts the payload alone: its header and the fragment header are no part of the 65,535 bytes',
    section: 'RFC 8200 section 4.5',
    nudge: 'The length field of IPv6 leaves out the header. So 48 bytes of it do not count here.',
    hint: 'counted = packet.isV6 ? headerBytes - UNCOUNTED_BYTES_V6 : headerBytes.',
    run: () => {
      const about = { more: false, fill: 1, v6: true, headerBytes: V6_HEADER_BYTES };
      takes('65,535 bytes of IPv6', { ...about, from: 65_528, to: 65_535 });
      refuses('65,536 bytes of IPv6', { ...about, from: 65_528, to: 65_536 });
    },
  },
  {
    name: 'a fragment without data is refused, and so is one whose header has no room',
    section: 'RFC 791 section 3.2, and HEADER_ROOM in the file',
    nudge: 'A fragment without data costs us an entry, and never completes anything. A long header would be cut.',
    hint: 'In add, before #entry: length === 0, or headerBytes > HEADER_ROOM, is invalid.',
    run: () => {
      refuses('no data', { from: 800, to: 800, more: true });
      refuses(`a header of ${LONG_HEADER_BYTES} bytes`, {
        ...FIRST,
        v6: true,
        fill: 1,
        headerBytes: LONG_HEADER_BYTES,
      });
      takes('a header of 256 bytes', { ...FIRST, v6: true, fill: 1, headerBytes: 256 });
    },
  },
  {
    name: 'the datagram has the header of the first fragment, and the least TTL of all',
    section: 'RFC 791 section 3.2, RFC 5082 section 3',
    nudge: 'Which fragment has the header that counts? And whose TTL tells how far the farthest of them has come?',
    hint: '#store: keepHeader if offset is 0; leastTtl = Math.min(leastTtl, packet.ttl) for each fragment.',
    run: () => {
      const [first, middle, last] = [
        { ...FIRST, mark: 1, ttl: 60 },
        { ...MIDDLE, mark: 2, ttl: 55 },
        { ...LAST, mark: 3, ttl: 58 },
      ];
      for (const order of [
        [first, middle, last],
        [last, first, middle],
      ]) {
        const whole = wholeOf('three fragments with different headers', order);
        same('the second byte of its header, which tells the fragment', whole.bytes[whole.headerFrom + 1], 1);
        same('its TTL, of 60, 55 and 58', whole.ttl, 55);
      }
    },
  },
  {
    name: 'CE of any fragment is kept, and CE beside not-ECT makes the datagram invalid',
    section: 'RFC 3168 section 5.3',
    nudge: 'A router marks one fragment. The mark is for the whole datagram, so it must not get lost.',
    hint: '#store: ecnSeen |= 1 << (packet.trafficClass & 3).',
    run: () => {
      const [ect, ce] = [2, 3];
      const marked = [
        { ...FIRST, ecn: ect },
        { ...MIDDLE, ecn: ce },
        { ...LAST, ecn: ect },
      ];
      same('the ECN codepoint of ECT(0), CE, ECT(0)', wholeOf('a marked fragment', marked).trafficClass & 3, ce);
      const bench = new Bench(2000);
      bench.staysOpen('CE beside not-ECT', [FIRST, { ...MIDDLE, ecn: ce }, LAST]);
      same('CE beside not-ECT: datagrams counted as invalid', bench.statistics.reassembly.invalid, 1);
    },
  },
  {
    name: 'the Ethernet address is a copy, since the memory of the frame is used again',
    section: 'the docstring of `mac` in the file',
    nudge: 'When the datagram is complete, another frame lies where the fragment was.',
    hint: 'After keepHeader: copyAddress(packet.linkBytes, packet.sourceMacFrom, datagram.mac, 0), and point at it.',
    run: () => {
      for (const order of [
        [FIRST, MIDDLE, LAST],
        [LAST, MIDDLE, FIRST],
      ]) {
        const whole = wholeOf('three fragments from 02:00:00:00:00:01', order);
        const mac = whole.linkBytes.subarray(whole.sourceMacFrom, whole.sourceMacFrom + SOURCE_MAC_AT);
        same('the Ethernet address that it came from', hexBytes(mac), '02 00 00 00 00 01');
      }
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
