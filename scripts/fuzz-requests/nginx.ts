/**
 * nginx as a reader of requests: it says which requests it took out of the bytes of a connection. It listens on a UNIX
 * socket in a folder of its own, so no port is used. It passes each request to a second server of its own, since only
 * then does it read a body to its end before it answers.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { End, Reading } from '../../test/support/request-fuzz/readers.js';

const START_MS = 5000;
const ANSWER_MS = 10_000;

function configuration(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder};`);
  return `
daemon off;
master_process off;
pid ${folder}/pid;
error_log ${folder}/error.log crit;
events { worker_connections 512; }
http {
  access_log off;
  ${temporary.join(' ')}
  keepalive_requests 1000;
  client_max_body_size 64k;
  server {
    listen unix:${folder}/front.sock;
    add_header X-Was "$request" always;
    location / {
      proxy_pass http://unix:${folder}/back.sock:/;
      proxy_set_header Host a;
      proxy_ignore_client_abort on;
    }
  }
  server {
    listen unix:${folder}/back.sock;
    location / { return 204; }
  }
}
`;
}

/** One nginx, from `start` to `stop`. */
export class NginxReader {
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, process: ChildProcess) {
    this.#folder = folder;
    this.#process = process;
  }

  /** @throws {Error} if nginx is not there, or does not listen within five seconds. */
  static async start(): Promise<NginxReader> {
    const folder = mkdtempSync(join(tmpdir(), 'fastpath-nginx-'));
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, configuration(folder));
    const child = spawn('nginx', ['-e', join(folder, 'error.log'), '-c', file], { stdio: 'ignore' });
    let problem = 'it does not listen';
    child.once('error', (error) => (problem = error.message));
    child.once('exit', (code) => (problem = `it ended with ${code}`));
    const reader = new NginxReader(folder, child);
    for (const end = Date.now() + START_MS; Date.now() < end && child.exitCode === null; await wait(20)) {
      if (existsSync(join(folder, 'front.sock')) && existsSync(join(folder, 'back.sock'))) return reader;
    }
    reader.stop();
    throw new Error(`nginx: ${problem}`);
  }

  /** Sends the bytes on a connection of their own, and says what nginx took out of them. */
  async read(bytes: Uint8Array): Promise<Reading> {
    return readingOf(await this.#exchange(bytes));
  }

  stop(): void {
    this.#process.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #exchange(bytes: Uint8Array): Promise<string> {
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      const socket = connect({ path: join(this.#folder, 'front.sock'), allowHalfOpen: true });
      socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('nginx does not answer')));
      socket.on('data', (part) => parts.push(part));
      socket.on('end', () => socket.destroy());
      socket.on('error', (error: NodeJS.ErrnoException) => {
        // It may close while we still write: what came before that counts.
        if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
      });
      socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')));
      socket.end(bytes);
    });
  }
}

/** From nginx's answers to the requests that they answer. 204 is the answer of the second server. */
function readingOf(answers: string): Reading {
  const requests: string[] = [];
  let end: End = 'between';
  for (let at = 0; at < answers.length; ) {
    const headTo = answers.indexOf('\r\n\r\n', at);
    if (headTo < 0) break;
    const head = answers.slice(at, headTo);
    const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
    at = headTo + 4;
    if (status === '100') continue;
    at += Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    if (status === '204') requests.push(/^X-Was: (.*) HTTP\/1\.\d\r?$/m.exec(head)?.[1] ?? '');
    else end = 'refused';
    if (/^connection: close/im.test(head) && end === 'between') end = 'closed';
  }
  return { requests, end };
}
