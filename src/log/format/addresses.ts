/**
 * The addresses of clients, each with what a format has behind it. The texts of IPv4 addresses are kept. A client asks
 * more than once, so most of its lines find the text ready: a copy of a few words in place of twelve digits and their
 * divisions.
 */
import { REMOTE } from '../record.js';
import { ascii, type Text } from './escape.js';
import type { Line } from './line.js';
import type { RecordView } from './record-view.js';

/** A power of two. Two clients with the same place make each other's text anew. */
const PLACES = 1_024;
const NONE = ascii('');

export class AddressTexts {
  readonly #words = new Int32Array(PLACES);
  readonly #texts: Text[] = new Array<Text>(PLACES).fill(NONE);
  readonly #suffix: string;

  constructor(suffix = '') {
    this.#suffix = suffix;
  }

  /** Writes the client's address of a record. */
  write(line: Line, view: RecordView): void {
    if (view.isV4) line.put(this.of(view.word(REMOTE + 3)));
    else line.text(`${view.address}${this.#suffix}`);
  }

  /** The text of the address whose four bytes are `word`, the first in its high bits. */
  of(word: number): Text {
    const place = (word ^ (word >>> 10) ^ (word >>> 20)) & (PLACES - 1);
    const text = this.#texts[place]!;
    return this.#words[place] === word && text !== NONE ? text : this.#make(word, place);
  }

  #make(word: number, place: number): Text {
    const text = ascii(`${word >>> 24}.${(word >> 16) & 0xff}.${(word >> 8) & 0xff}.${word & 0xff}${this.#suffix}`);
    this.#words[place] = word;
    this.#texts[place] = text;
    return text;
  }
}
