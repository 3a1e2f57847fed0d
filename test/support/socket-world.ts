/**
 * Two hosts on one link, with programs that use sockets. Streams live by the ticks of Node's event loop and stacks by
 * their clock; so the clock is virtual and goes on by a step in each turn of the loop. `client` is 10.0.0.1 and
 * fd00::1, `server` 10.0.0.2 and fd00::2.
 */
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { SECOND } from '../../src/net/clock.js';
import type { IncomingFrame } from '../../src/net/device/frame.js';
import { type LinkOptions, VirtualNetwork } from '../../src/net/driver/virtual-network.js';
import { createStack, type Stack } from '../../src/net/stack.js';
import type { TcpSettings } from '../../src/net/tcp/settings.js';
import { IpNetwork } from '../../src/net/wire/address.js';
import { type ConnectOptions, connect, type FastSocket, listen, type SocketOptions } from '../../src/socket/index.js';

export const CLIENT_ADDRESS = '10.0.0.1';
export const SERVER_ADDRESS = '10.0.0.2';

/** Turns of the loop that a test may wait for something, a millisecond of virtual time each. */
const MAX_TURNS = 30_000;

export interface SocketWorldOptions {
  link?: LinkOptions;
  tcp?: Partial<TcpSettings>;
}

export class SocketWorld {
  readonly network = new VirtualNetwork();
  readonly client: Stack;
  readonly server: Stack;
  readonly #sockets: FastSocket[] = [];
  #running = true;
  #dropping = false;

  constructor({ link = { offload: 'whole' }, tcp = {} }: SocketWorldOptions = {}) {
    const [a, b] = this.network.link(link);
    const { clock, random } = this.network;
    const make = (device: typeof a, address: string, address6: string) => {
      const addresses = [IpNetwork.parse(`${address}/24`), IpNetwork.parse(`${address6}/64`)];
      const internet = { duplicateDetection: 'off' as const };
      const stack = createStack({ device, clock, random, addresses, internet, tcp });
      const receive = (frame: IncomingFrame) => !(this.#dropping && isSegment(frame)) && stack.receive(frame);
      this.network.add({ receive, ...timersOf(stack) }, device);
      stack.start();
      return stack;
    };
    this.client = make(a, CLIENT_ADDRESS, 'fd00::1');
    this.server = make(b, SERVER_ADDRESS, 'fd00::2');
    void this.#run();
  }

  async #run(): Promise<void> {
    await this.network.runWithEventLoop(() => !this.#running, turn, { limit: Infinity });
  }

  /** A connected pair of sockets: the client's, the server's. Their errors are a test's to look at, or not. */
  async open(client: ConnectOptions = {}, server: SocketOptions = {}): Promise<[FastSocket, FastSocket]> {
    const listener = listen(this.server, { port: 0, ...server });
    const socket = this.connect({ ...client, port: listener.address()!.port });
    const [[accepted]] = await Promise.all([once(listener, 'connection'), once(socket, 'connect')]);
    listener.close();
    for (const end of [socket, accepted]) end.on('error', () => {});
    this.#sockets.push(accepted);
    return [socket, accepted];
  }

  connect(options: ConnectOptions): FastSocket {
    const socket = connect(this.client, { host: SERVER_ADDRESS, ...options });
    this.#sockets.push(socket);
    return socket;
  }

  /** Waits until `done`, turn by turn. */
  async until(done: () => boolean): Promise<void> {
    for (let turns = 0; !done(); turns++) {
      if (turns === MAX_TURNS) throw new Error(`not done after ${MAX_TURNS} turns: ${done}`);
      await turn();
    }
  }

  /** Lets virtual time pass, in steps of a second between which programs have their turn. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.network.runFor(SECOND);
      await turn();
      await turn();
    }
  }

  /** From now on no segment arrives, as behind a firewall that drops; ARP does. */
  dropSegments(): void {
    this.#dropping = true;
  }

  /** Closes what was opened here, waits for the other ends, and stops the clock: nothing keeps the process alive. */
  async stop(): Promise<void> {
    this.#dropping = false;
    for (const socket of this.#sockets) socket.destroy();
    await this.until(() => this.client.connectionCount + this.server.connectionCount === 0);
    await turn();
    await turn();
    this.#running = false;
  }
}

function timersOf(stack: Stack) {
  return { runTimers: () => stack.runTimers(), nextDeadline: () => stack.nextDeadline() };
}

/** An IPv4 packet without options that carries TCP. */
function isSegment({ bytes, from }: IncomingFrame): boolean {
  return bytes[from + 12] === 0x08 && bytes[from + 13] === 0x00 && bytes[from + 23] === 6;
}
