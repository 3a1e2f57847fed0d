/** The complaints of zod in words for the one who wrote the file: where it stands, and what would be right. */
import type { z } from 'zod';
import type { ConfigDocument } from './document.js';
import { keyOf, type Problem } from './problem.js';
import { typeAt } from './shape.js';
import { adviceFor, nearest } from './unknown-key.js';

type Issue = z.core.$ZodIssue;

/** A value is shown up to this length. */
const SHOWN = 60;
/** What is said of an empty text says all. */
export const NOT_EMPTY = 'must not be empty';

/** One thing that is wrong, and where: at the value, at the key, or where the missing key should stand. */
export interface Complaint {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly at: 'value' | 'key' | 'parent';
}

/** All that zod found, each as one problem, in the order of the file. */
export function explain(error: z.ZodError, document: ConfigDocument, schema: z.ZodType): Problem[] {
  return inOrder(complaintsOf(error, document.value, schema).map((complaint) => problemOf(complaint, document)));
}

function problemOf({ path, message, at }: Complaint, document: ConfigDocument): Problem {
  const where = at === 'parent' ? path.slice(0, -1) : path;
  const place = at === 'key' ? document.placeOfKey(where) : document.placeOf(where);
  return { ...place, key: keyOf(path), message };
}

/** All that zod found in `value`, in words. */
export function complaintsOf(error: z.ZodError, value: unknown, schema: z.ZodType): Complaint[] {
  return error.issues.flatMap((issue) => explainIssue(issue, issue.path, value, schema));
}

/** In the order of the file, each once. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const isSame = (a: Problem, b: Problem) => a.key === b.key && a.message === b.message;
  return [...problems]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .filter((problem, i, sorted) => sorted.findIndex((other) => isSame(other, problem)) === i);
}

function explainIssue(issue: Issue, path: readonly PropertyKey[], root: unknown, schema: z.ZodType): Complaint[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => unknownKey(name, path, schema));
  const value = valueAt(root, path);
  if (issue.code === 'invalid_union') {
    const deeper = deeperIssues(issue, value);
    if (deeper !== undefined)
      return deeper.flatMap((each) => explainIssue(each, [...path, ...each.path], root, schema));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, message: issue.issues.map(({ message }) => message).join('; '), at: 'key' }];
  }
  if (value === undefined) return [missing(path, schema)];
  const { message } = issue;
  const shown = message.startsWith('must') && message !== NOT_EMPTY ? `${message}, not ${show(value)}` : message;
  const hints = wordHint(issue, value) + typeHint(message, value) + mappingHint(message, value, path);
  return [{ path, message: shown + hints, at: 'value' }];
}

/** If a list was written, the complaints about its items say more than "must be a host, or a list of them". */
function deeperIssues(issue: Extract<Issue, { code: 'invalid_union' }>, value: unknown): Issue[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const isDeeper = ({ path, code }: { path: readonly PropertyKey[]; code: string }) =>
    path.length > 0 || code === 'unrecognized_keys';
  return issue.errors.find((errors) => errors.length > 0 && (errors as Issue[]).every(isDeeper)) as Issue[] | undefined;
}

function unknownKey(name: string, path: readonly PropertyKey[], schema: z.ZodType): Complaint {
  return { path: [...path, name], message: `there is no such key; ${adviceFor(name, path, schema)}`, at: 'key' };
}

function missing(path: readonly PropertyKey[], schema: z.ZodType): Complaint {
  const description = (typeAt(schema, path)?.meta() as { description?: string } | undefined)?.description;
  const about = description === undefined ? '' : ` (${description.replace(/\.$/, '')})`;
  return { path, message: `is missing${about}`, at: 'parent' };
}

/** A choice that was nearly written. */
function wordHint(issue: Issue, value: unknown): string {
  if (issue.code !== 'invalid_value' || typeof value !== 'string') return '';
  const hint = nearest(value, issue.values.map(String));
  return hint === undefined ? '' : `; did you mean "${hint}"?`;
}

/** YAML 1.2 has no yes, no, on or off; many remember them. A number is no text. */
function typeHint(message: string, value: unknown): string {
  if (/^must be text/.test(message) && ['number', 'boolean'].includes(typeof value)) return '; put it into quotes';
  if (message.startsWith('must be a whole number') && /^\d+$/.test(String(value))) {
    return typeof value === 'string' ? '; take its quotes away' : '';
  }
  if (!message.startsWith('must be true') || typeof value !== 'string') return '';
  if (/^(yes|on|y)$/i.test(value)) return '; write true';
  return /^(no|off|n)$/i.test(value) ? '; write false' : '';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (here, part) =>
      typeof here === 'object' && here !== null ? (here as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
}

/** The key that a lone value is for, by the section or list that it stands in. */
const MAIN_KEYS: Readonly<Record<string, string>> = {
  ...{ sites: 'folder', log: 'to', admin: 'listen', cache: 'size', bandwidth: 'total', modules: 'use' },
  ...{ capture: 'file' },
  ...{ upstreams: 'servers', network: 'address' },
};

/** A value where a mapping is wanted: the mapping that it was probably meant for. */
function mappingHint(message: string, value: unknown, path: readonly PropertyKey[]): string {
  const key = MAIN_KEYS[String(path[0])];
  const isLone = typeof value === 'string' || typeof value === 'number';
  if (!message.startsWith('must be a mapping') || key === undefined || !isLone || path.length > 2) return '';
  return `; write {${key}: ${value}}`;
}

/** A value as a person would name it. */
export function show(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}
