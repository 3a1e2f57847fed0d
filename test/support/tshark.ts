/** Captures read by tshark and by our dissector, to compare field by field. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readCapture } from '../../src/capture/file/input.js';
import { FIELDS } from '../../src/dissect/catalogue.js';
import { Dissector, type TrackedDissection } from '../../src/dissect/dissector.js';
import type { Dissection } from '../../src/dissect/field.js';

/** A field of one frame that the two read differently: `frame 3: ldap.name`, with both lists of values. */
export interface FieldDifference {
  readonly where: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

export interface FieldComparison {
  readonly differences: readonly FieldDifference[];
  /** The names of the fields that had a value on both sides. */
  readonly compared: ReadonlySet<string>;
  readonly problems: readonly string[];
}

export function hasTshark(): boolean {
  return spawnSync('tshark', ['--version']).error === undefined;
}

/** The fields of our catalogue that begin so and that tshark has too, but for those that match `leaveOut`. */
export function sharedFields(prefix: RegExp, leaveOut: RegExp): string[] {
  const known = new Set(
    tshark(['-G', 'fields'])
      .split('\n')
      .map((line) => line.split('\t')[2]),
  );
  return Object.keys(FIELDS).filter((name) => prefix.test(name) && known.has(name) && !leaveOut.test(name));
}

/** Reads a capture by both. `mayDiffer` are fields of which the two may show another number of values. */
export async function compareFields(
  path: string,
  names: readonly string[],
  mayDiffer: RegExp,
): Promise<FieldComparison> {
  const rows = rowsOf(path, names);
  const ours = await dissectAll(path);
  if (rows.length !== ours.length) throw new Error(`tshark has ${rows.length} frames, we have ${ours.length}`);
  const differences: FieldDifference[] = [];
  const compared = new Set<string>();
  for (const [i, row] of rows.entries()) {
    for (const [j, name] of names.entries()) {
      const kind = FIELDS[name as keyof typeof FIELDS];
      const cell = row[j] ?? '';
      const dissection = ours[i] as Dissection; // as many as rows
      const theirs = (cell === '' ? [] : cell.split('|')).map((text) => plain(kind, text.replace('<MISSING>', '')));
      const mine = valuesOf(dissection, name).map((text) => plain(kind, text));
      if (mine.join('') === '' && theirs.length === 0) continue;
      if (mayDiffer.test(name) && mine.length !== theirs.length) continue;
      if (mine.join('|') === theirs.join('|')) compared.add(name);
      else differences.push({ where: `frame ${i + 1}: ${name}`, ours: mine, theirs });
    }
  }
  const problems = ours.flatMap(({ layers }) => layers.flatMap((layer) => layer.problems));
  return { differences, compared, problems };
}

/** All frames of a capture, as we read them. */
export async function dissectAll(path: string): Promise<TrackedDissection[]> {
  const dissector = new Dissector({ absolute: true });
  const all: TrackedDissection[] = [];
  await readCapture(path, (record) => void all.push(dissector.dissect(record)));
  return all;
}

function rowsOf(path: string, names: readonly string[]): string[][] {
  const args = ['-n', '-r', path, '-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=|', '-E', 'separator=/t'];
  const output = tshark([...args, ...names.flatMap((name) => ['-e', name])]);
  return output
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t'));
}

function tshark(args: readonly string[]): string {
  return execFileSync('tshark', args, { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'ignore'] });
}

function valuesOf({ layers }: Dissection, name: string): string[] {
  return layers.flatMap(({ fields }) =>
    fields.filter((field) => field.name === name).map(({ value }) => String(value)),
  );
}

/** Both sides' ways to write a value. */
function plain(kind: string, text: string): string {
  if (kind === 'flag') return /^(1|true)$/i.test(text) ? 'true' : 'false';
  if (kind === 'number') return String(Number(text));
  return kind === 'bytes' ? text.replaceAll(':', '').toLowerCase() : text;
}
