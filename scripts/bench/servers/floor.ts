/** The floor as a server of the benchmark: what a TAP allows, in the same run and the same table. */
import { fileURLToPath } from 'node:url';
import { Service } from '../processes.js';
import { running } from './kernel.js';
import { connects } from './ready.js';
import type { ServerKind } from './server.js';

const PROGRAM = fileURLToPath(new URL('./floor-program.js', import.meta.url));
const INTERFACE = 'fpfloor';
const HOST = '10.202.0.1/24';
/** It answers ARP and TCP for every address but the host's. */
const ADDRESS = '10.202.0.2';
const PORT = 80;

export const FLOOR: ServerKind = {
  name: 'floor',
  note: "fastpath's device and poll loop without TCP, HTTP and cache: what a TAP allows",
  async start(bench) {
    const service = new Service([process.execPath, PROGRAM, bench.site, INTERFACE, HOST], { cpu: bench.serverCpu });
    await connects(service, ADDRESS, PORT);
    return running(service, ADDRESS, PORT);
  },
};
