/**
 * The channel alone (src/channel), beside node:net over loopback in the same run: `npm run bench:channel`.
 *
 *     channel    this thread: a worker's end, sleeping in poll(2)   ◀──▶   a thread: socket.on('data', socket.write)
 *     node:net   this thread: a client in Node's event loop         ◀──▶   the same echo in the same kind of thread
 *
 * There is no TCP of ours in it: what "the client" sends lies ready, and what it is sent is acknowledged at once.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { attachThread, attachWorker, createLink, type ThreadLink, WholeConnection } from '../src/channel/index.js';
import { PollWaiter } from '../src/net/device/waiter.js';
import { Wakeup } from '../src/net/driver/wakeup.js';
import type { Connection, ConnectionHandler } from '../src/net/tcp/handler.js';
import { IpAddress } from '../src/net/wire/address.js';
import type { SummedBytes } from '../src/net/wire/summed-bytes.js';

const CHUNK = new Uint8Array(65_536).fill(7);
const ECHO_BYTES = 512 * 1024 * 1024;
const ROUNDS = 3;
const PINGS = 20_000;
const CONNECTIONS = 10_000;
/** Opened at a time: more than there are blocks for would be refused. */
const BATCH = 1_000;
const ADDRESS = IpAddress.parse('10.77.0.1');

interface Socketlike {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'drain' | 'error', listener: () => void): unknown;
  write(chunk: Buffer): boolean;
  pause(): unknown;
  resume(): unknown;
}

function echo(socket: Socketlike): void {
  socket.on('error', () => {});
  socket.on('drain', () => socket.resume());
  socket.on('data', (chunk) => {
    if (!socket.write(chunk)) socket.pause();
  });
}

/** The other thread. */
function runEcho(): void {
  attachThread(workerData as ThreadLink, echo);
  const server = createServer({ noDelay: true }, echo).listen(0, '127.0.0.1', () => {
    parentPort?.postMessage((server.address() as AddressInfo).port);
  });
}

/** A client whose connection crosses whole: it sends so many bytes, and counts what comes back. */
class Client {
  received = 0;
  #left = 0;
  handler: ConnectionHandler | undefined;
  readonly connection = {
    ...{ localAddress: ADDRESS, localPort: 80, remoteAddress: ADDRESS, remotePort: 40_000, noDelay: true },
    send: (_bytes: SummedBytes, from: number, to: number) => {
      this.received += to - from;
    },
    resume: () => this.offer(),
    ...{ flush() {}, close() {}, detach() {}, abort() {} },
  } as unknown as Connection;

  send(bytes: number): void {
    this.#left += bytes;
    this.offer();
  }

  offer(): void {
    while (this.#left > 0) {
      const length = Math.min(this.#left, CHUNK.length);
      const taken = this.handler?.received(CHUNK, 0, length) ?? 0;
      this.#left -= taken;
      if (taken < length) return;
    }
  }
}

async function main(): Promise<void> {
  const bell = Wakeup.create();
  const link = createLink(bell.fd, process.argv.includes('--summed'));
  const end = attachWorker(link.worker);
  const waiter = new PollWaiter(-1, bell.fd);
  const thread = new Worker(new URL(import.meta.url), { workerData: link.thread });
  const [port] = (await once(thread, 'message')) as [number];

  const open = () => {
    const client = new Client();
    client.handler = new WholeConnection(client.connection, end);
    return client;
  };
  /** As a worker's loop does it. */
  const until = (isOver: () => boolean) => {
    while (!isOver()) {
      waiter.wait(1_000_000);
      bell.clear();
      while (end.drain());
    }
  };

  const client = open();
  const channelEcho = () => {
    const target = client.received + ECHO_BYTES;
    const start = performance.now();
    client.send(ECHO_BYTES);
    until(() => client.received >= target);
    return ECHO_BYTES / (performance.now() - start) / 1_000;
  };
  const channelPing = () => {
    const start = performance.now();
    for (let i = 0; i < PINGS; i++) {
      const target = client.received + 1;
      client.send(1);
      until(() => client.received >= target);
    }
    return ((performance.now() - start) * 1_000) / PINGS;
  };

  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let received = 0;
  let target = 0;
  let done = () => {};
  socket.on('data', (chunk) => {
    received += chunk.length;
    if (received >= target) done();
  });
  const over = (bytes: number) => {
    target = received + bytes;
    return new Promise<void>((resolve) => {
      done = resolve;
    });
  };
  const netEcho = async () => {
    const start = performance.now();
    const all = over(ECHO_BYTES);
    for (let left = ECHO_BYTES; left > 0; left -= CHUNK.length) {
      if (!socket.write(CHUNK)) await once(socket, 'drain');
    }
    await all;
    return ECHO_BYTES / (performance.now() - start) / 1_000;
  };
  const netPing = async () => {
    const start = performance.now();
    for (let i = 0; i < PINGS; i++) {
      const one = over(1);
      socket.write('x');
      await one;
    }
    return ((performance.now() - start) * 1_000) / PINGS;
  };

  const rows = {
    channelEcho: [] as number[],
    netEcho: [] as number[],
    channelPing: [] as number[],
    netPing: [] as number[],
  };
  for (let round = 0; round < ROUNDS; round++) {
    rows.channelEcho.push(channelEcho());
    rows.netEcho.push(await netEcho());
    rows.channelPing.push(channelPing());
    rows.netPing.push(await netPing());
  }
  const [ours, theirs] = [median(rows.channelEcho), median(rows.netEcho)];
  console.log(
    `echo of 64 KiB writes   channel ${ours.toFixed(0)} MB/s, node:net ${theirs.toFixed(0)} MB/s: ${(ours / theirs).toFixed(2)}`,
  );
  const [ourPing, theirPing] = [median(rows.channelPing), median(rows.netPing)];
  console.log(`echo of one byte        channel ${ourPing.toFixed(1)} µs, node:net ${theirPing.toFixed(1)} µs`);

  const before = process.memoryUsage.rss();
  const start = performance.now();
  for (let opened = 0; opened < CONNECTIONS; opened += BATCH) {
    const clients = Array.from({ length: BATCH }, open);
    for (const each of clients) each.send(1);
    until(() => clients.every((each) => each.received === 1));
  }
  const tookMs = performance.now() - start;
  const each = (process.memoryUsage.rss() - before) / CONNECTIONS / 1_024;
  console.log(`${CONNECTIONS} connections      ${tookMs.toFixed(0)} ms to open them and echo a byte on each`);
  console.log(`memory of one           ${each.toFixed(1)} KiB, both ends together, when it is idle`);
  socket.destroy();
  await thread.terminate();
  link.close();
  bell.close();
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

if (isMainThread) await main();
else runEcho();
