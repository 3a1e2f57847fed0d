/**
 * The entry of a handler's thread: loads the file, and serves the workers' sockets with what it exports. Started by
 * handler-thread.ts. The file may also export `close`, which is called before the thread ends.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { attachThread, type ThreadAttachment } from '../channel/index.js';
import { prepareServer, serveSocket } from './handler-server.js';
import type { HandlerThreadSetup, MessageFromHandler, MessageToHandler } from './messages.js';
import { serverOf } from './to-server.js';
import { describeError, Troubles } from './troubles.js';

const { url } = workerData as HandlerThreadSetup;

function post(message: MessageFromHandler): void {
  parentPort?.postMessage(message);
}

interface HandlerFile {
  readonly default?: unknown;
  readonly close?: unknown;
}

async function load(): Promise<{ server: Awaited<ReturnType<typeof serverOf>>; file: HandlerFile } | undefined> {
  try {
    const file = (await import(url)) as HandlerFile;
    return { server: await serverOf(file.default, new URL(url)), file };
  } catch (error) {
    post({ kind: 'failed', reason: describeError(error) });
    return undefined;
  }
}

const loaded = await load();
if (loaded === undefined) process.exit(1);
const { server, file } = loaded;
prepareServer(server, new Troubles((text) => post({ kind: 'warning', text })));
const attachments: ThreadAttachment[] = [];
parentPort?.on('message', (message: MessageToHandler) => {
  if (message.kind === 'stop') void stop();
  else for (const link of message.links) attachments.push(attachThread(link, (socket) => serveSocket(server, socket)));
});
post({ kind: 'loaded' });

async function stop(): Promise<never> {
  for (const attachment of attachments) attachment.close();
  try {
    if (typeof file.close === 'function') await file.close();
  } catch (error) {
    post({ kind: 'warning', text: `the handler's "close" failed: ${describeError(error)}` });
  }
  process.exit(0);
}
