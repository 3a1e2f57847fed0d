import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { Library } from '../../../src/cache/library/library.js';
import type { Subscriber } from '../../../src/cache/library/subscribers.js';
import { put, someBytes, utf8 } from '../support.js';
import type { Reply, Request } from './sharing-worker.js';

/** A real thread with a Store in it. */
class Thread {
  readonly #worker = new Worker(new URL('./sharing-worker.js', import.meta.url));
  readonly #subscriber: Subscriber;

  constructor(library: Library) {
    this.#subscriber = library.attach((message) => this.#send({ kind: 'cache', message }));
    this.#worker.on('message', (reply: Reply) => {
      if (reply.kind === 'released') this.#subscriber.released(reply.id);
    });
  }

  /** What the thread sees under these paths, after all messages so far. */
  async look(paths: string[], retain = false): Promise<Reply & { kind: 'seen' }> {
    this.#send({ kind: 'look', paths, retain });
    for (;;) {
      const [reply]: Reply[] = await once(this.#worker, 'message');
      if (reply?.kind === 'seen') return reply;
    }
  }

  release(): void {
    this.#send({ kind: 'release' });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
    this.#subscriber.detach();
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }
}

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('cache: two threads and one memory', () => {
  const library = new Library();
  let threads: Thread[] = [];

  before(() => {
    for (let i = 0; i < 500; i++) put(library, `/${i}`, someBytes(i * 13, i));
    put(library, '/large', someBytes(3_000_000, 99));
    threads = [new Thread(library), new Thread(library)];
  });
  after(() => Promise.all(threads.map((thread) => thread.end())));

  it('both read the same bytes with the same sums', async () => {
    const paths = [...Array.from({ length: 500 }, (_, i) => `/${i}`), '/large', '/nowhere'];
    const expected = [...Array.from({ length: 500 }, (_, i) => hash(someBytes(i * 13, i)))];
    expected.push(hash(someBytes(3_000_000, 99)), '');
    for (const seen of await Promise.all(threads.map((thread) => thread.look(paths)))) {
      expect(seen.hashes).to.deep.equal(expected);
      expect(seen.sumsAgree).to.equal(true);
    }
  });

  it('memory is given back only when both have let go', async () => {
    const used = library.statistics.usedBytes;
    for (const thread of threads) await thread.look(['/large'], true);
    library.remove(utf8('/large'));
    library.flush();
    for (const thread of threads) expect((await thread.look(['/large'])).hashes).to.deep.equal(['']);
    expect(library.statistics).to.include({ retiredInUse: 1, usedBytes: used });
    threads[0]!.release();
    await threads[0]!.look([]);
    expect(library.statistics).to.include({ retiredInUse: 1, usedBytes: used });
    threads[1]!.release();
    await threads[1]!.look([]);
    expect(library.statistics.retiredInUse).to.equal(0);
    expect(library.statistics.usedBytes).to.be.below(used - 3_000_000);
  });

  it('a thread that ends while it sends lets go of everything', async () => {
    const third = new Thread(library);
    await third.look(['/1', '/2'], true);
    library.remove(utf8('/1'));
    library.remove(utf8('/2'));
    library.flush();
    for (const thread of [...threads, third]) await thread.look([]);
    expect(library.statistics.retiredInUse).to.equal(2);
    await third.end();
    expect(library.statistics.retiredInUse).to.equal(0);
  });
});
