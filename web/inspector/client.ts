/** The page's side of the worker: calls and news. */
import { useEffect, useState } from 'preact/hooks';
import type { AnswerMessage, CallName, Calls, Summary } from './protocol.js';

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
export function ask<Name extends CallName>(
  call: Name,
  wish: Parameters<Calls[Name]>[0],
): Promise<ReturnType<Calls[Name]>> {
  return new Promise((resolve, reject) => {
    const id = ++calls;
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, call, wish });
  });
}

/** Is told when something has changed. Returns what ends it. */
export function onChange(listener: (summary: Summary) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The answer to a call, asked again when `keys` change; the last one until the next is there. */
export function useAnswer<Name extends CallName>(
  call: Name,
  wish: Parameters<Calls[Name]>[0] | undefined,
  keys: readonly unknown[],
): { answer: ReturnType<Calls[Name]> | undefined; error: string } {
  const [state, set] = useState<{ answer: ReturnType<Calls[Name]> | undefined; error: string }>({
    answer: undefined,
    error: '',
  });
  useEffect(() => {
    if (wish === undefined) return;
    let isWanted = true;
    ask(call, wish).then(
      (answer) => isWanted && set({ answer, error: '' }),
      (error: Error) => isWanted && set({ answer: undefined, error: error.message }),
    );
    return () => {
      isWanted = false;
    };
  }, [call, JSON.stringify(wish), ...keys]);
  return state;
}
