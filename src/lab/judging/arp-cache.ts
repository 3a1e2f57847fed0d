/** The cases of the lab `arp-cache`. */
import { Clock, SECOND } from '../../net/clock.js';
import { OutgoingFrame } from '../../net/device/frame.js';
import { NEIGHBOR, type Neighbor } from '../../net/ip/neighbor.js';
import { NeighborCache } from '../../net/ip/neighbor-cache.js';
import { MAX_PENDING_BYTES, MAX_PENDING_FRAMES } from '../../net/ip/pending-frames.js';
import { IpAddress } from '../../net/wire/address.js';
import { describeFrame } from '../../net/wire/describe.js';
import { SummedBytes } from '../../net/wire/summed-bytes.js';
import { type Case, hexBytes, same, sameList, text } from './case.js';

/** Where the address stands in the packet of an answer: not at its beginning. */
const MAC_AT = 2;
const PEER = IpAddress.parse('10.0.0.2');
const ONE_MAC = Uint8Array.of(7, 7, 2, 0, 0, 0, 0, 1);
const OTHER_MAC = Uint8Array.of(7, 7, 2, 0, 0, 0, 0, 9);
const STATE_NAMES = Object.keys(NEIGHBOR);
/** A random factor of exactly 1: an entry is REACHABLE for 30 s. */
const MIDDLE = { nextInt32: () => 0x80000000 | 0 };

/** A cache alone, under a clock that the cases move. It notes what the cache asks for. */
class Bench {
  readonly clock = new Clock();
  readonly log: string[] = [];
  readonly #drops: number[] = [];
  readonly cache = new NeighborCache(this.clock, MIDDLE, {
    solicit: (_, toKnownMac) => this.note(toKnownMac ? 'asks the known address' : 'asks all stations'),
    transmit: (frame) => this.note(`sends frame ${frame.header[frame.start]}`),
    unreachable: (_, frame) => this.note(`gives up, ${frame === undefined ? 'no frame' : 'a frame'} waited`),
    pendingDropped: (count) => this.#drops.push(count),
  });
  readonly neighbor: Neighbor = this.cache.obtain(PEER);

  note(text: string): void {
    this.log.push(`${(this.clock.now / SECOND).toFixed(0)} s: ${text}`);
  }

  /** A frame with this number, and so many bytes of payload, wants to go out. */
  send(number: number, payload = 0): void {
    if (this.cache.isReady(this.neighbor)) {
      this.note(`sends frame ${number}`);
      return;
    }
    const frame = new OutgoingFrame();
    frame.end = frame.start + 20;
    frame.header[frame.start] = number;
    if (payload > 0) frame.addFragment(SummedBytes.plain(new Uint8Array(payload)), 0, payload);
    this.cache.hold(frame, this.neighbor);
  }

  /** Lets time pass, second by second, and runs the timers that are due. */
  passTo(seconds: number): void {
    for (let second = Math.floor(this.clock.now / SECOND) + 1; second <= seconds; second++) {
      this.clock.now = second * SECOND;
      this.cache.runTimers();
    }
  }

  /** A bench whose neighbour has answered at this time. */
  static answered(seconds = 0): Bench {
    const bench = new Bench();
    bench.clock.now = seconds * SECOND;
    bench.send(1);
    bench.cache.answered(bench.neighbor, ONE_MAC, MAC_AT);
    bench.log.length = 0;
    return bench;
  }

  /** What the cache told of dropped frames. */
  get dropped(): string {
    return this.#drops.join(', ') || 'nothing';
  }

  get state(): string {
    return STATE_NAMES[this.neighbor.state] ?? String(this.neighbor.state);
  }
}

export const cases: readonly Case[] = [
  {
    name: 'the first frame to a neighbour makes one request, and further frames wait in silence',
    section: 'RFC 1122 section 2.3.2.1',
    nudge: 'A flood of requests is what this rule forbids. A neighbour that was asked is not asked again for a second.',
    hint: 'In hold, ask only in the state NONE. Go to INCOMPLETE with the request interval as the time, requests = 1.',
    run: () => {
      const bench = new Bench();
      for (const number of [1, 2, 3]) bench.send(number);
      sameList('what the cache does for three frames', bench.log, ['0 s: asks all stations']);
      same('the state', bench.state, 'INCOMPLETE', text);
    },
  },
  {
    name: 'an answer makes the entry REACHABLE, and the frames that waited go out in their order',
    section: 'RFC 1122 section 2.3.2.2',
    nudge:
      'confirm() does nothing where no address is known: look at hasMac. And `pending` has waited for this moment.',
    hint: 'In answered: copy the address, set STALE, call confirm() and then #release.',
    run: () => {
      const bench = new Bench();
      for (const number of [1, 2]) bench.send(number);
      bench.log.length = 0;
      bench.cache.answered(bench.neighbor, ONE_MAC, MAC_AT);
      sameList('what goes out', bench.log, ['0 s: sends frame 1', '0 s: sends frame 2']);
      same('the state', bench.state, 'REACHABLE', text);
      same('the address', hexBytes(bench.neighbor.mac), '02 00 00 00 00 01');
    },
  },
  {
    name: 'frames that wait are kept while there is room, and the cache tells how many it drops',
    section: 'RFC 1122 section 2.3.2.2',
    nudge: 'keep says how many older frames had to go. Who counts drops wants to hear of them, and not of none.',
    hint: 'In hold: dropped = neighbor.pending.keep(frame); if it is above 0, pendingDropped(dropped).',
    run: () => {
      const bench = new Bench();
      for (let number = 1; number <= MAX_PENDING_FRAMES; number++) bench.send(number);
      same('what pendingDropped is told while there is room', bench.dropped, 'nothing', text);
      bench.send(100);
      same('what it is told of one more', bench.dropped, '1', text);
      const other = new Bench();
      for (const number of [1, 2, 3]) other.send(number, 1000);
      other.send(4, MAX_PENDING_BYTES - 500);
      same('what it is told of one that takes the room of three', other.dropped, '3', text);
    },
  },
  {
    name: 'news that nobody asked for is used, and not believed: STALE',
    section: 'RFC 4861 section 7.2.5, RFC 826 “Packet Reception”',
    nudge: 'Anybody can send such a packet. So the address is used, and verified at the next use.',
    hint: 'In update: another address than the known one is copied, the state becomes STALE, waiting frames go out.',
    run: () => {
      const bench = Bench.answered();
      bench.cache.update(bench.neighbor, OTHER_MAC, MAC_AT);
      same('the state after an unasked change', bench.state, 'STALE', text);
      same('the address', hexBytes(bench.neighbor.mac), '02 00 00 00 00 09');
    },
  },
  {
    name: 'news lets the frames go out that waited for it',
    section: 'RFC 826 “Packet Reception”',
    nudge: 'The neighbour speaks before it answers. Its address is known now, so nothing has to wait any longer.',
    hint: 'In update: #release(neighbor) at the end.',
    run: () => {
      const bench = new Bench();
      for (const number of [1, 2]) bench.send(number);
      bench.cache.update(bench.neighbor, ONE_MAC, MAC_AT);
      sameList('what goes out', bench.log.slice(1), ['0 s: sends frame 1', '0 s: sends frame 2']);
    },
  },
  {
    name: 'the known address once more changes nothing',
    section: 'RFC 4861 section 7.2.5',
    nudge: 'It is no news, so there is nothing to doubt.',
    hint: 'In update: return at once if the neighbour has an address and it is the same.',
    run: () => {
      const bench = Bench.answered();
      bench.cache.update(bench.neighbor, ONE_MAC, MAC_AT);
      same('the state', bench.state, 'REACHABLE', text);
    },
  },
  {
    name: 'after 30 s an address is used on probation: DELAY, and still at once',
    section: 'RFC 4861 section 7.3.2',
    nudge: 'REACHABLE has no timer here. Its age is compared with the clock when the entry is used.',
    hint: 'In isReady: REACHABLE and too old becomes STALE; STALE becomes DELAY for 5 s; then return hasMac.',
    run: () => {
      const bench = Bench.answered();
      bench.passTo(29);
      bench.send(2);
      same('the state after 29 s', bench.state, 'REACHABLE', text);
      bench.passTo(30);
      bench.send(3);
      same('the state after 30 s', bench.state, 'DELAY', text);
      sameList('what goes out', bench.log, ['29 s: sends frame 2', '30 s: sends frame 3']);
    },
  },
  {
    name: 'the age of an address counts from its answer, and a router may set how old is too old',
    section: 'RFC 4861 sections 6.3.4 and 7.3.3',
    nudge: 'confirm() notes the time. To set the state alone leaves the time of an earlier answer, or none.',
    hint: 'answered: STALE, then confirm(). isReady: now - confirmedAt < this.#reachableTime, which is not always 30 s.',
    run: () => {
      const bench = Bench.answered(100);
      bench.passTo(120);
      bench.send(2);
      same('the state 20 s after an answer', bench.state, 'REACHABLE', text);
      bench.cache.setReachableTime(10 * SECOND);
      bench.send(3);
      same('the state 20 s after an answer, with 10 s from a router', bench.state, 'DELAY', text);
    },
  },
  {
    name: 'a use marks the entry as touched, so that it is not thrown out',
    section: '`touched` in net/ip/neighbor.ts',
    nudge: 'When the table is full, an entry goes that was not used lately. Who else could note the use?',
    hint: 'isReady begins with neighbor.touched = true.',
    run: () => {
      const bench = Bench.answered();
      bench.neighbor.touched = false;
      bench.send(2);
      same('touched', bench.neighbor.touched, true);
    },
  },
  {
    name: 'probes go to the known address alone: three, a second apart, and then the entry is gone',
    section: 'RFC 4861 section 7.3.3',
    nudge: 'A probe verifies an address, so it goes to that address alone. After the third comes nothing more.',
    hint: 'In #expire: DELAY becomes PROBE with requests = 0; after #giveUp return. solicit gets true exactly in PROBE.',
    run: () => {
      const bench = Bench.answered();
      bench.passTo(30);
      bench.send(2);
      bench.log.length = 0;
      bench.passTo(40);
      const probes = ['35 s', '36 s', '37 s'].map((time) => `${time}: asks the known address`);
      sameList('what the cache does next', bench.log, [...probes, '38 s: gives up, no frame waited']);
      same('the state', bench.state, 'REMOVED', text);
    },
  },
  {
    name: 'further frames in DELAY and PROBE do not put the probes off',
    section: 'RFC 4861 section 7.3.3',
    nudge: 'DELAY begins with the first use. If each use began it anew, a busy connection would never verify anything.',
    hint: 'In isReady: only STALE enters DELAY.',
    run: () => {
      const bench = Bench.answered();
      bench.passTo(30);
      for (let second = 30; second <= 36; second += 2) {
        bench.passTo(second);
        bench.send(2);
      }
      const asks = bench.log.filter((line) => line.includes('asks'));
      sameList('the requests', asks, ['35 s: asks the known address', '36 s: asks the known address']);
    },
  },
  {
    name: 'a host that is not there is asked three times, a second apart; then the frame is given up',
    section: 'RFC 1122 section 2.3.2.1, RFC 4861 section 7.2.2',
    nudge: 'The first request went out with the first frame. Count it.',
    hint: 'In #expire: give up if requests has reached MAX_REQUESTS; else count, set the deadline, ask.',
    run: () => {
      const bench = new Bench();
      bench.send(1);
      bench.passTo(10);
      const asked = ['0 s', '1 s', '2 s'].map((time) => `${time}: asks all stations`);
      sameList('what the cache does', bench.log, [...asked, '3 s: gives up, a frame waited']);
    },
  },
  {
    name: 'a router may lengthen the time between requests; it counts from the request that was sent',
    section: 'RFC 4861 section 6.3.4',
    nudge: 'The machine may have been asleep. Then a deadline is long past, and the next one counts from now.',
    hint: '#enter with this.#requestInterval in hold; in #expire: deadline = this.#clock.now + this.#requestInterval.',
    run: () => {
      const bench = new Bench();
      bench.cache.setRequestInterval(3 * SECOND);
      bench.send(1);
      bench.passTo(4);
      bench.clock.now = 20 * SECOND;
      bench.cache.runTimers();
      bench.passTo(30);
      const asked = ['0 s', '3 s', '20 s'].map((time) => `${time}: asks all stations`);
      sameList('what the cache does', bench.log, [...asked, '23 s: gives up, a frame waited']);
    },
  },
  {
    name: 'in the whole stack: a request, an answer, and then TCP begins',
    section: 'RFC 826 “Packet Reception”',
    nudge: 'The cache works alone. Here it stands between IP and the wire.',
    hint: 'Look at the first frame that differs: did the SYN wait for the answer, and did it go out after it?',
    run: async () => {
      const { World } = await import('../../browser/world.js');
      const world = new World({
        hosts: { client: {}, server: { files: { '/': 'hello' } } },
        start: (begun) => begun.at(SECOND, (then) => then.get('client', 'server', '/')),
      });
      const frames: string[] = [];
      world.observe((event) => {
        if (event.kind === 'frame') frames.push(firstWords(event.from, event.bytes));
      });
      world.runUntilIdle();
      const wanted = ['client: ARP Request', 'server: ARP Reply', 'client: Flags [S]', 'server: Flags [S.]'];
      const wordless = frames.filter((frame) => !frame.includes('Announcement'));
      sameList('the frames on the link', wordless.slice(0, wanted.length), wanted);
      same('the status of the answer', world.fetches[0]?.answers[0]?.status, 200);
    },
  },
];

/** `client: ARP Request` or `client: Flags [S]`. */
function firstWords(from: string, bytes: Uint8Array): string {
  const line = describeFrame(bytes, 0, bytes.length);
  const [words = line] = /Flags \[\S+\]/.exec(line) ?? [line.split(' ').slice(0, 2).join(' ').replace(',', '')];
  return `${from}: ${words}`;
}
