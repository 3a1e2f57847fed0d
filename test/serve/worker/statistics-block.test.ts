import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import {
  createStatisticsMemory,
  StatisticsReader,
  StatisticsWriter,
  sumCounters,
} from '../../../src/serve/worker/statistics-block.js';

class Counted {
  hits = 0;
  readonly text = 'left out';
  #size = 7;
  get size(): number {
    return this.#size;
  }
  grow(): void {
    this.#size++;
  }
}

describe('statistics block', () => {
  it('carries counters of any depth, getters of classes included', () => {
    const memory = createStatisticsMemory();
    const store = new Counted();
    const tree = { tcp: { in: 1, byState: { closed: 2 } }, store, nothing: null, bytes: new Uint8Array(3) };
    const writer = new StatisticsWriter(memory, [tree]);
    const reader = new StatisticsReader(memory, writer.names);
    tree.tcp.in = 2 ** 40 + 1;
    store.hits = 5;
    store.grow();
    writer.publish();
    expect(Object.fromEntries(reader.read())).to.deep.equal({
      'tcp.in': 2 ** 40 + 1,
      'tcp.byState.closed': 2,
      'store.hits': 5,
      'store.size': 8,
    });
  });

  it('counts its publications, so that a reader sees a worker that is stuck', () => {
    const memory = createStatisticsMemory();
    const writer = new StatisticsWriter(memory, [{ a: 1 }]);
    const reader = new StatisticsReader(memory, writer.names);
    expect(reader.heartbeat).to.equal(0);
    writer.publish();
    writer.publish();
    expect(reader.heartbeat).to.equal(2);
  });

  it('is seen by another thread', async () => {
    const memory = createStatisticsMemory();
    const code = `const { parentPort, workerData } = require('node:worker_threads');
      parentPort.postMessage(new Float64Array(workerData)[1]);`;
    new StatisticsWriter(memory, [{ a: 42 }]).publish();
    const worker = new Worker(code, { eval: true, workerData: memory });
    const seen = await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    expect(seen).to.equal(42);
  });

  it('refuses more counters than it has slots', () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`c${i}`, i]));
    expect(() => new StatisticsWriter(createStatisticsMemory(), [many])).to.throw(RangeError, '2000 counters');
  });

  it('adds up the counters of several workers, also where one lacks a name', () => {
    const sum = sumCounters([
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([['a', 10]]),
    ]);
    expect(Object.fromEntries(sum)).to.deep.equal({ a: 11, b: 2 });
  });
});
