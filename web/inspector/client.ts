/** The page's side of the worker: calls and news. */
import type { AnswerMessage, Summary } from '../figures/protocol.js';
import type { Ask } from '../figures/source.js';

const worker = new Worker('worker.js', { type: 'module', name: 'analysis' });
const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
const listeners = new Set<(summary: Summary) => void>();
let calls = 0;

worker.onmessage = ({ data }: MessageEvent<AnswerMessage>) => {
  if ('changed' in data) {
    for (const listener of listeners) listener(data.changed);
    return;
  }
  const call = waiting.get(data.id);
  waiting.delete(data.id);
  if ('error' in data) call?.reject(new Error(data.error));
  else call?.resolve(data.answer as never);
};

/** Asks the worker. Rejected with what it says when it cannot. */
export const ask: Ask = (call, wish) =>
  new Promise((resolve, reject) => {
    const id = ++calls;
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, call, wish });
  });

/** Is told when something has changed. Returns what ends it. */
export function onChange(listener: (summary: Summary) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
