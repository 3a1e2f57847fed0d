/**
 * A dictionary in structured fields (RFC 8941 section 4.2.2), as CDN-Cache-Control and its relatives are (RFC 9213
 * section 2.1). A single fault makes the whole field invalid. Values become text as Cache-Control would have them.
 */
import type { Directives } from './directives.js';

const KEY = /[a-z*][a-z0-9_.*-]*/y;
const NUMBER = /-?\d{1,15}(?:\.\d{1,3})?(?![\d.])/y;
const STRING = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y;
const TOKEN = /[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*/y;
const BYTES = /:[A-Za-z0-9+/=]*:/y;
const BOOLEAN = /\?[01]/y;
const BETWEEN = /[ \t]*,[ \t]*/y;
const SPACES = / */y;

/** A value that a directive with seconds cannot have: text and lists. It reads as no number. */
const OTHER = 'other';

/** The members by name, or null for a field that is no dictionary. Of two members of one name the last one counts. */
export function readDictionary(value: string): Directives | null {
  const reader = new Reader(value.trim());
  const members = new Map<string, string>();
  if (reader.isAtEnd) return members;
  for (;;) {
    const key = reader.take(KEY);
    if (key === null) return null;
    const member = reader.has('=') ? reader.item() : '';
    if (member === null || !reader.parameters()) return null;
    members.delete(key);
    if (member !== false) members.set(key, member);
    if (reader.isAtEnd) return members;
    if (reader.take(BETWEEN) === null || reader.isAtEnd) return null;
  }
}

class Reader {
  #at = 0;

  constructor(readonly text: string) {}

  get isAtEnd(): boolean {
    return this.#at === this.text.length;
  }

  /** Whether this character comes next; if so, steps over it. */
  has(letter: string): boolean {
    if (this.text[this.#at] !== letter) return false;
    this.#at++;
    return true;
  }

  /** The text that matches here, or null. */
  take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.#at = pattern.lastIndex;
    return found[0];
  }

  /** An item or an inner list as text; false for the boolean `?0`, null for what is neither. */
  item(): string | false | null {
    if (this.has('(')) return this.#innerList();
    const truth = this.take(BOOLEAN);
    if (truth !== null) return truth === '?1' ? '' : false;
    const number = this.take(NUMBER);
    if (number !== null) return number;
    const isOther = this.take(STRING) ?? this.take(TOKEN) ?? this.take(BYTES);
    return isOther === null ? null : OTHER;
  }

  /** Steps over `;name=value` and its like. Returns false where one is wrong. */
  parameters(): boolean {
    while (this.has(';')) {
      this.take(SPACES);
      if (this.take(KEY) === null) return false;
      if (this.has('=') && this.item() === null) return false;
    }
    return true;
  }

  #innerList(): string | null {
    for (;;) {
      this.take(SPACES);
      if (this.has(')')) return OTHER;
      const isItem = this.item() !== null && this.parameters();
      const next = this.text[this.#at];
      if (!isItem || (next !== ' ' && next !== ')')) return null;
    }
  }
}
