/**
 * How `fastpath status` asks a running server: a Unix socket beside its state file. A visitor gets one JSON value,
 * and the connection ends. A visitor cannot ask anything, so the server has nothing to parse.
 *
 * Only the user that the server runs as (and root) may connect, and only a bounded number of visitors at a time.
 */
import { connect, createServer, type Server } from 'node:net';
import { listenForOwner, type SocketOwner } from './owner-socket.js';

/** Long enough for a busy main thread; a dead server refuses at once. */
const ANSWER_TIMEOUT_MS = 2_000;
/** A visitor that does not take its answer, or does not close, is gone after this time. */
const VISIT_MS = 2_000;
/** More visitors at a time are turned away: each holds a descriptor. */
const MAX_VISITORS = 16;

export class ControlSocket {
  readonly #server: Server;
  #describe: () => object = () => ({});

  readonly #path: string;
  readonly #owner: SocketOwner | undefined;

  /** Listens from now on. @param owner the user who owns the socket; undefined: this process's user */
  constructor(path: string, owner?: SocketOwner) {
    this.#path = path;
    this.#owner = owner;
    this.#server = createServer((socket) => {
      const timer = setTimeout(() => socket.destroy(), VISIT_MS);
      socket.on('close', () => clearTimeout(timer));
      socket.on('error', () => {});
      socket.resume(); // whatever a visitor says, only its end counts
      socket.end(`${JSON.stringify(this.#describe())}\n`);
    });
    this.#server.maxConnections = MAX_VISITORS;
    this.#server.on('error', () => {}); // no socket, no live numbers: the state file is still there
    this.open();
  }

  /** Listens again, after `close`. What lies at the path is replaced. */
  open(): void {
    listenForOwner(this.#server, this.#path, this.#owner);
  }

  /** Sets the answer for visitors. Before the first call it is an empty object. */
  answer(describe: () => object): void {
    this.#describe = describe;
  }

  /** Removes the path at once; fulfilled when the last visitor is gone. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** Asks the server behind a socket; undefined: no answer, or none for this user. */
export function askServer(path: string): Promise<object | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const chunks: Buffer[] = [];
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(parseObject(Buffer.concat(chunks).toString('utf8'))));
  });
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
