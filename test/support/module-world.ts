/** A module on one stack and its clients on another, under virtual time: what `fastpath serve` does with a module. */
import { Store } from '../../src/cache/library/store.js';
import { definitionOf, type RunningModule, serveModuleOn } from '../../src/module/index.js';
import { MILLISECOND, SECOND } from '../../src/net/clock.js';
import { type LinkOptions, VirtualNetwork } from '../../src/net/driver/virtual-network.js';
import { createStack, type Stack } from '../../src/net/stack.js';
import type { CloseReason, Connection } from '../../src/net/tcp/handler.js';
import { IpAddress, IpNetwork } from '../../src/net/wire/address.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { EXAMPLE_SECONDS } from './site.js';

const SERVER = IpAddress.parse('10.0.0.2');

/** One connection of a client: what it got, and how it ended. */
export class Client {
  /** What came, as UTF-8 text. */
  text = '';
  /** The server has sent FIN. */
  isEnded = false;
  /** Undefined: it is open. */
  reason: CloseReason | undefined;
  readonly #world: ModuleWorld;
  readonly #connection: Connection;

  constructor(world: ModuleWorld, port: number, first: string | undefined) {
    this.#world = world;
    this.#connection = world.client.connect(
      { address: SERVER, port },
      {
        connected: (connection) => {
          if (first !== undefined) connection.send(SummedBytes.of(Buffer.from(first)), 0, Buffer.byteLength(first));
          return this.#handler();
        },
        failed: (reason) => {
          this.reason = reason;
        },
      },
    );
  }

  /** Sends text in a segment of its own. */
  push(text: string): void {
    this.#connection.noDelay = true;
    this.#connection.send(SummedBytes.of(Buffer.from(text)), 0, Buffer.byteLength(text));
    this.#connection.flush();
    this.#world.network.runFor(1);
  }

  /** Sends text, and gives the server a second for it. */
  send(text: string): this {
    this.push(text);
    this.#world.pass(1);
    return this;
  }

  /** FIN. */
  end(): this {
    this.#connection.close();
    this.#world.pass(1);
    return this;
  }

  #handler() {
    return {
      received: (bytes: Uint8Array, from: number, to: number) => {
        this.text += Buffer.from(bytes.subarray(from, to)).toString();
        return to - from;
      },
      acknowledged() {},
      ended: () => {
        this.isEnded = true;
      },
      timedOut() {},
      closed: (reason: CloseReason) => {
        this.reason = reason;
      },
    };
  }
}

export class ModuleWorld {
  readonly network = new VirtualNetwork();
  readonly client: Stack;
  readonly server: Stack;
  readonly warnings: string[] = [];
  readonly store = new Store(() => {});
  #running: RunningModule | undefined;

  constructor(link: LinkOptions = {}, addresses = ['10.0.0.2/24']) {
    const [a, b] = this.network.link(link);
    this.client = this.#make(a, ['10.0.0.1/24']);
    this.server = this.#make(b, addresses);
  }

  /** Serves what a module's file exports. */
  async serve(exported: unknown, options: unknown = {}): Promise<void> {
    this.#running = await serveModuleOn(
      {
        stack: this.server,
        random: this.network.random,
        store: this.store,
        epochMs: EXAMPLE_SECONDS * 1000,
        warn: (text) => this.warnings.push(text),
      },
      definitionOf(exported),
      options,
    );
  }

  get counters(): Record<string, number> {
    return this.#running?.counters() ?? {};
  }

  /** Lets virtual time pass. */
  pass(seconds: number): void {
    for (let quarters = 0; quarters < seconds * 4; quarters++) {
      this.network.runFor(SECOND / 4);
      this.#running?.module.tick?.();
    }
  }

  /** The same, with turns of Node's loop in which a slow path may answer. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.network.runFor(10 * MILLISECOND);
    }
  }

  /** Opens a connection, and sends `first` with its handshake's last segment. */
  connect(port: number, first?: string): Client {
    const client = new Client(this, port, first);
    this.pass(1);
    return client;
  }

  /** Sends a datagram; gives a list that gets what comes back. */
  query(port: number, text: string, to = SERVER): string[] {
    const answers: string[] = [];
    const received = ({
      bytes,
      from,
      to: end,
      sourceAddress,
    }: {
      bytes: Uint8Array;
      from: number;
      to: number;
      sourceAddress: IpAddress;
    }) => {
      if (sourceAddress.equals(to)) answers.push(Buffer.from(bytes.subarray(from, end)).toString());
    };
    const socket = this.client.bind(0, { received });
    socket.send(SummedBytes.of(Buffer.from(text)), to, port);
    this.network.runFor(100 * MILLISECOND);
    return answers;
  }

  #make(device: ReturnType<VirtualNetwork['link']>[0], addresses: readonly string[]): Stack {
    const { clock, random } = this.network;
    const internet = { duplicateDetection: 'off' as const };
    const stack = createStack({
      device,
      clock,
      random,
      addresses: addresses.map((text) => IpNetwork.parse(text)),
      internet,
    });
    this.network.add(stack, device);
    stack.start();
    return stack;
  }
}
