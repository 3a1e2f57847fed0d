/** Serves a folder of built pages on the loopback: the book and the reference of the API. */
import { createReadStream, statSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import mime from 'mime';

/** The same rule as in the README of the book: nothing comes from another host. */
const POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

/** Answers a request with a page of `folder`, or 404. */
export function pagesIn(folder: string): RequestListener {
  return (request, response) => {
    const name = pageName(request.url ?? '/');
    if (name === undefined) {
      response.writeHead(400, { 'content-type': 'text/plain' }).end('This is no address.\n');
      return;
    }
    const file = [name, `${name}.html`, join(name, 'index.html')].find((path) => isFile(join(folder, path)));
    if (file === undefined && name === '/favicon.ico') {
      response.writeHead(204).end(); // browsers ask for it unasked, and a 404 stands in their console as an error
      return;
    }
    if (file === undefined || name.includes('..')) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such page.\n');
      return;
    }
    const type = mime.getType(file) ?? 'application/octet-stream';
    response.writeHead(200, {
      'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
      'content-security-policy': POLICY,
    });
    createReadStream(join(folder, file)).pipe(response);
  };
}

/** The name of the page that a request asks for; undefined: its target is malformed, or its escapes are no UTF-8. */
function pageName(target: string): string | undefined {
  try {
    return normalize(decodeURIComponent(new URL(target, 'http://pages').pathname));
  } catch {
    return undefined;
  }
}

/** Shows the pages of `folder` until Ctrl-C, and prints where. `what`: the book, for a sentence about it. */
export function showPages(what: string, folder: string): void {
  const server = createServer(pagesIn(folder));
  server.listen(0, '127.0.0.1', () => {
    console.log(`${what} is on http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
}

/** Whether there is a file at this path. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
