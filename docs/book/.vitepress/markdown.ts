/** What the pages make alive: figures, packet scripts, captures. Links out of the book lead to copies of the files. */
import { join } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { addressBeside } from '../../../scripts/book/beside.js';
import { CAPTURE, FIGURE } from '../../../scripts/book/chapter.js';

type Tokens = ReturnType<MarkdownRenderer['parse']>;
type Token = Tokens[number];

/** Files outside of the book that its pages link to, by their place in the repository. */
export const linked = new Set<string>();

/** Teaches the pages' Markdown what a figure, a script and a capture are. */
export function bookMarkdown(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('book', ({ tokens, Token: Make }) => {
    for (let i = 0; i + 2 < tokens.length; i++) {
      const [open, inline] = [tokens[i], tokens[i + 1]];
      if (open?.type !== 'paragraph_open' || inline?.type !== 'inline') continue;
      const element = figureHtml(inline.content) ?? captureHtml(inline.content);
      if (element === undefined) for (const child of inline.children ?? []) leaveBook(child);
      else tokens.splice(i, 3, html(Make, element));
    }
  });
  const fence = markdown.renderer.rules.fence;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index];
    if (token?.info.trim() === 'packetdrill') return scriptHtml(token.content, markdown.utils.escapeHtml);
    return fence?.(tokens, index, ...rest) ?? '';
  };
}

function html(Make: new (type: string, tag: string, nesting: 0) => Token, content: string): Token {
  const token = new Make('html_block', '', 0);
  token.content = content;
  return token;
}

function figureHtml(line: string): string | undefined {
  const [, alt = '', chapter, name] = FIGURE.exec(line) ?? [];
  if (chapter === undefined || name === undefined) return undefined;
  const source = `./pictures/${chapter}.${name}.svg`;
  const picture = `<img src="${source}" alt="${attribute(alt)}">`;
  return `<fp-figure id="figure-${name}" chapter="${chapter}" name="${name}">${picture}</fp-figure>\n`;
}

function captureHtml(line: string): string | undefined {
  const [, text = '', path] = CAPTURE.exec(line) ?? [];
  if (path === undefined) return undefined;
  return `<fp-capture><p><a href="/${path}" download>${attribute(text)}</a></p></fp-capture>\n`;
}

function scriptHtml(source: string, encode: (text: string) => string): string {
  return `<fp-script><pre v-pre tabindex="0">${encode(source)}</pre></fp-script>\n`;
}

function attribute(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
}

/**
 * A link to a file that is no page of the book leads to its copy, which the build puts beside the pages (beside.ts).
 * README is the book's first page.
 */
function leaveBook(token: Token): void {
  const target = token.type === 'link_open' ? token.attrGet('href') : null;
  if (target === 'README.md') token.attrSet('href', 'index.md');
  if (target === null || !/^(\.\.|figures)\//.test(target)) return;
  const [file = '', anchor] = target.split('#');
  const path = join('docs/book', file);
  linked.add(path);
  token.attrSet('href', addressBeside(path) + (anchor === undefined ? '' : `#${anchor}`));
  token.attrSet('target', '_self'); // VitePress takes what has a target for no page of its own
}
