/**
 * Display filters in Wireshark's language. src/filter/grammar.ts has the words that join tests; each function below is
 * a rule of the rest of the grammar and gives a predicate:
 *
 *     test       = layer | field | field relation value | field "in" "{" range { "," range } "}"
 *                | field ("contains" | "matches" | "~") text | field "&" number [ relation number ]
 *     range      = value | value ".." value
 *
 * A field that occurs more than once passes if one of its values does. `!=` passes if the field is there and no value
 * is equal. A flag alone passes if it is set (in Wireshark, if it is there).
 */
import type { FilterError } from '../../filter/error.js';
import { FilterParser, type Predicate as PredicateOf, RELATIONS } from '../../filter/grammar.js';
import type { Token } from '../../filter/lexer.js';
import type { FieldKind } from '../catalogue.js';
import type { FieldValue } from '../field.js';
import type { FrameView } from '../frame-view.js';
import { type Operand, operandNames, operandOf, similarName } from './operand.js';
import { hexDigits, KIND_EXAMPLES, type Literal, parseLiteral } from './value.js';

export type Predicate = PredicateOf<FrameView>;

/** These kinds have an order. The others can only be compared for equality. */
const ORDERED: readonly FieldKind[] = ['number', 'ipv4', 'ipv6', 'time'];

/** @throws {FilterError} if `text` is no filter */
export function parseFilter(text: string): Predicate {
  return new Parser(text).parse();
}

class Parser extends FilterParser<FrameView> {
  protected readonly operators = '==, !=, >, <, >=, <=, in {…}, contains, matches (or ~) and &';

  protected test(): Predicate {
    const token = this.take();
    const operand = token.kind === 'word' ? operandOf(token.text) : undefined;
    if (operand === undefined) throw this.#notAnOperand(token);
    if (operand.is === 'layer') {
      if (this.takes('in', 'contains', 'matches', '~', '&') || this.relation() !== undefined)
        throw this.error(
          `${token.text} is a layer, and has no value. Name one of its fields, ${example(token)}.`,
          token,
        );
      return (view) => view.has(operand.protocol);
    }
    return this.#fieldTest(operand);
  }

  #fieldTest(operand: Operand & { is: 'field' }): Predicate {
    const { name, kind } = operand;
    if (this.takes('in')) return this.#set(name, kind);
    if (this.takes('contains')) return this.#contains(name, kind);
    if (this.takes('matches', '~')) return this.#matches(name, kind);
    if (this.takes('&')) return this.#mask(name, kind);
    const at = this.peek();
    const relation = this.relation();
    if (relation === undefined) {
      if (kind === 'flag') return (view) => view.values(name).includes(true);
      return (view) => view.values(name).length > 0;
    }
    if (relation !== '==' && relation !== '!=' && !ORDERED.includes(kind))
      throw this.error(`${name} has no order: only == and != compare it.`, at);
    const literal = this.#literal(name, kind);
    return compareWith(name, relation, literal);
  }

  #set(name: string, kind: FieldKind): Predicate {
    if (!this.takes('{')) throw this.error('A set in braces is expected, such as {80, 443, 8000..8080}.', this.peek());
    const members: ((value: FieldValue) => boolean)[] = [];
    while (!this.takes('}')) {
      members.push(this.#range(name, kind));
      this.takes(',');
    }
    return (view) => view.values(name).some((value) => members.some((member) => member(value)));
  }

  #range(name: string, kind: FieldKind): (value: FieldValue) => boolean {
    const token = this.peek();
    const dots = token.kind === 'word' ? token.text.indexOf('..') : -1;
    if (dots < 0) {
      const { order } = this.#literal(name, kind);
      return (value) => order(value) === 0;
    }
    if (!ORDERED.includes(kind)) throw this.error(`${name} has no order, so it has no ranges.`, token);
    this.take();
    const low = this.#literalOf(name, kind, token, token.text.slice(0, dots));
    const high = this.#literalOf(name, kind, token, token.text.slice(dots + 2));
    return (value) => low.order(value) >= 0 && high.order(value) <= 0;
  }

  #contains(name: string, kind: FieldKind): Predicate {
    const token = this.take();
    if (kind !== 'text' && kind !== 'bytes') throw this.error(`${name} is no text: it contains nothing.`, token);
    const part = kind === 'text' ? token.text : hexDigits(token.text);
    if (token.kind === 'end' || token.kind === 'symbol' || part === undefined)
      throw this.error(`Here ${KIND_EXAMPLES[kind]} is expected.`, token);
    return (view) => view.values(name).some((value) => String(value).includes(part));
  }

  /** The pattern is a regular expression of JavaScript and ignores case, as in Wireshark. */
  #matches(name: string, kind: FieldKind): Predicate {
    const token = this.take();
    if (kind !== 'text') throw this.error(`${name} is no text: no pattern matches it.`, token);
    if (token.kind !== 'string' && token.kind !== 'word') throw this.error('A pattern in quotes is expected.', token);
    const pattern = this.pattern(token, 'i');
    return (view) => view.values(name).some((value) => pattern.test(String(value)));
  }

  /** `tcp.flags & 0x12` passes if a bit is set; with a relation the masked value is compared. */
  #mask(name: string, kind: FieldKind): Predicate {
    const token = this.peek();
    const { number: mask } = this.#literal(name, kind);
    if (mask === undefined) throw this.error(`${name} is no number: it has no bits.`, token);
    const masked = (value: FieldValue) => (Number(value) & mask) >>> 0;
    const relation = this.relation();
    if (relation === undefined) return (view) => view.values(name).some((value) => masked(value) !== 0);
    const { order } = this.#literal(name, 'number');
    if (relation === '!=') return (view) => every(view.values(name), (value) => order(masked(value)) !== 0);
    const holds = RELATIONS[relation];
    return (view) => view.values(name).some((value) => holds?.(order(masked(value))));
  }

  #literal(name: string, kind: FieldKind): Literal {
    const token = this.take();
    if (token.kind === 'end' || token.kind === 'symbol')
      throw this.error(`${name} is compared with ${KIND_EXAMPLES[kind]}.`, token);
    return this.#literalOf(name, kind, token, token.text);
  }

  #literalOf(name: string, kind: FieldKind, token: Token, text: string): Literal {
    const literal = parseLiteral(kind, text);
    if (literal !== undefined) return literal;
    const hint = name === 'ip.addr' && text.includes(':') ? ' (ipv6.addr holds IPv6 addresses.)' : '';
    throw this.error(`${name} is compared with ${KIND_EXAMPLES[kind]}.${hint}`, token);
  }

  #notAnOperand(token: Token): FilterError {
    if (token.kind === 'end') return this.error('A field or layer is expected here.', token);
    if (token.kind !== 'word') return this.error('A field or layer is expected here, not this.', token);
    const similar = similarName(token.text);
    const hint = similar === undefined ? '`fastpath dissect --list-fields` shows all.' : `Did you mean ${similar}?`;
    return this.error(`There is no field or layer ${token.text}. ${hint}`, token);
  }
}

/** A field of the layer that this token names. */
function example({ text }: Token): string {
  return `such as ${operandNames().find((name) => name.startsWith(`${text}.`)) ?? 'ip.src'}`;
}

function compareWith(name: string, relation: string, { order }: Literal): Predicate {
  if (relation === '!=') return (view) => every(view.values(name), (value) => order(value) !== 0);
  const holds = RELATIONS[relation];
  return (view) => view.values(name).some((value) => holds?.(order(value)));
}

/** True if there are values and all of them pass. */
function every(values: readonly FieldValue[], passes: (value: FieldValue) => boolean): boolean {
  return values.length > 0 && values.every(passes);
}
