/**
 * A host of your own, beside your own code, in ten lines: an echo server (RFC 862) on a TAP interface.
 *
 *     npm run build && sudo node dist/examples/embed.js
 *     nc 10.77.0.2 7
 */
import { createStack, EventLoopDriver, HostInterface, IpNetwork, SummedBytes, SystemRandom, TapDevice } from 'fastpath';

const driver = new EventLoopDriver();
const device = TapDevice.open({ name: 'fp0' });
const addresses = [IpNetwork.parse('10.77.0.2/24')];
const stack = createStack({ device, clock: driver.clock, random: new SystemRandom(), addresses });

stack.listen(7, (connection) => ({
  received(bytes, from, to) {
    connection.send(SummedBytes.of(bytes.slice(from, to)), 0, to - from); // a copy: `bytes` is the frame itself
    return to - from;
  },
  ended: () => connection.close(),
  acknowledged() {},
  timedOut() {},
  closed: (reason) => console.log(`${connection.remoteAddress} port ${connection.remotePort}: ${reason}`),
}));

const host = new HostInterface('fp0');
host.addAddress(IpNetwork.parse('10.77.0.1/24'));
host.up();
driver.start(stack, device);
stack.start();
console.log('echoing at 10.77.0.2 port 7');
