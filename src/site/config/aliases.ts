/**
 * The aliases (`*name`) of a document that cannot be used: without an anchor, inside the value that they stand for, or
 * with a value that would lie too deep at their place. The value of a document without them is a tree of bounded depth.
 */
import { type Document, isAlias, isMap, isPair, isSeq, type Node } from 'yaml';
import { MAX_DEPTH, TOO_DEEP } from './nesting.js';

/** An alias that is wrong, with its offset in the text. */
export interface AliasProblem {
  readonly offset: number;
  readonly message: string;
}

/** A value that has an anchor is open until its end. */
type Anchored = number | 'open';

/** All aliases that are wrong, in the order of the file. The nodes of the document itself are not too deep. */
export function brokenAliases(document: Document): AliasProblem[] {
  const check = new AliasCheck();
  check.heightOf(document.contents, 0);
  return check.problems;
}

class AliasCheck {
  readonly problems: AliasProblem[] = [];
  /** The levels below each anchor. A later anchor of the same name takes the place of an earlier one. */
  readonly #anchors = new Map<string, Anchored>();

  /** The levels of lists and mappings of a node that lies below `depth` of them, aliases replaced. */
  heightOf(node: unknown, depth: number): number {
    if (isAlias(node)) return this.#heightOfAlias(node.source, node.range?.[0] ?? 0, depth);
    const { anchor } = (node ?? {}) as Node & { anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, 'open');
    let height = 0;
    for (const child of childrenOf(node)) height = Math.max(height, this.heightOf(child, depth + 1));
    if (isMap(node) || isSeq(node)) height++;
    if (anchor !== undefined) this.#anchors.set(anchor, height);
    return height;
  }

  #heightOfAlias(name: string, offset: number, depth: number): number {
    const height = this.#anchors.get(name);
    if (typeof height === 'number' && depth + height <= MAX_DEPTH) return height;
    this.problems.push({ offset, message: problemOf(name, height) });
    return 0;
  }
}

function problemOf(name: string, height: Anchored | undefined): string {
  if (height === undefined) {
    return `no value before this has the anchor &${name}; if it is no alias, put it into quotes: "*${name}"`;
  }
  if (height === 'open') return `this alias stands inside the value of its own anchor &${name}, which would never end`;
  return TOO_DEEP;
}

function childrenOf(node: unknown): unknown[] {
  if (isSeq(node)) return node.items;
  if (!isMap(node)) return [];
  return node.items.flatMap((pair) => (isPair(pair) ? [pair.key, pair.value] : []));
}
