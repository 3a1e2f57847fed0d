/**
 * The entry of a handler's thread: loads the file, and serves the workers' sockets with what it exports. Started by
 * handler-thread.ts. The file may also export `close`, which is called before the thread ends.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { attachThread, type ThreadAttachment } from '../channel/index.js';
import type { MessageFromCaches, PurgeOrder } from '../shared-cache/thread/messages.js';
import { obey, postingCaches } from '../shared-cache/thread/thread-caches.js';
import { askServer, prepareServer, serveSocket } from './handler-server.js';
import {
  type BeatingSetup,
  beginToBeat,
  type LifeMessage,
  type ServeMessage,
  type StopMessage,
} from './life-messages.js';
import { loadingFault } from './loading-fault.js';
import type { HandlerThreadSetup } from './messages.js';
import { NoHandler, serverOf } from './to-server.js';
import { describeError, Troubles } from './troubles.js';

const setup = workerData as HandlerThreadSetup & BeatingSetup;
beginToBeat(setup);

function post(message: LifeMessage | MessageFromCaches, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

interface HandlerFile {
  readonly default?: unknown;
  readonly close?: unknown;
}

async function load(): Promise<{ server: Awaited<ReturnType<typeof serverOf>>; file: HandlerFile } | undefined> {
  let file: HandlerFile;
  try {
    file = (await import(setup.url)) as HandlerFile;
  } catch (error) {
    post({ kind: 'failed', reason: loadingFault(error, setup.url) });
    return undefined;
  }
  try {
    return { server: await serverOf(file.default, new URL(setup.url)), file };
  } catch (error) {
    // A TypeError of ours says what a handler may be; anything else is the program's, and has a place.
    post({ kind: 'failed', reason: error instanceof NoHandler ? error.message : loadingFault(error, setup.url) });
    return undefined;
  }
}

const loaded = await load();
if (loaded === undefined) process.exit(1);
const { server, file } = loaded;
const troubles = new Troubles((text) => post({ kind: 'warning', text }));
const ask = askServer(server, troubles);
const caches = postingCaches((_, req, res, isExpecting) => ask(req, res, isExpecting), post);
caches.configure(setup.caches);
prepareServer(server, troubles, caches.answerer(''));
const attachments: ThreadAttachment[] = [];
parentPort?.on('message', (message: ServeMessage | StopMessage | PurgeOrder) => {
  if (message.kind === 'stop') void stop();
  else if (message.kind === 'purge') obey(caches, message, post);
  else serve(message);
});
post({ kind: 'ready' });

/** The thread ends by itself when another one has taken over, and all workers have left. */
function serve({ links }: ServeMessage): void {
  let here = links.length;
  const left = () => {
    if (--here === 0) void stop();
  };
  for (const link of links) attachments.push(attachThread(link, (socket) => serveSocket(server, socket), left));
}

async function stop(): Promise<never> {
  for (const attachment of attachments) attachment.close();
  try {
    if (typeof file.close === 'function') await file.close();
  } catch (error) {
    post({ kind: 'warning', text: `the handler's "close" failed: ${describeError(error)}` });
  }
  process.exit(0);
}
