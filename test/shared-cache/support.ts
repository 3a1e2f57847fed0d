/** A shared cache on a loopback port, with an origin that is a function, and a clock that stands until it is moved. */
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { SharedCache } from '../../src/shared-cache/cache.js';
import type { Place } from '../../src/shared-cache/match/key.js';
import type { SharedCacheOptions } from '../../src/shared-cache/options.js';
import { handlerOrigin } from '../../src/shared-cache/origin/handler-origin.js';
import type { PublishedAnswer, Publisher } from '../../src/shared-cache/publisher.js';

/** Monday, 30 November 2026, 12:00:00 GMT. */
export const START = 1_796_040_000;

export class SettableClock {
  seconds = START;

  advance(seconds: number): void {
    this.seconds += seconds;
  }

  /** The date `offset` seconds from now, as a field value. */
  date(offset = 0): string {
    return new Date((this.seconds + offset) * 1000).toUTCString();
  }
}

/** What a client got. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** What the origin was asked. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export type OriginHandler = (request: IncomingMessage, response: ServerResponse, count: number) => unknown;

/** Keeps what is published, by scheme, host and target. */
export class MemoryPublisher implements Publisher {
  readonly answers = new Map<string, PublishedAnswer>();
  puts = 0;

  put(answer: PublishedAnswer): boolean {
    this.puts++;
    this.answers.set(urlOf(answer), answer);
    return true;
  }

  remove(place: Place): void {
    this.answers.delete(urlOf(place));
  }
}

function urlOf({ scheme, host, target }: Place): string {
  return `${scheme}://${host}${target}`;
}

export class CacheWorld {
  readonly clock = new SettableClock();
  readonly publisher = new MemoryPublisher();
  readonly asked: Asked[] = [];
  readonly cache: SharedCache;
  readonly #server;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2_000 });

  /** `origin` gets the number of the request, from 1. */
  constructor(origin: OriginHandler, options: SharedCacheOptions = {}) {
    const handler = (incoming: IncomingMessage, response: ServerResponse) => {
      const { method = '', url = '', headers } = incoming;
      this.asked.push({ method, target: url, headers });
      response.setHeader('Date', this.clock.date());
      return origin(incoming, response, this.asked.length);
    };
    const context = { wallClock: this.clock, publisher: this.publisher };
    this.cache = new SharedCache(handlerOrigin(handler), options, context);
    this.#server = createServer(this.cache.handler);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', 2_000, resolve));
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Got> {
    return this.ask(path, { headers });
  }

  /** Sends a request and reads the whole answer. Fails if that breaks off. */
  async ask(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Got> {
    const incoming = await this.begin(path, { method, headers, ...(body === undefined ? {} : { body }) });
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { statusCode = 0, headers: got } = incoming;
    return { status: statusCode, headers: got, body: Buffer.concat(chunks).toString('latin1') };
  }

  /** Sends a request and waits for the head of the answer alone. */
  begin(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = { host: 'example.org', ...headers };
      const outgoing = request({ port: this.port, host: '127.0.0.1', path, method, headers: sent, agent: this.#agent });
      outgoing.on('response', resolve);
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

/** Runs a test with a cache in front of `origin`, and closes it. */
export async function withCache(
  origin: OriginHandler,
  test: (world: CacheWorld) => Promise<void>,
  options: SharedCacheOptions = {},
): Promise<void> {
  const world = new CacheWorld(origin, options);
  await world.listen();
  try {
    await test(world);
  } finally {
    await world.close();
  }
}

/** An origin that answers each request with its number, under these fields. */
export function counting(headers: OutgoingHttpHeaders): OriginHandler {
  return (_request, response, count) => {
    response.writeHead(200, headers);
    response.end(`answer ${count}`);
  };
}
