/** Reads the profiles that allocations.ts has written. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of the .heapprofile format that is used here. */
export interface HeapNode {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

export interface Allocator {
  readonly name: string;
  readonly bytes: number;
}

function nameOf({ functionName, url, lineNumber }: HeapNode['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} ${url.replace(/^.*\/dist\//, '')}:${lineNumber + 1}`;
}

/** Bytes that each function itself has allocated, called from anywhere; the most first. */
export function allocators(head: HeapNode): Allocator[] {
  const sums = new Map<string, number>();
  const pending = [head];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.selfSize > 0) {
      const name = nameOf(node.callFrame);
      sums.set(name, (sums.get(name) ?? 0) + node.selfSize);
    }
    pending.push(...node.children);
  }
  return [...sums].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}

function mentions(node: HeapNode, url: string): boolean {
  return node.callFrame.url.includes(url) || node.children.some((child) => mentions(child, url));
}

/** The allocators of the data path's thread. */
export function readDataPathAllocators(folder: string): Allocator[] {
  for (const name of readdirSync(folder)) {
    const { head } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { head: HeapNode };
    if (mentions(head, '/serve/data-path')) return allocators(head);
  }
  throw new Error('no heap profile of the data path was written');
}
