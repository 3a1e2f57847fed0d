/**
 * A YAML file as a plain value, with the way back from a key to its line and column. YAML 1.2: anchors, aliases and
 * merge keys (`<<`) are understood, and a key that stands twice is an error.
 *
 * The parser is the `yaml` package. yaml-slips.ts puts its errors into words that say what to do.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { brokenAliases } from './aliases.js';
import { type Environment, expandAll } from './environment.js';
import { TOO_DEEP, tooDeepAt } from './nesting.js';
import type { Place, Problem } from './problem.js';
import { type Slip, slipsOf } from './yaml-slips.js';

/** A configuration is written by hand. A larger file is something else. */
export const MAX_CONFIG_BYTES = 1024 * 1024;
/** How often aliases may be resolved: a few lines of them could mean gigabytes ("billion laughs"). */
const MAX_ALIASES = 1000;

/** A file that was read, whether it is right or not. */
export interface ConfigDocument {
  /** What the file says; undefined if it could not be read as YAML. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the value of a key stands, or the nearest thing around it. */
  placeOf(path: readonly PropertyKey[]): Place;
  /** Where the key itself stands. */
  placeOfKey(path: readonly PropertyKey[]): Place;
}

/** Reads the text of a configuration. `environment` is what `${NAME}` refers to. */
export function readDocument(text: string, environment: Environment): ConfigDocument {
  const deep = tooDeepAt(text);
  if (deep !== undefined) return tooDeep(text, deep);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const places = placesIn(document, placeAt);
  const problemOf = ({ offset, message }: Slip): Problem => ({ ...placeAt(offset), key: '', message });
  const slips = slipsOf(document, text);
  const problems = onePerLine(slips.map(problemOf));
  if (slips.some(({ isReadable }) => !isReadable)) return { value: undefined, problems, ...places };
  const broken = brokenAliases(document).map(problemOf);
  problems.push(...broken);
  if (broken.length > 0) return { value: undefined, problems, ...places };
  problems.push(...expandAll(document, environment).map(({ offset, ...rest }) => ({ ...placeAt(offset), ...rest })));
  return { ...plainValue(document, problems), ...places };
}

/** Nothing more can be said of a file that is too deep to be read. */
function tooDeep(text: string, offset: number): ConfigDocument {
  const before = text.slice(0, offset).split('\n');
  const place = { line: before.length, column: (before.at(-1) ?? '').length + 1 };
  const problems = [{ ...place, key: '', message: TOO_DEEP }];
  return { value: undefined, problems, placeOf: () => place, placeOfKey: () => place };
}

function plainValue(document: Document, problems: readonly Problem[]): Pick<ConfigDocument, 'value' | 'problems'> {
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }), problems };
  } catch (error) {
    const message = `the aliases (*name) of this file cannot be resolved: ${(error as Error).message}`;
    return { value: undefined, problems: [...problems, { line: 1, column: 1, key: '', message }] };
  }
}

/** One mistake makes the parser stumble several times in the same line. */
function onePerLine(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ line }, i) => !problems.slice(0, i).some((before) => before.line === line));
}

function placesIn(document: Document, placeAt: (offset: number) => Place) {
  const offsetOf = (node: Node | null | undefined) => node?.range?.[0];
  const find = (path: readonly PropertyKey[], last: 'key' | 'value'): Place => {
    let node: Node | null = document.contents;
    let offset = offsetOf(node) ?? 0;
    for (const [depth, part] of path.entries()) {
      const step = child(document, node, part);
      if (step === undefined) break;
      node = step.value;
      const isKey = last === 'key' && depth === path.length - 1;
      offset = (isKey ? offsetOf(step.key) : offsetOf(node)) ?? offsetOf(step.key) ?? offset;
    }
    return placeAt(offset);
  };
  return {
    placeOf: (path: readonly PropertyKey[]) => find(path, 'value'),
    placeOfKey: (path: readonly PropertyKey[]) => find(path, 'key'),
  };
}

interface Step {
  readonly key: Node | null;
  readonly value: Node | null;
}

/** The entry of a mapping or list, also behind an alias or a merge key. */
function child(document: Document, parent: Node | null, part: PropertyKey): Step | undefined {
  const node = isAlias(parent) ? (parent.resolve(document) ?? null) : parent;
  if (isSeq(node)) {
    const item = node.items[Number(part)];
    return item === undefined ? undefined : { key: null, value: item as Node | null };
  }
  if (!isMap(node)) return undefined;
  // The value of a merge key is a symbol: its name is in the source only.
  const named = (name: string) =>
    node.items.find(({ key }) => isScalar(key) && (key.source === name || String(key.value) === name));
  const own = named(String(part));
  if (own !== undefined) return { key: own.key as Node, value: own.value as Node | null };
  const merged = named('<<')?.value as Node | null | undefined;
  const sources = isSeq(merged) ? (merged.items as Node[]) : merged == null ? [] : [merged];
  for (const source of sources) {
    const found = child(document, source, part);
    if (found !== undefined) return found;
  }
  return undefined;
}
