/** Node's own servers, each a small program of this folder: node:http, and a minimal loop over node:net. */
import { fileURLToPath } from 'node:url';
import { startOnKernel } from './kernel.js';
import type { ServerKind } from './server.js';

function nodeServer(name: string, note: string, program: string, port: number): ServerKind {
  return {
    name,
    note,
    quick: [],
    start(bench) {
      const file = fileURLToPath(new URL(program, import.meta.url));
      const argv = [process.execPath, file, bench.site, `${port}`];
      return startOnKernel(bench, argv, bench.network.address('plain'), port);
    },
  };
}

export const NODE_HTTP: ServerKind = nodeServer('node-http', 'node:http, bodies in memory', './node-http.js', 8005);
export const NODE_NET: ServerKind = nodeServer(
  'node-net',
  'a minimal loop over node:net (the Howl of the AFPA paper)',
  './node-net.js',
  8006,
);
