/**
 * DNS as a module of the server: an authoritative server for zones that the main thread reads (main/dns-main.ts) and
 * hands over as images in shared memory. docs/dns.md describes it.
 */
import { ConnectionCount } from '../module/connection-count.js';
import type {
  MainPart,
  Module,
  ModuleDefinition,
  ModuleListener,
  ModuleServer,
  ModuleWorker,
} from '../module/module.js';
import { TurnedAway } from '../module/turned-away.js';
import type { Acceptor, Connection, ConnectionHandler } from '../net/tcp/handler.js';
import type { Datagram } from '../net/udp/datagram.js';
import type { DatagramHandler } from '../net/udp/handler.js';
import type { UdpPort } from '../net/udp/udp-port.js';
import { IpAddress } from '../net/wire/address.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import type { DnsMessage, NotifyAnswered } from './messages.js';
import { type DnsOptions, dnsSchema, settingsOf } from './options.js';
import { DnsDatagrams } from './server/datagrams.js';
import { notifyId } from './server/notify.js';
import { DnsService } from './server/service.js';
import { DNS_COUNTERS, DNS_LEVELS, type DnsStatistics } from './server/statistics.js';
import { DnsStream } from './server/stream.js';
import { Zone } from './zone/zone.js';

/** Handles port 53 of one worker: the module itself. */
class DnsModule implements Module<DnsMessage> {
  readonly #statistics: DnsStatistics;
  readonly datagrams: DatagramHandler;
  readonly #worker: ModuleWorker;
  readonly #service: DnsService;
  readonly #connections = new ConnectionCount();
  readonly #port: number;
  #udp: UdpPort | undefined;

  constructor(worker: ModuleWorker, options: DnsOptions) {
    const { clock, wallClock, random } = worker;
    this.#worker = worker;
    this.#port = options.port;
    this.#statistics = worker.counters as DnsStatistics;
    this.#service = new DnsService({
      clock,
      wallClock,
      settings: settingsOf(options),
      statistics: this.#statistics,
      seed: random.nextInt32(),
    });
    this.datagrams = new DnsDatagrams(this.#service, (datagram) => this.#notifyAnswered(datagram));
  }

  readonly accept: Acceptor = (connection: Connection): ConnectionHandler => {
    const { connections, connectionsPerClient } = this.#service.settings;
    const client = String(connection.remoteAddress);
    if (this.#connections.add(client, connections, connectionsPerClient)) {
      return new DnsStream(this.#service, connection, () => this.#connections.remove(client));
    }
    this.#statistics.connectionsRefused++;
    return new TurnedAway(connection);
  };

  received(message: DnsMessage): void {
    if (message.kind === 'send') {
      this.#send(message.message, message.address, message.port);
      return;
    }
    this.#service.zones.put(new Zone(message.image));
    this.#service.zonesChanged();
    this.#statistics.zoneUpdates++;
  }

  /** From the port that queries come to, because the answer may come to another worker. */
  #send(message: Uint8Array, address: string, port: number): void {
    this.#udp ??= this.#worker.stack.udp.host.ports.first(this.#port) ?? undefined;
    const error = this.#udp?.send(SummedBytes.plain(message), IpAddress.parse(address), port);
    if (error === undefined) this.#statistics.notifiesSent++;
    else this.#worker.warn(`NOTIFY to ${address} was not sent: ${error}`);
  }

  #notifyAnswered(datagram: Datagram): void {
    const { bytes, from } = datagram;
    this.#statistics.notifiesAnswered++;
    const answer: NotifyAnswered = {
      kind: 'notify-answered',
      id: notifyId(bytes, from),
      address: String(datagram.sourceAddress),
    };
    this.#worker.post(answer);
  }
}

/** DNS, as the server's table of modules has it. */
export const dnsModule = {
  name: 'dns',
  options: dnsSchema,
  counters: DNS_COUNTERS,
  levels: DNS_LEVELS,
  listeners({ port }: DnsOptions): readonly ModuleListener[] {
    return [
      { transport: 'udp', port },
      { transport: 'tcp', port },
    ];
  },
  create(worker: ModuleWorker, options: DnsOptions): Module<DnsMessage> {
    return new DnsModule(worker, options);
  },
  /** Loaded only here: the main part reads files, and workers have none to read. */
  async main(server: ModuleServer, options: DnsOptions): Promise<MainPart> {
    const { DnsMain } = await import('./main/dns-main.js');
    return new DnsMain(server, options);
  },
} satisfies ModuleDefinition<DnsOptions, DnsMessage>;
