/** Serves dist/book on the loopback: for readers of a checkout, and for the test. */
import { fileURLToPath } from 'node:url';
import { pagesIn } from '../pages.js';

/** Where the pages are. */
export const PAGES = fileURLToPath(new URL('../../../dist/book/', import.meta.url));

/** Answers a request with a page, or 404. */
export const answer = pagesIn(PAGES);
