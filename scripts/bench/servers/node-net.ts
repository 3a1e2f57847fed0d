/**
 * The least a server in Node can do over the kernel's TCP, run as a program: `node node-net.js <folder> <port>`. It
 * takes each chunk for whole requests, looks only at the path and at "Connection: close", and writes an answer made in
 * advance. No real server may be this careless; it shows what sockets cost when HTTP costs nothing.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const [folder, port] = process.argv.slice(2);

function answer(body: Buffer, connection: string): Buffer {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n${connection}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

const keepAlive = new Map<string, Buffer>();
const close = new Map<string, Buffer>();
for (const name of readdirSync(folder!)) {
  const body = readFileSync(join(folder!, name));
  keepAlive.set(`/${name}`, answer(body, ''));
  close.set(`/${name}`, answer(body, 'Connection: close\r\n'));
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    const text = chunk.toString('latin1');
    const path = text.slice(4, text.indexOf(' ', 4));
    if (text.includes('Connection: close')) socket.end(close.get(path)!);
    else socket.write(keepAlive.get(path)!);
  });
});
server.listen({ port: Number(port), host: '0.0.0.0', backlog: 65_535 });
