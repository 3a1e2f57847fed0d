/**
 * fastpath as a sender: a stack over a TAP that sends to every connection as much as it takes. Run as a program:
 * `fastpath-sender <interface> <address/length> <first port> <ports> <congestion control>`. The data path is that of
 * `fastpath serve`: TAP with offload, poll loop, payload by reference.
 */
import { Clock } from '../../../src/net/clock.js';
import { TapDevice } from '../../../src/net/device/tap.js';
import { PollLoop } from '../../../src/net/driver/poll-loop.js';
import { SystemRandom } from '../../../src/net/driver/system-random.js';
import { Wakeup } from '../../../src/net/driver/wakeup.js';
import { createStack } from '../../../src/net/stack.js';
import type { Acceptor } from '../../../src/net/tcp/handler.js';
import type { TcpSettings } from '../../../src/net/tcp/settings.js';
import { IpNetwork } from '../../../src/net/wire/address.js';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { goFirst } from './priority.js';

/** One piece of what is sent, and how many of them are queued at least: more than any window here. */
const PIECE = SummedBytes.of(new Uint8Array(1 << 20).fill(0x61));
const PIECES = 8;

/** Keeps the queue full. */
const endless: Acceptor = (connection) => {
  const fill = () => {
    while (connection.queuedBytes < PIECES * PIECE.length) connection.send(PIECE, 0, PIECE.length);
  };
  fill();
  return {
    received: (_bytes, from, to) => to - from,
    acknowledged: fill,
    ended: () => connection.abort(),
    timedOut() {},
    closed() {},
  };
};

const [name, network, firstPort, ports, congestionControl] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  TcpSettings['congestionControl'],
];
const device = TapDevice.open({ name });
const clock = new Clock();
const addresses = [IpNetwork.parse(network)];
const stack = createStack({ device, clock, random: new SystemRandom(), addresses, tcp: { congestionControl } });
for (let i = 0; i < Number(ports); i++) stack.listen(Number(firstPort) + i, endless);
const loop = new PollLoop({ stack, device, clock, fd: device.fd, bell: Wakeup.create(), woken() {} });
goFirst();
console.log('ready');
stack.start();
loop.run();
