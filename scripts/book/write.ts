/** `npm run book -- --write`: quotations, pictures and captures as the source and the figures have them now. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AnyFigure, type Figure, worldOf } from '../../docs/book/figures/lib/figure.js';
import { BOOK, chapters, ROOT } from './chapter.js';
import { pictureOf } from './picture.js';
import { withQuotes } from './quote.js';

/** A file of the book that is made, and what belongs into it. */
export interface Made {
  /** Its path from the folder of the book. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** The figures of a chapter, by their names; none if it has no file for them. */
export async function figuresOf(chapter: string): Promise<Readonly<Record<string, AnyFigure>>> {
  const url = new URL(`../../docs/book/figures/${chapter}.js`, import.meta.url);
  const module: { figures: Readonly<Record<string, AnyFigure>> } = await import(url.href);
  return module.figures;
}

/** All that is made: the pages with their quotations, the pictures, the captures. */
export async function made(): Promise<Made[]> {
  const all: Made[] = [];
  for (const { name, text } of chapters()) {
    const page = withQuotes(text, (file) => readFileSync(join(ROOT, file), 'utf8'));
    all.push({ path: `${name}.md`, content: page });
    for (const [key, figure] of Object.entries(await figuresOf(name))) {
      all.push({ path: `pictures/${name}.${key}.svg`, content: pictureOf(figure) });
      if (figure.kind === 'sum' || !figure.capture) continue;
      all.push({ path: `captures/${name}.${key}.pcapng`, content: captureOf(figure) });
    }
  }
  return all;
}

/** A packet that a switch passes on crosses two links: at one host it is seen once. */
function captureOf(figure: Figure): Uint8Array {
  const { capture } = figure;
  return worldOf(figure).pcapng(typeof capture === 'string' ? { at: capture } : {});
}

/** True if the file has this content. */
export function isCurrent({ path, content }: Made): boolean {
  try {
    return Buffer.compare(readFileSync(join(BOOK, path)), Buffer.from(content)) === 0;
  } catch {
    return false;
  }
}

/** Writes what is not current. Returns the paths. */
export async function write(): Promise<string[]> {
  const stale = (await made()).filter((file) => !isCurrent(file));
  for (const { path, content } of stale) {
    mkdirSync(dirname(join(BOOK, path)), { recursive: true });
    writeFileSync(join(BOOK, path), content);
  }
  return stale.map(({ path }) => path);
}
