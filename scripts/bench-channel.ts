/**
 * The channel alone (src/channel), beside node:net over loopback in the same run: `npm run bench:channel`.
 *
 *     channel    this thread: a worker's end, sleeping in poll(2)   ◀──▶   a thread: socket.on('data', socket.write)
 *     node:net   this thread: a client in Node's event loop         ◀──▶   the same echo in the same kind of thread
 *
 * There is no TCP of ours in it: what "the client" sends lies ready, and what it is sent is acknowledged at once.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { attachThread, attachWorker, createLink, type ThreadLink, WholeConnection } from '../src/channel/index.js';
import { PollWaiter } from '../src/net/device/waiter.js';
import { Wakeup } from '../src/net/driver/wakeup.js';
import type { Connection, ConnectionHandler } from '../src/net/tcp/handler.js';
import { IpAddress } from '../src/net/wire/address.js';
import type { SummedBytes } from '../src/net/wire/summed-bytes.js';
import { median } from './bench/statistics.js';

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

/** The worker's end of the channel, with one client. */
class ChannelSide {
  readonly #bell = Wakeup.create();
  readonly #link = createLink(this.#bell.fd, process.argv.includes('--summed'));
  readonly #end = attachWorker(this.#link.worker);
  readonly #waiter = new PollWaiter(-1, this.#bell.fd);
  #client: Client | undefined;

  get thread(): ThreadLink {
    return this.#link.thread;
  }

  open(): Client {
    const client = new Client();
    client.handler = new WholeConnection(client.connection, this.#end);
    return client;
  }

  /** As a worker's loop does it. */
  until(isOver: () => boolean): void {
    while (!isOver()) {
      this.#waiter.wait(1_000_000);
      this.#bell.clear();
      while (this.#end.drain());
    }
  }

  exchange(bytes: number): void {
    this.#client ??= this.open();
    const client = this.#client;
    const target = client.received + bytes;
    client.send(bytes);
    this.until(() => client.received >= target);
  }

  close(): void {
    this.#link.close();
    this.#bell.close();
  }
}

/** The same over a socket of Node's. */
class NetSide {
  readonly #socket: Socket;
  #received = 0;
  #target = 0;
  #done = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#received += chunk.length;
      if (this.#received >= this.#target) this.#done();
    });
  }

  async exchange(bytes: number): Promise<void> {
    this.#target = this.#received + bytes;
    const all = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    for (let left = bytes; left > 0; left -= CHUNK.length) {
      const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
      if (!this.#socket.write(chunk)) await once(this.#socket, 'drain');
    }
    await all;
  }
}

type Exchange = (bytes: number) => unknown;

/** MB/s of an echo of 64 KiB writes. */
async function echoRate(exchange: Exchange): Promise<number> {
  const start = performance.now();
  await exchange(ECHO_BYTES);
  return ECHO_BYTES / (performance.now() - start) / 1_000;
}

/** Microseconds of an echo of one byte. `exchange` is awaited only if it has to be: a turn of the loop would count. */
async function pingTime(exchange: Exchange): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < PINGS; i++) {
    const done = exchange(1);
    if (done instanceof Promise) await done;
  }
  return ((performance.now() - start) * 1_000) / PINGS;
}

function openMany(channel: ChannelSide): void {
  const before = process.memoryUsage.rss();
  const start = performance.now();
  for (let opened = 0; opened < CONNECTIONS; opened += BATCH) {
    const clients = Array.from({ length: BATCH }, () => channel.open());
    for (const each of clients) each.send(1);
    channel.until(() => clients.every((each) => each.received === 1));
  }
  const tookMs = performance.now() - start;
  const each = (process.memoryUsage.rss() - before) / CONNECTIONS / 1_024;
  console.log(`${CONNECTIONS} connections      ${tookMs.toFixed(0)} ms to open them and echo a byte on each`);
  console.log(`memory of one           ${each.toFixed(1)} KiB, both ends together, when it is idle`);
}

async function main(): Promise<void> {
  const channel = new ChannelSide();
  const thread = new Worker(new URL(import.meta.url), { workerData: channel.thread });
  const [port] = (await once(thread, 'message')) as [number];
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const net = new NetSide(socket);
  const sides: readonly Exchange[] = [(bytes) => channel.exchange(bytes), (bytes) => net.exchange(bytes)];
  const echoes: [number[], number[]] = [[], []];
  const pings: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, exchange] of sides.entries()) echoes[i]?.push(await echoRate(exchange));
    for (const [i, exchange] of sides.entries()) pings[i]?.push(await pingTime(exchange));
  }
  const [ours, theirs] = [median(echoes[0]), median(echoes[1])];
  const [ourPing, theirPing] = [median(pings[0]), median(pings[1])];
  const rates = `channel ${ours.toFixed(0)} MB/s, node:net ${theirs.toFixed(0)} MB/s: ${(ours / theirs).toFixed(2)}`;
  console.log(`echo of 64 KiB writes   ${rates}`);
  console.log(`echo of one byte        channel ${ourPing.toFixed(1)} µs, node:net ${theirPing.toFixed(1)} µs`);
  openMany(channel);
  socket.destroy();
  await thread.terminate();
  channel.close();
}

if (isMainThread) await main();
else runEcho();
