/**
 * WebSockets and server-sent events behind the files of a site, by node:http and ws.
 *
 *     sudo fastpath serve ./site --handler ./websocket.js
 *     curl -N http://10.77.0.2/events
 */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer((request, response) => {
  if (request.url !== '/events') {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  let count = 0;
  const timer = setInterval(() => response.write(`id: ${++count}\ndata: ${new Date().toISOString()}\n\n`), 100);
  response.on('close', () => clearInterval(timer));
});

const sockets = new WebSocketServer({ server, path: '/echo' });
sockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});

export default server;
