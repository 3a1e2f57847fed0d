/** The floor as a server of the benchmark: what a TAP allows, in the same run and the same table. */
import { fileURLToPath } from 'node:url';
import type { FramesWay } from '../../../src/serve/worker/frames.js';
import { Service } from '../processes.js';
import { SMALL } from '../workloads.js';
import { requireRing } from './fastpath.js';
import { running } from './kernel.js';
import { connects } from './ready.js';
import type { ServerKind } from './server.js';

const PROGRAM = fileURLToPath(new URL('./floor-program.js', import.meta.url));
/** It answers ARP and TCP for every address but the host's. */
const PORT = 80;

/** One floor for each way in which frames cross to the kernel, on a network of its own. */
function floor(name: string, note: string, way: FramesWay, network: number, quick?: readonly string[]): ServerKind {
  return {
    name,
    note,
    ...(quick && { quick }),
    async start(bench) {
      if (way === 'ring') requireRing();
      const place = `10.${network}.0`;
      const argv = [process.execPath, PROGRAM, bench.site, `fpfloor${network}`, `${place}.1/24`, way];
      const service = new Service(argv, { cpu: bench.serverCpu });
      await connects(service, `${place}.2`, PORT);
      return running(service, `${place}.2`, PORT);
    },
  };
}

const NOTE = "fastpath's device and poll loop without TCP, HTTP and cache: what a TAP allows";

export const FLOORS: readonly ServerKind[] = [
  floor('floor', `${NOTE} by plain calls`, 'plain', 202),
  floor('floor-ring', 'the same through io_uring', 'ring', 203, SMALL),
];
