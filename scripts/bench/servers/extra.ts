/**
 * A server given on the command line: `--extra name=command,port,address`. It is started in the client's namespace, on
 * the server's CPU, and makes its own TAP there. `{site}` in the command stands for the folder with the objects.
 * Workloads it answers wrongly (a floor program knows one body only) are left out.
 */
import { Service } from '../processes.js';
import { running } from './kernel.js';
import { connects } from './ready.js';
import type { ServerKind } from './server.js';

/** Reads the option's value; throws a RangeError if it has not that form. The command itself may contain commas. */
export function extraServer(text: string): ServerKind {
  const match = /^([\w.-]+)=(.+),(\d+),([\d.]+)$/.exec(text);
  if (!match) throw new RangeError(`--extra "${text}": expected name=command,port,address`);
  const [, name, command, port, address] = match as unknown as [string, string, string, string, string];
  return {
    name,
    note: 'given with --extra',
    anyBody: true,
    async start(bench) {
      const argv = ['sh', '-c', `exec ${command.replaceAll('{site}', bench.site)}`];
      const service = new Service(argv, { cpu: bench.serverCpu });
      await connects(service, address, Number(port));
      return running(service, address, Number(port));
    },
  };
}
