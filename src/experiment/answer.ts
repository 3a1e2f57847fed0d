/** Reads what a person answers. */
import type { Question } from './experiment.js';

/** By the unit of a question: other units that a person may use, and how many of the question's they are. */
const UNITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ms: { µs: 0.001, us: 0.001, s: 1_000, seconds: 1_000, second: 1_000, milliseconds: 1 },
  bytes: { b: 1, kb: 1_000, mb: 1_000_000, kib: 1_024, mib: 1_048_576 },
  '%': { percent: 1 },
};

/**
 * The answer as a number in the unit of the question: `42`, `42 ms`, `0.042 s` or `1,448`; the number of a choice, or
 * its words. Text: it is no answer, and this says what would be one.
 */
export function readAnswer(question: Question, text: string): number | string {
  if (question.choices !== undefined) return readChoice(question.choices, text);
  const match = /^\s*(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(%|[a-zµ]*)\s*$/i.exec(text);
  const { unit } = question;
  const wanted = unit === undefined ? 'a number without a unit' : `a number of ${unit === '%' ? 'percent' : unit}`;
  if (match?.[1] === undefined) return wanted;
  const number = Number(match[1].replaceAll(',', ''));
  const factor = match[2] === undefined || match[2] === '' ? 1 : factorOf(match[2].toLowerCase(), unit);
  return factor === undefined ? wanted : Number((number * factor).toPrecision(15));
}

function readChoice(choices: readonly string[], text: string): number | string {
  const words = text.trim().toLowerCase();
  const named = choices.findIndex((choice) => [choice, choice.replace(/^the /, '')].includes(words));
  if (named >= 0) return named + 1;
  const number = /^\d+$/.test(words) ? Number(words) : 0;
  return number >= 1 && number <= choices.length ? number : `one of 1 to ${choices.length}`;
}

/** How many units of the question one of these is; undefined: it is not of this kind. `probe` is one of `probes`. */
function factorOf(given: string, unit: string | undefined): number | undefined {
  if (unit === undefined) return undefined;
  const own = unit.toLowerCase();
  if (given === own || `${given}s` === own) return 1;
  const others = UNITS[unit] ?? {};
  return Object.hasOwn(others, given) ? others[given] : undefined;
}
