/**
 * A client of node:http fetches a file from a server of node:http, over two stacks in memory and a lossy link, in
 * virtual time. Each segment that the server sends again becomes a line.
 *
 *     npm run build && node dist/examples/resent-segments.js [seed]
 *
 *     0.220 s  IP 10.0.0.2.80 > 10.0.0.1.42892: Flags [.], seq 874252759:874254207, ack 3572460860, win 2048, …
 *
 * `runWithEventLoop` gives streams their turns while the clock of the network goes on. `TracedDevice` shows the frames.
 */
import http from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  connect,
  createStack,
  type Device,
  describeFrame,
  IpNetwork,
  listen,
  SECOND,
  TracedDevice,
  type TracedFrame,
  VirtualNetwork,
} from 'fastpath';
import { refuse } from './support/refuse.js';

const BYTES = 300_000;
/** In a frame with IPv4 and no options: the sequence number of TCP, the length of its header, and the IP packet. */
const [SEQUENCE, DATA_OFFSET, TOTAL_LENGTH] = [38, 46, 16];
const IP_BYTES = 20;
const TCP = 6;

const seed = Number(process.argv[2] ?? 1);
if (!Number.isInteger(seed)) refuse(`the seed is a whole number, not ${process.argv[2]}`);

const network = new VirtualNetwork({ seed });
const { clock, random } = network;
const [near, far] = network.link({ impairment: { delay: 20_000, loss: 0.03 } });

function host(device: Device, address: string) {
  const stack = createStack({ device, clock, random, addresses: [IpNetwork.parse(address)] });
  network.add(stack, device);
  stack.start();
  return stack;
}

/** How far the one connection of this program has sent. */
let sentTo: number | undefined;

/** Whether a segment has payload of which a part was sent before. */
function isResent({ bytes, from }: TracedFrame): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from);
  if (view.getUint16(12) !== 0x0800 || view.getUint8(23) !== TCP) return false;
  const headers = IP_BYTES + 4 * (view.getUint8(DATA_OFFSET) >>> 4);
  const length = view.getUint16(TOTAL_LENGTH) - headers;
  const sequence = view.getInt32(SEQUENCE);
  if (length === 0) return false;
  const again = sentTo !== undefined && ((sequence - sentTo) | 0) < 0;
  if (!again) sentTo = (sequence + length) | 0;
  return again;
}

const traced = new TracedDevice(far, {
  clock,
  onFrame(frame) {
    if (frame.direction === 'in' || !isResent(frame)) return;
    const line = describeFrame(frame.bytes, frame.from, frame.to).replace(/ options \[.*\],/, '');
    console.log(`${(frame.time / SECOND).toFixed(3)} s  ${line}`);
  },
});
const [client, server] = [host(near, '10.0.0.1/24'), host(traced, '10.0.0.2/24')];
const listener = listen(server, 80);
listener.forward(http.createServer((_, response) => void response.end(Buffer.alloc(BYTES))));

let received = 0;
const createConnection = () => connect(client, { host: '10.0.0.2', port: 80 });
http.get({ host: '10.0.0.2', createConnection }, (response) => {
  response.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
});
await network.runWithEventLoop(() => received === BYTES, nextTurn);
listener.close();
const { retransmits } = server.statistics.tcp;
console.log(`${received} bytes after ${(clock.now / SECOND).toFixed(3)} s, ${retransmits} segments sent again`);
