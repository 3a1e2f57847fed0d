/**
 * How `fastpath status` asks a running server: a Unix socket beside its state file. Whoever connects is sent one JSON
 * value and the end; there is nothing to ask, so nothing to parse and nothing to get wrong.
 */
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';

/** Long enough for a busy main thread; a dead server refuses at once. */
const ANSWER_TIMEOUT_MS = 2_000;

export class ControlSocket {
  readonly #server: Server;

  /** @param describe what a visitor is told */
  constructor(path: string, describe: () => object) {
    rmSync(path, { force: true });
    this.#server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(`${JSON.stringify(describe())}\n`);
    });
    this.#server.on('error', () => {}); // no socket, no live numbers: the state file is still there
    this.#server.listen(path, () => chmodSync(path, 0o666));
    this.#server.unref();
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** Asks the server behind a socket; undefined if nobody answers. */
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
