/**
 * The server of Node's that a program's handler becomes. The names of its methods are asked for, and not its class: a
 * program has its own copy of its framework.
 */
import { createServer, type RequestListener, Server } from 'node:http';
import { createRequire } from 'node:module';

/**
 * What a program may give as its handler:
 *
 *     (req, res) => …          Express, Connect and every function of that form
 *     http.Server              as it is: what listens to its 'upgrade' (ws, Socket.IO) is kept
 *     { ready, server }        Fastify
 *     { callback }             Koa
 *     { fetch }                Hono and others, by @hono/node-server, which stands beside the program
 *     { prepare, getRequestHandler }   Next
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import type { ServeHandler } from 'fastpath';
 *
 * export const plain: ServeHandler = (request, response) => void response.end(`${request.url}\n`);
 * export const server: ServeHandler = createServer(plain);
 * export const fetching: ServeHandler = { fetch: (request) => new Response(request.url) };
 * ```
 */
export type Handler =
  | RequestListener
  | Server
  | { ready(): PromiseLike<unknown>; readonly server: Server }
  | { callback(): RequestListener }
  | { fetch(request: Request, bindings?: object): Response | Promise<Response> }
  | { prepare(): Promise<unknown>; getRequestHandler(): RequestListener };

/** What a program gave cannot answer. */
export class NoHandler extends TypeError {
  override readonly name = 'NoHandler';
}

/** The worker has bounded the head already, and writes it anew: it may have become a little longer. */
const MAX_HEADER_BYTES = 1_048_576;

/** `bindings` has Node's own request and response. */
type Fetch = (request: Request, bindings: object) => Response | Promise<Response>;
type Adapter = { getRequestListener(fetch: Fetch): RequestListener };

/**
 * The server that answers with `handler`. It listens nowhere.
 * @param from the file that exports it: where the adapter of a fetch function is looked for
 * @throws {NoHandler} for something that cannot answer, with a sentence that says what could
 */
export async function serverOf(handler: unknown, from?: URL): Promise<Server> {
  const given: unknown = await handler; // it may be a promise of one
  if (given instanceof Server) return given;
  if (typeof given === 'function') return newServer(given as RequestListener);
  if (typeof given !== 'object' || given === null) throw new NoHandler(`${wrong(given)}; ${POSSIBLE}`);
  if (hasMethod(given, 'ready') && (given as { server?: unknown }).server instanceof Server) {
    await given.ready();
    return (given as unknown as { server: Server }).server;
  }
  if (hasMethod(given, 'getRequestHandler') && hasMethod(given, 'prepare')) {
    await given.prepare();
    return newServer(given.getRequestHandler() as RequestListener);
  }
  if (hasMethod(given, 'callback')) return newServer(given.callback() as RequestListener);
  if (hasMethod(given, 'fetch')) {
    const { getRequestListener } = await adapterOf(from);
    return newServer(getRequestListener((request, bindings) => given.fetch(request, bindings) as Response));
  }
  if ('default' in given) return serverOf(given.default, from); // a module of CommonJS that was compiled from ESM
  throw new NoHandler(`${wrong(given)}; ${POSSIBLE}`);
}

const POSSIBLE = 'a handler is (req, res) => …, an http.Server, or an app of Express, Fastify, Koa, Hono or Next';

function newServer(listener: RequestListener): Server {
  return createServer({ maxHeaderSize: MAX_HEADER_BYTES }, listener);
}

function hasMethod<Name extends string>(
  value: object,
  name: Name,
): value is Record<Name, (...given: unknown[]) => unknown> {
  return typeof (value as Record<string, unknown>)[name] === 'function';
}

function wrong(value: unknown): string {
  return value === undefined ? 'there is no default export' : `this is no handler: ${describe(value)}`;
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return `an object of ${name || 'no class'}`;
}

/** It belongs to the program that uses Hono on Node, so it is there. */
async function adapterOf(from: URL | undefined): Promise<Adapter> {
  const name = '@hono/node-server';
  try {
    return (await import(from === undefined ? name : createRequire(from).resolve(name))) as Adapter;
  } catch (cause) {
    const where = from === undefined ? '' : ' beside the handler';
    throw new NoHandler(`a handler with "fetch" needs ${name}${where}: npm install ${name}`, { cause });
  }
}
