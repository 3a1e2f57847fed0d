/** A data-path worker that dies is noticed, with its reason, wherever in its life that happens. */
import { expect } from 'chai';
import { DEFAULT_LIMITS } from '../../src/http/limits.js';
import { TapDevice } from '../../src/net/device/tap.js';
import { Wakeup } from '../../src/net/driver/wakeup.js';
import { openQueues } from '../../src/serve/network/setup.js';
import type { ServeError } from '../../src/serve/serve-error.js';
import { WorkerHandle } from '../../src/serve/worker/handle.js';
import { createStatisticsMemory } from '../../src/serve/worker/statistics-block.js';
import { describeInNamespace } from '../support/namespace.js';

describeInNamespace(import.meta.url, 'a data-path worker', () => {
  let bell: Wakeup;
  let queue: ReturnType<typeof openQueues>[number];
  let deaths: ServeError[];

  beforeEach(() => {
    bell = Wakeup.create();
    queue = openQueues('fp0', { count: 1, offload: true })[0]!;
    deaths = [];
  });

  afterEach(() => {
    TapDevice.adopt(queue).close();
    bell.close();
  });

  function start(addresses: string[]): WorkerHandle {
    const plan = {
      frames: 'plain' as const,
      index: 0,
      workers: 1,
      tap: queue,
      addresses,
      gateway: undefined,
      gateway6: undefined,
      vlan: 0,
      modules: [{ name: 'http', options: { port: 80, backlog: 16, limits: DEFAULT_LIMITS, serverHeader: '' } }],
      tcp: {},
      trace: false,
      bellFd: bell.fd,
      statistics: createStatisticsMemory(),
      siblings: [],
      channels: {},
      dynamic: undefined,
      stableSecret: undefined,
    };
    return new WorkerHandle(plan, bell, {
      released: () => {},
      wanted: () => {},
      conflict: () => {},
      warning: () => {},
      lease: () => {},
      automatic: () => {},
      fromModule: () => {},
      blocks: () => {},
      closing: () => {},
      idle: () => {},
      died: (error) => deaths.push(error),
    });
  }

  it('that cannot begin rejects with the reason', async () => {
    const worker = start(['nonsense']);
    const error = await worker.ready.then(
      () => undefined,
      (reason: ServeError) => reason,
    );
    expect(error).to.include({ name: 'ServeError', code: 'data-path-died' });
    expect(error!.message).to.contain('worker 0 died').and.contain('nonsense');
    expect(deaths).to.deep.equal([]);
    await worker.gone;
  });

  it('that dies while it serves is reported, once, with the reason', async () => {
    const worker = start(['10.77.0.2/24']);
    await worker.ready;
    worker.send({ kind: 'cache', message: { kind: 'publish', names: Int32Array.of(99, 7) } });
    await worker.gone;
    expect(deaths.map(({ code }) => code)).to.deep.equal(['data-path-died']);
    expect(deaths[0]!.message).to.contain('slab 99 is unknown');
  });

  it('that is asked to stop ends in silence', async () => {
    const worker = start(['10.77.0.2/24']);
    await worker.ready;
    worker.stop(100);
    await worker.gone;
    expect(deaths).to.deep.equal([]);
  });

  it('can be ended from outside while it sleeps', async () => {
    const worker = start(['10.77.0.2/24']);
    await worker.ready;
    await worker.terminate();
    expect(deaths).to.deep.equal([]);
  });
});
