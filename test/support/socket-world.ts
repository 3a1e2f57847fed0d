/**
 * Two hosts on one cable in memory, driven from Node's event loop: where streams can be tried, which live by its ticks.
 * `client` is 10.0.0.1, `server` 10.0.0.2.
 */
import type { Device } from '../../src/net/device/device.js';
import { createPair, type PairOptions } from '../../src/net/device/pair.js';
import { EventLoopDriver } from '../../src/net/driver/event-loop.js';
import { SeededRandom } from '../../src/net/random.js';
import { createStack, type Stack } from '../../src/net/stack.js';
import type { TcpSettings } from '../../src/net/tcp/settings.js';
import { IpNetwork } from '../../src/net/wire/address.js';
import { connect, type FastSocket, listen } from '../../src/socket/index.js';
import type { ConnectOptions, SocketOptions } from '../../src/socket/options.js';

export const SERVER_ADDRESS = '10.0.0.2';

export class SocketWorld {
  readonly client: Stack;
  readonly server: Stack;
  readonly devices: readonly [Device, Device];
  readonly #drivers: EventLoopDriver[] = [];

  constructor(tcp: Partial<TcpSettings> = {}, link: PairOptions = { offload: 'whole' }) {
    this.devices = createPair(link);
    const make = (device: Device, addresses: string[], seed: number) => {
      const driver = new EventLoopDriver();
      const stack = createStack({
        device,
        clock: driver.clock,
        random: new SeededRandom(seed),
        addresses: addresses.map((address) => IpNetwork.parse(address)),
        internet: { duplicateDetection: 'off' },
        tcp,
      });
      driver.start(stack, device);
      stack.start();
      this.#drivers.push(driver);
      return stack;
    };
    this.client = make(this.devices[0], ['10.0.0.1/24'], 1);
    this.server = make(this.devices[1], [`${SERVER_ADDRESS}/24`], 2);
  }

  /** A connected pair of sockets: the client's, the server's. */
  async open(client: Partial<ConnectOptions> = {}, server: SocketOptions = {}): Promise<[FastSocket, FastSocket]> {
    const listener = listen(this.server, { port: 0, ...server });
    const accepted = new Promise<FastSocket>((resolve) => listener.once('connection', resolve));
    const socket = this.connect({ ...client, port: listener.address()!.port });
    const [far] = await Promise.all([accepted, new Promise<void>((resolve) => socket.once('connect', resolve))]);
    listener.close();
    return [socket, far];
  }

  connect(options: Partial<ConnectOptions> & Pick<ConnectOptions, 'port'>): FastSocket {
    return connect(this.client, { host: SERVER_ADDRESS, ...options });
  }

  /** The cable is cut: nothing arrives any more. */
  cut(): void {
    for (const driver of this.#drivers) driver.stop();
  }

  stop(): void {
    this.client.abort();
    this.server.abort();
    this.cut();
  }
}
