/**
 * A generator of packets: so many UDP datagrams of a size at a rate, and what came back.
 *
 *     npm run build && node dist/examples/packet-generator.js --count 10000 --rate 5000 --size 200
 *     npm run build && sudo node dist/examples/packet-generator.js --to 10.77.0.1 --port 7
 *
 * Without `--to` it needs no privileges: a second stack in memory echoes, in virtual time. With it, the datagrams leave
 * over fp0, whose other end is this machine. `--file out.pcapng` records every frame for Wireshark.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  type Clock,
  createStack,
  type Device,
  EventLoopDriver,
  HostInterface,
  INBOUND,
  IpAddress,
  IpNetwork,
  OUTBOUND,
  PcapngWriter,
  type Random,
  SECOND,
  SummedBytes,
  SystemRandom,
  TapDevice,
  TracedDevice,
  VirtualNetwork,
} from 'fastpath';
import { refuse } from './support/refuse.js';

/** The command line. @throws {TypeError} for an option that there is not, or one without a value */
const readOptions = () =>
  parseArgs({
    options: {
      to: { type: 'string' },
      port: { type: 'string', default: '7' },
      count: { type: 'string', default: '1000' },
      rate: { type: 'string', default: '1000' },
      size: { type: 'string', default: '100' },
      file: { type: 'string' },
    },
  });

/** What `action` gives. What it throws is the user's mistake. */
function orRefuse<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    refuse((error as Error).message);
  }
}

const { values } = orRefuse(readOptions);
const [port, count, rate, size] = [values.port, values.count, values.rate, values.size].map(Number) as [
  number,
  number,
  number,
  number,
];
if (![port, count, rate, size].every((number) => Number.isInteger(number) && number > 0) || size > 1_400) {
  refuse('--port, --count, --rate and --size (up to 1400) are whole numbers above 0');
}

const to = orRefuse(() => IpAddress.parse(values.to ?? '10.77.0.1'));

/** Where the datagrams go, and how time passes there. */
interface Field {
  readonly device: Device;
  readonly clock: Clock;
  readonly random: Random;
  join(stack: ReturnType<typeof createStack>, device: Device): void;
  pass(microseconds: number): void | Promise<void>;
  leave(): void;
}

/** Two hosts in memory; the other one echoes (RFC 862). */
function inMemory(): Field {
  const network = new VirtualNetwork();
  const { clock, random } = network;
  const [device, far] = network.link({ impairment: { delay: 100 } });
  const echo = createStack({ device: far, clock, random, addresses: [IpNetwork.parse('10.77.0.1/24')] });
  network.add(echo, far);
  echo.start();
  echo.bind(port, {
    received(datagram, at) {
      at.reply(SummedBytes.of(datagram.bytes.slice(datagram.from, datagram.to)), datagram);
    },
  });
  const join: Field['join'] = (stack, own) => network.add(stack, own);
  return { device, clock, random, join, pass: (microseconds) => network.runFor(microseconds), leave() {} };
}

/** This machine, over a TAP. */
function overTap(): Field {
  const driver = new EventLoopDriver();
  const device = TapDevice.open({ name: 'fp0' });
  const host = new HostInterface('fp0');
  host.addAddress(IpNetwork.parse('10.77.0.1/24'));
  host.up();
  return {
    device,
    clock: driver.clock,
    random: new SystemRandom(),
    join: (stack, own) => driver.start(stack, own),
    pass: (microseconds) => sleep(microseconds / 1_000),
    leave() {
      driver.stop();
      device.close();
    },
  };
}

const field = values.to === undefined ? inMemory() : overTap();
const file = values.file === undefined ? undefined : orRefuse(() => openSync(values.file ?? '', 'w'));
const capture = new PcapngWriter((bytes) => file !== undefined && void writeSync(file, bytes));
capture.addInterface({ name: 'fp0', mac: field.device.mac });
const device = new TracedDevice(field.device, {
  clock: field.clock,
  asOnWire: true,
  onFrame: ({ time, bytes, from, to, direction }) =>
    capture.writeFrame(0, time, direction === 'in' ? INBOUND : OUTBOUND, bytes, from, to),
});
const addresses = [IpNetwork.parse('10.77.0.2/24')];
const stack = createStack({ device, clock: field.clock, random: field.random, addresses });
field.join(stack, device);
stack.start();

let returned = 0;
let refused = 0;
const own = stack.bind(0, { received: () => void returned++ });
const target = { address: to, port };
const payload = SummedBytes.of(new Uint8Array(size)); // summed once, sent by reference each time
const perTurn = Math.max(1, Math.round(rate / 1_000));
for (let sent = 0; sent < count; sent += perTurn) {
  for (let i = sent; i < Math.min(sent + perTurn, count); i++) {
    if (own.send(payload, target.address, target.port) !== undefined) refused++;
  }
  await field.pass((perTurn * SECOND) / rate);
}
await field.pass(SECOND / 2); // the last answers
console.log(`${count} datagrams of ${size} bytes to ${target.address} port ${port}: ${returned} came back`);
if (refused > 0) console.log(`${refused} were not sent`);
const { pendingDropped } = stack.statistics.internet.ip;
if (pendingDropped > 0) {
  console.log(`${pendingDropped} were dropped here: the queue of those that wait for an Ethernet address was full`);
}
capture.close();
if (file !== undefined) closeSync(file);
stack.abort();
field.leave();
