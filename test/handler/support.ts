/** A handler on a channel, and requests as a worker hands them over. */

import type { WorkerConnection } from '../../src/channel/index.js';
import type { Handler } from '../../src/handler/index.js';
import { askServer, prepareServer, serverOf, serveSocket, Troubles } from '../../src/handler/index.js';
import type { SlowAnswer, SlowUser } from '../../src/http/index.js';
import type { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { CacheInFront, type SharedCache, type SharedCacheOptions } from '../../src/shared-cache/index.js';
import { FakeClient, NearChannel, settle } from '../channel/support.js';

/** What came back for one request. */
export class Exchange implements SlowUser {
  text = '';
  answer: SlowAnswer | undefined;
  readonly events: string[] = [];
  #onNews: () => void = () => {};

  writable(): void {}

  data(bytes: SummedBytes, from: number, to: number): void {
    this.text += Buffer.from(bytes.bytes.subarray(from, to)).toString('latin1');
  }

  answered(answer: SlowAnswer): void {
    this.answer = answer;
    this.#note('answered');
  }

  tunneled(): void {
    this.#note('tunneled');
  }

  finished(): void {
    this.#note('finished');
  }

  failed(): void {
    this.#note('failed');
  }

  flush(): void {}

  /** Fulfilled when that has happened. */
  async until(event: string): Promise<this> {
    while (!this.events.includes(event)) {
      await new Promise<void>((resolve) => {
        this.#onNews = resolve;
      });
    }
    return this;
  }

  #note(event: string): void {
    this.events.push(event);
    this.#onNews();
  }
}

/** A handler, and one client's connection to it. */
export class HandlerWorld {
  readonly channel: NearChannel;
  readonly told: string[] = [];
  cache: SharedCache | undefined;
  readonly #client = new FakeClient();
  #socket: WorkerConnection | null = null;

  private constructor(channel: NearChannel) {
    this.channel = channel;
  }

  /** `cache`: options of a cache in front of the handler; undefined: there is none. */
  static async create(handler: Handler, cache?: SharedCacheOptions): Promise<HandlerWorld> {
    const server = await serverOf(handler);
    const channel = new NearChannel({ opened: (socket) => serveSocket(server, socket) });
    const world = new HandlerWorld(channel);
    const troubles = new Troubles(
      (text) => world.told.push(text),
      () => world.told.length * 60_000,
    );
    const wallClock = { seconds: Math.floor(Date.now() / 1_000) };
    const front = cache && new CacheInFront(askServer(server, troubles), cache, { wallClock });
    world.cache = front?.cache;
    prepareServer(server, troubles, front && ((req, res, isExpecting) => front.answer(req, res, isExpecting)));
    return world;
  }

  /** Another client of the same handler. */
  another(): HandlerWorld {
    const world = new HandlerWorld(this.channel);
    world.cache = this.cache;
    return world;
  }

  /** Hands over one request. `text`: what is to be sent of it. */
  begin(text: string, isWhole = true): Exchange {
    if (this.#socket === null || this.#socket.isOver) this.#socket = this.channel.worker.open(this.#client.connection);
    const exchange = new Exchange();
    this.#socket?.begin(exchange, '');
    this.more(text, isWhole);
    return exchange;
  }

  /** More bytes of the request or the tunnel. */
  more(text: string, isWhole = false): void {
    const bytes = Buffer.from(text, 'latin1');
    this.#socket?.write(bytes, 0, bytes.length);
    if (isWhole) this.#socket?.endRequest();
  }

  /** A request without a body, and its whole answer. */
  async get(path: string): Promise<Exchange> {
    return this.begin(request('GET', path)).until('answered');
  }

  /** The client is gone. */
  async leave(): Promise<void> {
    this.#socket?.destroy();
    await settle();
  }
}

/** A request head as the worker writes it. */
export function request(method: string, path: string, ...lines: string[]): string {
  return `${[`${method} ${path} HTTP/1.1`, 'Host: a.example', ...lines].join('\r\n')}\r\n\r\n`;
}
