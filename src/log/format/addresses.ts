/**
 * The texts of IPv4 addresses, each with what a format has behind it. A client asks more than once, so most of its
 * lines find the text ready: a copy of a few words in place of twelve digits and their divisions.
 */
import { ascii, type Text } from './escape.js';

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
