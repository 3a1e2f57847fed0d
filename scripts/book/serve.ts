/** Serves dist/book on the loopback: for readers of a checkout, and for the test. */
import { createReadStream, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import mime from 'mime';

/** Where the pages are. */
export const PAGES = fileURLToPath(new URL('../../../dist/book/', import.meta.url));

/** The same rule as in the README of the book: nothing comes from another host. */
const POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

/** Answers a request with a page, or 404. */
export function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://book');
  const name = normalize(decodeURIComponent(pathname));
  const file = [name, `${name}.html`, join(name, 'index.html')].find((path) => isFile(join(PAGES, path)));
  if (file === undefined || name.includes('..')) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such page.\n');
    return;
  }
  const type = mime.getType(file) ?? 'application/octet-stream';
  response.writeHead(200, {
    'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
    'content-security-policy': POLICY,
  });
  createReadStream(join(PAGES, file)).pipe(response);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
