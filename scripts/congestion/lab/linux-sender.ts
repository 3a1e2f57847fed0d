/**
 * Linux as a sender: node:net over the kernel's TCP, sends to every connection as much as it takes. Run as a program:
 * `linux-sender <address> <first port> <ports>`. Which congestion control it has is a matter of the route (network.ts).
 */
import { createServer, type Socket } from 'node:net';
import { goFirst } from './priority.js';

const PIECE = Buffer.alloc(1 << 20, 'a');

function feed(socket: Socket): void {
  socket.on('error', () => {});
  socket.resume();
  const next = (error?: Error | null) => {
    if (!error && !socket.destroyed) socket.write(PIECE, next);
  };
  // Two in the queue: libuv always has the next one when the kernel has taken the last.
  next();
  next();
}

const [address, firstPort, ports] = process.argv.slice(2) as [string, string, string];
let waiting = Number(ports);
goFirst();
for (let i = 0; i < Number(ports); i++) {
  createServer(feed).listen(Number(firstPort) + i, address, () => {
    if (--waiting === 0) console.log('ready');
  });
}
