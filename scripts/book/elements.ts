/**
 * Bundles the elements of the book's pages (web/book) with the whole stack and the figures, into the folder of the
 * pages. esbuild takes a second. As a part of VitePress's own build the same files cost Rollup ten, and twice: for the
 * reader's pages, and for those that VitePress renders before, in which no element runs.
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { browserBundle } from '../browser-bundle.js';

/** Where a page of the book finds them. */
export const ELEMENTS_URL = '/elements/main.js';

/** Writes the elements into the folder `pages`; `root` is the repository. The figures of each chapter are a file. */
export async function buildElements(root: string, pages: string): Promise<void> {
  await build({
    ...browserBundle(`${root}/`),
    entryPoints: { main: join(root, 'web/book/main.tsx') },
    outdir: join(pages, 'elements'),
    splitting: true,
    loader: { '.css': 'text' }, // for the shadow roots
  });
}
