/** What test/tap/serve-handler.test.ts serves: a program of node:http with all that a handler may do. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WebSocketServer } from 'ws';

/** What a file said when this module was loaded. */
const versionFile = process.env.FASTPATH_TEST_VERSION;
const version = versionFile === undefined ? '' : readFileSync(versionFile, 'utf8');

/** How much of an upload may become garbage before it is collected. */
const COLLECTED_EVERY_BYTES = 8 * 1024 * 1024;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const answers: Readonly<Record<string, RequestListener>> = {
  '/hello': (_req, res) => void res.end('hello'),
  '/echo': (req, res) => void req.pipe(res),
  '/trailers': (_req, res) => {
    res.writeEarlyHints({ link: '</a.css>; rel=preload' });
    res.writeHead(200, { Trailer: 'X-Sum' });
    res.write('body');
    res.addTrailers({ 'X-Sum': '4' });
    res.end();
  },
  '/upload': async (req, res) => {
    collectGarbage();
    const before = process.memoryUsage.rss();
    const hash = createHash('sha256');
    let [most, uncollected] = [0, 0];
    for await (const chunk of req as AsyncIterable<Buffer>) {
      hash.update(chunk);
      uncollected += chunk.length;
      if (uncollected >= COLLECTED_EVERY_BYTES) {
        collectGarbage(); // what is left is kept by somebody
        uncollected = 0;
      }
      most = Math.max(most, process.memoryUsage.rss());
    }
    res.end(JSON.stringify({ sha256: hash.digest('hex'), grownBytes: most - before }));
  },
  '/events': (_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' });
    let count = 0;
    const timer = setInterval(() => res.write(`id: ${++count}\ndata: x\n\n`), 20);
    res.on('close', () => clearInterval(timer));
  },
  '/sleep': (_req, res) => void setTimeout(() => res.end('slept'), 500),
  '/version': (_req, res) => void res.end(version),
  '/slow-version': (_req, res) => void setTimeout(() => res.end(version), 700),
  '/loop': () => {
    for (;;);
  },
  '/half': (_req, res) => {
    res.writeHead(200, { 'Content-Length': 10 });
    res.write('half', () => setTimeout(() => res.destroy(), 50));
  },
  '/die': () => {
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
  },
};

const server = createServer((req, res) => {
  const answer = answers[req.url?.split('?')[0] ?? ''];
  if (answer === undefined) res.writeHead(404).end();
  else answer(req, res);
});
const sockets = new WebSocketServer({ server, path: '/socket' });
sockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});

export default server;
