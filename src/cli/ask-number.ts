/** Asks a person for a number. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { parseAnswer } from '../experiment/experiment.js';

const PROMPT = '\nYour answer: ';

/** Asks until the answer is a number. Undefined: an empty line, or the end of the input. */
export async function askNumber(input: Readable, output: Writable): Promise<number | undefined> {
  const reader = createInterface({ input, output, prompt: PROMPT });
  reader.prompt();
  try {
    for await (const line of reader) {
      if (line.trim() === '') return undefined;
      const given = parseAnswer(line);
      if (given !== undefined) return given;
      output.write('A number, please. An empty line ends.\n');
      reader.prompt();
    }
    return undefined;
  } finally {
    reader.close();
  }
}
