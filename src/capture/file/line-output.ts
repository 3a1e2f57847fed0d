/** Lines to standard output, many to a write: a dissected capture has millions of them. */
import { writeAll } from './output.js';

const BUFFER_CHARACTERS = 65_536;

export class LineOutput {
  #text = '';
  readonly #write: (text: string) => void;

  /** @param write standard output unless said otherwise */
  constructor(write: (text: string) => void = writeStandardOutput()) {
    this.#write = write;
  }

  line(text: string): void {
    this.#text += `${text}\n`;
    if (this.#text.length >= BUFFER_CHARACTERS) this.flush();
  }

  flush(): void {
    if (this.#text !== '') this.#write(this.#text);
    this.#text = '';
  }
}

/**
 * A function that writes to standard output and waits for a slow reader (Node's stream would queue without bound). What
 * goes wrong becomes the stream's 'error'.
 */
export function writeStandardOutput(): (content: string | Uint8Array) => void {
  let broken = false;
  return (content) => {
    if (broken) return;
    try {
      writeAll(1, typeof content === 'string' ? Buffer.from(content) : content);
    } catch (error) {
      broken = true;
      process.stdout.destroy(error as Error);
    }
  };
}
