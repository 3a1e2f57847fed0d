/** Where the views get their answers: a worker of the inspector, or the page itself in the book. */
import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
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

/**
 * The answer to a call, asked again when `keys` change; the last one until the next is there. A view waits for an
 * answer before it asks again: a live source changes ten times a second, and a large one takes longer to answer.
 */
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
  const question = useRef<Question<Name> | undefined>(undefined);
  const asking = useRef({ isBusy: false, isDue: false });
  const text = JSON.stringify(wish);
  const next = () => {
    const { current } = asking;
    const asked = question.current;
    if (current.isBusy || !current.isDue || asked === undefined) return;
    current.isBusy = true;
    current.isDue = false;
    const done = (given: typeof state) => {
      current.isBusy = false;
      if (isSame(question.current, asked)) set(given);
      next();
    };
    asked.ask(asked.call, asked.wish).then(
      (answer) => done({ answer, error: '' }),
      (error: Error) => done({ answer: undefined, error: error.message }),
    );
  };
  useEffect(() => {
    question.current = wish === undefined ? undefined : { ask, call, wish, text };
    asking.current.isDue = wish !== undefined;
    next();
  }, [ask, call, text, ...keys]);
  useEffect(
    () => () => {
      question.current = undefined;
    },
    [],
  );
  return state;
}

/** What a view wants to know. */
interface Question<Name extends CallName> {
  readonly ask: Ask;
  readonly call: Name;
  readonly wish: Parameters<Calls[Name]>[0];
  readonly text: string;
}

function isSame<Name extends CallName>(one: Question<Name> | undefined, other: Question<Name>): boolean {
  return one?.ask === other.ask && one.call === other.call && one.text === other.text;
}
