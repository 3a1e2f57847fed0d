/**
 * A load generator for many connections and many objects, run as a program with an IPC channel:
 *
 *     node generator.js <address> <port> <objects>
 *     ← { open: 10000 }      → { done: 10000 }      that many connections are open
 *     ← { seconds: 2 }       → { done: 80123 }      that many answers came
 *     ← { close: true }      → { done: 0 }
 *
 * However many connections there are, at most 32 requests are on their way at a time, from one connection after the
 * other. So a server's batches stay alike, and what grows with the connections is only what it has to look through.
 */
import { connect, type Socket } from 'node:net';
import { OBJECT_BYTES, objectPath } from './objects.js';

const OUTSTANDING = 32;
const OPENING_AT_ONCE = 128;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

const [address, port, objects] = process.argv.slice(2) as [string, string, string];
const objectCount = Number(objects);

class Client {
  busy = false;
  #missing = -1;

  constructor(
    readonly socket: Socket,
    readonly answered: (client: Client) => void,
  ) {
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', fail);
    socket.on('close', (hadError: boolean) => hadError || fail(new Error('the server has closed a connection')));
  }

  ask(path: string): void {
    this.busy = true;
    this.#missing = -1;
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${address}\r\n\r\n`, 'latin1');
  }

  #take(chunk: Buffer): void {
    if (this.#missing < 0) {
      const end = chunk.indexOf(END_OF_HEAD); // a head this small has always come in one piece
      if (end < 0 || chunk.toString('latin1', 9, 12) !== '200')
        fail(new Error(`bad answer: ${chunk.toString('latin1')}`));
      this.#missing = end + END_OF_HEAD.length + OBJECT_BYTES;
    }
    this.#missing -= chunk.length;
    if (this.#missing > 0) return;
    this.busy = false;
    this.answered(this);
  }
}

let clients: Client[] = [];
let closing = false;
let answers = 0;
let until = 0;
let outstanding = 0;
let turn = 0;
let random = 1;
let finished = () => {};

function fail(error: Error): void {
  if (closing) return;
  process.send!({ error: error.message }, () => process.exit(1));
}

/** Sends a request on the next connection that waits for nothing. */
function askNext(): void {
  do turn = (turn + 1) % clients.length;
  while (clients[turn]!.busy);
  random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
  clients[turn]!.ask(objectPath(Math.floor((random / 2 ** 32) * objectCount)));
}

function answered(): void {
  answers++;
  if (performance.now() < until) askNext();
  else if (--outstanding === 0) finished();
}

async function openOne(): Promise<void> {
  const socket = connect({ host: address, port: Number(port), noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  clients.push(new Client(socket, answered));
}

async function open(count: number): Promise<number> {
  closing = false;
  while (clients.length < count) {
    const more = Math.min(OPENING_AT_ONCE, count - clients.length);
    await Promise.all(Array.from({ length: more }, openOne));
  }
  return clients.length;
}

async function load(seconds: number): Promise<number> {
  answers = 0;
  until = performance.now() + seconds * 1000;
  outstanding = Math.min(OUTSTANDING, clients.length);
  const end = new Promise<void>((resolve) => {
    finished = resolve;
  });
  for (let i = outstanding; i > 0; i--) askNext();
  await end;
  return answers;
}

function close(): number {
  closing = true;
  for (const { socket } of clients) socket.end();
  clients = [];
  return 0;
}

process.on('message', async (message: { open?: number; seconds?: number }) => {
  try {
    const { open: count, seconds } = message;
    const done = count !== undefined ? await open(count) : seconds !== undefined ? await load(seconds) : close();
    process.send!({ done });
  } catch (error) {
    fail(error as Error);
  }
});
