/** Starts a server that uses the kernel's TCP, in the server's namespace on the server's CPU. */
import { Service } from '../processes.js';
import { connects } from './ready.js';
import type { Bench, RunningServer } from './server.js';

/** Resolves when it accepts connections. */
export async function startOnKernel(
  bench: Bench,
  argv: readonly string[],
  address: string,
  port: number,
): Promise<RunningServer> {
  const service = new Service(argv, { networkOf: bench.network.serverPid, cpu: bench.serverCpu });
  await connects(service, address, port);
  return running(service, address, port);
}

/** A service as a server at an address. */
export function running(service: Service, address: string, port: number): RunningServer {
  return {
    address,
    port,
    pid: service.pid,
    get failure() {
      return service.failure;
    },
    stop: () => service.stop(),
  };
}
