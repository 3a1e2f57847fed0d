/**
 * The entry of the proxy's thread: the workers' sockets on the one side, the upstreams on the other. Started by
 * proxy-thread.ts.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { attachThread, type ChannelSocket, type ThreadAttachment } from '../../channel/index.js';
import { type BeatingSetup, beginToBeat, prepareServer, serveSocket, Troubles } from '../../handler/index.js';
import { obey, postingCaches } from '../../shared-cache/thread/thread-caches.js';
import type { ErrorPages } from '../exchange/error-answer.js';
import { proxyOrigin } from '../lean/cache-origin.js';
import { Lane } from '../lean/lane.js';
import { ReverseProxy } from '../proxy.js';
import type { MessageFromProxy, MessageToProxy, ProxyThreadSettings } from './messages.js';
import { pagesOf } from './page-choice.js';
import { ProxyReport } from './report.js';

/** Workers have judged the head already, and their limits are smaller. */
const MOST_HEAD_BYTES = 1024 * 1024;
const READ_EVERY_MS = 1_000;

const setup = workerData as ProxyThreadSettings & BeatingSetup;
const { upstreams, caches: setups, errorPages } = setup;
beginToBeat(setup);

function post(message: MessageFromProxy, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

const warn = (text: string) => post({ kind: 'warning', text });
const report = new ProxyReport(warn);
let pages: ErrorPages = pagesOf(errorPages);
const proxy = new ReverseProxy(upstreams, {
  trouble: (trouble) => report.trouble(trouble),
  healthChanged: (change) => report.healthChanged(change),
  errorPages: (status, host) => pages(status, host),
});

const caches = postingCaches(
  (name, req, res, isExpecting) => {
    if (isExpecting) proxy.handleExpecting(name, req, res);
    else proxy.handle(name, req, res);
  },
  post,
  proxyOrigin,
);
caches.configure(setups);

/** The upstream of the request that a socket carries now. */
const named = new WeakMap<object, string>();
const nameOf = ({ socket }: IncomingMessage): string => named.get(socket) ?? '';

const server = createServer({ maxHeaderSize: MOST_HEAD_BYTES, requireHostHeader: false });
server.on('request', (req, res) => caches.answer(nameOf(req), req, res, false));
server.on('checkContinue', (req, res) => caches.answer(nameOf(req), req, res, true));
server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) =>
  proxy.upgrade(nameOf(req), req, socket, head),
);
server.on('connect', (req: IncomingMessage, socket: Duplex) => proxy.connect(req, socket));
const troubles = new Troubles(warn);
prepareServer(server, troubles);

const attachments: ThreadAttachment[] = [];

const take = (socket: ChannelSocket) => {
  new Lane(socket, {
    answer: (upstream, req, res) => caches.answer(upstream, req, res, false),
    failed: ({ method, url }, error) => troubles.report(`${method} ${url}`, error),
    begin: (given, upstream) => named.set(given, upstream),
    handOver: (given) => serveSocket(server, given),
  });
};

let last = '';
function tellCounters(): void {
  const reading = proxy.read();
  const text = JSON.stringify(reading);
  if (text === last) return;
  last = text;
  post({ kind: 'reading', upstreams: reading });
}

parentPort?.on('message', (message: MessageToProxy) => {
  if (message.kind === 'stop') {
    for (const attachment of attachments) attachment.close();
    void proxy.destroy().finally(() => process.exit(0));
    return;
  }
  if (message.kind === 'serve') {
    for (const link of message.links) attachments.push(attachThread(link, take));
    return;
  }
  if (message.kind === 'purge') {
    obey(caches, message, post);
    return;
  }
  pages = pagesOf(message.settings.errorPages);
  proxy.configure(message.settings.upstreams);
  caches.configure(message.settings.caches);
  tellCounters();
});
setInterval(tellCounters, READ_EVERY_MS);
tellCounters();
post({ kind: 'ready' });
