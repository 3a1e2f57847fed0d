/**
 * Serves the inspector's page on loopback: the built files of web/inspector, and what the page looks at. It is Node's
 * own HTTP server. Who asks for more than the files needs the token, which stands in the address that is printed.
 *
 * A page of another site can send requests here, but reads no answer (no CORS). A name that is made to point here (DNS
 * rebinding) is refused by the Host field. The token keeps other users of the machine out.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownFile } from '../own-files.js';

/** Where `npm run build` puts the page. */
const PAGE = fileURLToPath(ownFile('../web/inspector/'));
/** By path: the file, its type, and for a program that evaluates what a student has written, a policy of its own. */
type PageFile = readonly [file: string, type: string, policy?: string];
const FILES: Readonly<Record<string, PageFile>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/app.js': ['app.js', 'text/javascript; charset=utf-8'],
  '/worker.js': ['worker.js', 'text/javascript; charset=utf-8'],
  '/app.css': ['app.css', 'text/css; charset=utf-8'],
  '/lab/': ['../lab/index.html', 'text/html; charset=utf-8'],
  '/lab/app.js': ['../lab/app.js', 'text/javascript; charset=utf-8'],
  '/lab/app.css': ['../lab/app.css', 'text/css; charset=utf-8'],
  '/lab/labs.json': ['../lab/labs.json', 'application/json'],
  '/lab/worker.js': [
    '../lab/worker.js',
    'text/javascript; charset=utf-8',
    "default-src 'none'; script-src 'self' 'unsafe-eval'",
  ],
};

const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** What targets of requests are relative to. */
const ORIGIN = 'http://127.0.0.1';
const TOKEN_BYTES = 24;
const MOST_CONNECTIONS = 32;
const REQUEST_TIMEOUT_MS = 10_000;
/** A page whose stream has ended asks again after so long. */
const RETRY_MS = 1_000;
/** A page that reads too slowly gets no more until it has caught up. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/** Where live news come from. */
export interface Feed {
  /** Begins to call `tell` with lines of JSON; returns what ends it. */
  watch(tell: (json: string) => void): () => void;
  /** The bytes of an object of the cache; undefined: there is none, or it is too large to be shown. */
  object(host: string, path: string): Uint8Array | undefined;
}

/** What the page is to look at. */
export interface PageSource {
  /** A capture file, by its path. */
  readonly capture?: string | undefined;
  /** A running server. */
  readonly feed?: Feed;
}

/** The server of the page. */
export class PageServer {
  readonly #token = randomBytes(TOKEN_BYTES).toString('base64url');
  readonly #source: PageSource;
  readonly #server: Server;
  readonly #ends = new Set<() => void>();

  constructor(source: PageSource) {
    this.#source = source;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.headersTimeout = this.#server.requestTimeout = REQUEST_TIMEOUT_MS;
  }

  /** Listens on 127.0.0.1; port 0 is a free one. @throws the error of listen(2) */
  open(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  /** The address for a browser, with the token. `hash`: what to open, such as `server`. */
  url(hash: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/?token=${this.#token}#${hash}`;
  }

  /** The address of the page of the labs, which shows nothing that is secret. */
  get labUrl(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/lab/`;
  }

  /** Keeps the process alive no longer. */
  unref(): void {
    this.#server.unref();
  }

  /** Ends it, with all that is under way. */
  close(): Promise<void> {
    for (const end of this.#ends) end();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const { method = '', url = '', headers } = request;
    if (!URL.canParse(url, ORIGIN)) {
      fail(response, 400, 'this is no address');
      return;
    }
    const { pathname, searchParams } = new URL(url, ORIGIN);
    const file = Object.hasOwn(FILES, pathname) ? FILES[pathname] : undefined;
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '')) fail(response, 421, 'wrong host');
    else if (method !== 'GET') fail(response, 405, 'only GET is answered here');
    else if (file !== undefined) sendFile(response, file);
    else if (!this.#knows(searchParams.get('token') ?? ''))
      fail(response, 403, 'the token in the address is missing or wrong: open the address that fastpath has printed');
    else this.#show(response, pathname, searchParams);
  }

  /** What only the holder of the token sees. */
  #show(response: ServerResponse, pathname: string, wish: URLSearchParams): void {
    const { capture, feed } = this.#source;
    const wished = (name: string) => wish.get(name) ?? '';
    if (pathname === '/capture') sendCapture(response, capture, wished('file'));
    else if (pathname === '/events' && feed !== undefined) this.#stream(response, feed);
    else if (pathname === '/object' && feed !== undefined)
      sendObject(response, feed.object(wished('host'), wished('path')));
    else fail(response, 404, 'there is nothing of this name');
  }

  #knows(token: string): boolean {
    const [given, wanted] = [Buffer.from(token), Buffer.from(this.#token)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  /** Server-sent events (HTML, section 9.2). What a slow page cannot take is left out. */
  #stream(response: ServerResponse, feed: Feed): void {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    const stop = feed.watch((json) => {
      if (response.writableLength < MOST_WAITING_BYTES) response.write(`data: ${json}\n\n`);
    });
    const end = () => {
      stop();
      this.#ends.delete(end);
    };
    this.#ends.add(end);
    response.on('close', end);
  }
}

function sendFile(response: ServerResponse, [file, type, policy = POLICY]: PageFile): void {
  try {
    const body = readFileSync(PAGE + file);
    const headers = { ...HEADERS, 'Content-Security-Policy': policy, 'Content-Type': type };
    response.writeHead(200, { ...headers, 'Content-Length': body.length });
    response.end(body);
  } catch {
    fail(response, 500, 'the page was not built: npm run build');
  }
}

/** `wished`: the file that the address of the page names; empty: whichever there is. */
function sendCapture(response: ServerResponse, path: string | undefined, wished: string): void {
  if (path === undefined) {
    fail(response, 404, 'fastpath inspect was started without a file');
    return;
  }
  const name = basename(path);
  if (wished !== '' && wished !== name) {
    fail(response, 404, `the address names ${wished}, and fastpath inspect shows ${name}`);
    return;
  }
  const stream = createReadStream(path);
  stream.once('error', (error) => fail(response, 500, error.message));
  stream.once('open', () => {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'application/octet-stream' });
    stream.pipe(response);
  });
  response.on('close', () => stream.destroy());
}

function sendObject(response: ServerResponse, bytes: Uint8Array | undefined): void {
  if (bytes === undefined) {
    fail(response, 404, 'the cache has no such object');
    return;
  }
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': 'application/octet-stream',
    'Content-Length': bytes.length,
  });
  response.end(bytes);
}

function fail(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
