/** The left-hand side of a comparison: a field, a group of fields, or a layer. */
import { FIELDS, type FieldKind, GROUPS, isFieldName, isProtocol, PROTOCOLS, type Protocol } from '../catalogue.js';

export type Operand =
  | { readonly is: 'field'; readonly name: string; readonly kind: FieldKind }
  | { readonly is: 'layer'; readonly protocol: Protocol };

/** Names of Wireshark for what has another name here. */
const ALIASES: Readonly<Record<string, string>> = { bootp: 'dhcp', ssl: 'tls', 'tcp.window': 'tcp.window_size' };

/** What a word of a filter names: a field, the first field of a group, or a protocol; undefined: nothing we know. */
export function operandOf(word: string): Operand | undefined {
  const name = Object.hasOwn(ALIASES, word) ? (ALIASES[word] ?? word) : word;
  if (isFieldName(name)) return { is: 'field', name, kind: FIELDS[name] };
  const [first] = Object.hasOwn(GROUPS, name) ? (GROUPS[name] ?? []) : [];
  if (first !== undefined) return { is: 'field', name, kind: FIELDS[first] };
  return isProtocol(name) ? { is: 'layer', protocol: name } : undefined;
}

/** All names that a filter can begin a comparison with. */
export function operandNames(): string[] {
  return [...Object.keys(FIELDS), ...Object.keys(GROUPS), ...PROTOCOLS];
}

/** The name that is most similar to `word`, if there is one. */
export function similarName(word: string): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 4)) + 1;
  for (const name of operandNames()) {
    if (Math.abs(name.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word, name);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const substituted = (row[j] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
