/**
 * `node floor-program.js <folder> <interface> <host address/length> plain|ring`: floor-responder.ts over a TAP of its
 * own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Clock } from '../../../src/net/clock.js';
import { HostInterface } from '../../../src/net/device/host-interface.js';
import { RingTap } from '../../../src/net/device/ring/ring-tap.js';
import { TapDevice } from '../../../src/net/device/tap.js';
import { PollLoop } from '../../../src/net/driver/poll-loop.js';
import { Wakeup } from '../../../src/net/driver/wakeup.js';
import { IpNetwork } from '../../../src/net/wire/address.js';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { type Answers, FloorResponder } from './floor-responder.js';

function answer(body: Buffer, field: string): SummedBytes {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n${field}\r\n`;
  const bytes = SummedBytes.plain(Uint8Array.from(Buffer.concat([Buffer.from(head), body])));
  bytes.retain(); // for good: a ring need not hand it over at once
  return bytes;
}

const [folder, name, network, frames] = process.argv.slice(2) as [string, string, string, string];
const answers = new Map<string, Answers>();
for (const file of readdirSync(folder)) {
  const body = readFileSync(join(folder, file));
  answers.set(`/${file}`, { keepAlive: answer(body, ''), close: answer(body, 'Connection: close\r\n') });
}

const tap = TapDevice.open({ name });
const host = new HostInterface(name);
host.addAddress(IpNetwork.parse(network));
host.up();
const bell = Wakeup.create();
const ring = frames === 'ring' ? new RingTap({ tap, bellFd: bell.fd }) : undefined;
const device = ring ?? tap;
const stack = new FloorResponder(device, answers);
new PollLoop({ stack, device, clock: new Clock(), fd: tap.fd, bell, waiter: ring, woken: () => {} }).run();
