/**
 * Runs the code of a script: statement by statement, with variables that live as long as the script.
 */
import { CodeError, type Statement, statements } from './code-lexer.js';
import { evaluate, evaluateCondition, isTrue, type Names, type Value } from './evaluator.js';

/** The outcome of one statement that is a check. */
export interface CheckResult {
  readonly statement: string;
  /** How many lines below the start of the code it stands. */
  readonly line: number;
  readonly outcome: 'passed' | 'failed' | 'not checked';
  /** For a failure, the names in the statement and their values; for a check that was not made, the reason. */
  readonly detail: string;
}

const ASSIGNMENT = /^([A-Za-z_]\w*)\s*(\+|-|\*|\/\/|\/|\||&)?=(?!=)\s*([\s\S]+)$/;
/** Statements for people who read the original's output; nothing depends on them. */
const IGNORED = /^(?:print\b|import\b|from\b|pass$)/;

export class CodeRunner {
  readonly #variables = new Map<string, Value>();

  /** Runs `code`; `names` are the connection's values now. */
  run(code: string, names: Names): CheckResult[] {
    const lookUp: Names = (name) => this.#variables.get(name) ?? names(name);
    return statements(code).flatMap((statement) => this.#runOne(statement, lookUp));
  }

  #runOne(statement: Statement, names: Names): CheckResult[] {
    const { text, line } = statement;
    if (IGNORED.test(text)) return [];
    const result = (outcome: CheckResult['outcome'], detail: string) => [{ statement: text, line, outcome, detail }];
    try {
      const condition = /^assert\b\s*([\s\S]+)$/.exec(text)?.[1];
      if (condition !== undefined) {
        if (isTrue(evaluateCondition(condition, names))) return result('passed', '');
        return result('failed', namedValues(condition, names));
      }
      this.#assign(text, names);
      return [];
    } catch (error) {
      if (!(error instanceof CodeError)) throw error;
      return result('not checked', error.message);
    }
  }

  #assign(text: string, names: Names): void {
    const [, name, operator, expression] = ASSIGNMENT.exec(text) ?? [];
    if (name === undefined || expression === undefined) throw new CodeError('this statement is not understood');
    this.#variables.set(
      name,
      evaluate(operator === undefined ? expression : `${name} ${operator} (${expression})`, names),
    );
  }
}

/** The names of an expression that have a value: `tcpi_snd_cwnd is 12, cwnd is 10`. */
function namedValues(expression: string, names: Names): string {
  const found = new Set(expression.replace(/"[^"]*"|'[^']*'/g, '').match(/[A-Za-z_]\w*/g) ?? []);
  return [...found]
    .map((name) => [name, names(name)] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} is ${value}`)
    .join(', ');
}
