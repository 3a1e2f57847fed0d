/**
 * fastpath over the `Tap` of the package tuntap2, or over any other object-mode stream of Ethernet frames.
 *
 *     npm install tuntap2
 *     npm run build && sudo node dist/examples/tuntap2.js
 *     ping 10.77.0.2; nc 10.77.0.2 7
 *
 * `DuplexDevice` copies each frame and has no offload; our own `TapDevice` is the fast one.
 */
import type { Duplex } from 'node:stream';
import { createStack, DuplexDevice, EventLoopDriver, IpNetwork, listen, SystemRandom } from 'fastpath';

/** What we use of tuntap2, which is no dependency of ours. */
interface Tap extends Duplex {
  readonly name: string;
  ipv4: string;
  isUp: boolean;
}

const { Tap } = (await import('tuntap2' as string)) as { Tap: new () => Tap };
const tap = new Tap();
tap.ipv4 = '10.77.0.1/24';
tap.isUp = true;

const driver = new EventLoopDriver();
const device = new DuplexDevice(tap, { mac: '02:66:70:00:00:01' });
const addresses = [IpNetwork.parse('10.77.0.2/24')];
const stack = createStack({ device, clock: driver.clock, random: new SystemRandom(), addresses });
listen(stack, 7, (socket) => socket.pipe(socket));
driver.start(stack, device);
stack.start();
console.log(`echoing at 10.77.0.2 port 7 on ${tap.name}`);
