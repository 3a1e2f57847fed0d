/**
 * A module that somebody else wrote may throw. The guard stands between it and the stack: what a call throws ends the
 * connection that it was about, is counted and told, and the server goes on. The modules of fastpath itself have none,
 * so the hot path of HTTP does not go through here.
 */
import type { ErrorCode } from '../net/network-error.js';
import type { CloseReason, Connection, ConnectionHandler } from '../net/tcp/handler.js';
import type { Datagram } from '../net/udp/datagram.js';
import type { DatagramHandler } from '../net/udp/handler.js';
import type { UdpPort } from '../net/udp/udp-port.js';
import { ownFile } from '../own-files.js';
import type { Module, ModuleWorker } from './module.js';

/** Where our own code lies: as the build makes it, and with source maps. A place in it tells an author nothing. */
const OURS = [ownFile('./').href, ownFile('../../src/').pathname, '(node:'];
/** A module that throws for each segment must not fill the log, ms. */
const TELL_EVERY_MS = 10_000;

/** What is counted for every module that has a guard. */
export class GuardStatistics {
  /** Connections accepted, and those open now. */
  connections = 0;
  openConnections = 0;
  /** Datagrams received. */
  datagrams = 0;
  /** Calls that threw. */
  failures = 0;
}

/** What these counters are, for metrics: those that only grow, and those that go down too. */
export const GUARD_COUNTERS = {
  connections: 'Connections to the module.',
  datagrams: 'Datagrams to the module.',
  failures: 'Calls of the module that failed; the connection was reset.',
} as const;
export const GUARD_LEVELS = { openConnections: 'Connections to the module that are open.' } as const;

/** Why a module failed, told now and then. */
class Failures {
  readonly statistics = new GuardStatistics();
  readonly #worker: Pick<ModuleWorker, 'clock' | 'warn'>;
  #tellAt = 0;

  constructor(worker: Pick<ModuleWorker, 'clock' | 'warn'>) {
    this.#worker = worker;
  }

  take(error: unknown): void {
    this.statistics.failures++;
    const nowMs = this.#worker.clock.now / 1000;
    if (nowMs < this.#tellAt) return;
    this.#tellAt = nowMs + TELL_EVERY_MS;
    this.#worker.warn(`a call failed, and its connection is reset: ${placeOf(error)}`);
  }
}

/** A guarded module, and what the guard counts. */
export interface Guarded {
  readonly module: Module;
  readonly statistics: GuardStatistics;
}

/** Puts the guard around a module. */
export function guard(module: Module, worker: Pick<ModuleWorker, 'clock' | 'warn'>): Guarded {
  const failures = new Failures(worker);
  return { module: new GuardedModule(module, failures), statistics: failures.statistics };
}

class GuardedModule implements Module {
  readonly accept?: NonNullable<Module['accept']>;
  readonly datagrams?: DatagramHandler;
  readonly received: (message: unknown) => void;
  readonly woken?: () => void;
  readonly tick?: () => void;
  readonly endsSoon: () => void;
  readonly stopping: (isPatient: boolean) => void;
  readonly #module: Module;

  constructor(module: Module, failures: Failures) {
    this.#module = module;
    const { datagrams } = module;
    const attempt = (call: () => void) => {
      try {
        call();
      } catch (error) {
        failures.take(error);
      }
    };
    if (module.accept !== undefined) this.accept = (connection) => accept(module, connection, failures);
    if (datagrams !== undefined) this.datagrams = new GuardedDatagrams(datagrams, failures);
    if (module.woken !== undefined) this.woken = () => attempt(() => module.woken?.());
    if (module.tick !== undefined) this.tick = () => attempt(() => module.tick?.());
    this.received = (message) => attempt(() => module.received?.(message));
    this.endsSoon = () => attempt(() => module.endsSoon?.());
    this.stopping = (isPatient) => attempt(() => module.stopping?.(isPatient));
  }

  get counters(): object {
    return this.#module.counters ?? {};
  }

  get unfinished(): number {
    return this.#module.unfinished ?? 0;
  }
}

function accept(module: Module, connection: Connection, failures: Failures): ConnectionHandler {
  const { statistics } = failures;
  statistics.connections++;
  statistics.openConnections++;
  const guarded = new GuardedHandler(connection, failures);
  try {
    const handler = module.accept?.(connection);
    if (typeof handler?.received !== 'function') throw new TypeError('accept returned no connection handler');
    guarded.handler = handler;
  } catch (error) {
    guarded.fail(error);
    statistics.openConnections--; // TCP knows no handler yet, so `closed` does not come
  }
  return guarded;
}

/** A handler without anything to do: the module's own could not be made. */
const NO_HANDLER: ConnectionHandler = {
  received: (_bytes, from, to) => to - from,
  acknowledged() {},
  ended() {},
  timedOut() {},
  closed() {},
};

class GuardedHandler implements ConnectionHandler {
  handler: ConnectionHandler = NO_HANDLER;
  readonly #connection: Connection;
  readonly #failures: Failures;

  constructor(connection: Connection, failures: Failures) {
    this.#connection = connection;
    this.#failures = failures;
  }

  received(bytes: Uint8Array, from: number, to: number): number {
    try {
      const taken = this.handler.received(bytes, from, to);
      if (taken >= 0 && taken <= to - from) return taken;
      throw new RangeError(`received returned ${taken} for ${to - from} bytes`);
    } catch (error) {
      this.fail(error);
      return to - from;
    }
  }

  acknowledged(): void {
    try {
      this.handler.acknowledged();
    } catch (error) {
      this.fail(error);
    }
  }

  ended(): void {
    try {
      this.handler.ended();
    } catch (error) {
      this.fail(error);
    }
  }

  timedOut(): void {
    try {
      this.handler.timedOut();
    } catch (error) {
      this.fail(error);
    }
  }

  closed(reason: CloseReason, code?: ErrorCode): void {
    this.#failures.statistics.openConnections--;
    try {
      this.handler.closed(reason, code);
    } catch (error) {
      this.#failures.take(error);
    }
  }

  /** Without one of its own, TCP would close the connection at once. */
  stopping(isPatient: boolean): void {
    try {
      if (this.handler.stopping === undefined) this.#connection.close();
      else this.handler.stopping(isPatient);
    } catch (error) {
      this.fail(error);
    }
  }

  urgent(): void {
    try {
      this.handler.urgent?.();
    } catch (error) {
      this.fail(error);
    }
  }

  troubled(): void {
    try {
      this.handler.troubled?.();
    } catch (error) {
      this.fail(error);
    }
  }

  softError(type: number, code: number): void {
    try {
      this.handler.softError?.(type, code);
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    this.#failures.take(error);
    this.#connection.abort();
  }
}

class GuardedDatagrams implements DatagramHandler {
  readonly #handler: DatagramHandler;
  readonly #failures: Failures;

  constructor(handler: DatagramHandler, failures: Failures) {
    this.#handler = handler;
    this.#failures = failures;
  }

  received(datagram: Datagram, port: UdpPort): void {
    this.#failures.statistics.datagrams++;
    try {
      this.#handler.received(datagram, port);
    } catch (error) {
      this.#failures.take(error);
    }
  }
}

/** The message of an error, and the place in the module: where it threw, or where it called what threw. */
export function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const places = error.stack?.split('\n').filter((line) => line.trimStart().startsWith('at ')) ?? [];
  const place = places.find((line) => !OURS.some((part) => line.includes(part))) ?? places[0];
  return `${error.message}${place === undefined ? '' : ` (${place.trim()})`}`;
}
