/** Both ends of a channel in one thread, and a connection whose client is the test. */
import { setImmediate as turn } from 'node:timers/promises';
import { type ChannelSocket, WholeConnection } from '../../src/channel/index.js';
import { createChannelMemory } from '../../src/channel/memory.js';
import { ThreadEnd } from '../../src/channel/thread-end.js';
import { WorkerEnd } from '../../src/channel/worker-end.js';
import type { SlowUser } from '../../src/http/index.js';
import type { Connection, ConnectionHandler } from '../../src/net/tcp/handler.js';
import { IpAddress } from '../../src/net/wire/address.js';
import type { SummedBytes } from '../../src/net/wire/summed-bytes.js';

/** A user of the slow path that hears nothing. */
export const IGNORES_ALL: SlowUser = {
  writable() {},
  data() {},
  answered() {},
  tunneled() {},
  finished() {},
  failed() {},
  flush() {},
};

interface Queued {
  readonly bytes: SummedBytes;
  readonly from: number;
  readonly to: number;
}

/** A client's connection: keeps what it is sent until `take`, and offers what it sends as TCP does. */
export class FakeClient {
  readonly queue: Queued[] = [];
  readonly events: string[] = [];
  handler: ConnectionHandler | undefined;
  #unread = Buffer.alloc(0);

  readonly connection = {
    localAddress: IpAddress.parse('10.77.0.2'),
    localPort: 80,
    remoteAddress: IpAddress.parse('2001:db8::1'),
    remotePort: 40_000,
    noDelay: false,
    keepAlive: null,
    send: (bytes: SummedBytes, from: number, to: number) => {
      bytes.retain();
      this.queue.push({ bytes, from, to });
    },
    flush: () => {},
    resume: () => this.#offer(),
    close: () => void this.events.push('close'),
    detach: () => void this.events.push('detach'),
    abort: () => void this.events.push('abort'),
    setTimeout: () => {},
  } as unknown as Connection;

  /** The client sends. */
  send(bytes: Uint8Array): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    this.#offer();
  }

  get unread(): number {
    return this.#unread.length;
  }

  /** What it was sent so far; it acknowledges all of it. */
  take(): Buffer {
    const pieces = this.queue.splice(0);
    const all = Buffer.concat(pieces.map(({ bytes, from, to }) => Buffer.from(bytes.bytes.subarray(from, to))));
    for (const { bytes } of pieces) bytes.release();
    return all;
  }

  #offer(): void {
    if (this.#unread.length === 0) return;
    const taken = this.handler?.received(this.#unread, 0, this.#unread.length) ?? 0;
    this.#unread = this.#unread.subarray(taken);
  }
}

/** A channel whose two ends take turns. */
export class NearChannel {
  readonly worker: WorkerEnd;
  readonly thread: ThreadEnd;
  readonly sockets: ChannelSocket[] = [];
  wakeUps = { worker: 0, thread: 0 };

  constructor({
    isSummed = true,
    opened = () => {},
    left = () => {},
  }: { isSummed?: boolean; opened?: (socket: ChannelSocket) => void; left?: () => void } = {}) {
    const memory = createChannelMemory(isSummed);
    this.worker = new WorkerEnd(memory, () => {
      this.wakeUps.thread++;
      setImmediate(() => this.thread.drain());
    });
    const drain = () => {
      if (this.worker.drain()) setImmediate(drain);
    };
    const wakeWorker = () => {
      this.wakeUps.worker++;
      setImmediate(drain);
    };
    const take = (socket: ChannelSocket) => {
      this.sockets.push(socket);
      opened(socket);
    };
    this.thread = new ThreadEnd(memory, wakeWorker, take, left);
  }

  /** A client whose connection crosses whole, and its socket. */
  async connect(): Promise<{ client: FakeClient; socket: ChannelSocket }> {
    const client = new FakeClient();
    client.handler = new WholeConnection(client.connection, this.worker);
    await settle();
    return { client, socket: this.sockets.at(-1) as ChannelSocket };
  }
}

/** Lets both ends have some turns. */
export async function settle(turns = 8): Promise<void> {
  for (let i = 0; i < turns; i++) await turn();
}
