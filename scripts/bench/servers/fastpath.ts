/** fastpath itself, in the client's namespace: its TAP's other end is the client's interface. */
import { fileURLToPath } from 'node:url';
import { Service } from '../processes.js';
import { running } from './kernel.js';
import { connects } from './ready.js';
import type { ServerKind } from './server.js';

const CLI = fileURLToPath(new URL('../../../src/cli.js', import.meta.url));
export const FASTPATH_PORT = 80;

/** Where an instance lives: its interface, the client's address on it, its own. */
export function fastpathPlace(network: number): { interface: string; host: string; address: string } {
  return { interface: `fpt${network}`, host: `10.201.${network}.1/24`, address: `10.201.${network}.2` };
}

/** The arguments of `node` for `fastpath serve` on network number `network`. */
export function fastpathArguments(site: string, network: number, options: readonly string[]): string[] {
  const place = fastpathPlace(network);
  const where = ['--interface', place.interface, '--host', place.host, '--address', place.address];
  return [CLI, 'serve', site, ...where, '--port', `${FASTPATH_PORT}`, '--probe', 'off', ...options];
}

/** One way to run fastpath. Each has its own interface and network, so that all can run side by side. */
function fastpath(name: string, note: string, network: number, options: readonly string[]): ServerKind {
  return {
    name,
    note,
    async start(bench) {
      const argv = [process.execPath, ...fastpathArguments(bench.site, network, ['--quiet', ...options])];
      const service = new Service(argv, { cpu: bench.serverCpu }, { FASTPATH_RUNTIME_DIR: bench.folder });
      const { address } = fastpathPlace(network);
      await connects(service, address, FASTPATH_PORT);
      return running(service, address, FASTPATH_PORT);
    },
  };
}

export const FASTPATH: readonly ServerKind[] = [
  fastpath('fastpath', 'as it comes: the largest super-segments the kernel takes', 0, []),
  fastpath('fastpath-64k', 'super-segments of 64 KiB', 1, ['--super-segment', '65535']),
  fastpath('fastpath-mtu', 'no offload: 1,460 B frames, full checksums', 2, ['--no-offload']),
];
