/** A data-path worker that dies is noticed, with its reason, wherever in its life that happens. */
import { MessageChannel } from 'node:worker_threads';
import { expect } from 'chai';
import type { LeaseRecord } from '../../src/dhcp/record.js';
import { DEFAULT_LIMITS } from '../../src/http/limits.js';
import { TapDevice } from '../../src/net/device/tap.js';
import { Wakeup } from '../../src/net/driver/wakeup.js';
import { openQueues } from '../../src/serve/network/setup.js';
import type { ServeError } from '../../src/serve/serve-error.js';
import { WorkerHandle, type WorkerPlan } from '../../src/serve/worker/handle.js';
import { createStatisticsMemory } from '../../src/serve/worker/statistics-block.js';
import { describeInNamespace } from '../support/namespace.js';

const LEASE: LeaseRecord = {
  network: '10.77.0.2/24',
  server: '10.77.0.1',
  routes: [],
  dnsServers: [],
  domain: '',
  mtu: 0,
  since: 0,
  renewAt: null,
  rebindAt: null,
  expiresAt: null,
};

describeInNamespace(import.meta.url, 'a data-path worker', () => {
  let bell: Wakeup;
  let queue: ReturnType<typeof openQueues>[number];
  let deaths: ServeError[];
  let idle: () => void;
  let news: (string | undefined)[];

  beforeEach(() => {
    bell = Wakeup.create();
    queue = openQueues('fp0', { count: 1, offload: true })[0]!;
    deaths = [];
    news = [];
    idle = () => {};
  });

  afterEach(() => {
    TapDevice.adopt(queue).close();
    bell.close();
  });

  function start(addresses: string[], more: Partial<WorkerPlan> = {}): WorkerHandle {
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
      ...more,
    };
    return new WorkerHandle(plan, bell, {
      released: () => {},
      wanted: () => {},
      conflict: () => {},
      warning: () => {},
      lease: ({ reason }) => news.push(reason),
      automatic: () => {},
      fromModule: () => {},
      blocks: () => {},
      closing: () => {},
      idle: () => idle(),
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

  it('with a leased address keeps it until the other workers are done, and gives it back then', async () => {
    const { port1, port2: port } = new MessageChannel();
    const none = () => new SharedArrayBuffer(4);
    const worker = start([], {
      siblings: [{ port, bellFd: bell.fd, waiting: none(), waitingHere: none() }],
      dynamic: { dhcp: true, auto: false, fixed: [], lease: LEASE },
    });
    await worker.ready;
    await worker.start();
    const isIdle = new Promise<void>((resolve) => {
      idle = resolve;
    });
    worker.stop(0);
    await isIdle;
    expect(news).to.deep.equal([undefined]); // bound
    worker.send({ kind: 'end' });
    await worker.gone;
    port1.close();
    expect(news).to.deep.equal([undefined, 'released']);
  });

  it('can be ended from outside while it sleeps', async () => {
    const worker = start(['10.77.0.2/24']);
    await worker.ready;
    await worker.terminate();
    expect(deaths).to.deep.equal([]);
  });
});
