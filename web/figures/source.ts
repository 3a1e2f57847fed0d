/** Where the views get their answers: a worker of the inspector, or the page itself in the book. */
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { CallName, Calls } from './protocol.js';

/** Asks the source. Rejected with what it says when it cannot. */
export type Ask = <Name extends CallName>(
  call: Name,
  wish: Parameters<Calls[Name]>[0],
) => Promise<ReturnType<Calls[Name]>>;

const Source = createContext<Ask>(() => Promise.reject(new Error('nothing is open')));

/** Gives its children a source. */
export const SourceProvider = Source.Provider;

/** The source of this part of the page. */
export function useAsk(): Ask {
  return useContext(Source);
}

/** The answer to a call, asked again when `keys` change; the last one until the next is there. */
export function useAnswer<Name extends CallName>(
  call: Name,
  wish: Parameters<Calls[Name]>[0] | undefined,
  keys: readonly unknown[],
): { answer: ReturnType<Calls[Name]> | undefined; error: string } {
  const ask = useAsk();
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
  }, [ask, call, JSON.stringify(wish), ...keys]);
  return state;
}
