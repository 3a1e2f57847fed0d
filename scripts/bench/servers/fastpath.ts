/** fastpath itself, in the client's namespace: its TAP's other end is the client's interface. */
import { fileURLToPath } from 'node:url';
import { Service } from '../processes.js';
import { running } from './kernel.js';
import { connects } from './ready.js';
import type { ServerKind } from './server.js';

const CLI = fileURLToPath(new URL('../../../src/cli.js', import.meta.url));
const PORT = 80;

/** One way to run fastpath. Each has its own interface and network, so that all can run side by side. */
function fastpath(name: string, note: string, network: number, options: readonly string[]): ServerKind {
  const address = `10.201.${network}.2`;
  return {
    name,
    note,
    async start(bench) {
      const place = ['--interface', `fpt${network}`, '--host-address', `10.201.${network}.1/24`, '--address', address];
      const argv = [process.execPath, CLI, 'serve', bench.site, ...place, '--port', `${PORT}`, ...options];
      const service = new Service(argv, { cpu: bench.serverCpu });
      await connects(service, address, PORT);
      return running(service, address, PORT);
    },
  };
}

export const FASTPATH: readonly ServerKind[] = [
  fastpath('fastpath', 'as it comes: the largest super-segments the kernel takes', 0, []),
  fastpath('fastpath-64k', 'super-segments of 64 KiB', 1, ['--super-segment', '65535']),
  fastpath('fastpath-mtu', 'no offload: 1,460 B frames, full checksums', 2, ['--no-offload']),
];
