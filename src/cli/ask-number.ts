/** Asks a person a question whose answer is a number. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const PROMPT = '\nYour answer: ';

/** How an answer is read, and what is said about it. */
export interface Asking {
  /** The number that was typed; text: what would be an answer. What is none uses up no try. */
  read(text: string): number | string;
  /** What to say about the first number, to have it answered once more; undefined: take it. */
  advice?(given: number): string | undefined;
}

/** Ctrl-C at the question. */
export class Interrupted extends Error {}

/**
 * Asks until there is an answer. Undefined: an empty line, or the end of the input.
 * @throws {Interrupted} at Ctrl-C
 */
export async function askNumber(input: Readable, output: Writable, asking: Asking): Promise<number | undefined> {
  const reader = createInterface({ input, output, prompt: PROMPT });
  reader.prompt();
  let isFirst = true;
  let isInterrupted = false;
  reader.once('SIGINT', () => {
    isInterrupted = true;
    reader.close();
  });
  try {
    for await (const line of reader) {
      if (line.trim() === '') return undefined;
      const given = asking.read(line);
      if (typeof given === 'string') output.write(`Please give ${given}. An empty line ends.\n`);
      else {
        const words = isFirst ? asking.advice?.(given) : undefined;
        if (words === undefined) return given;
        isFirst = false;
        output.write(words);
      }
      reader.prompt();
    }
    if (isInterrupted) throw new Interrupted();
    return undefined;
  } finally {
    reader.close();
  }
}
