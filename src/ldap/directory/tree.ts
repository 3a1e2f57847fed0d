/** Entries in the order of the tree, as the main thread sends them to the workers: plain data. */
import { type LdifEntry, LdifError } from './ldif.js';

export interface PlainEntry {
  readonly dn: string;
  /** The normalised DN. */
  readonly key: string;
  readonly attributes: readonly (readonly [description: string, values: readonly Uint8Array[]])[];
  /** The number of the parent, or -1. */
  readonly parent: number;
  /** The first number that is not in the subtree: a subtree is an interval. */
  end: number;
}

/** Puts entries of all files into the order of the tree. @throws {LdifError} */
export function treeOf(
  files: readonly { readonly file: string; readonly entries: readonly LdifEntry[] }[],
): PlainEntry[] {
  const byKey = new Map<string, { entry: LdifEntry; children: LdifEntry[] }>();
  const faults: string[] = [];
  const all = files.flatMap(({ file, entries }) => entries.map((entry) => ({ file, entry })));
  for (const { file, entry } of all) {
    const key = entry.names.join(',');
    if (byKey.has(key)) faults.push(`${file}:${entry.line}: "${entry.dn}" is there twice`);
    else byKey.set(key, { entry, children: [] });
  }
  const roots: LdifEntry[] = [];
  for (const { file, entry } of all) {
    const parent = byKey.get(entry.names.slice(1).join(','));
    if (parent !== undefined) parent.children.push(entry);
    else if (!hasAncestor(entry, byKey)) roots.push(entry);
    else faults.push(`${file}:${entry.line}: "${entry.dn}" has no parent entry`);
  }
  if (faults.length > 0) throw new LdifError(faults.join('\n'));
  const made: PlainEntry[] = [];
  const place = (entry: LdifEntry, parent: number): void => {
    const key = entry.names.join(',');
    const { dn, attributes } = entry;
    const number = made.length;
    const plain = { dn, key, attributes, parent, end: 0 };
    made.push(plain);
    for (const child of byKey.get(key)?.children ?? []) place(child, number);
    plain.end = made.length;
  };
  for (const root of roots) place(root, -1);
  return made;
}

function hasAncestor({ names }: LdifEntry, byKey: ReadonlyMap<string, unknown>): boolean {
  return names.some((_, i) => i > 0 && byKey.has(names.slice(i).join(',')) && i < names.length);
}
