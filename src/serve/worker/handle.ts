/**
 * The main thread's end of one data-path worker: starts the thread, talks to it, notices when it dies.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Want } from '../../cache/library/asks.js';
import type { Wakeup } from '../../net/driver/wakeup.js';
import { ownFile } from '../../own-files.js';
import { faultOf } from '../faults.js';
import type { AutomaticView } from '../network/automatic-addresses.js';
import { ServeError } from '../serve-error.js';
import { threadDeath } from '../thread-death.js';
import type { LeaseNews } from './lease.js';
import type { BlockNews, MessageFromWorker, MessageToWorker, WorkerSetup } from './messages.js';
import { StatisticsReader } from './statistics-block.js';

/** The events of a worker, for its owner. */
export interface WorkerEvents {
  /** Names and pieces that this worker wants and that are not in memory. */
  wanted(index: number, wants: readonly Want[]): void;
  /** Retired cache entries that this worker has let go. */
  released(index: number, ids: readonly number[]): void;
  /** Another host uses our address; `isLost`: it had it before us. */
  conflict(address: string, mac: string, isLost: boolean): void;
  warning(text: string): void;
  /** The DHCP client has news. */
  lease(news: LeaseNews): void;
  /** Addresses made of routers' prefixes have changed. */
  automatic(view: AutomaticView): void;
  /** Of connections, while somebody looks with the inspector. */
  blocks(index: number, news: BlockNews): void;
  /** A message of the module of that name, for its main part. */
  fromModule(index: number, module: string, message: unknown): void;
  /** Asked to stop, it closes its connections; this many still have an answer under way. */
  closing(unfinished: number): void;
  /** Asked to stop, it has no connection any more, and waits for the others. */
  idle(index: number): void;
  /** The worker ended without having been asked to. */
  died(error: ServeError): void;
}

/** All of a worker's setup but the port, which is made here. */
export type WorkerPlan = Omit<WorkerSetup, 'control'>;

export class WorkerHandle {
  readonly index: number;
  /** Fulfilled when the worker's stack listens; rejected if it dies before. */
  readonly ready: Promise<void>;
  /** Fulfilled when the thread is gone, whatever the reason. */
  readonly gone: Promise<void>;

  /** Answers that were cut when the worker ended; 0 until then. */
  cut = 0;

  readonly #worker: Worker;
  readonly #control: MessagePort;
  readonly #bell: Wakeup;
  readonly #memory: SharedArrayBuffer;
  #statistics: StatisticsReader | undefined;
  #stopping = false;
  #isGone = false;
  /** Why the thread ends, if that is no defect of ours. */
  #failure: ServeError | undefined;
  #hearsFrom: () => void = () => {};
  /** Settles `started`. */
  readonly #start: { done: () => void; failed: (error: ServeError) => void };
  readonly #started: Promise<void>;

  constructor(plan: WorkerPlan, bell: Wakeup, events: WorkerEvents) {
    const { port1, port2 } = new MessageChannel();
    const workerData: WorkerSetup = { ...plan, control: port2 };
    this.index = plan.index;
    this.#bell = bell;
    this.#memory = plan.statistics;
    this.#control = port1;
    this.#worker = new Worker(ownFile('./serve/worker/worker.js'), {
      name: `fastpath-data-path-${plan.index}`,
      workerData,
      transferList: [port2, ...plan.siblings.map(({ port }) => port)],
    });
    this.#start = { done: () => {}, failed: () => {} };
    this.#started = new Promise((done, failed) => Object.assign(this.#start, { done, failed }));
    this.#started.catch(() => {}); // a waiter sees the error, but there may be none yet
    this.gone = new Promise((resolve) =>
      this.#worker.once('exit', () => {
        this.#isGone = true;
        resolve();
      }),
    );
    this.ready = this.#whenReady(events);
    this.ready.catch(() => {}); // a waiter sees the error, but there may be none yet
  }

  /** The counters as last published; undefined until the worker is ready. */
  get statistics(): StatisticsReader | undefined {
    return this.#statistics;
  }

  /** Nothing happens if the thread is gone. */
  send(message: MessageToWorker): void {
    if (this.#isGone) return;
    this.#control.postMessage(message);
    this.#bell.ring();
  }

  /** Lets the worker read frames; fulfilled when all that was sent before is taken in. @throws what killed it. */
  start(): Promise<void> {
    this.send({ kind: 'start' });
    return this.#started;
  }

  /** Lets the worker read frames from another descriptor; fulfilled when it does. */
  hearFrom(fd: number): Promise<void> {
    return new Promise((resolve) => {
      this.#hearsFrom = resolve;
      this.send({ kind: 'hear-from', fd });
    });
  }

  /** Asks the worker to close its connections and end. A second call sets a new grace. */
  stop(graceMs: number): void {
    this.#stopping = true;
    this.send({ kind: 'stop', graceMs });
  }

  /** Ends the thread, wherever it is. A thread asleep in poll(2) has to be woken to notice. */
  async terminate(): Promise<void> {
    this.#stopping = true;
    const ended = this.#worker.terminate();
    this.#bell.ring();
    await ended;
  }

  /** Fulfilled if the worker becomes ready, rejected if it dies before. If it dies later, that is an event. */
  #whenReady(events: WorkerEvents): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#watchForDeath(events, (error) => {
        this.#start.failed(error);
        if (this.#statistics === undefined) reject(error);
        else events.died(error);
      });
      this.#control.on('message', (message: MessageFromWorker) => {
        if (message.kind === 'ready') {
          this.#statistics = new StatisticsReader(this.#memory, message.counters);
          resolve();
        } else {
          this.#handle(message, events);
        }
      });
    });
  }

  #handle(message: MessageFromWorker, events: WorkerEvents): void {
    if (message.kind === 'want') events.wanted(this.index, message.wants);
    if (message.kind === 'module-failed') {
      this.#failure = faultOf([...message.path, 'use'], message.text, '', { code: 'failure' });
    }
    if (message.kind === 'module') events.fromModule(this.index, message.module, message.message);
    if (message.kind === 'released') events.released(this.index, message.ids);
    if (message.kind === 'started') this.#start.done();
    if (message.kind === 'hears-from') this.#hearsFrom();
    if (message.kind === 'closing') events.closing(message.unfinished);
    if (message.kind === 'idle') events.idle(this.index);
    if (message.kind === 'ended') this.cut = message.cut;
    if (message.kind === 'blocks') events.blocks(this.index, message.news);
    if (message.kind === 'warning') events.warning(message.text);
    if (message.kind === 'lease') events.lease(message.news);
    if (message.kind === 'automatic') events.automatic(message.view);
    if (message.kind === 'conflict') events.conflict(message.address, message.mac, message.isLost);
    if (message.kind === 'ended' && message.reason === 'device-gone' && !this.#stopping) {
      this.#stopping = true;
      events.died(
        new ServeError('data-path-died', 'the interface was removed while it was in use', 'Start fastpath again.'),
      );
    }
  }

  /** Messages that have arrived but not been delivered yet. */
  #drain(events: WorkerEvents): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#control) as { message: MessageFromWorker } | undefined;
      if (received === undefined) return;
      this.#handle(received.message, events);
    }
  }

  /** Calls back if the thread ends without having been asked to. */
  #watchForDeath(events: WorkerEvents, died: (error: ServeError) => void): void {
    let cause: unknown;
    this.#worker.once('error', (error) => {
      cause = error;
    });
    this.#worker.once('exit', (exitCode) => {
      this.#drain(events); // what the worker said last explains its end
      this.#control.close();
      if (this.#stopping) return;
      died(this.#failure ?? threadDeath(`data-path worker ${this.index}`, cause, `exit code ${exitCode}`));
    });
  }
}
