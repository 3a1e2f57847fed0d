/** nginx, for tests that have it as an origin, or compare with it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';

export function hasNginx(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** One nginx with a server of these directives. */
export class Nginx {
  readonly folder = mkdtempSync(join(tmpdir(), 'fastpath-nginx-'));
  port = 0;
  #process: ChildProcess | undefined;

  async start(directives: string): Promise<void> {
    this.port = await freePort();
    for (const name of ['www', 'temp']) mkdirSync(join(this.folder, name));
    const at = (name: string) => join(this.folder, name);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const text = `
daemon off; master_process off; worker_processes 1; pid ${at('pid')}; error_log ${at('error.log')} crit;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${at('temp')}/${name};`).join('\n  ')}
  server { listen 127.0.0.1:${this.port}; root ${at('www')}; ${directives} }
}`;
    writeFileSync(at('nginx.conf'), text);
    this.#process = spawn('nginx', ['-p', this.folder, '-c', at('nginx.conf'), '-e', at('error.log')], {
      stdio: 'ignore',
    });
    for (let i = 0; i < 400; i++) {
      const socket = connect(this.port, '127.0.0.1');
      const isOpen = await new Promise((resolve) => {
        socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      });
      socket.destroy();
      if (isOpen) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('nginx does not listen');
  }

  async end(): Promise<void> {
    const child = this.#process;
    if (child !== undefined && child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
