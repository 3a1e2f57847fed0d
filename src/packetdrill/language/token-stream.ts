/**
 * The tokens of a script and a position in them: the parsers read from here. A word that `--define` gives a value is
 * replaced by it. The text between `#ifdef X` and `#endif` is skipped if X has no value (nplab dialect).
 */
import { type Token, tokenize } from './lexer.js';
import { type Position, ScriptError } from './script-error.js';

/** How deep brackets may be nested. */
const MAX_NESTING = 100;

export class TokenStream {
  readonly #tokens: Token[];
  #index = 0;
  #nesting = 0;
  #openIfdef: Token | undefined;
  #branchesTaken = 0;
  #branchesSkipped = 0;

  constructor(
    readonly path: string,
    readonly source: string,
    readonly definitions: Map<string, string>,
  ) {
    this.#tokens = tokenize(path, source);
    this.#skipDirectives();
  }

  /** The next token, or the one `ahead` places behind it, without taking it. */
  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)]!;
    return token.kind === 'word' ? this.#defined(token) : token;
  }

  /** So far there were `#ifdef` branches, and every one was left out. */
  get allSkipped(): boolean {
    return this.#branchesSkipped > 0 && this.#branchesTaken === 0;
  }

  /** Takes the next token. */
  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#index++;
    this.#skipDirectives();
    return token;
  }

  /** True if the next token is this punctuation or word. */
  at(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && (token.kind === 'punctuation' || token.kind === 'word');
  }

  /** Takes the next token if it is this punctuation or word. */
  accept(text: string): boolean {
    const found = this.at(text);
    if (found) this.next();
    return found;
  }

  expect(text: string): Token {
    if (!this.at(text)) this.fail(`expected "${text}"`);
    return this.next();
  }

  /** Takes the next token, which must be of this kind. An error says that `what` was expected. */
  expectKind(kind: Token['kind'], what: string): Token {
    if (this.peek().kind !== kind) this.fail(`expected ${what}`);
    return this.next();
  }

  /** Takes a decimal or hexadecimal integer between `min` and `max`. */
  integer(what: string, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): number {
    const token = this.peek();
    if (token.kind !== 'integer' && token.kind !== 'hex') this.fail(`expected ${what}`);
    if (token.value < min || token.value > max) this.fail(`${what} out of range (${min} to ${max})`);
    return this.next().value;
  }

  /** Parses something that is one bracket deeper. */
  nested<T>(parse: () => T): T {
    if (++this.#nesting > MAX_NESTING) this.fail('brackets nested too deeply');
    const result = parse();
    this.#nesting--;
    return result;
  }

  /** Reports `problem`, at the next token unless `at` is given. */
  fail(problem: string, at?: Position): never {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the end of the script' : `"${token.text.split('\n')[0]}"`;
    const text = at === undefined ? `${problem}, found ${found}` : problem;
    throw new ScriptError(this.path, at ?? token.at, text, this.source);
  }

  /** Reports that `what` is beyond this stack, at the next token. */
  unsupported(what: string): never {
    throw new ScriptError(this.path, this.peek().at, `${what} are not supported`, this.source, true);
  }

  /** Turns a defined word into the token of its value: `"text"`, `` `command` ``, a number, or another word. */
  #defined(token: Token): Token {
    const value = this.definitions.get(token.text);
    if (value === undefined || value === '') return token;
    if (value.startsWith('"')) return { ...token, kind: 'string', text: value.slice(1, -1) };
    if (value.startsWith('`')) return { ...token, kind: 'backquoted', text: value.slice(1, -1) };
    if (/^-?(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(value)) {
      return { ...token, kind: 'integer', text: value, value: Number(value) };
    }
    return { ...token, text: value };
  }

  #skipDirectives(): void {
    for (;;) {
      const token = this.#tokens[this.#index]!;
      if (token.kind === 'end' && this.#openIfdef !== undefined) this.fail('#ifdef without #endif', this.#openIfdef.at);
      if (token.kind !== 'directive') return;
      this.#index++;
      if (token.text === '#endif') this.#closeIfdef(token);
      else this.#openIf(token);
    }
  }

  #closeIfdef(token: Token): void {
    if (this.#openIfdef === undefined) this.fail('#endif without #ifdef', token.at);
    this.#openIfdef = undefined;
  }

  #openIf(token: Token): void {
    if (this.#openIfdef !== undefined) this.fail(`#ifdef inside the one of line ${this.#openIfdef.at.line}`, token.at);
    const name = this.#tokens[this.#index]!;
    if (name.kind !== 'word') this.fail('#ifdef must be followed by a name', token.at);
    this.#openIfdef = token;
    this.#index++;
    if (this.definitions.has(name.text)) {
      this.#branchesTaken++;
      return;
    }
    this.#branchesSkipped++;
    const isEnd = ({ kind, text }: Token) => kind === 'end' || (kind === 'directive' && text === '#endif');
    while (!isEnd(this.#tokens[this.#index]!)) this.#index++;
  }
}
