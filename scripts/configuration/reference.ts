/**
 * The tables of docs/configuration.md, made from the schema: a table for each section, a row for each key. The text
 * around them is written by hand.
 */
import { stringify } from 'yaml';
import { z } from 'zod';
import { factsOf, type Keys } from '../../src/site/config/keys.js';
import { CONFIGURATION } from '../../src/site/config/schema.js';
import { bare, itemOf, keysOf } from '../../src/site/config/shape.js';

/** The generated part of a page stands between these lines, one for each section. */
export const BEGIN = (section: string) => `<!-- keys of ${section}: made by "npm run configuration -- --write" -->`;
export const END = '<!-- end -->';

/** Sections whose keys are those of another one: of a site, and of `upstreams.cache`. */
const AS_ELSEWHERE = new Set(['defaults', 'cache.handler']);

/** The keys of a section by its name: `top`, `sites`, `network`, `sites.redirects` … */
export function sections(): ReadonlyMap<string, Keys> {
  const found = new Map<string, Keys>();
  const visit = (name: string, keys: Keys) => {
    found.set(name === '' ? 'top' : name, keys);
    for (const [key, type] of Object.entries(keys)) {
      const inner = keysOf(type) ?? keysOf(itemOf(type) ?? type);
      const whole = name === '' ? key : `${name}.${key}`;
      if (inner !== undefined && !AS_ELSEWHERE.has(whole)) visit(whole, inner);
    }
  };
  visit('', keysOf(CONFIGURATION) as Keys);
  return found;
}

/** The table of one section. */
export function table(keys: Keys): string {
  const rows = Object.entries(keys).map(([name, type]) => row(name, type));
  return ['| key | default | what it does | example |', '|---|---|---|---|', ...rows].join('\n');
}

/** The page with its generated parts made anew. @throws {Error} if a section has no place in it */
export function withTables(page: string): string {
  let text = page;
  for (const [name, keys] of sections()) {
    const begin = text.indexOf(BEGIN(name));
    const end = text.indexOf(END, begin);
    if (begin === -1 || end === -1) throw new Error(`docs/configuration.md has no place for the keys of "${name}"`);
    text = `${text.slice(0, begin)}${BEGIN(name)}\n\n${table(keys)}\n\n${text.slice(end)}`;
  }
  return text;
}

function row(name: string, type: z.ZodType): string {
  const { description = '', example, defaultText, default: value } = factsOf(type) ?? {};
  const fallback = value === undefined ? (defaultText ?? '') : code(value);
  return `| \`${name}\` | ${cell(fallback)} | ${cell(description + wordsOf(type, description))} | ${example === undefined ? '' : code(example)} |`;
}

/** The values of a key that has a fixed set of them, where the description does not name all. */
function wordsOf(type: z.ZodType, description: string): string {
  const values = fixedValues(type);
  if (values === undefined || values.every((value) => description.includes(`\`${value}\``))) return '';
  return `${description.endsWith('.') ? '' : '.'} One of: ${[...new Set(values.map(String))].map((value) => `\`${value}\``).join(', ')}.`;
}

/** All values that a key may have; undefined: they are no fixed set, or the key is a switch. */
export function fixedValues(type: z.ZodType): string[] | undefined {
  const inner = bare(type);
  if (inner instanceof z.ZodEnum) return inner.options.map(String);
  if (inner instanceof z.ZodLiteral) return [...inner.values].map(String);
  if (!(inner instanceof z.ZodUnion)) return undefined;
  const parts = inner.options.map((option) => {
    const part = bare(option as z.ZodType);
    return part instanceof z.ZodBoolean ? ['true', 'false'] : fixedValues(part);
  });
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

/** A value as it stands in the file, on one line. */
function code(value: unknown): string {
  const flow = stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();
  return `\`${flow.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
