/**
 * `npm run book`: the textbook of docs/book as pages in dist/book. `-- --write` brings its quotations, pictures and
 * captures up to date; `-- --serve` builds it and shows it on 127.0.0.1.
 */
import { build } from 'vitepress';
import { showPages } from '../pages.js';
import { BOOK } from './chapter.js';
import { PAGES } from './serve.js';
import { write } from './write.js';

const wishes = new Set(process.argv.slice(2));
const unknown = [...wishes].find((wish) => wish !== '--write' && wish !== '--serve');
if (unknown !== undefined) {
  console.error(`npm run book takes --write and --serve, not ${unknown}`);
  process.exit(2);
}
if (wishes.has('--write')) {
  const paths = await write();
  console.log(
    paths.length === 0 ? 'The book is up to date.' : `Written:\n${paths.map((path) => `  ${path}`).join('\n')}`,
  );
} else {
  await build(BOOK);
  if (wishes.has('--serve')) showPages('The book', PAGES);
}
