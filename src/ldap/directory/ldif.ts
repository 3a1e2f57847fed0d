/** Entries from LDIF (RFC 2849). Text is UTF-8. A file of changes is refused, since it is no content. */
import { parseDn } from './dn.js';
import { normaliseNames } from './match.js';

export interface LdifEntry {
  readonly dn: string;
  /** The relative names in their normalised form, from the entry upwards. */
  readonly names: readonly string[];
  /** Attribute descriptions as written first, with their values. */
  readonly attributes: readonly (readonly [description: string, values: readonly Uint8Array[]])[];
  readonly line: number;
}

/** An LDIF file cannot be served: a line for each fault, with its place. */
export class LdifError extends Error {
  override readonly name = 'LdifError';
}

/** More faults than that are not told. */
const MOST_FAULTS = 20;
const DESCRIPTION = /^([a-z][a-z\d-]*|\d+(?:\.\d+)*)(;[a-z\d-]+)*$/i;

interface Line {
  readonly number: number;
  readonly text: string;
}

/**
 * Parses a file. @param readFile gives the contents that a `name:< URL` asks for. @throws {LdifError}
 */
export function parseLdif(bytes: Uint8Array, file: string, readFile?: (url: string) => Uint8Array): LdifEntry[] {
  const faults: string[] = [];
  const fault = (line: number, text: string) => {
    if (faults.length < MOST_FAULTS) faults.push(`${file}:${line}: ${text}`);
  };
  const entries: LdifEntry[] = [];
  for (const record of recordsOf(textOf(bytes, file))) {
    const entry = readEntry(record, fault, readFile);
    if (entry !== undefined) entries.push(entry);
  }
  if (faults.length > 0) throw new LdifError(faults.join('\n'));
  return entries;
}

function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const lines = Buffer.from(bytes).toString('latin1').split('\n');
    const wrong = lines.findIndex((line) => !Buffer.from(line, 'latin1').equals(Buffer.from(asUtf8(line))));
    throw new LdifError(`${file}:${wrong + 1}: the text is not UTF-8`);
  }
}

function asUtf8(line: string): string {
  return Buffer.from(line, 'latin1').toString('utf8');
}

/** Lines joined where they are folded, without comments, in groups between empty lines. */
function* recordsOf(text: string): Generator<Line[]> {
  let record: { number: number; text: string }[] = [];
  let isComment = false;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const last = record.at(-1);
    if (line.startsWith(' ') && isComment) continue;
    if (line.startsWith(' ') && last !== undefined) {
      last.text += line.slice(1);
      continue;
    }
    isComment = line.startsWith('#');
    if (isComment) continue;
    if (line === '') {
      if (record.length > 0) yield record;
      record = [];
    } else record.push({ number: index + 1, text: line });
  }
  if (record.length > 0) yield record;
}

type Fault = (line: number, text: string) => void;

function readEntry(record: Line[], fault: Fault, readFile?: (url: string) => Uint8Array): LdifEntry | undefined {
  if (/^version:/i.test(record[0]?.text ?? '')) {
    const version = record.shift() as Line; // it is there: its text was tested
    if (!/^version:\s*1\s*$/i.test(version.text)) fault(version.number, 'the version of LDIF is 1');
  }
  const [head] = record;
  if (head === undefined) return undefined;
  const first = readLine(head, fault, readFile);
  if (first === undefined) return undefined;
  if (first.name.toLowerCase() !== 'dn') {
    fault(head.number, 'an entry begins with "dn:"');
    return undefined;
  }
  const dn = Buffer.from(first.value).toString('utf8');
  const parsed = parseDn(dn);
  const names = parsed === undefined ? undefined : normaliseNames(parsed);
  if (names === undefined || names.length === 0) {
    fault(head.number, `"${dn}" is no distinguished name of an entry`);
    return undefined;
  }
  const found = new Map<string, { name: string; values: Uint8Array[] }>();
  for (const line of record.slice(1)) {
    const read = readLine(line, fault, readFile);
    if (read === undefined) continue;
    const key = read.name.toLowerCase();
    if (key === 'changetype' || key === 'control') {
      fault(line.number, `"${read.name}:" belongs to a file of changes, which is no content`);
      continue;
    }
    const known = found.get(key);
    if (known === undefined) found.set(key, { name: read.name, values: [read.value] });
    else known.values.push(read.value);
  }
  const attributes = [...found.values()].map(({ name, values }) => [name, values] as const);
  return { dn, names, attributes, line: head.number };
}

function readLine({ number, text }: Line, fault: Fault, readFile?: (url: string) => Uint8Array) {
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(colon, 0));
  if (colon < 1 || !DESCRIPTION.test(name)) {
    fault(number, 'a line has the form "attribute: value"');
    return undefined;
  }
  const kind = text[colon + 1];
  const rest = text.slice(colon + (kind === ':' || kind === '<' ? 2 : 1)).replace(/^ +/, '');
  if (kind === ':') {
    if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(rest.trimEnd())) {
      fault(number, `the value of "${name}" is no base64`);
      return undefined;
    }
    return { name, value: Uint8Array.from(Buffer.from(rest, 'base64')) };
  }
  if (kind !== '<') return { name, value: Uint8Array.from(Buffer.from(rest)) };
  try {
    if (readFile === undefined) throw new Error('files are not read here');
    return { name, value: readFile(rest) };
  } catch (error) {
    fault(number, `the value of "${name}" cannot be read: ${(error as Error).message}`);
    return undefined;
  }
}
