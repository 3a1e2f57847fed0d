/**
 * The main thread's end of a handler's thread. An exception that nobody catches ends the thread, as it ends a process
 * of Node's. Its requests fail, and nothing else does.
 */
import { ownFile } from '../own-files.js';
import type { CacheSetups } from '../shared-cache/thread/messages.js';
import { KeptThread, type ThreadOwner } from './kept-thread.js';
import type { HandlerThreadSetup } from './messages.js';
import { type ThreadKind, ThreadLife } from './thread-life.js';

const KIND: ThreadKind = {
  entry: ownFile('./handler/thread.js'),
  name: 'fastpath-handler',
  what: 'the handler',
};

/** The thread of a handler; `prepare` loads a file. @param stuckMs see KeptThread */
export function createHandlerThread(owner: ThreadOwner, stuckMs: number): KeptThread {
  return new KeptThread(KIND, {}, owner, stuckMs);
}

/** What `KeptThread.prepare` gets for the file at `url`, with a cache in front of it, or none. */
export function setupOf(url: string, caches: CacheSetups = {}): HandlerThreadSetup {
  return { url, caches };
}

/** Loads the file in a thread that serves nobody, and ends it. @throws {Error} why it is no handler */
export async function tryHandler(url: string): Promise<void> {
  const life = new ThreadLife(KIND, setupOf(url), { heard: () => {}, ended: () => {} });
  await life.ready;
  await life.close();
}
