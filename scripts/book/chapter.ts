/** A chapter as its Markdown has it: what the test looks for, and what the page makes alive. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, whether this file runs from dist or is bundled by VitePress from its source. */
export const ROOT = rootAbove(fileURLToPath(new URL('.', import.meta.url)));
/** The folder of the book. */
export const BOOK = join(ROOT, 'docs/book/');

/** A figure that a chapter shows: a picture alone in its paragraph. */
export const FIGURE = /^!\[([^\]]+)\]\(pictures\/(\d\d-[\w-]+?)\.([\w-]+)\.svg\)$/;
/** A capture: a link alone in its paragraph. */
export const CAPTURE = /^\[([^\]]+)\]\((captures\/[\w.-]+\.pcapng)\)$/;

export interface Chapter {
  /** `02-ethernet-and-arp`. */
  readonly name: string;
  readonly text: string;
  readonly title: string;
  readonly figures: readonly { readonly chapter: string; readonly name: string; readonly alt: string }[];
  readonly scripts: readonly string[];
  readonly captures: readonly string[];
  readonly exercises: number;
  readonly headings: readonly string[];
  /** How long it takes to read: see `minutesOf`. */
  readonly minutes: number;
}

/** All chapters, in order. */
export function chapters(): Chapter[] {
  return readdirSync(BOOK)
    .filter((name) => /^\d\d-.*\.md$/.test(name))
    .sort()
    .map((file) => chapterOf(file.slice(0, -'.md'.length), readFileSync(join(BOOK, file), 'utf8')));
}

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}

/** Reads the Markdown of a chapter. */
export function chapterOf(name: string, text: string): Chapter {
  const { prose, blocks } = split(text);
  const lines = prose.split('\n');
  return {
    name,
    text,
    title: /^# (.+)$/m.exec(prose)?.[1] ?? '',
    figures: lines.flatMap((line) => {
      const [, alt, chapter, figure] = FIGURE.exec(line) ?? [];
      return alt === undefined || chapter === undefined || figure === undefined ? [] : [{ chapter, name: figure, alt }];
    }),
    scripts: blocks.filter(({ language }) => language === 'packetdrill').map(({ code }) => code),
    captures: lines.flatMap((line) => CAPTURE.exec(line)?.[2] ?? []),
    exercises: exercisesOf(prose),
    headings: lines.filter((line) => line.startsWith('## ')).map((line) => line.slice(3)),
    minutes: minutesOf(prose),
  };
}

/** A text that one has to think about is read at this pace. (A novel is read at 250.) */
const WORDS_A_MINUTE = 200;
/** The text says what to look at in a figure, and is counted. This is the time to look. */
const MINUTES_A_FIGURE = 0.5;

/**
 * How long a chapter takes to read, in minutes: its text, tables and lists, and a look at each figure. Code is left
 * out, since the text says what is in it. Exercises are left out, too: they are work for afterwards.
 */
function minutesOf(prose: string): number {
  const [text = ''] = prose.split(/^## Exercises$/m);
  const lines = text.split('\n');
  const isFigure = (line: string) => FIGURE.test(line);
  const read = lines.filter((line) => !isFigure(line) && !/^From \[/.test(line)).join('\n');
  const words = read.split(/\s+/).filter((word) => /[a-z0-9]/i.test(word)).length;
  return words / WORDS_A_MINUTE + lines.filter(isFigure).length * MINUTES_A_FIGURE;
}

/** Exercises with an answer: each has one `<details>` with a `<summary>`. */
function exercisesOf(prose: string): number {
  const [, after = ''] = prose.split(/^## Exercises$/m);
  const [section = ''] = after.split(/^## /m);
  return section.match(/<details>\s*<summary>/g)?.length ?? 0;
}

/** Prose without its blocks of code, and the blocks. */
function split(text: string): { prose: string; blocks: { language: string; code: string }[] } {
  const blocks: { language: string; code: string }[] = [];
  const prose = text.replace(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm, (_, language: string, code: string) => {
    blocks.push({ language, code });
    return '';
  });
  return { prose, blocks };
}
