/**
 * A DNS query from a host of your own: dns-packet over a datagram socket, as over one of node:dgram.
 *
 *     npm run build && sudo node dist/examples/dns-query.js example.org 10.77.0.1
 *
 * It asks the server at the second address, which must answer on fp0: this machine's own, say.
 */
import { once } from 'node:events';
import dnsPacket from 'dns-packet';
import {
  createDatagramSocket,
  createStack,
  EventLoopDriver,
  HostInterface,
  IpNetwork,
  SystemRandom,
  TapDevice,
} from 'fastpath';

const [name = 'example.org', server = '10.77.0.1'] = process.argv.slice(2);
const driver = new EventLoopDriver();
const device = TapDevice.open({ name: 'fp0' });
const addresses = [IpNetwork.parse('10.77.0.2/24')];
const stack = createStack({ device, clock: driver.clock, random: new SystemRandom(), addresses });
const host = new HostInterface('fp0');
host.addAddress(IpNetwork.parse('10.77.0.1/24'));
host.up();
driver.start(stack, device);
stack.start();

const socket = createDatagramSocket(stack, 'udp4');
socket.connect(53, server); // from now on nobody else's answers, and errors when nobody listens there
const id = crypto.getRandomValues(new Uint16Array(1))[0]!;
socket.send(
  dnsPacket.encode({ type: 'query', id, flags: dnsPacket.RECURSION_DESIRED, questions: [{ type: 'A', name }] }),
);
const [message] = (await once(socket, 'message', { signal: AbortSignal.timeout(5000) })) as [Buffer];
console.log(dnsPacket.decode(message).answers);
socket.close();
stack.abort();
driver.stop();
device.close();
