/**
 * What a query costs in memory: run by test/dns/allocation.test.ts in a process of its own. The device hands the same
 * frame over and over, and only counts what is sent. Prints answers and bytes of heap for each.
 */
import { z } from 'zod';
import { dnsModule } from '../../../src/dns/module.js';
import { dnsSchema } from '../../../src/dns/options.js';
import { newCounters } from '../../../src/module/counters.js';
import type { ModuleDefinition, ModuleWorker } from '../../../src/module/module.js';
import { Clock, MILLISECOND, SECOND } from '../../../src/net/clock.js';
import type { Device } from '../../../src/net/device/device.js';
import { IncomingFrame } from '../../../src/net/device/frame.js';
import { SeededRandom } from '../../../src/net/random.js';
import { createStack } from '../../../src/net/stack.js';
import type { DatagramHandler } from '../../../src/net/udp/handler.js';
import { DerivedWallClock } from '../../../src/net/wall-clock.js';
import { IpNetwork, parseMac } from '../../../src/net/wire/address.js';
import { arp, ethernet, ipv4 } from '../packets.js';
import { datagram } from '../udp-world.js';
import { queryOf } from './message.js';
import { OPEN, zoneOf } from './world.js';
import { RICH_ZONE } from './zone-text.js';

const WARM_UP = 200_000;
const QUERIES = 400_000;
const [CLIENT, SERVER] = ['192.0.2.1', '192.0.2.2'];
const [CLIENT_MAC, SERVER_MAC] = ['02:00:00:00:00:01', '02:00:00:00:00:02'];

let sent = 0;
const device: Device = {
  mac: parseMac(SERVER_MAC),
  mtu: 1500,
  offload: { checksum: false, superSegmentBytes: 0 },
  send: () => {
    sent++;
    return true;
  },
  receive: () => false,
} as unknown as Device;
const clock = new Clock();
const random = new SeededRandom(1);
const stack = createStack({ device, clock, random, addresses: [IpNetwork.parse(`${SERVER}/24`)] });
const worker = {
  index: 0,
  stack,
  clock,
  wallClock: new DerivedWallClock(clock, 1_559_731_985_000),
  random,
  counters: newCounters(dnsModule as unknown as ModuleDefinition),
} as unknown as ModuleWorker;
const rateLimit = { responses: 1_000_000, slip: 2, excess: 2 ** 31 - 1 };
const module = dnsModule.create(worker, dnsSchema(z).parse({ ...OPEN, rateLimit }));
module.received?.({ kind: 'zone', image: zoneOf(RICH_ZONE).image });
stack.bind(53, module.datagrams as DatagramHandler);
stack.start();
for (let i = 0; i < 50; i++) {
  clock.now += SECOND / 5;
  stack.runTimers();
}

function frameOf(bytes: Uint8Array): IncomingFrame {
  const frame = new IncomingFrame(bytes);
  frame.from = 0;
  frame.to = bytes.length;
  return frame;
}

function repeat(frame: IncomingFrame, count: number): void {
  for (let i = 0; i < count; i++) {
    if ((i & 255) === 0) clock.now += MILLISECOND;
    stack.receive(frame);
  }
}

const request = arp({ operation: 1, senderMac: CLIENT_MAC, sender: CLIENT, target: SERVER });
stack.receive(frameOf(ethernet('ff:ff:ff:ff:ff:ff', CLIENT_MAC, 0x0806, request)));
const plain = queryOf({ name: 'web.example.org', type: 'A', edns: false, dnssec: false });
const edns = queryOf({ name: 'www.example.org', type: 'A', edns: true, dnssec: true });
for (const query of [plain, edns]) {
  const payload = datagram(CLIENT, SERVER, [5353, 53], query);
  const packet = ipv4({ protocol: 17, source: CLIENT, destination: SERVER, payload });
  const frame = frameOf(ethernet(SERVER_MAC, CLIENT_MAC, 0x0800, packet));
  repeat(frame, WARM_UP);
  globalThis.gc?.();
  sent = 0;
  const before = process.memoryUsage().heapUsed;
  repeat(frame, QUERIES);
  console.log(`${sent} ${(process.memoryUsage().heapUsed - before) / QUERIES}`);
}
