/** The TAP device against the machine's own kernel: a responder of thirty lines answers its ARP and its ping. */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'chai';
import { Clock } from '../../src/net/clock.js';
import type { Device } from '../../src/net/device/device.js';
import { IncomingFrame, OutgoingFrame, TRANSPORT_AT } from '../../src/net/device/frame.js';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { RingTap } from '../../src/net/device/ring/ring-tap.js';
import { completeChecksum } from '../../src/net/device/segmentation.js';
import { TapDevice, type TapOptions } from '../../src/net/device/tap.js';
import { TapError } from '../../src/net/device/tap-error.js';
import { EventLoopDriver } from '../../src/net/driver/event-loop.js';
import { PollLoop } from '../../src/net/driver/poll-loop.js';
import { Wakeup } from '../../src/net/driver/wakeup.js';
import { IpNetwork } from '../../src/net/wire/address.js';
import { readUint16, writeUint16 } from '../../src/net/wire/bytes.js';
import { finish, fold, sum } from '../../src/net/wire/checksum.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import type { FramesWay } from '../../src/serve/worker/frames.js';
import { describeInNamespace } from '../support/namespace.js';
import { needs } from '../support/serve-process.js';
import { needsRing, WAYS, wayOf } from '../support/ways.js';

describeInNamespace(import.meta.url, 'a TAP device on a real interface', () => {
  for (const way of WAYS) {
    for (const offload of [true, false]) {
      it(`answers ARP and ping ${offload ? 'with' : 'without'} a virtio header (${way})`, async function () {
        needs(this, 'ping');
        if (way === 'ring') needsRing(this);
        const { device, host } = openUp({ name: 'tap1', offload });
        const answered = await driveUntilExit(device, spawnPing('10.77.1.2'), way);
        expect(answered.status, answered.output).to.equal(0);
        expect(answered.output).to.contain('3 received');
        expect(device.statistics).to.include({ sendFailed: 0, receiveMalformed: 0 });
        device.close();
        expect(host.exists).to.equal(false);
      });
    }
  }

  it('reads MTU and makes a MAC from the name, or takes both from its options', () => {
    const first = TapDevice.open({ name: 'tap%d' });
    expect(first.name).to.match(/^tap\d+$/);
    expect(first.mtu).to.equal(1500);
    expect(first.mac[0]! & 3, 'local, not a group').to.equal(2);
    const second = TapDevice.open({ name: 'wide', mtu: 9000, mac: '02:00:00:00:00:09' });
    expect(second.mtu).to.equal(9000);
    expect(new HostInterface('wide').mtu).to.equal(9000);
    expect(second.mac[5]).to.equal(9);
    expect(second.mac).not.to.deep.equal(first.mac);
    first.close();
    second.close();
  });

  it('sends false, and counts, while the interface is down', () => {
    const device = TapDevice.open({ name: 'tap2' });
    expect(device.send(pingFrame(device))).to.equal(false);
    expect(device.statistics.sendFailed).to.equal(1);
    device.close();
  });

  it('counts through a ring, too, what is sent while the interface is down', function () {
    needsRing(this);
    const tap = TapDevice.open({ name: 'tap7' });
    const bell = Wakeup.create();
    const ring = new RingTap({ tap, bellFd: bell.fd });
    expect(ring.send(pingFrame(tap))).to.equal(true);
    ring.wait(0);
    expect(tap.statistics.sendFailed).to.equal(1);
    ring.close();
    bell.close();
    tap.close();
    expect(new HostInterface('tap7').exists, 'the ring lets go of the interface').to.equal(false);
  });

  it('hands its descriptor over as plain data', () => {
    const opened = TapDevice.open({ name: 'tap3', superSegmentBytes: 30_000 });
    const adopted = TapDevice.adopt(structuredClone(opened.handle));
    expect(adopted.offload.superSegmentBytes).to.equal(30_000);
    expect(adopted.handle).to.deep.equal(opened.handle);
    opened.close();
  });

  it('opens the same interface twice only with several queues', () => {
    const one = TapDevice.open({ name: 'many', multiQueue: true });
    const two = TapDevice.open({ name: 'many', multiQueue: true });
    expect(codeOf({ name: 'many' })).to.equal('other-kind');
    one.close();
    two.close();
  });

  it('names what is wrong', () => {
    const device = TapDevice.open({ name: 'busy' });
    const taken = errorOf({ name: 'busy' });
    expect(taken.code).to.equal('name-taken');
    expect(taken.message).to.contain(`process ${process.pid}`);
    device.close();
    expect(codeOf({ name: 'lo' })).to.equal('name-taken');
    expect(codeOf({ name: 'sixteen-letters-' })).to.equal('name-invalid');
    expect(codeOf({ name: 'a/b' })).to.equal('name-invalid');
    expect(codeOf({ name: 'tap4', mtu: 10 })).to.equal('value-refused');
    expect(new HostInterface('tap4').exists, 'nothing is left of a failed open').to.equal(false);
  });

  it('ends the loop when the interface is removed under it', function () {
    needs(this, 'ip');
    const { device } = openUp({ name: 'tap5' });
    spawnSync('ip', ['link', 'del', 'tap5']);
    const frame = new IncomingFrame(new Uint8Array(0));
    expect(device.receive(frame)).to.equal(false);
    expect(device.gone).to.equal(true);
    const bell = Wakeup.create();
    expect(loopFor(device, bell).run()).to.equal('device-gone');
    bell.close();
    device.close();
  });

  it('ends a loop that sleeps in a ring when the interface is removed under it', function () {
    needs(this, 'ip');
    needsRing(this);
    const { device: tap } = openUp({ name: 'tap5' });
    const bell = Wakeup.create();
    const { device, waiter, close } = wayOf('ring', tap, bell.fd);
    const stack = { receive: responder(device), runTimers() {}, nextDeadline: () => Infinity };
    const loop = new PollLoop({ stack, device, clock: new Clock(), fd: tap.fd, bell, waiter, woken() {} });
    while (loop.statistics.timeouts === 0) loop.turn(20); // what the host sends to a new interface
    spawnSync('ip', ['link', 'del', 'tap5']);
    expect(loop.run()).to.equal('device-gone');
    close();
    bell.close();
    tap.close();
  });

  for (const offload of [true, false]) {
    it(`${offload ? 'leaves checksums to each other' : 'computes and verifies checksums'}, in UDP both ways`, async () => {
      const { device } = openUp({ name: 'tap8', offload });
      const socket = createSocket('udp4');
      socket.bind(7777, '10.77.1.1');
      await once(socket, 'listening');
      const reply = once(socket, 'message') as Promise<[Buffer]>;
      let vouchedFor: boolean | undefined;
      const respond = responder(device);
      const loop = loopFor(device, Wakeup.create(), (frame) => {
        if (frame.to - frame.from > 42 && frame.bytes[frame.from + 23] === 17) {
          vouchedFor = frame.checksumGood;
          device.send(turnedUdp(frame, device));
        } else respond(frame);
      });
      socket.send('to and fro', 7777, '10.77.1.2');
      for (let turns = 0; vouchedFor === undefined && turns < 100; turns++) {
        loop.turn(20);
        await new Promise(setImmediate);
      }
      expect(vouchedFor).to.equal(offload);
      expect(String((await reply)[0])).to.equal('to and fro');
      socket.close();
      device.close();
    });
  }

  it("is driven by Node's event loop as well, until it is removed", async function () {
    needs(this, 'ping', 'ip');
    const gone = new Promise<void>((resolve) => {
      const driver = new EventLoopDriver({ onGone: resolve });
      const { device } = openUp({ name: 'tap9' });
      driver.start({ receive: responder(device), runTimers() {}, nextDeadline: () => Infinity }, device);
      const ping = spawnPing('10.77.1.2');
      ping.on('close', (status) => {
        expect(status).to.equal(0);
        spawnSync('ip', ['link', 'del', 'tap9']);
      });
    });
    await gone;
  });

  it('lowers super-segments to 64 KiB once a larger one was lost', () => {
    const device = TapDevice.open({ name: 'tap6', superSegmentBytes: 200_000 });
    const before = device.offload.superSegmentBytes;
    device.superSegmentLost(60_000);
    expect(device.offload.superSegmentBytes).to.equal(before);
    device.superSegmentLost(100_000);
    expect(device.offload.superSegmentBytes).to.equal(65_455);
    device.close();
  });
});

function openUp(options: TapOptions): { device: TapDevice; host: HostInterface } {
  const device = TapDevice.open(options);
  const host = new HostInterface(device.name);
  host.disableIpv6();
  host.addAddress(IpNetwork.parse('10.77.1.1/24'));
  host.up();
  return { device, host };
}

function codeOf(options: TapOptions): string {
  return errorOf(options).code;
}

function errorOf(options: TapOptions): TapError {
  try {
    TapDevice.open(options).close();
  } catch (error) {
    if (error instanceof TapError) return error;
    throw error;
  }
  throw new Error(`${options.name} could be opened`);
}

function spawnPing(address: string) {
  return spawn('ping', ['-c', '3', '-i', '0.05', '-W', '30', address]);
}

/** Answers from this thread, in turns, so that the child's exit is noticed. */
async function driveUntilExit(tap: TapDevice, child: ReturnType<typeof spawnPing>, way: FramesWay) {
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data));
  child.stderr.on('data', (data: Buffer) => (output += data));
  let status: number | undefined;
  child.on('close', (code) => (status = code ?? 1));
  const bell = Wakeup.create();
  const { device, waiter, close } = wayOf(way, tap, bell.fd);
  const stack = { receive: responder(device), runTimers() {}, nextDeadline: () => Infinity };
  const loop = new PollLoop({ stack, device, clock: new Clock(), fd: tap.fd, bell, waiter, woken() {} });
  while (status === undefined) {
    loop.turn(5);
    await new Promise(setImmediate);
  }
  close();
  bell.close();
  return { status, output };
}

function loopFor(device: TapDevice, bell: Wakeup, receive = responder(device)): PollLoop {
  const stack = { receive, runTimers() {}, nextDeadline: () => Infinity };
  return new PollLoop({ stack, device, clock: new Clock(), fd: device.fd, bell, woken() {} });
}

/** Turns ARP requests and ICMP echo requests round: answers every address. */
function responder(device: Device): (frame: IncomingFrame) => void {
  const outgoing = new OutgoingFrame();
  return (frame) => {
    const bytes = frame.bytes.slice(frame.from, frame.to);
    const type = readUint16(bytes, 12);
    if (type === 0x0806 && readUint16(bytes, 20) === 1) turnArp(bytes, device.mac);
    else if (type === 0x0800 && bytes[23] === 1 && bytes[34] === 8) turnEcho(bytes);
    else return;
    bytes.copyWithin(0, 6, 12);
    bytes.set(device.mac, 6);
    outgoing.reset();
    outgoing.start = 66;
    outgoing.header.set(bytes.subarray(0, 14), 66);
    // The rest goes as payload, so that it crosses by reference as a body does.
    outgoing.addFragment(SummedBytes.of(bytes), 14, bytes.length - 14);
    expect(device.send(outgoing)).to.equal(true);
  };
}

function turnArp(bytes: Uint8Array, mac: Uint8Array): void {
  const asked = bytes.slice(38, 42);
  writeUint16(bytes, 20, 2);
  bytes.copyWithin(32, 22, 32);
  bytes.set(mac, 22);
  bytes.set(asked, 28);
}

function turnEcho(bytes: Uint8Array): void {
  const source = bytes.slice(26, 30);
  bytes.copyWithin(26, 30, 34);
  bytes.set(source, 30);
  bytes[34] = 0;
  writeUint16(bytes, 36, 0);
  writeUint16(bytes, 36, finish(sum(bytes, 34, bytes.length)));
}

/** The datagram back to its sender; with offload, its checksum is left to the kernel. */
function turnedUdp(frame: IncomingFrame, device: TapDevice): OutgoingFrame {
  const bytes = frame.bytes.slice(frame.from, frame.to);
  bytes.copyWithin(0, 6, 12);
  bytes.set(device.mac, 6);
  const source = bytes.slice(26, 30);
  bytes.copyWithin(26, 30, 34);
  bytes.set(source, 30);
  const outgoing = new OutgoingFrame();
  outgoing.start = TRANSPORT_AT - 34;
  outgoing.end = TRANSPORT_AT + 8;
  outgoing.addFragment(SummedBytes.of(bytes), 42, bytes.length - 42);
  completeChecksum(bytes, 0, bytes.length);
  if (device.offload.checksum) {
    outgoing.checksumFrom = TRANSPORT_AT;
    outgoing.checksumOffset = 6;
    writeUint16(bytes, 40, fold(sum(bytes, 26, 34) + 17 + bytes.length - 34));
  }
  outgoing.header.set(bytes.subarray(0, 42), outgoing.start);
  return outgoing;
}

function pingFrame(device: TapDevice): OutgoingFrame {
  const frame = new OutgoingFrame();
  frame.start = 66;
  frame.header.fill(0xff, 66, 72);
  frame.header.set(device.mac, 72);
  writeUint16(frame.header, 78, 0x0806);
  frame.addFragment(SummedBytes.of(new Uint8Array(28)), 0, 28);
  return frame;
}
