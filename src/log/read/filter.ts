/**
 * Filters of `fastpath log`, in the language of the display filters of `fastpath dissect` (src/filter/grammar.ts), with
 * the names of the JSON format:
 *
 *     test = name [ relation value | ("~" | "matches" | "contains") text ]
 *
 * A name alone passes if the request has it. A comparison with something that the request does not have is false, and
 * `!=` is true.
 */
import { FilterParser, type Predicate, RELATIONS } from '../../filter/grammar.js';
import type { LogEntry } from './entry.js';

export type LogPredicate = Predicate<LogEntry>;

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

/** @throws {FilterError} that shows what is wrong, and where */
export function parseLogFilter(text: string): LogPredicate {
  return new Parser(text).parse();
}

class Parser extends FilterParser<LogEntry> {
  protected readonly operators = '==, !=, >, <, >=, <=, contains and matches (or ~)';

  protected test(): LogPredicate {
    const token = this.take();
    const { text: name } = token;
    if (token.kind !== 'word' || !FILTER_NAMES.some((known) => known === name)) {
      throw this.error(`A name is expected here: ${FILTER_NAMES.join(', ')}.`, token);
    }
    if (this.takes('~', 'matches')) return this.#matches(name);
    if (this.takes('contains')) {
      const part = this.#value();
      return (entry) => entry[name] !== undefined && String(entry[name]).includes(part);
    }
    const relation = this.relation();
    if (relation === undefined) return (entry) => entry[name] !== undefined;
    const value = this.#value();
    if (relation === '!=') return (entry) => compare(entry[name], value) !== 0;
    const holds = RELATIONS[relation];
    return (entry) => {
      const order = compare(entry[name], value);
      return order !== undefined && holds?.(order) === true;
    };
  }

  #matches(name: string): LogPredicate {
    const token = this.peek();
    this.#value();
    const pattern = this.pattern(token, '');
    return (entry) => entry[name] !== undefined && pattern.test(String(entry[name]));
  }

  #value(): string {
    const token = this.take();
    if (token.kind === 'end' || token.kind === 'symbol') throw this.error('A value is expected here.', token);
    return token.text;
  }
}

/** Numbers by their size, everything else as text; undefined: there is nothing to compare. */
function compare(have: LogEntry[string], wanted: string): number | undefined {
  if (have === undefined) return undefined;
  if (typeof have === 'number') return Number.isNaN(Number(wanted)) ? undefined : have - Number(wanted);
  const text = String(have);
  return text === wanted ? 0 : text < wanted ? -1 : 1;
}
