/** Asks a person for a number. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { parseAnswer } from '../experiment/experiment.js';

const PROMPT = '\nYour answer: ';

/**
 * Asks until the answer is a number. Undefined: an empty line, or the end of the input.
 * @param advice what to say about the first number, to have it answered once more; undefined: take it
 */
export async function askNumber(
  input: Readable,
  output: Writable,
  advice: (given: number) => string | undefined = () => undefined,
): Promise<number | undefined> {
  const reader = createInterface({ input, output, prompt: PROMPT });
  reader.prompt();
  let isFirst = true;
  try {
    for await (const line of reader) {
      if (line.trim() === '') return undefined;
      const given = parseAnswer(line);
      const words = given !== undefined && isFirst ? advice(given) : undefined;
      if (given !== undefined && words === undefined) return given;
      if (given !== undefined) isFirst = false;
      output.write(words ?? 'A number, please. An empty line ends.\n');
      reader.prompt();
    }
    return undefined;
  } finally {
    reader.close();
  }
}
