/**
 * What a request costs in memory: run by test/whole/allocation.test.ts in a process of its own. The device here hands
 * the same request frame over and over, its numbers moved on, and looks only at the length of what is sent.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { FolderLoader } from '../../src/cache/loading/loader.js';
import { createHttpAcceptor, DerivedWallClock, FIRST_KEPT_SPACE, HttpStatistics, Sites } from '../../src/http/index.js';
import { AccessLog } from '../../src/log/access-log.js';
import { createBellMemory, LogBell } from '../../src/log/bell.js';
import { createRingMemory, RingReader, RingWriter } from '../../src/log/ring.js';
import { moduleOf, type ProgramDefinition, serveModuleOn } from '../../src/module/index.js';
import { Clock } from '../../src/net/clock.js';
import type { Device, Offload } from '../../src/net/device/device.js';
import { IncomingFrame, type OutgoingFrame, TRANSPORT_AT } from '../../src/net/device/frame.js';
import { SeededRandom } from '../../src/net/random.js';
import { createStack } from '../../src/net/stack.js';
import { IpNetwork, parseMac } from '../../src/net/wire/address.js';
import { readInt32, writeInt32 } from '../../src/net/wire/bytes.js';
import { siteTable } from '../../src/serve/folders/site-table.js';
import { LibraryPublisher } from '../../src/shared-cache/index.js';
import { SiteRules } from '../../src/site/rules/site-rules.js';
import { arp, ethernet, ipv4 } from './packets.js';
import { makeSite } from './site.js';
import { PEER, PEER_MAC, STACK, STACK_MAC } from './stack-bench.js';
import { pseudoHeader, type TcpFields, tcpOptions, tcpSegment } from './tcp-segment.js';

const WARM_UP = 60_000;
const REQUESTS = 100_000;
/** The least of so many counts: a function that V8 has not optimised yet boxes its numbers. */
const BATCHES = 4;
const MODE = process.argv[2] ?? 'plain';
const TCP_AT = 34;

/** Takes what is sent and remembers where the stream stands. */
class Sink implements Device {
  readonly mac = parseMac(STACK_MAC);
  readonly mtu = 1500;
  readonly offload: Offload =
    MODE === 'offload' ? { checksum: true, superSegmentBytes: 65_455 } : { checksum: false, superSegmentBytes: 0 };
  /** The sequence number after the last byte sent, and how many segments with data there were. */
  next = 0;
  answers = 0;
  /** The stack wants to know whether we are still there. */
  arpAsked = false;

  send(frame: OutgoingFrame): boolean {
    const { header, start } = frame;
    if (header[start + 13] === 0x06) {
      this.arpAsked = true;
      return true;
    }
    const control = header[TRANSPORT_AT + 13]! & 3 ? 1 : 0;
    this.next = (readInt32(header, TRANSPORT_AT + 4) + frame.payloadLength + control) | 0;
    if (frame.payloadLength > 0) this.answers++;
    return true;
  }

  receive(): boolean {
    return false;
  }

  close(): void {}
}

const clock = new Clock();
const device = new Sink();
const stack = createStack({
  device,
  clock,
  random: new SeededRandom(1),
  addresses: [IpNetwork.parse(`${STACK}/24`)],
  internet: { duplicateDetection: 'off' },
});
const variants = MODE === 'coded' ? { variants: { 1: 'y'.repeat(300), 2: 'z'.repeat(200) } } : {};
const { store, library } = await makeSite({
  files: { '/': { content: 'x'.repeat(1000), ...variants } },
  others: [{ '/': { content: 'y'.repeat(500) } }],
});
const sites = new Sites();
if (MODE === 'rules') await publishRuled();
if (MODE === 'kept') keepAnswer();
if (MODE === 'hosts') {
  const hosts = [
    { name: '10.0.0.2', site: 0 },
    { name: '*.example.org', site: 1 },
  ];
  sites.use({ sites: [{}, {}], hosts, defaultSite: 0, unknownHost: 'misdirected' });
}
if (MODE === 'routes') {
  const routes = [
    { path: '/api/', to: ['handler' as const] },
    { path: '/**', methods: ['GET'], to: ['file' as const] },
  ];
  sites.use({ sites: [{ routes }], hosts: [], defaultSite: 0, unknownHost: 'default' });
}
const statistics = new HttpStatistics();
const wallClock = new DerivedWallClock(clock, 784_111_777_000);
stack.start();
const ringMemory = createRingMemory();
const logReader = new RingReader(ringMemory);
const accessLog = new AccessLog({
  ring: new RingWriter(ringMemory),
  bell: new LogBell(createBellMemory()),
  clock,
  wallClock,
});
const limits = { requestsPerConnection: 1e9 };
const log = MODE === 'log' ? { log: accessLog } : {};
const httpAcceptor = createHttpAcceptor({ store, sites, clock, wallClock, statistics, limits, ...log });
if (MODE === 'module') await serveModule();
else stack.listen(80, httpAcceptor, { noDelay: true });

/** An answer of an upstream, for which a route keeps away from the folder. */
function keepAnswer(): void {
  const routes = [{ path: '/', to: [{ upstream: 'app' }] }];
  const kept = { app: FIRST_KEPT_SPACE };
  sites.use({ sites: [{ routes }], hosts: [], defaultSite: 0, unknownHost: 'default', kept });
  const place = { scheme: 'http', host: '10.0.0.2', target: '/' } as const;
  const head = { status: 200, message: 'OK', fields: ['Content-Type', 'text/html', 'ETag', '"1"'] };
  const time = { born: 784_111_700, until: 784_200_000 };
  const publisher = new LibraryPublisher(library, FIRST_KEPT_SPACE, 'fastpath');
  if (!publisher.put({ ...place, ...head, ...time, body: Buffer.alloc(1_000, 'x') })) throw new Error('no memory');
}

/** A module of somebody else, with its guard: it looks at each request in place, and answers from its own objects. */
async function serveModule(): Promise<void> {
  const program: ProgramDefinition<object, unknown, unknown, { asked: number }> = {
    name: 'hot',
    counters: { found: 'Answers.' },
    listeners: () => [{ transport: 'tcp', port: 80 }],
    objects: () => [['GET', 'x'.repeat(1_000)]],
    state: { request: (before) => before ?? { asked: 0 } },
    actions: {
      read(exchange) {
        const { from } = exchange;
        exchange.take(exchange.length);
        const answer = exchange.worker.answers.find(exchange.bytes, from, from + 3);
        if (answer === null) return 'missing';
        exchange.request.asked++;
        exchange.send(answer);
        return 'sent';
      },
      count(exchange) {
        exchange.worker.counters.found = (exchange.worker.counters.found ?? 0) + 1;
        return 'counted';
      },
    },
    control: {
      reading: { on: 'input', run: 'read', next: { sent: 'counting', missing: 'abort' } },
      counting: { run: 'count', next: { counted: 'again' } },
    },
  };
  await serveModuleOn({ stack, random: new SeededRandom(2), store }, moduleOf(program), {});
}

/** A page under its clean URL, with fields of its own, in a folder of a site with rules. */
async function publishRuled(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-hot-'));
  writeFileSync(join(folder, 'about.html'), 'x'.repeat(600));
  await new Promise((resolve) => setTimeout(resolve, 20)); // until it is older than a tick of the clock
  const headers = [{ match: '*.html', set: { 'Cache-Control': 'no-cache' } }];
  const options = { folder, cleanUrls: true, cors: true, headers };
  sites.use(siteTable([{ number: 0, options }], 'default'));
  const loader = new FolderLoader(folder, library, { rules: new SiteRules(options) });
  await loader.load();
  await loader.end();
  rmSync(folder, { recursive: true });
}

const stamped = MODE === 'timestamps';

function frameOf(fields: Partial<TcpFields>): Uint8Array {
  const payload = tcpSegment(
    {
      sourcePort: 40_000,
      destinationPort: 80,
      flags: '.',
      sequence: 0,
      ...(stamped && { options: tcpOptions({ ts: [1000, 0] }) }),
      ...fields,
    },
    pseudoHeader(PEER, STACK),
  );
  return ethernet(STACK_MAC, PEER_MAC, 0x0800, ipv4({ source: PEER, destination: STACK, protocol: 6, payload }));
}

const incoming = new IncomingFrame(new Uint8Array(0));

function deliver(bytes: Uint8Array): void {
  incoming.bytes = bytes;
  incoming.from = 0;
  incoming.to = bytes.length;
  incoming.checksumGood = true;
  stack.receive(incoming);
}

const coding = MODE === 'coded' ? 'Accept-Encoding: gzip, deflate, br, zstd\r\n' : '';
const requestTo = (host: string) =>
  new TextEncoder().encode(
    `GET ${MODE === 'rules' ? '/about' : '/'} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\n${coding}\r\n`,
  );
/** Asked in turn, each in a buffer of its own. */
const hosts = { hosts: ['10.0.0.2', 'WWW.example.org:80'], log: ['10.0.0.2', '10.0.0.2'] }[MODE] ?? ['10.0.0.2'];
const requests = hosts.map(requestTo);
const options = tcpOptions({ mss: 1460, ...(stamped && { ts: [1000, 0] as const }) });
deliver(frameOf({ flags: 'S', options }));
deliver(frameOf({ sequence: 1, acknowledgment: device.next }));
const frames = requests.map((data) => frameOf({ flags: 'P.', sequence: 1, acknowledgment: device.next, data }));
const arpFields = { operation: 2, senderMac: PEER_MAC, sender: PEER, targetMac: STACK_MAC, target: STACK };
const arpReply = ethernet(STACK_MAC, PEER_MAC, 0x0806, arp(arpFields));
let sequence = 1;

/** A request arrives each 10 µs; its ACK is for the answer before. */
function run(count: number): void {
  for (let i = 0; i < count; i++) {
    const turn = i % frames.length;
    const frame = frames[turn]!;
    writeInt32(frame, TCP_AT + 4, sequence);
    writeInt32(frame, TCP_AT + 8, device.next);
    sequence = (sequence + requests[turn]!.length) | 0;
    clock.now += 10;
    deliver(frame);
    if (device.arpAsked) {
      device.arpAsked = false;
      deliver(arpReply);
    }
    if (i % 1_000 === 0) logReader.release(logReader.waiting);
    // As a driver does it: after each batch of frames.
    if (i % 32 === 0 && stack.nextDeadline() <= clock.now) stack.runTimers();
  }
}

let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

run(WARM_UP);
globalThis.gc!();
await new Promise((resolve) => setTimeout(resolve, 10));
collections = 0;
device.answers = 0;
let least = Number.POSITIVE_INFINITY;
let leastNanoseconds = Number.POSITIVE_INFINITY;
for (let batch = 0; batch < BATCHES; batch++) {
  const before = process.memoryUsage().heapUsed;
  const start = process.cpuUsage().user;
  run(REQUESTS / BATCHES);
  leastNanoseconds = Math.min(leastNanoseconds, (1_000 * (process.cpuUsage().user - start)) / (REQUESTS / BATCHES));
  const grown = process.memoryUsage().heapUsed - before;
  // Less than before: there was a collection, which says nothing.
  if (grown >= 0) least = Math.min(least, grown / (REQUESTS / BATCHES));
}
await new Promise((resolve) => setTimeout(resolve, 10));
const { payloadBytesRead } = stack.statistics.tcp;
const { answers } = device;
const bytesPerAnswer = statistics.payloadBytes / statistics.ok;
const coded = statistics.brotliAnswers;
const { records } = accessLog.statistics;
const figures = { bytesPerRequest: least, nanosecondsPerRequest: leastNanoseconds, collections, payloadBytesRead };
const { storedHits } = statistics;
console.log(JSON.stringify({ requests: REQUESTS, answers, coded, storedHits, records, bytesPerAnswer, ...figures }));
