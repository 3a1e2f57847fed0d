/**
 * Files first, and what no file answers goes to an application behind us: a reverse proxy from a program of your own.
 *
 *     npm run build && sudo node dist/examples/proxy.js http://127.0.0.1:3000
 *     curl http://10.77.0.2/api/hello
 *
 * Without an argument, the program starts a small application itself.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FolderServer } from 'fastpath';
import { consoleEvents } from './support/console-events.js';

/** An application on loopback, for want of a better one. It tells what the proxy told it. */
async function startApplication(): Promise<string> {
  const application = createServer(({ url, headers }, response) => {
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.end(`${url} for ${headers['x-forwarded-for']}, who asked ${headers.host}\n`);
  });
  await new Promise<void>((listening) => application.listen(0, '127.0.0.1', listening));
  application.unref(); // the server below keeps the process alive
  return `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
}

const url = process.argv[2] ?? (await startApplication());
const site = {
  folder: 'examples/site',
  routes: [{ path: '/api/', to: [{ upstream: 'application' }] }],
} as const;
const upstreams = { application: { servers: [{ url }], connectTimeoutMs: 1_000 } };
const server = await FolderServer.start({ sites: [site], upstreams, network: { interfaceName: 'fp0' } }, consoleEvents);
console.log(`serving ${server.info.url}, and /api/ from ${url}`);
process.once('SIGINT', () => void server.stop());
process.once('SIGTERM', () => void server.stop());
