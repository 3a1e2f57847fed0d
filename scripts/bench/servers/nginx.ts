/** nginx as a careful administrator would set it up for speed: one worker, no log, open files remembered. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Link } from '../network.js';
import { LARGE, SMALL } from '../workloads.js';
import { startOnKernel } from './kernel.js';
import type { Bench, ServerKind } from './server.js';

interface NginxOptions {
  readonly name: string;
  readonly note: string;
  readonly link: Link;
  readonly port: number;
  readonly sendfile: boolean;
  readonly quick?: readonly string[];
}

/** The limit of open files, raised as far as we may: nginx keeps connections and the objects' descriptors open. */
function openFilesLimit(): number {
  const wanted = 400_000;
  const script = `ulimit -n ${wanted} 2>/dev/null; ulimit -n`;
  return Math.min(wanted, Number(execFileSync('sh', ['-c', script], { encoding: 'latin1' })) || wanted);
}

/** The configuration. `user root` is root of the sandbox only; the work folder is readable by nobody else. */
export function nginxConfig(folder: string, site: string, port: number, sendfile: boolean): string {
  const files = openFilesLimit();
  return `daemon off;
user root;
worker_processes 1;
worker_rlimit_nofile ${files};
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections ${Math.floor(files * 0.6)}; multi_accept on; }
http {
  access_log off;
  default_type application/octet-stream;
  sendfile ${sendfile ? 'on; tcp_nopush on' : 'off'};
  tcp_nodelay on;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  open_file_cache max=${Math.floor(files * 0.3)} inactive=300s;
  open_file_cache_valid 300s;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server { listen ${port} backlog=65535; root ${site}; }
}
`;
}

/** One nginx, on a port of its own. */
export function nginx(options: NginxOptions): ServerKind {
  return {
    name: options.name,
    note: options.note,
    ...(options.quick && { quick: options.quick }),
    start(bench: Bench) {
      const folder = join(bench.folder, options.name);
      mkdirSync(folder);
      const file = join(folder, 'nginx.conf');
      writeFileSync(file, nginxConfig(folder, bench.site, options.port, options.sendfile));
      const argv = ['nginx', '-e', join(folder, 'error.log'), '-c', file];
      return startOnKernel(bench, argv, bench.network.address(options.link), options.port);
    },
  };
}

export const NGINX: readonly ServerKind[] = [
  nginx({ name: 'nginx', note: 'sendfile on, tcp_nopush', link: 'plain', port: 8001, sendfile: true, quick: LARGE }),
  nginx({ name: 'nginx-writev', note: 'sendfile off', link: 'plain', port: 8002, sendfile: false, quick: SMALL }),
  nginx({
    name: 'nginx-notso',
    note: 'sendfile on, 1,460 B frames',
    link: 'noTso',
    port: 8003,
    sendfile: true,
    quick: [],
  }),
];

/** For kernels that have BIG TCP: without it our 256 KiB super-segments would have no counterpart. */
export const NGINX_BIG: ServerKind = nginx({
  name: 'nginx-big',
  note: 'sendfile on, BIG TCP (256 KiB super-segments)',
  link: 'big',
  port: 8004,
  sendfile: true,
  quick: LARGE,
});
