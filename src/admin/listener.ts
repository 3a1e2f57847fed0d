/**
 * The admin listener: a small HTTP server of the kernel's own stack, so that it answers even if ours does not. It is
 * Node's, with short time-outs and few connections. endpoints.ts has what it answers.
 */
import { chownSync, existsSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { type AdminAddress, formatAdminAddress, isLocal } from '../site/admin-address.js';
import { type AdminAnswer, answerAdmin, type EndpointParts } from './endpoints.js';
import { Guard } from './guard.js';
import { AdminError } from './source.js';

const MAX_CONNECTIONS = 64;
const MAX_HEAD_BYTES = 8_192;
const REQUEST_TIMEOUT_MS = 10_000;
/** Longer than the usual interval of scrapes is not needed: a new connection costs nothing on one machine. */
const IDLE_TIMEOUT_MS = 5_000;
/** The socket is made with mode 0600, so at no moment can others connect. */
const OWNER_ONLY = 0o177;
const CONNECT_MS = 500;
/** How long an answer under way may take when the listener closes. */
const LAST_ANSWER_MS = 500;

export interface ListenerOptions {
  readonly address: AdminAddress;
  readonly token: string | undefined;
  /** The user that owns a Unix socket; undefined: this process's user. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

export class AdminListener {
  readonly #options: ListenerOptions;
  readonly #parts: EndpointParts;
  #server: Server | undefined;

  /** @throws {AdminError} `bad-address`: one that other machines reach needs a token */
  constructor(options: ListenerOptions, parts: Omit<EndpointParts, 'guard'>) {
    const { address, token } = options;
    if (!isLocal(address) && token === undefined) {
      throw new AdminError(
        'bad-address',
        `${formatAdminAddress(address)} can be reached from other machines, and there is no token`,
        'Give a token (--admin-token-file), or listen on 127.0.0.1 or a Unix socket.',
      );
    }
    this.#options = options;
    this.#parts = { ...parts, guard: new Guard(address, token) };
  }

  /** Where it listens: the port that was found, if 0 was asked for. Undefined: it does not. */
  get address(): AdminAddress | undefined {
    const at = this.#server?.address();
    if (at === null || at === undefined) return undefined;
    return typeof at === 'string' ? { kind: 'unix', path: at } : { kind: 'tcp', host: at.address, port: at.port };
  }

  /** Listens from now on. @throws {AdminError} `taken` or `bad-address` */
  async open(): Promise<void> {
    const { address, owner } = this.#options;
    const server = createServer({ maxHeaderSize: MAX_HEAD_BYTES }, (request, response) => {
      void this.#serve(request, response);
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.headersTimeout = server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.keepAliveTimeout = IDLE_TIMEOUT_MS;
    if (address.kind === 'unix') await makeRoomAt(address.path);
    await listen(server, address);
    if (address.kind === 'unix' && owner !== undefined) chownSync(address.path, owner.uid, owner.gid);
    server.on('error', () => {}); // one connection failed: not the listener's affair
    server.unref();
    this.#server = server;
  }

  /** Listens no more: address and path are free at once. Fulfilled when the last connection is gone. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => server.closeAllConnections(), LAST_ANSWER_MS);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      server.closeIdleConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', headers } = request;
    request.resume();
    const answer = await answerAdmin({ method, target, headers }, this.#parts);
    send(response, answer, this.#server === undefined);
  }
}

function send(response: ServerResponse, { status, headers, body }: AdminAnswer, isLast: boolean): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, 'Content-Length': length, ...(isLast && { Connection: 'close' }) });
  response.end(body);
}

function listen(server: Server, address: AdminAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(explained(address, cause)));
    server.once('listening', () => {
      server.removeAllListeners('error');
      resolve();
    });
    const umask = process.umask(OWNER_ONLY);
    try {
      if (address.kind === 'unix')
        server.listen(address.path); // binds before it returns
      else server.listen(address.port, address.host);
    } finally {
      process.umask(umask);
    }
  });
}

/** Removes a socket that a dead server left. @throws {AdminError} `taken` if it is none, or somebody answers there */
async function makeRoomAt(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new AdminError('taken', `${path} is there, and is no socket`, 'Name another path.');
  if (await answers(path)) throw new AdminError('taken', `another process listens on ${path}`, 'Name another path.');
  rmSync(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (isAlive: boolean) => {
      socket.destroy();
      resolve(isAlive);
    };
    socket.setTimeout(CONNECT_MS, () => done(true));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

function explained(address: AdminAddress, cause: NodeJS.ErrnoException): AdminError {
  const where = formatAdminAddress(address);
  if (cause.code === 'EADDRINUSE') {
    return new AdminError('taken', `another process listens on ${where}`, 'Choose another port.', { cause });
  }
  // The system says EACCES of a folder that is not there, too.
  const isLost = address.kind === 'unix' && !existsSync(dirname(address.path));
  const reason = isLost ? `there is no folder ${dirname(address.path)}` : cause.message;
  const message = `cannot listen on ${where} for administrators: ${reason}`;
  return new AdminError('bad-address', message, 'Choose another address or path.', { cause });
}
