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

/** Waits for a slow reader (Node's stream would queue without bound). What goes wrong becomes the stream's 'error'. */
function writeStandardOutput(): (text: string) => void {
  let broken = false;
  return (text) => {
    if (broken) return;
    try {
      writeAll(1, Buffer.from(text));
    } catch (error) {
      broken = true;
      process.stdout.destroy(error as Error);
    }
  };
}
