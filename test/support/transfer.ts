/** A transfer between two stacks over a link that may be bad in any way: every byte must arrive, once and in order. */
import { SECOND } from '../../src/net/clock.js';
import { SeededRandom } from '../../src/net/random.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { type Collector, pattern, TcpWorld, type WorldOptions } from './tcp-world.js';

export interface TransferOptions extends WorldOptions {
  /** How much goes from the server to the client; and if `bothWays`, as much back at the same time. */
  bytes: number;
  bothWays?: boolean;
  /** The client's program takes so many bytes at a time, so often (µs); otherwise at once what comes. */
  reader?: { bytes: number; every: number };
  /** The sender queues pieces of up to so many bytes, with and without tables of sums; otherwise all in one. */
  pieceBytes?: number;
  /** The most virtual time that it may take, µs. */
  limit?: number;
}

/** Of every transfer the beginning: made once. */
const CONTENT = pattern(4 * 1024 * 1024 + 1, 99);

/** Runs it to the end of both connections. @throws {Error} if anything is missing, doubled or other, or left behind. */
export function transfer(options: TransferOptions): TcpWorld {
  const { bytes, bothWays = false, reader, limit = 100_000 * SECOND } = options;
  const world = new TcpWorld(options);
  const [client, server] = world.open();
  send(server, CONTENT.subarray(0, bytes), options);
  if (bothWays) send(client, CONTENT.subarray(1, bytes + 1), options);
  server.connection.close();
  client.onEnded = () => client.connection.close();
  if (reader === undefined) world.network.runUntil(() => client.hasEnded, limit);
  else readSlowly(world, client, reader, limit);
  world.network.runUntil(() => server.reason !== undefined || world.server.connectionCount === 0, limit);
  world.network.runUntil(() => world.client.connectionCount === 0, limit);
  compare('the client', client, CONTENT.subarray(0, bytes));
  compare('the server', server, bothWays ? CONTENT.subarray(1, bytes + 1) : CONTENT.subarray(0, 0));
  nothingLeft(world);
  return world;
}

function send(program: Collector, content: Uint8Array, { pieceBytes, seed = 1 }: TransferOptions): void {
  const random = new SeededRandom(seed);
  for (let at = 0; at < content.length; ) {
    const most = pieceBytes ?? content.length;
    const length = Math.min(
      content.length - at,
      pieceBytes === undefined ? most : 1 + Math.floor(random.nextFraction() * most),
    );
    const piece = content.subarray(at, at + length);
    const summed = random.nextFraction() < 0.5 ? SummedBytes.of(piece) : SummedBytes.plain(piece);
    program.connection.send(summed, 0, length);
    at += length;
  }
  program.connection.flush();
}

function readSlowly(world: TcpWorld, client: Collector, reader: { bytes: number; every: number }, limit: number): void {
  const end = world.network.clock.now + limit;
  client.appetite = reader.bytes;
  while (!client.hasEnded) {
    if (world.network.clock.now > end) throw new Error(`not done in time: ${client.bytes} bytes have come`);
    world.network.runFor(reader.every);
    client.appetite = client.bytes + reader.bytes;
    client.connection.resume();
  }
}

function compare(who: string, program: Collector, expected: Uint8Array): void {
  const { data } = program;
  if (data.equals(expected)) return;
  const at = expected.findIndex((byte, i) => byte !== data[i]);
  throw new Error(`${who} got ${data.length} bytes, not ${expected.length}; they differ from byte ${at} on`);
}

/** How long the last FIN may take on a very bad link: all its resends. */
const PATIENCE = 2000 * SECOND;

/** Tables, timers and buffers are as they were before, at the latest when the last resend has been given up. */
export function nothingLeft(world: TcpWorld): void {
  const end = world.network.clock.now + PATIENCE;
  while (left(world) !== undefined && world.network.clock.now < end) world.network.runFor(50 * SECOND);
  const what = left(world);
  if (what !== undefined) throw new Error(what);
}

function left({ client, server }: TcpWorld): string | undefined {
  for (const [name, stack] of Object.entries({ client, server })) {
    const { connections, timeWaits, timers, bufferedBytes } = stack.tcp.host;
    const counts = [connections.size, timeWaits.size, timers.size, bufferedBytes];
    if (counts.some((count) => count !== 0)) {
      return `the ${name} is left with ${counts} connections, TIME-WAITs, timers and buffered bytes`;
    }
  }
  return undefined;
}
