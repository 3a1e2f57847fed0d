/**
 * Cuts a zone file into entries, and these into tokens: RFC 1035 section 5.1. An entry is a line, or several within
 * parentheses. Escapes stay as they are written, because only the reader of a field knows what they mean there.
 */

import { EntryError } from './problem.js';

/** A piece of an entry. */
export interface Token {
  /** One character a byte; escapes as written, quotes removed. */
  readonly text: string;
  /** It stood in quotes, so it is a string even if it is empty or looks like something else. */
  readonly isQuoted: boolean;
}

/** An entry: its tokens and where it begins. */
export interface Entry {
  readonly line: number;
  /** It begins with blank space, so the owner is that of the entry before. */
  readonly isIndented: boolean;
  readonly tokens: Token[];
  /** What is wrong with it; its tokens then mean nothing. */
  readonly fault: string | undefined;
}

/** More than any record needs: an entry in parentheses that are never closed ends here. */
const MOST_TOKENS = 70_000;
const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const OPEN = 40;
const CLOSE = 41;
const SEMICOLON = 59;
const BACKSLASH = 92;

/** Reads entries one after the other. `text` has one character for each byte of the file. */
export class Lexer {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text.startsWith('\xef\xbb\xbf') ? text.slice(3) : text;
  }

  /** The next entry that is not empty; undefined at the end. */
  next(): Entry | undefined {
    while (this.#at < this.#text.length) {
      const entry = this.#entry();
      if (entry.tokens.length > 0 || entry.fault !== undefined) return entry;
    }
    return undefined;
  }

  #entry(): Entry {
    const first = this.#text.charCodeAt(this.#at);
    const isIndented = first === SPACE || first === TAB;
    const tokens: Token[] = [];
    const start = this.#line;
    let line = start;
    try {
      let depth = 0;
      for (;;) {
        const end = this.#skipBlank();
        if (end && depth === 0) break;
        if (end && this.#at >= this.#text.length) throw new EntryError('a parenthesis is open: close it with ")"');
        if (end) continue;
        const code = this.#text.charCodeAt(this.#at);
        if (tokens.length === 0 && depth === 0) line = this.#line;
        if (code === OPEN || code === CLOSE) {
          this.#at++;
          depth += code === OPEN ? 1 : -1;
          if (depth < 0) throw new EntryError('this ")" closes nothing: a "(" has to come before it');
        } else tokens.push(code === QUOTE ? this.#quoted() : this.#plain());
        if (tokens.length > MOST_TOKENS) throw new EntryError(`an entry has ${MOST_TOKENS} parts at most`);
      }
      return { line, isIndented, tokens, fault: undefined };
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      this.#skipLine();
      return { line, isIndented, tokens: [], fault: error.message };
    }
  }

  /** Skips blanks and comments. True at the end of a line, which is taken, and of the text. */
  #skipBlank(): boolean {
    const text = this.#text;
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === NEWLINE) {
        this.#at++;
        this.#line++;
        return true;
      }
      if (code === SEMICOLON) {
        const end = text.indexOf('\n', this.#at);
        this.#at = (end < 0 ? text.length : end) - 1;
      } else if (code !== SPACE && code !== TAB && code !== RETURN) return false;
    }
    return true;
  }

  #plain(): Token {
    const text = this.#text;
    const from = this.#at;
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === BACKSLASH && this.#at + 1 < text.length && text.charCodeAt(this.#at + 1) !== NEWLINE) this.#at++;
      else if (code === QUOTE) this.#skipInnerQuotes();
      else if (code <= SPACE && (code === SPACE || code === TAB || code === NEWLINE || code === RETURN)) break;
      else if (code === OPEN || code === CLOSE || code === SEMICOLON) break;
    }
    return { text: text.slice(from, this.#at), isQuoted: false };
  }

  /** `alpn="h2,h3"`: the quotes stay in the token, and blanks within belong to it (RFC 9460 section 2.1). */
  #skipInnerQuotes(): void {
    this.#at++;
    this.#toQuote();
  }

  #quoted(): Token {
    const from = ++this.#at;
    this.#toQuote();
    return { text: this.#text.slice(from, this.#at++), isQuoted: true };
  }

  /** To the quote that ends the string, in the same line: a string that goes on is a forgotten quote. */
  #toQuote(): void {
    const text = this.#text;
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === QUOTE) return;
      if (code === NEWLINE) break;
      if (code === BACKSLASH && text.charCodeAt(this.#at + 1) !== NEWLINE) this.#at++;
    }
    throw new EntryError('a quoted string does not end: close it with "');
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end + 1;
    this.#line++;
  }
}
