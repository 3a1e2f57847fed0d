/** What a student's code prints with `console` in the page's worker: as text for the page, up to a bound. */
import { exceptionWords } from '../../src/lab/judging/exceptions.js';
import { MOST_OUTPUT } from '../../src/lab/printed.js';

const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'table', 'dir'] as const;

/** From now on the functions of `console` give their text to `send`. */
export function printTo(send: (text: string) => void): void {
  let left = MOST_OUTPUT;
  const print = (...values: readonly unknown[]) => {
    const text = `${values.map(textOf).join(' ')}\n`.slice(0, left);
    left -= text.length;
    if (text !== '') send(text);
  };
  for (const method of METHODS) console[method] = print;
}

/** A value as a person reads it. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return exceptionWords(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `${value.constructor.name} [${String(value).replaceAll(',', ', ')}]`;
  }
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value); // a circle, or a bigint
  }
}
