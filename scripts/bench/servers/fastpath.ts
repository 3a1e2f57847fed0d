/** fastpath itself, in the client's namespace: its TAP's other end is the client's interface. */
import { fileURLToPath } from 'node:url';
import { tryRing } from '../../../src/net/device/ring/measure.js';
import type { FramesWay } from '../../../src/serve/worker/frames.js';
import { Service } from '../processes.js';
import { SMALL } from '../workloads.js';
import { running } from './kernel.js';
import { connects } from './ready.js';
import type { ServerKind } from './server.js';

const CLI = fileURLToPath(new URL('../../../program/cli.js', import.meta.url));
/** The same program as the compiler has written it, a file for each of src: what a profile names is easy to find. */
export const CLI_BY_FILES = fileURLToPath(new URL('../../../src/cli.js', import.meta.url));
export const FASTPATH_PORT = 80;

/** Where an instance lives: its interface, the client's address on it, its own. */
export function fastpathPlace(network: number): { interface: string; host: string; address: string } {
  return { interface: `fpt${network}`, host: `10.201.${network}.1/24`, address: `10.201.${network}.2` };
}

/** The arguments of `node` for `fastpath serve` on network number `network`. */
export function fastpathArguments(
  site: string,
  network: number,
  options: readonly string[],
  cli: string = CLI,
): string[] {
  const place = fastpathPlace(network);
  const where = ['--interface', place.interface, '--host', place.host, '--address', place.address];
  return [cli, 'serve', site, ...where, '--port', `${FASTPATH_PORT}`, '--probe', 'off', ...options];
}

/** @throws {Error} where there is no io_uring for us: fastpath would fall back to plain calls */
export function requireRing(): void {
  const missing = tryRing();
  if (missing !== undefined) throw new Error(`io_uring: ${missing}`);
}

interface Variant {
  readonly name: string;
  readonly note: string;
  readonly network: number;
  readonly options?: readonly string[];
  readonly quick?: readonly string[];
}

/** One way to run fastpath. Each has its own interface and network, so that all can run side by side. */
function fastpath({ name, note, network, options = [], quick }: Variant): ServerKind {
  return {
    name,
    note,
    ...(quick && { quick }),
    async start(bench) {
      if (options.includes('ring')) requireRing();
      const argv = [process.execPath, ...fastpathArguments(bench.site, network, ['--quiet', ...options])];
      const service = new Service(argv, { cpu: bench.serverCpu }, { FASTPATH_RUNTIME_DIR: bench.folder });
      const { address } = fastpathPlace(network);
      await connects(service, address, FASTPATH_PORT);
      return running(service, address, FASTPATH_PORT);
    },
  };
}

/** fastpath as it comes, by the way that it would not choose here, and with smaller frames. `chosen`: see frames.ts. */
export function fastpaths(chosen: FramesWay): readonly ServerKind[] {
  const [other, words] = chosen === 'plain' ? ['ring', 'through io_uring'] : ['plain', 'by plain calls'];
  const comes = chosen === 'plain' ? 'by plain calls' : 'through io_uring';
  const sizes = 'the largest super-segments the kernel takes';
  return [
    fastpath({ name: 'fastpath', note: `as it comes: ${comes}, ${sizes}`, network: 0, options: ['--frames', chosen] }),
    fastpath({ name: `fastpath-${other}`, note: words, network: 3, options: ['--frames', other], quick: SMALL }),
    fastpath({
      name: 'fastpath-64k',
      note: 'super-segments of 64 KiB',
      network: 1,
      options: ['--super-segment', '65535'],
      quick: [],
    }),
    fastpath({
      name: 'fastpath-mtu',
      note: 'no offload: 1,460 B frames, full checksums',
      network: 2,
      options: ['--no-offload'],
      quick: [],
    }),
  ];
}
