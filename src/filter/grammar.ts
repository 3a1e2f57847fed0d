/**
 * What all filters have in common: the words that join tests, and the relations in them. A language of filters extends
 * `FilterParser` and says what a test is (dissect/filter/parser.ts: fields of a frame; log/read/filter.ts: values of a
 * request). By recursive descent, and each function is a rule of the grammar:
 *
 *     any  = all { ("or" | "||" | "xor" | "^^") all }
 *     all  = not { ("and" | "&&") not }
 *     not  = ("not" | "!") not | "(" any ")" | test
 */
import { FilterError } from './error.js';
import { type Token, tokenize } from './lexer.js';

/** Whether a subject passes. */
export type Predicate<Subject> = (subject: Subject) => boolean;

/** What a relation asks of the order of a value relative to the one it is compared with. `!=` is the caller's. */
export const RELATIONS: Readonly<Record<string, (order: number) => boolean>> = {
  '==': (order) => order === 0,
  '>': (order) => order > 0,
  '<': (order) => order < 0,
  '>=': (order) => order >= 0,
  '<=': (order) => order <= 0,
};
const RELATION_WORDS: Readonly<Record<string, string>> = {
  eq: '==',
  ne: '!=',
  gt: '>',
  lt: '<',
  ge: '>=',
  le: '<=',
};
/** Bounds recursion. No filter written by hand is nested as deeply. */
const MAX_DEPTH = 100;

export abstract class FilterParser<Subject> {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  /** @throws {FilterError} if `text` has a character that means nothing */
  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  /** The predicate of the whole text. @throws {FilterError} that shows what is wrong, and where */
  parse(): Predicate<Subject> {
    const predicate = this.#any();
    const rest = this.peek();
    if (rest.kind !== 'end')
      throw this.error(`Here "and", "or" or the end is expected. The operators are ${this.operators}.`, rest);
    return predicate;
  }

  /** The operators of a test, for a message: a word that is none stands where the end is expected. */
  protected abstract readonly operators: string;

  /** One test: what stands between the words that join tests. */
  protected abstract test(): Predicate<Subject>;

  #any(): Predicate<Subject> {
    let left = this.#all();
    for (;;) {
      const isExclusive = this.takes('xor', '^^');
      if (!isExclusive && !this.takes('or', '||')) return left;
      const [before, right] = [left, this.#all()];
      left = isExclusive
        ? (subject) => before(subject) !== right(subject)
        : (subject) => before(subject) || right(subject);
    }
  }

  #all(): Predicate<Subject> {
    let left = this.#not();
    while (this.takes('and', '&&')) {
      const [before, right] = [left, this.#not()];
      left = (subject) => before(subject) && right(subject);
    }
    return left;
  }

  #not(): Predicate<Subject> {
    if (++this.#depth > MAX_DEPTH) throw this.error('This is nested too deeply.', this.peek());
    try {
      if (this.takes('not', '!')) {
        const inner = this.#not();
        return (subject) => !inner(subject);
      }
      if (!this.takes('(')) return this.test();
      const inner = this.#any();
      if (!this.takes(')')) throw this.error('A closing parenthesis is missing here.', this.peek());
      return inner;
    } finally {
      this.#depth--;
    }
  }

  /** The relation that comes next, as a symbol (`eq` is `==`), which is then taken; undefined if none does. */
  protected relation(): string | undefined {
    const { kind, text } = this.peek();
    const relation = kind === 'word' ? RELATION_WORDS[text.toLowerCase()] : kind === 'symbol' ? text : undefined;
    if (relation === undefined || (relation !== '!=' && !Object.hasOwn(RELATIONS, relation))) return undefined;
    this.#next++;
    return relation;
  }

  /** The regular expression in this token. @throws {FilterError} if it is none */
  protected pattern(token: Token, flags: string): RegExp {
    try {
      return new RegExp(token.text, flags);
    } catch (error) {
      throw this.error(`${(error as Error).message}.`, token);
    }
  }

  protected peek(): Token {
    return this.#tokens[this.#next] as Token; // the last token is the end, and nothing goes beyond it
  }

  protected take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  /** Takes the next token if it is one of these words or symbols. */
  protected takes(...texts: readonly string[]): boolean {
    const { kind, text } = this.peek();
    if ((kind !== 'word' && kind !== 'symbol') || !texts.includes(text.toLowerCase())) return false;
    this.#next++;
    return true;
  }

  protected error(message: string, { from, to }: Token): FilterError {
    return new FilterError(message, this.#text, from, to);
  }
}
