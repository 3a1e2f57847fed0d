/** Every link of a page to another page, a file or a heading leads somewhere. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** All pages: those at the top, and those of docs/ and examples/. */
function pages(): string[] {
  const inFolder = (folder: string) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(ROOT, folder, name));
  const atTop = readdirSync(ROOT).map((name) => join(ROOT, name));
  return [...atTop, ...inFolder('docs'), ...inFolder('examples')].filter(
    (name) => name.endsWith('.md') && !name.includes('/node_modules/') && !name.includes('/.vitepress/'),
  );
}

/** The anchors of a page's headings, as forges make them: small letters, no punctuation, `-` for a space. */
function anchors(text: string): Set<string> {
  const headings = withoutCode(text).matchAll(/^#+ +(.+?)(?: *\{#([\w-]+)\})?$/gm);
  return new Set(
    [...headings].map(
      ([, title = '', own]) =>
        own ??
        title
          .toLowerCase()
          .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
          .replace(/[^\p{L}\p{N}\s_-]/gu, '')
          .trim()
          .replace(/\s/g, '-'),
    ),
  );
}

const withoutCode = (text: string) => text.replace(/^ *```[\s\S]*?^ *```/gm, '').replace(/`[^`\n]*`/g, '');

/** What is wrong with the links of a page. */
function brokenLinks(file: string, text: string): string[] {
  const links = withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g);
  return [...links].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const to = path === '' ? file : join(path.startsWith('/') ? join(ROOT, 'docs/book') : dirname(file), path);
    if (!existsSync(to)) return [`${relative(ROOT, file)}: ${target}`];
    if (anchor === undefined || statSync(to).isDirectory() || !to.endsWith('.md')) return [];
    return anchors(to === file ? text : readFileSync(to, 'utf8')).has(anchor)
      ? []
      : [`${relative(ROOT, file)}: ${target}`];
  });
}

describe('the links of our pages', () => {
  it('lead to files and headings that are there', () => {
    const all = pages();
    expect(all.length).to.be.greaterThan(30);
    expect(all.flatMap((file) => brokenLinks(file, readFileSync(file, 'utf8')))).to.deep.equal([]);
  });

  it('are found broken if they are', () => {
    const text = '# A word\n[a](#a-word) [b](#no) [c](no.md) [d](README.md) `[e](no.md)` [f](https://example.org/x)';
    expect(brokenLinks(join(ROOT, 'README.md'), text)).to.deep.equal(['README.md: #no', 'README.md: no.md']);
  });
});
