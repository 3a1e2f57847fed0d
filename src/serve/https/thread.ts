/**
 * The entry of a TLS thread: connections of the workers come in by channels, and HTTP answers them from the same memory
 * as a worker does. It lives in Node's event loop, since node:tls and node:http2 do. Started by https/threads.ts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Asks } from '../../cache/library/asks.js';
import { Store } from '../../cache/library/store.js';
import { attachThread, type ChannelSocket, type ThreadAttachment } from '../../channel/index.js';
import type { HttpSettings } from '../../http/module.js';
import { HttpStatistics } from '../../http/sending/statistics.js';
import { createHttpAcceptor } from '../../http/server.js';
import { Ending } from '../../http/service/ending.js';
import { Sites } from '../../http/sites/sites.js';
import { AccessLog } from '../../log/access-log.js';
import { LogBell } from '../../log/bell.js';
import { RingWriter } from '../../log/ring.js';
import { Clock, MILLISECOND } from '../../net/clock.js';
import type { Acceptor, Connection } from '../../net/tcp/handler.js';
import { DerivedWallClock } from '../../net/wall-clock.js';
import { IpAddress } from '../../net/wire/address.js';
import { TlsStatistics } from '../../tls/settings.js';
import { PacingGroup } from '../../tls/stream-connection.js';
import { TlsTerminator } from '../../tls/terminator.js';
import { LoopChannels } from '../slow/loop-channels.js';
import { StatisticsWriter } from '../worker/statistics-block.js';
import type { MessageFromTls, MessageToTls, TlsThreadSetup } from './messages.js';
import { YoungGarbage } from './young-garbage.js';

/** Between two publications of the counters, ms. Then the time of day is looked at, too. */
const PUBLISH_EVERY_MS = 250;

class TlsThread {
  readonly #setup = workerData as TlsThreadSetup;
  readonly #started = performance.now();
  readonly #clock = new Clock();
  readonly #wallClock = new DerivedWallClock(this.#clock, Date.now());
  readonly #store: Store;
  readonly #sites = new Sites();
  readonly #ending = new Ending();
  readonly #http = new HttpStatistics();
  readonly #tls = new TlsStatistics();
  readonly #log: AccessLog | undefined;
  readonly #terminator: TlsTerminator;
  readonly #links: ThreadAttachment[];
  readonly #garbage = new YoungGarbage();
  readonly #channels: LoopChannels;
  readonly #statistics: StatisticsWriter;
  #acceptor: Acceptor;
  #released: number[] = [];
  #isNewsDue = false;

  constructor() {
    const { tls, ticketKeys, links, statistics, http, log, bellFd } = this.#setup;
    this.#channels = new LoopChannels(bellFd, () => this.#tick());
    this.#store = new Store(
      (id) => {
        this.#released.push(id);
        this.#soon();
      },
      new Asks(() => performance.now()),
    );
    this.#log = log === undefined ? undefined : this.#createLog(log);
    this.#acceptor = this.#createAcceptor(http);
    const tick = () => this.#tick();
    const accept = (connection: Connection) => this.#acceptor(connection);
    this.#terminator = new TlsTerminator({
      settings: tls,
      statistics: this.#tls,
      accept,
      tick,
      ticketKeys: Buffer.from(ticketKeys),
    });
    this.#links = links.map((link) => attachThread(link, (socket) => this.#take(socket)));
    const { asks } = this.#store;
    const channel = this.#channels.statistics;
    const counters = { http: this.#http, tls: this.#tls, channel, asks: asks.counters(), store: this.#store };
    const logged = this.#log === undefined ? {} : { log: this.#log.statistics };
    this.#statistics = new StatisticsWriter(statistics, [counters, logged]);
    parentPort?.on('message', (message: MessageToTls) => this.#obey(message));
    setInterval(() => this.#publish(), PUBLISH_EVERY_MS);
    this.#post({ kind: 'ready', counters: this.#statistics.names });
  }

  #createLog({ ring, bell }: NonNullable<TlsThreadSetup['log']>): AccessLog {
    const [clock, wallClock] = [this.#clock, this.#wallClock];
    return new AccessLog({ ring: new RingWriter(ring), bell: new LogBell(bell), clock, wallClock });
  }

  #createAcceptor({ limits, serverHeader }: HttpSettings): Acceptor {
    return createHttpAcceptor({
      store: this.#store,
      sites: this.#sites,
      clock: this.#clock,
      wallClock: this.#wallClock,
      limits,
      statistics: this.#http,
      serverHeader,
      ending: this.#ending,
      slowPath: this.#channels.slowPath,
      secure: { hsts: this.#setup.hsts },
      ...(this.#log !== undefined && { log: this.#log }),
    });
  }

  #take(socket: ChannelSocket): void {
    const { localAddress = '0.0.0.0', localPort = 0, remoteAddress = '0.0.0.0', remotePort = 0 } = socket;
    this.#terminator.take(socket, {
      localAddress: IpAddress.parse(localAddress),
      localPort,
      remoteAddress: IpAddress.parse(remoteAddress),
      remotePort,
      pacing: new PacingGroup((group) => socket.setPacingGroup(group)),
    });
    this.#soon();
  }

  #obey(message: MessageToTls): void {
    this.#tick();
    if (message.kind === 'cache') this.#store.apply(message.message);
    else if (message.kind === 'sites') this.#sites.use(message.table);
    else if (message.kind === 'channel' || message.kind === 'channel-failed') this.#channels.obey(message);
    else if (message.kind === 'ticket-keys') this.#terminator.setTicketKeys(Buffer.from(message.keys));
    else if (message.kind === 'ends-soon') this.#ending.isNear = true;
    else if (message.kind === 'stopping') this.#terminator.stopping(message.isPatient);
    else if (message.kind === 'end') this.#end();
    else {
      this.#acceptor = this.#createAcceptor(message.http);
      this.#terminator.use(message.tls);
    }
    this.#soon();
  }

  #tick(): void {
    this.#clock.now = Math.round((performance.now() - this.#started) * MILLISECOND);
    if (this.#store.asks.hasNews) this.#soon();
    let bytes = 0;
    for (const { end } of this.#links) bytes += end.crossedBytes;
    this.#garbage.look(bytes);
  }

  /** What the main thread has to hear is sent once this turn of the loop is over. */
  #soon(): void {
    if (this.#isNewsDue) return;
    this.#isNewsDue = true;
    setImmediate(() => {
      this.#isNewsDue = false;
      this.#tell();
    });
  }

  #tell(): void {
    const { asks } = this.#store;
    if (asks.hasNews) this.#post({ kind: 'want', wants: asks.take() });
    if (this.#released.length > 0) this.#post({ kind: 'released', ids: this.#released });
    this.#released = [];
    this.#log?.afterTurn();
  }

  #publish(): void {
    this.#tick();
    this.#wallClock.set(Date.now());
    this.#tell();
    this.#statistics.publish();
  }

  #end(): void {
    this.#terminator.abort();
    for (const link of this.#links) link.close();
    this.#channels.close();
    this.#publish();
    parentPort?.close();
    setImmediate(() => process.exit(0)); // in a worker this ends the thread
  }

  #post(message: MessageFromTls): void {
    parentPort?.postMessage(message);
  }
}

new TlsThread();
