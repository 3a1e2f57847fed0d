import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { keptName } from '../../src/http/index.js';
import { CachesEnd } from '../../src/shared-cache/thread/caches-end.js';
import { MessagePublisher } from '../../src/shared-cache/thread/message-publisher.js';
import type { MessageFromCaches } from '../../src/shared-cache/thread/messages.js';
import { obey, ThreadCaches } from '../../src/shared-cache/thread/thread-caches.js';

type Answering = (name: string, request: IncomingMessage, response: ServerResponse) => void;

/** The caches of a thread on a loopback port: the first segment of a path names the upstream. */
class ThreadWorld {
  /** It stands. The answers of node:http have the real date. */
  readonly #clock = { seconds: Math.floor(Date.now() / 1_000) };
  /** What is published, by name, as the main thread has it after each message. */
  readonly published = new Map<string, string>();
  readonly caches: ThreadCaches;
  readonly end: CachesEnd;
  readonly #server;
  /** Messages on their way to the main thread. */
  readonly #posted: MessageFromCaches[] = [];

  constructor(answer: Answering) {
    const post = (message: MessageFromCaches) => void this.#posted.push(structuredClone(message));
    this.caches = new ThreadCaches(answer, ({ id }) => new MessagePublisher(id, 'fastpath', post), {
      wallClock: this.#clock,
    });
    this.end = new CachesEnd((message) => {
      if (message.kind === 'drop') this.published.delete(message.name);
      else this.published.set(message.kept.name, Buffer.from(message.kept.body).toString());
    });
    this.end.send = (order) => {
      setImmediate(() => obey(this.caches, order, post));
      return true;
    };
    this.#server = createServer((request, response) => {
      const [, name = ''] = (request.url ?? '').split('/');
      this.caches.answer(name, request, response, false);
    });
  }

  /** The main thread takes what was posted. */
  deliver(): void {
    for (const message of this.#posted.splice(0)) this.end.received(message);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async get(path: string): Promise<string> {
    const { port } = this.#server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
    return answer.text();
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

async function withThread(answer: Answering, test: (world: ThreadWorld) => Promise<void>): Promise<void> {
  const world = new ThreadWorld(answer);
  await world.listen();
  try {
    await test(world);
  } finally {
    world.close();
  }
}

const FRESH = { 'Cache-Control': 'max-age=60' };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the caches of a thread', () => {
  it('are one for each upstream that has one, and count apart', () => {
    let count = 0;
    return withThread(
      (name, _request, response) => void response.writeHead(200, FRESH).end(`${name} ${++count}`),
      async (world) => {
        world.caches.configure({ a: { options: {}, id: 1 }, b: { options: { memoryBytes: 99_999 }, id: 2 } });
        const bodies = [];
        for (const path of ['/a/x', '/a/x', '/b/x', '/c/x', '/c/x']) bodies.push(await world.get(path));
        expect(bodies).to.deep.equal(['a 1', 'a 1', 'b 2', 'c 3', 'c 4']);
        const [a, b] = world.caches.read();
        expect(a).to.deep.include({ name: 'a' });
        expect(a?.counters).to.include({ hits: 1, misses: 1, stored: 1, published: 1, answers: 1, fetching: 0 });
        expect(b?.counters).to.include({ hits: 0, misses: 1, limitBytes: 99_999 });
      },
    );
  });

  it('begin empty with another number, and withdraw what they had published', () =>
    withThread(
      (name, _request, response) => void response.writeHead(200, FRESH).end(name),
      async (world) => {
        world.caches.configure({ a: { options: {}, id: 1 }, b: { options: {}, id: 2 } });
        for (const path of ['/a/x', '/b/x']) await world.get(path);
        world.deliver();
        expect(world.published.size).to.equal(2);
        world.caches.configure({ a: { options: {}, id: 3 }, b: { options: {}, id: 2 } });
        world.deliver();
        expect([...world.published.values()]).to.deep.equal(['b']);
        expect(world.caches.read().map(({ name, counters }) => [name, counters.answers])).to.deep.equal([
          ['b', 1],
          ['a', 0],
        ]);
      },
    ));

  it('publish nothing old after a purge, whatever was under way when it came', () => {
    const held: (() => void)[] = [];
    let count = 0;
    return withThread(
      (_name, _request, response) => {
        const body = `version ${++count}`;
        held.push(() => response.writeHead(200, { ...FRESH, 'Cache-Tag': 'news' }).end(body));
      },
      async (world) => {
        world.caches.configure({ a: { options: {}, id: 1 } });
        const first = world.get('/a/1');
        const second = world.get('/a/2');
        while (held.length < 2) await turn();
        held[0]?.(); // stored and published, but the main thread has not taken the message yet
        await first;
        const purged = world.end.purge({ by: 'tag', tag: 'news' }, 'hard');
        await turn();
        await turn();
        held[1]?.(); // asked for before the purge, answered after it
        expect(await second).to.equal('version 2');
        world.deliver();
        expect(await purged).to.deep.equal([{ cache: 'a', answers: 1 }]);
        expect(world.published.size).to.equal(0);
        const again = world.get('/a/1');
        while (held.length < 3) await turn();
        held[2]?.();
        expect(await again).to.equal('version 3');
        world.deliver();
        expect([...world.published.values()]).to.deep.equal(['version 3']);
        const [name = ''] = world.published.keys();
        expect(name).to.match(/^\/a\/1\nhttp:\/\/127\.0\.0\.1:\d+$/);
        expect(keptName('http', name.slice(12), '/a/1')).to.equal(name);
      },
    );
  });

  it('that have ended with their thread leave no purge waiting', async () => {
    const end = new CachesEnd(() => {});
    expect(await end.purge({ by: 'all' }, 'hard')).to.deep.equal([]);
    end.send = () => true;
    const purged = end.purge({ by: 'all' }, 'hard');
    end.ended();
    expect(await purged).to.deep.equal([]);
  });
});
