/** What several examples need: hosts in memory, and one that pours bytes into another. */
import {
  type ConnectionHandler,
  createStack,
  type Device,
  IpAddress,
  IpNetwork,
  type Stack,
  SummedBytes,
  type VirtualNetwork,
} from 'fastpath';

/** A handler that leaves everything out but what it is given. */
function handler(own: Partial<ConnectionHandler>): ConnectionHandler {
  return { received: (_, from, to) => to - from, ended() {}, acknowledged() {}, timedOut() {}, closed() {}, ...own };
}

/** A host with this address at one end of a link. */
export function host(network: VirtualNetwork, device: Device, address: string): Stack {
  const addresses = [IpNetwork.parse(address)];
  const stack = createStack({ device, clock: network.clock, random: network.random, addresses });
  network.add(stack, device);
  stack.start();
  return stack;
}

/** Sends so many bytes from the first end of a link to the second, and waits until the last one is acknowledged. */
export function pour(network: VirtualNetwork, [a, b]: [Device, Device], bytes: number) {
  const [sender, receiver] = [host(network, a, '10.0.0.1/24'), host(network, b, '10.0.0.2/24')];
  receiver.listen(9, (connection) => handler({ ended: () => connection.close() }));
  const content = SummedBytes.of(new Uint8Array(bytes));
  const started = network.clock.now;
  let isDone = false;
  sender.connect(
    { address: IpAddress.parse('10.0.0.2'), port: 9 },
    {
      connected(connection) {
        connection.send(content, 0, bytes); // by reference: the sums of any part of it are a subtraction
        connection.close();
        return handler({ closed: () => (isDone = true) });
      },
      failed(reason) {
        throw new Error(reason);
      },
    },
  );
  network.runUntil(() => isDone);
  return { microseconds: network.clock.now - started, resent: sender.statistics.tcp.retransmits };
}
