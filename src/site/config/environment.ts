/**
 * `${NAME}` in a configuration: values of environment variables, in the manner of Compose files.
 *
 *     ${NAME}            the value; it is an error if the variable is not set
 *     ${NAME:-default}   the value, or the default if the variable is not set or empty
 *     ${NAME:?message}   the value, or this message as an error
 *     $${NAME}           the text "${NAME}" itself; a `$` before anything but `{` is a `$`
 *
 * It happens in values, after the file was read as YAML. So the content of a variable never changes the structure of
 * the file. What is not in quotes may become a number or a switch: `port: ${PORT}`. Compose takes an unset variable as
 * empty; we do not, since an empty folder or host is never meant.
 */
import { type Document, isScalar, parseDocument, type Scalar, visit } from 'yaml';
import { tooDeepAt } from './nesting.js';

/** Where variables come from: `process.env`, or a test's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that cannot be replaced, with the offset of its value in the text. */
export interface ExpansionProblem {
  readonly offset: number;
  readonly key: string;
  readonly message: string;
}

const REFERENCE = /\$(\$\{[^}]*\}|\{([^}]*)\}|\{)/g;
const NAME = /^([A-Za-z_]\w*)(?::([-?])(.*))?$/s;

/** Replaces the references in all values of a document. */
export function expandAll(document: Document, environment: Environment): ExpansionProblem[] {
  const problems: ExpansionProblem[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const complain = (message: string) => problems.push({ offset: node.range?.[0] ?? 0, key: '', message });
      const text = expand(node.value, environment, complain);
      node.value = node.type === 'PLAIN' ? resolvePlain(text) : text;
    },
  });
  return problems;
}

/** The text with its references replaced. `complain` is called for each that cannot be. */
export function expand(text: string, environment: Environment, complain: (message: string) => void): string {
  return text.replace(REFERENCE, (whole, inner: string, reference: string | undefined) => {
    if (inner.startsWith('$')) return inner;
    const [, name = '', sign, rest = ''] = NAME.exec(reference ?? '') ?? [];
    if (name === '') {
      complain(`"${whole}" is no reference to a variable: write \${NAME}, or $\${ for the text "\${"`);
      return whole;
    }
    const value = environment[name];
    if (value !== undefined && (value !== '' || sign === undefined)) return value;
    if (sign === '-') return rest;
    const hint = `set it, or write \${${name}:-default}`;
    complain(sign === '?' && rest !== '' ? `${name}: ${rest}` : `the environment variable ${name} is not set: ${hint}`);
    return '';
  });
}

/** A value without quotes, as YAML takes it: 8080 is a number, true a switch. Anything but a scalar stays text. */
function resolvePlain(text: string): unknown {
  if (tooDeepAt(text) !== undefined) return text;
  const { contents, errors } = parseDocument(text, { prettyErrors: false });
  return errors.length === 0 && isScalar(contents) && (contents as Scalar).type === 'PLAIN' ? contents.value : text;
}
