/**
 * The small part of Python that scripts use between `%{` and `}%`: assignments and `assert`, with numbers, names,
 * comparisons, arithmetic, `and`/`or`/`not` and a few functions. Names like `tcpi_snd_cwnd` come from the connection.
 *
 * A statement that cannot be evaluated is reported as not checked, and never taken for true.
 */

import { own } from '../own.js';
import { CodeError, type CodeToken, codeTokens } from './code-lexer.js';

export type Value = number | boolean | string;

/** Looks up a name; `undefined` if there is none. */
export type Names = (name: string) => Value | undefined;

const FUNCTIONS: Readonly<Record<string, (...values: number[]) => number>> = {
  abs: Math.abs,
  min: Math.min,
  max: Math.max,
  int: Math.trunc,
  round: Math.round,
  float: (value) => value,
};

/** From the loosest binding to the tightest; `not` stands between `and` and the comparisons. */
const ARITHMETIC: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '//', '/', '%'],
];
const COMPARISONS = ['==', '!=', '<=', '>=', '<', '>'];

/** How deep brackets and signs may be nested. */
const MAX_DEPTH = 200;
/** Bits by which a number may be shifted. */
const MAX_SHIFT = 64;

/** Evaluates one expression. @throws {CodeError} if it uses something that is not known here. */
export function evaluate(text: string, names: Names): Value {
  const evaluator = new Evaluator(codeTokens(text), names);
  const value = evaluator.or();
  evaluator.expectEnd();
  return value;
}

/** Evaluates the expression of an `assert`, up to a comma outside of brackets. */
export function evaluateCondition(text: string, names: Names): Value {
  const evaluator = new Evaluator(codeTokens(text), names);
  const value = evaluator.or();
  if (!evaluator.accept(',')) evaluator.expectEnd();
  return value;
}

/** Python's idea of truth. */
export function isTrue(value: Value): boolean {
  return typeof value === 'string' ? value !== '' : Boolean(value);
}

class Evaluator {
  #index = 0;
  #depth = 0;

  constructor(
    readonly tokens: readonly CodeToken[],
    readonly names: Names,
  ) {}

  accept(...texts: string[]): string | undefined {
    const token = this.tokens[this.#index];
    if (token === undefined || token.kind === 'string' || !texts.includes(token.text)) return undefined;
    this.#index++;
    return token.text;
  }

  expect(text: string): void {
    if (this.accept(text) === undefined) throw new CodeError(`expected "${text}"`);
  }

  expectEnd(): void {
    const rest = this.tokens[this.#index];
    if (rest !== undefined) throw new CodeError(`"${rest.text}" is not understood`);
  }

  or(): Value {
    let value = this.#and();
    while (this.accept('or')) {
      const right = this.#and();
      value = isTrue(value) ? value : right;
    }
    return value;
  }

  #and(): Value {
    let value = this.#not();
    while (this.accept('and')) {
      const right = this.#not();
      value = isTrue(value) ? right : value;
    }
    return value;
  }

  #not(): Value {
    return this.accept('not') ? !isTrue(this.#deeper(() => this.#not())) : this.#comparison();
  }

  /** `a < b < c` holds if both comparisons do. */
  #comparison(): Value {
    let left = this.#arithmetic(0);
    let operator = this.accept(...COMPARISONS);
    if (operator === undefined) return left;
    let holds = true;
    for (; operator !== undefined; operator = this.accept(...COMPARISONS)) {
      const right = this.#arithmetic(0);
      holds &&= compare(operator, left, right);
      left = right;
    }
    return holds;
  }

  #arithmetic(level: number): Value {
    const operators = ARITHMETIC[level];
    if (operators === undefined) return this.#unary();
    let left = this.#arithmetic(level + 1);
    for (let operator = this.accept(...operators); operator !== undefined; operator = this.accept(...operators)) {
      left = calculate(operator, left, this.#arithmetic(level + 1));
    }
    return left;
  }

  #unary(): Value {
    if (this.accept('-')) return -asNumber(this.#deeper(() => this.#unary()));
    if (this.accept('+')) return asNumber(this.#deeper(() => this.#unary()));
    if (this.accept('~')) return -asNumber(this.#deeper(() => this.#unary())) - 1;
    return this.#primary();
  }

  #primary(): Value {
    const token = this.tokens[this.#index++];
    if (token === undefined) throw new CodeError('the expression is cut short');
    if (token.kind === 'number') return token.value;
    if (token.kind === 'string') return token.text;
    if (token.text === '(') {
      const value = this.#deeper(() => this.or());
      this.expect(')');
      return value;
    }
    if (token.kind !== 'name') throw new CodeError(`"${token.text}" is not understood`);
    return this.accept('(') ? this.#call(token.text) : this.#lookUp(token.text);
  }

  /** Keeps nested code from using up the call stack. */
  #deeper(parse: () => Value): Value {
    if (++this.#depth > MAX_DEPTH) throw new CodeError('the expression is nested too deeply');
    const value = parse();
    this.#depth--;
    return value;
  }

  #call(name: string): Value {
    const values: number[] = [];
    if (!this.accept(')')) {
      do values.push(asNumber(this.#deeper(() => this.or())));
      while (this.accept(','));
      this.expect(')');
    }
    const known = own(FUNCTIONS, name);
    if (known === undefined) throw new CodeError(`no function ${name}()`);
    return known(...values);
  }

  #lookUp(name: string): Value {
    if (name === 'True') return true;
    if (name === 'False') return false;
    const value = this.names(name);
    if (value === undefined) throw new CodeError(`no value for ${name}`);
    return value;
  }
}

function asNumber(value: Value): number {
  if (typeof value === 'string') throw new CodeError('text where a number is needed');
  return Number(value);
}

function compare(operator: string, left: Value, right: Value): boolean {
  if (operator === '==') return equal(left, right);
  if (operator === '!=') return !equal(left, right);
  const [a, b] = [asNumber(left), asNumber(right)];
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

function equal(left: Value, right: Value): boolean {
  if (typeof left === 'string' || typeof right === 'string') return left === right;
  return Number(left) === Number(right);
}

function calculate(operator: string, left: Value, right: Value): number {
  const [a, b] = [asNumber(left), asNumber(right)];
  if (b === 0 && ['/', '//', '%'].includes(operator)) throw new CodeError('division by zero');
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '//':
      return Math.floor(a / b);
    case '%':
      return a - b * Math.floor(a / b);
    default:
      return Number(bitwise(operator, asInteger(a), asInteger(b)));
  }
}

function asInteger(value: number): bigint {
  if (!Number.isInteger(value)) throw new CodeError('the bits of a number that is not whole');
  return BigInt(value);
}

/** Uses BigInt: values of 32 bits and more are common here, and JavaScript's bit operators work on 32 signed bits. */
function bitwise(operator: string, a: bigint, b: bigint): bigint {
  if (operator === '|') return a | b;
  if (operator === '&') return a & b;
  if (operator === '^') return a ^ b;
  if (b < 0 || b > MAX_SHIFT) throw new CodeError(`a shift by ${b} bits`);
  return operator === '<<' ? a << b : a >> b;
}
