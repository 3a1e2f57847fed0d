/** Lines to standard output, many to a write: a dissected capture has millions of them. */

const BUFFER_CHARACTERS = 65_536;

export class LineOutput {
  #text = '';
  readonly #write: (text: string) => void;

  /** @param write standard output unless said otherwise; pipes and files there are written synchronously by Node */
  constructor(write: (text: string) => void = (text) => void process.stdout.write(text)) {
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
