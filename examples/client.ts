/**
 * A client of its own TCP: fetches a page from a server on this machine, by node:http over a stack on a TAP interface.
 *
 *     npm run build && sudo node dist/examples/client.js
 *
 * The server is the kernel's, at 10.77.0.1; the client is 10.77.0.2, and tcpdump -i fp0 shows every packet.
 */
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, createStack, EventLoopDriver, HostInterface, IpNetwork, SystemRandom, TapDevice } from 'fastpath';

const driver = new EventLoopDriver();
const device = TapDevice.open({ name: 'fp0' });
const addresses = [IpNetwork.parse('10.77.0.2/24')];
const stack = createStack({ device, clock: driver.clock, random: new SystemRandom(), addresses });

const host = new HostInterface('fp0');
host.addAddress(IpNetwork.parse('10.77.0.1/24'));
host.up();
driver.start(stack, device);
driver.unref(); // from now on open sockets keep the process alive, as ever
stack.start();

const server = createServer((request, response) => response.end(`Hello, ${request.socket.remoteAddress}!\n`));
server.listen(0, '10.77.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const createConnection = () => connect(stack, { host: '10.77.0.1', port });
  get({ host: '10.77.0.1', port, createConnection }, async (response) => {
    console.log(`${response.statusCode} ${await text(response)}`);
    server.close();
  });
});
