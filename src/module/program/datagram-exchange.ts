/**
 * One datagram of a program and its answer (UDP). What the actions send is one datagram; it leaves when the exchange
 * ends, also if that is later, when the slow path has answered. `again` and `close` are the same here.
 *
 * The objects are used again. Their number is bounded by how many may wait for the slow path.
 */
import type { Datagram } from '../../net/udp/datagram.js';
import type { DatagramHandler } from '../../net/udp/handler.js';
import { Message } from '../../net/udp/message.js';
import type { UdpPort } from '../../net/udp/udp-port.js';
import { IpAddress } from '../../net/wire/address.js';
import type { SummedBytes } from '../../net/wire/summed-bytes.js';
import type { ControlTable } from './control.js';
import { Exchange, type Scopes } from './exchange.js';
import type { Questions } from './questions.js';
import type { ReplyLimit } from './reply-limit.js';

const NO_BYTES = new Uint8Array(0);

/** What all datagrams of a program share. */
export interface DatagramParts<Shared, Own, Asked> {
  readonly scopes: Scopes<Shared, Own, Asked>;
  readonly table: ControlTable<Exchange<Shared, Own, Asked>>;
  readonly questions: Questions;
  readonly replies: ReplyLimit;
  readonly counters: { limited: number };
}

/** Takes the datagrams of a program's ports. */
export class DatagramExchanges<Shared, Own, Asked> implements DatagramHandler {
  readonly #parts: DatagramParts<Shared, Own, Asked>;
  readonly #free: DatagramExchange<Shared, Own, Asked>[] = [];

  constructor(parts: DatagramParts<Shared, Own, Asked>) {
    this.#parts = parts;
  }

  received(datagram: Datagram, port: UdpPort): void {
    if (!this.#parts.replies.allows(datagram.packet)) {
      this.#parts.counters.limited++;
      return;
    }
    const exchange = this.#free.pop() ?? new DatagramExchange(this.#parts, (free) => this.#free.push(free));
    exchange.received(datagram, port);
  }
}

class DatagramExchange<Shared, Own, Asked> extends Exchange<Shared, Own, Asked> {
  readonly transport = 'udp';
  readonly #message = new Message();
  readonly #free: (exchange: DatagramExchange<Shared, Own, Asked>) => void;
  #datagram: Datagram | null = null;
  #port: UdpPort | null = null;
  /** The two ends, once the datagram is gone. */
  #remote: IpAddress | undefined;
  #local: IpAddress | undefined;
  #remotePort = 0;

  constructor(
    parts: DatagramParts<Shared, Own, Asked>,
    free: (exchange: DatagramExchange<Shared, Own, Asked>) => void,
  ) {
    super(parts.scopes, parts.table, parts.questions);
    this.#free = free;
  }

  get remoteAddress(): IpAddress {
    return this.#remote ?? this.#datagram?.sourceAddress ?? IpAddress.parse('::');
  }

  get remotePort(): number {
    return this.#remotePort;
  }

  get localPort(): number {
    return this.#port?.localPort ?? 0;
  }

  /** @throws what an action throws; the exchange is free again then */
  received(datagram: Datagram, port: UdpPort): void {
    this.#datagram = datagram;
    this.#port = port;
    this.#remotePort = datagram.sourcePort;
    this.bytes = datagram.bytes;
    this.from = datagram.from;
    this.to = datagram.to;
    this.isFresh = true;
    this.#message.clear();
    this.beginConnection();
    this.#runOn();
    if (this.#datagram === null) return;
    this.#remote = datagram.sourceAddress;
    this.#local = datagram.isToGroup ? undefined : datagram.destinationAddress;
    this.#letGo();
  }

  protected queue(content: SummedBytes, from: number, to: number): void {
    this.#message.add(content, from, to - from);
  }

  protected get hasRoom(): boolean {
    return true;
  }

  /** Nothing comes behind a datagram. */
  protected get isEnded(): boolean {
    return true;
  }

  protected resumed(): void {
    this.#runOn();
  }

  protected finish(isOrderly: boolean): void {
    const datagram = this.#datagram;
    const port = this.#port;
    const message = this.#message;
    if (isOrderly && port !== null && message.length > 0) {
      if (datagram !== null) port.reply(message, datagram);
      else port.send(message, this.#remote, this.#remotePort, this.#local);
    }
    this.#release();
  }

  protected override beginRequest(): void {
    this.step = this.table.close;
  }

  #runOn(): void {
    try {
      this.run();
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** The datagram's bytes are gone when its handler returns. */
  #letGo(): void {
    this.#datagram = null;
    this.bytes = NO_BYTES;
    this.from = 0;
    this.to = 0;
  }

  #release(): void {
    this.forgetQuestion();
    this.#letGo();
    this.#message.clear();
    this.#port = null;
    this.#remote = undefined;
    this.#local = undefined;
    this.#free(this);
  }
}
