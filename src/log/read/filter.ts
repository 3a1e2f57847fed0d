/**
 * Filters of `fastpath log`, by recursive descent, in the language of the display filters of `fastpath dissect` (whose
 * lexer they use), with the names of the JSON format:
 *
 *     any  = all { ("or" | "||") all }
 *     all  = not { ("and" | "&&") not }
 *     not  = ("not" | "!") not | "(" any ")" | test
 *     test = name [ ("==" | "!=" | "<" | ">" | "<=" | ">=") value | ("~" | "matches" | "contains") text ]
 *
 * A name alone passes if the request has it. A comparison with something that the request does not have is false, and
 * `!=` is true.
 */
import { FilterError } from '../../dissect/filter/error.js';
import { type Token, tokenize } from '../../dissect/filter/lexer.js';
import type { LogEntry } from './entry.js';

export type LogPredicate = (entry: LogEntry) => boolean;

/** What can be asked for, in the order of `--help`. */
export const FILTER_NAMES = [
  'time',
  'transaction',
  'client',
  'port',
  'site',
  'host',
  'method',
  'target',
  'path',
  'version',
  'line',
  'status',
  'bytes',
  'acknowledged',
  'length',
  'answered',
  'first',
  'last',
  'ended',
  'taken',
  'cache',
  'coding',
  'reason',
  'closed',
  'referer',
  'agent',
  'object',
  'generation',
  'received',
  'cut',
] as const;

const MAX_DEPTH = 100;
const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  '==': (order) => order === 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
};

/** @throws {FilterError} that shows what is wrong, and where */
export function parseLogFilter(text: string): LogPredicate {
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  parse(): LogPredicate {
    const predicate = this.#any();
    const rest = this.#peek();
    if (rest.kind !== 'end') throw this.#error('Here "and", "or" or the end is expected.', rest);
    return predicate;
  }

  #any(): LogPredicate {
    let left = this.#all();
    while (this.#takes('or', '||')) {
      const [before, right] = [left, this.#all()];
      left = (entry) => before(entry) || right(entry);
    }
    return left;
  }

  #all(): LogPredicate {
    let left = this.#not();
    while (this.#takes('and', '&&')) {
      const [before, right] = [left, this.#not()];
      left = (entry) => before(entry) && right(entry);
    }
    return left;
  }

  #not(): LogPredicate {
    if (++this.#depth > MAX_DEPTH) throw this.#error('This is nested too deeply.', this.#peek());
    try {
      if (this.#takes('not', '!')) {
        const inner = this.#not();
        return (entry) => !inner(entry);
      }
      if (!this.#takes('(')) return this.#test();
      const inner = this.#any();
      if (!this.#takes(')')) throw this.#error('A closing parenthesis is missing here.', this.#peek());
      return inner;
    } finally {
      this.#depth--;
    }
  }

  #test(): LogPredicate {
    const token = this.#take();
    const { text: name } = token;
    if (token.kind !== 'word' || !FILTER_NAMES.some((known) => known === name)) {
      throw this.#error(`A name is expected here: ${FILTER_NAMES.join(', ')}.`, token);
    }
    if (this.#takes('~', 'matches')) return this.#matches(name);
    if (this.#takes('contains')) {
      const part = this.#value();
      return (entry) => entry[name] !== undefined && String(entry[name]).includes(part);
    }
    const relation = this.#peek();
    const holds = relation.kind === 'symbol' ? ORDERS[relation.text] : undefined;
    if (holds === undefined && relation.text !== '!=') return (entry) => entry[name] !== undefined;
    this.#take();
    const value = this.#value();
    if (holds === undefined) return (entry) => compare(entry[name], value) !== 0;
    return (entry) => {
      const order = compare(entry[name], value);
      return order !== undefined && holds(order);
    };
  }

  #matches(name: string): LogPredicate {
    const token = this.#peek();
    const text = this.#value();
    let pattern: RegExp;
    try {
      pattern = new RegExp(text);
    } catch (error) {
      throw this.#error(`${(error as Error).message}.`, token);
    }
    return (entry) => entry[name] !== undefined && pattern.test(String(entry[name]));
  }

  #value(): string {
    const token = this.#take();
    if (token.kind === 'end' || token.kind === 'symbol') throw this.#error('A value is expected here.', token);
    return token.text;
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token; // the last token is the end, and nothing goes beyond it
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #takes(...texts: readonly string[]): boolean {
    const { kind, text } = this.#peek();
    if ((kind !== 'word' && kind !== 'symbol') || !texts.includes(text.toLowerCase())) return false;
    this.#next++;
    return true;
  }

  #error(message: string, { from, to }: Token): FilterError {
    return new FilterError(message, this.#text, from, to);
  }
}

/** Numbers by their size, everything else as text; undefined: there is nothing to compare. */
function compare(have: LogEntry[string], wanted: string): number | undefined {
  if (have === undefined) return undefined;
  if (typeof have === 'number') return Number.isNaN(Number(wanted)) ? undefined : have - Number(wanted);
  const text = String(have);
  return text === wanted ? 0 : text < wanted ? -1 : 1;
}
