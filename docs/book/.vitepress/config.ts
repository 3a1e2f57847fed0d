/** The book as pages: `npm run book`. It asks no other host for anything: fonts and search are in the build. */
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type MarkdownEnv, type MarkdownRenderer } from 'vitepress';
import { writeBeside } from '../../../scripts/book/beside.js';
import { chapters } from '../../../scripts/book/chapter.js';
import { buildElements, ELEMENTS_URL } from '../../../scripts/book/elements.js';
import { bookMarkdown, linked } from './markdown.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BOOK = join(ROOT, 'docs/book');

/** A page as the index of the search takes it: without the colours of program text, which take most of a rendering. */
function words(source: string, env: MarkdownEnv, markdown: Pick<MarkdownRenderer, 'options' | 'render'>): string {
  const { options } = markdown;
  const { highlight } = options;
  options.highlight = () => '';
  try {
    return markdown.render(source, env);
  } finally {
    options.highlight = highlight; // VitePress has one renderer: a page that it makes later needs the colours
  }
}

export default defineConfig({
  title: 'From the wire to the cache',
  description: 'A textbook of TCP/IP whose figures run the real stack in your browser.',
  lang: 'en',
  srcDir: BOOK,
  outDir: join(ROOT, 'dist/book'),
  cacheDir: join(ROOT, 'dist/.vitepress'),
  rewrites: { 'README.md': 'index.md' },
  head: [
    ['link', { rel: 'icon', href: 'data:,' }],
    ['script', { type: 'module', src: ELEMENTS_URL }],
  ],
  markdown: {
    config: bookMarkdown,
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  themeConfig: {
    siteTitle: 'Wire to cache',
    search: { provider: 'local', options: { _render: words } },
    outline: { level: [2, 3] },
    sidebar: chapters().map(({ name, title }) => ({ text: title, link: `/${name}` })),
    docFooter: { prev: 'The chapter before', next: 'The next chapter' },
  },
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith('fp-') } } },
  // Nearly all of the bundle is Vue and the theme, which the pages need. A search for dead code takes a third of a
  // build.
  vite: { build: { reportCompressedSize: false, rollupOptions: { treeshake: false } } },
  async buildEnd({ outDir }) {
    await buildElements(ROOT, outDir);
    if (existsSync(join(BOOK, 'captures')))
      cpSync(join(BOOK, 'captures'), join(outDir, 'captures'), { recursive: true });
    writeBeside(ROOT, outDir, linked);
  },
});
