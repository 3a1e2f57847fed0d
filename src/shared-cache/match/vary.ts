/**
 * Which stored answer fits a request: Vary and the normalised values of the fields that it names (RFC 9111 section
 * 4.1).
 */
import { type Fields, fieldOf, membersOf } from '../fields.js';

/** The names that Vary lists, in lower case; null for a list with `*`, which fits no request. */
export function varyNames(answer: Fields): readonly string[] | null {
  const names = membersOf(fieldOf(answer, 'vary') ?? '').map((name) => name.toLowerCase());
  return names.includes('*') ? null : [...new Set(names)].sort();
}

/** The normalised value of each of these request fields; undefined for a field that the request does not have. */
export function selectingValues(names: readonly string[], request: Fields): readonly (string | undefined)[] {
  return names.map((name) => {
    const value = fieldOf(request, name);
    return value === undefined ? undefined : normalised(name, value);
  });
}

/** Whether an answer to a request with the values `selected` fits this one too. `language`: its Content-Language. */
export function fits(
  names: readonly string[],
  selected: readonly (string | undefined)[],
  language: string | undefined,
  request: Fields,
): boolean {
  const asked = selectingValues(names, request);
  return names.every((name, i) => {
    if (asked[i] === selected[i]) return true;
    return name === 'accept-language' && language !== undefined && wantsMost(asked[i], language);
  });
}

function normalised(name: string, value: string): string {
  if (name === 'accept-language')
    return preferences(value)
      .map(({ tag, weight }) => `${tag};${weight}`)
      .join(',');
  if (name === 'accept-encoding') return codings(value);
  return membersOf(value).join(',');
}

/** What a client accepts with these weights: the best first, equals in alphabetical order. */
function preferences(value: string): { tag: string; weight: number }[] {
  const wanted = membersOf(value.toLowerCase()).map((member) => {
    const [tag = '', ...parameters] = member.split(';').map((part) => part.trim());
    const weight = parameters.find((part) => part.startsWith('q='))?.slice(2);
    const number = Number(weight ?? 1);
    return { tag, weight: number >= 0 && number <= 1 ? number : 0 };
  });
  return wanted.sort((a, b) => b.weight - a.weight || (a.tag < b.tag ? -1 : 1));
}

/** Weights among accepted codings differ from browser to browser and decide nothing; what is refused does. */
function codings(value: string): string {
  return preferences(value)
    .map(({ tag, weight }) => (weight > 0 ? tag : `${tag};0`))
    .sort()
    .join(',');
}

/** Whether the client wants this one language more than any other: then the origin would choose it again. */
function wantsMost(normalisedValue: string | undefined, language: string): boolean {
  const [first, second] = (normalisedValue ?? '').split(',').map((each) => each.split(';'));
  if (first === undefined || language.toLowerCase() !== first[0] || Number(first[1]) === 0) return false;
  return second === undefined || Number(second[1]) < Number(first[1]);
}
