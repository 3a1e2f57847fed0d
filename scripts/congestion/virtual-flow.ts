/**
 * One download in virtual time: two of our stacks, a bad link between them, and a look at the sender's congestion
 * control after every moment in which something happened. The same options give the same samples, bit for bit.
 */
import { SECOND } from '../../src/net/clock.js';
import type { ImpairmentOptions } from '../../src/net/device/impairment.js';
import { VirtualNetwork } from '../../src/net/driver/virtual-network.js';
import { createStack, type Stack, type StackStatistics } from '../../src/net/stack.js';
import type { Connection, ConnectionHandler } from '../../src/net/tcp/handler.js';
import type { TcpSettings } from '../../src/net/tcp/settings.js';
import { IpAddress, IpNetwork } from '../../src/net/wire/address.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';

const CLIENT = IpAddress.parse('10.0.0.1');
const SERVER = IpAddress.parse('10.0.0.2');
const PORT = 80;
/** What is sent, again and again; and how many pieces are queued: more than any window. */
const PIECE = SummedBytes.of(new Uint8Array(1 << 18).fill(0x61));
const QUEUED_PIECES = 16;
/** Large enough never to be what limits: the network shall. */
const RECEIVE_BUFFER = 1 << 20;

export interface FlowOptions {
  readonly control: TcpSettings['congestionControl'];
  /** Of the losses. */
  readonly seed: number;
  /** From the server to the client; the way back only has the `delay`. */
  readonly link: ImpairmentOptions;
  /** Seconds from the handshake on. */
  readonly seconds: number;
  readonly tcp?: Partial<TcpSettings>;
  /** `cut`: the stacks send super-segments, which the link cuts, as a network card with TSO; default `none`. */
  readonly offload?: 'none' | 'cut';
  /** False: no samples, for who only wants to know how much arrives. */
  readonly watch?: boolean;
}

/** The sender at one moment. Sizes in bytes. */
export interface Sample {
  /** Seconds since the connection was established. */
  readonly time: number;
  readonly cwnd: number;
  /** Infinity before the first loss. */
  readonly ssthresh: number;
  /** RFC 9293's FlightSize: sent and not acknowledged. */
  readonly inFlight: number;
  /** RFC 6675's pipe, to a segment: of that, what is thought to be in the network (neither SACKed nor lost). */
  readonly pipe: number;
  /** Linux's names: open, disorder, recovery, loss. */
  readonly state: string;
}

export interface FlowRecord {
  /** One for each change. */
  readonly samples: readonly Sample[];
  /** Payload that the client has received in order. */
  readonly bytes: number;
  readonly mss: number;
  readonly statistics: StackStatistics;
}

export class VirtualFlow {
  readonly network: VirtualNetwork;
  readonly samples: Sample[] = [];
  readonly #server: Stack;
  #sender: Connection | undefined;
  #bytes = 0;

  constructor(private readonly options: FlowOptions) {
    const { control, seed, link } = options;
    this.network = new VirtualNetwork({ seed });
    const acks = link.delay === undefined ? {} : { delay: link.delay };
    const offload = options.offload ?? 'none';
    // The client's end is the bad one, so that it is segments that are lost, and not the super-segments they are cut
    // from.
    const [client, server] = this.network.link({ forth: acks, back: link, queueFrames: 65_536, offload });
    const tcp: Partial<TcpSettings> = {
      congestionControl: control,
      receiveBufferBytes: RECEIVE_BUFFER,
      ...options.tcp,
    };
    this.#server = this.#host(server, SERVER, tcp);
    const reader = this.#host(client, CLIENT, tcp);
    this.#server.listen(PORT, (connection) => this.#feed(connection));
    const connected = () => this.#count();
    reader.connect({ address: SERVER, port: PORT }, { connected, failed: (reason) => this.#failed(reason) });
  }

  /** Runs it to its end. */
  run(): FlowRecord {
    this.network.runUntil(() => this.#sender !== undefined);
    const from = this.network.clock.now;
    const until = from + this.options.seconds * SECOND;
    this.network.runUntil(() => {
      if (this.options.watch !== false) this.#look((this.network.clock.now - from) / SECOND);
      return this.network.clock.now >= until;
    });
    const mss = this.#sender!.info().sendMss;
    return { samples: this.samples, bytes: this.#bytes, mss, statistics: this.#server.statistics };
  }

  #host(device: Parameters<VirtualNetwork['add']>[1], address: IpAddress, tcp: Partial<TcpSettings>): Stack {
    const { clock, random } = this.network;
    const internet = { duplicateDetection: 'off' } as const;
    const stack = createStack({ device, clock, random, addresses: [IpNetwork.parse(`${address}/24`)], internet, tcp });
    this.network.add(stack, device);
    stack.start();
    return stack;
  }

  #look(time: number): void {
    const info = this.#sender!.info();
    const sample: Sample = {
      time,
      cwnd: info.congestionWindow,
      ssthresh: info.slowStartThreshold,
      inFlight: (info.sndNxt - info.sndUna) >>> 0,
      pipe: (info.unackedSegments - info.sackedSegments - info.lostSegments) * info.sendMss,
      state: info.congestionState,
    };
    const last = this.samples.at(-1);
    const same =
      last !== undefined &&
      last.cwnd === sample.cwnd &&
      last.ssthresh === sample.ssthresh &&
      last.inFlight === sample.inFlight &&
      last.pipe === sample.pipe &&
      last.state === sample.state;
    if (!same) this.samples.push(sample);
  }

  #feed(connection: Connection): ConnectionHandler {
    this.#sender = connection;
    const fill = () => {
      while (connection.queuedPieces < QUEUED_PIECES) connection.send(PIECE, 0, PIECE.length);
    };
    fill();
    return { received: (_bytes, from, to) => to - from, acknowledged: fill, ended() {}, timedOut() {}, closed() {} };
  }

  #count(): ConnectionHandler {
    const received = (_bytes: Uint8Array, from: number, to: number) => {
      this.#bytes += to - from;
      return to - from;
    };
    return { received, acknowledged() {}, ended() {}, timedOut() {}, closed: (reason) => this.#failed(reason) };
  }

  #failed(reason: string): never {
    throw new Error(`the connection ended: ${reason}`);
  }
}
