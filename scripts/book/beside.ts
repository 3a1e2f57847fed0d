/**
 * What the pages of the book link to outside of it, beside the built pages: a page of docs as a page, with its pictures
 * and what it links to; every other file as its text.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import MarkdownIt from 'markdown-it';
import { isFile } from '../pages.js';

type Token = ReturnType<MarkdownIt['parse']>[number];

/** As they are: a page shows them. */
const PICTURE = /\.(svg|png|jpg|gif)$/;

const STYLE =
  ':root{color-scheme:light dark}body{max-width:52rem;margin:2rem auto;padding:0 1rem;font:1rem/1.6 system-ui}' +
  'pre{overflow:auto}img{max-width:100%}table{display:block;overflow:auto;border-collapse:collapse}' +
  'td,th{border:1px solid;padding:.2rem .5rem;text-align:left;vertical-align:top}';

/** The address of a file of the repository among the built pages. `path`: with slashes, from the top. */
export function addressBeside(path: string): string {
  if (PICTURE.test(path)) return `/from/${path}`;
  return `/from/${path}${path.endsWith('.md') ? '.html' : '.txt'}`;
}

/**
 * Writes these files of the repository `root`, and all that their pages lead to, into `outDir`. What is not there is
 * left out. @returns the files that were written, by their path in the repository
 */
export function writeBeside(root: string, outDir: string, paths: Iterable<string>): string[] {
  const wanted = new Set(paths);
  const written: string[] = [];
  for (const path of wanted) {
    const from = join(root, path);
    if (!isFile(from)) continue;
    const to = join(outDir, addressBeside(path));
    mkdirSync(dirname(to), { recursive: true });
    if (path.endsWith('.md')) writeFileSync(to, pageOf(root, path, readFileSync(from, 'utf8'), wanted));
    else copyFileSync(from, to);
    written.push(path);
  }
  return written;
}

/** The page, in HTML. Files that it leads to go into `wanted`. */
function pageOf(root: string, path: string, text: string, wanted: Set<string>): string {
  const markdown = new MarkdownIt();
  const tokens = markdown.parse(text, {});
  for (const [i, token] of tokens.entries()) {
    if (token.type === 'heading_open') token.attrSet('id', slugOf(tokens[i + 1]?.content ?? ''));
    for (const child of token.children ?? []) leadOn(root, path, child, wanted);
  }
  const title = markdown.utils.escapeHtml(/^# (.*)$/m.exec(text)?.[1] ?? path);
  const head =
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<link rel="icon" href="data:,"><title>${title}</title><style>${STYLE}</style><main>\n`;
  return `${head}${markdown.renderer.render(tokens, markdown.options, {})}</main></html>\n`;
}

/** A link or picture of a page leads to the copy of its file. */
function leadOn(root: string, page: string, token: Token, wanted: Set<string>): void {
  const name = token.type === 'link_open' ? 'href' : token.type === 'image' ? 'src' : undefined;
  if (name === undefined) return;
  const [target = '', anchor] = (token.attrGet(name) ?? '').split('#');
  if (target === '' || /^[a-z]+:/i.test(target)) return;
  const path = posix.join(posix.dirname(page), target);
  if (path.startsWith('..') || !isFile(join(root, path))) return;
  wanted.add(path);
  token.attrSet(name, addressBeside(path) + (anchor === undefined ? '' : `#${anchor}`));
}

/** The name of a heading in an address, as forges make it. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replace(/ /g, '-');
}
