/**
 * The lines of a control connection. They end with CRLF; a lone LF is taken too. Telnet commands in the stream (RFC
 * 854: IAC and one more byte, or two for WILL, WONT, DO, DONT) are left out: clients send IAC IP IAC DM before ABOR.
 */

/** A longer line is answered with an error, and its rest thrown away. Paths of 4 KiB fit. */
export const LONGEST_LINE = 4_608;

const LF = 0x0a;
const CR = 0x0d;
const IAC = 0xff;
const WILL = 0xfb;
const DONT = 0xfe;

export class LineReader {
  #line = '';
  #isTooLong = false;
  #telnet: 'text' | 'command' | 'option' = 'text';

  /**
   * Reads on from `bytes[from, to)`, up to the end of one line at most. Returns the place behind what was read, and
   * leaves the line in `line`: undefined if it is not complete, null if it was too long.
   */
  read(bytes: Uint8Array, from: number, to: number): number {
    this.line = undefined;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#isTelnet(byte)) continue;
      if (byte === LF) {
        this.#end();
        return at + 1;
      }
      if (this.#line.length >= LONGEST_LINE) this.#isTooLong = true;
      else this.#line += String.fromCharCode(byte);
    }
    return to;
  }

  line: string | null | undefined;

  #end(): void {
    const line = this.#line.charCodeAt(this.#line.length - 1) === CR ? this.#line.slice(0, -1) : this.#line;
    this.line = this.#isTooLong ? null : line;
    this.#line = '';
    this.#isTooLong = false;
  }

  #isTelnet(byte: number): boolean {
    if (this.#telnet === 'text') {
      if (byte !== IAC) return false;
      this.#telnet = 'command';
      return true;
    }
    if (this.#telnet === 'option') {
      this.#telnet = 'text';
      return true;
    }
    this.#telnet = byte >= WILL && byte <= DONT ? 'option' : 'text';
    return byte !== IAC; // IAC IAC is a byte of 255
  }
}
