/** The other thread of workers.test.ts: a Store fed by messages, which checks every byte and sum it is asked about. */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { CacheMessage } from '../../../src/cache/library/published.js';
import { Store } from '../../../src/cache/library/store.js';
import { find, payloadOf, sumsAgree } from '../support.js';

/** What the test asks for. */
export type Request =
  | { readonly kind: 'cache'; readonly message: CacheMessage }
  /** Look up, check and hash these paths; hold them as a connection would if `retain`. */
  | { readonly kind: 'look'; readonly paths: string[]; readonly retain: boolean }
  /** Let go of all that is held. */
  | { readonly kind: 'release' };

export type Reply =
  | { readonly kind: 'seen'; readonly hashes: string[]; readonly sumsAgree: boolean }
  | { readonly kind: 'released'; readonly id: number };

const port = parentPort!;
const reply = (message: Reply): void => port.postMessage(message);
const store = new Store((id) => reply({ kind: 'released', id }));
let held: (() => void)[] = [];

port.on('message', (request: Request) => {
  if (request.kind === 'cache') store.apply(request.message);
  else if (request.kind === 'release') {
    for (const letGo of held) letGo();
    held = [];
  } else {
    const entries = request.paths.map((path) => find(store, path));
    const hashes = entries.map((entry) =>
      entry === undefined ? '' : createHash('sha256').update(payloadOf(entry)).digest('hex'),
    );
    for (const entry of request.retain ? entries : []) {
      entry!.bytes.retain();
      held.push(() => entry!.bytes.release());
    }
    const agree = entries.every((entry) => entry === undefined || sumsAgree(entry.bytes));
    reply({ kind: 'seen', hashes, sumsAgree: agree });
  }
});
