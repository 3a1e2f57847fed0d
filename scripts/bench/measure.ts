/** One measurement: a load on a server for some seconds, with what it cost whom. */
import { get } from 'node:http';
import { CoreUsage, endedChildrenUs, ProcessUsage, residentBytes } from './cpu.js';
import type { Cpus } from './cpus.js';
import type { RunningServer } from './servers/server.js';
import { makeBody, type Workload } from './workloads.js';
import { runWrk } from './wrk.js';

export interface Measurement {
  readonly requestsPerSecond: number;
  /** Payload only: bodies, without heads. */
  readonly bytesPerSecond: number;
  /** Microseconds, of wrk's closed loop. */
  readonly p50: number;
  readonly p99: number;
  /** CPU microseconds a request of the server's processes. */
  readonly serverUser: number;
  readonly serverSystem: number;
  /** CPU microseconds a request of both cores together, the client's included. */
  readonly bothCores: number;
  /** The client's share of its core. Near 100, requests a second say nothing of the server. */
  readonly clientPercent: number;
  /** What neither server nor client used of both cores, in percent of one: interrupts, and other people's work. */
  readonly otherPercent: number;
  readonly residentBytes: number;
  readonly errors: number;
}

/** The URL of a path on this server. */
export function urlOf(server: RunningServer, path: string): string {
  return `http://${server.address}:${server.port}${path}`;
}

/** Runs the workload against the server. */
export async function measure(
  server: RunningServer,
  workload: Workload,
  seconds: number,
  cpus: Cpus,
): Promise<Measurement> {
  const cores = new CoreUsage([...new Set([cpus.server, cpus.client])]);
  const usage = new ProcessUsage(server.pid);
  const clientBefore = endedChildrenUs();
  const start = performance.now();
  const { connections, close, path } = workload;
  const result = await runWrk({ url: urlOf(server, path), connections, seconds, close }, { cpu: cpus.client });
  const elapsedUs = (performance.now() - start) * 1000;
  const spent = new ProcessUsage(server.pid).since(usage);
  const clientUs = endedChildrenUs() - clientBefore;
  const busyUs = new CoreUsage(cores.cpus).since(cores);
  if (server.failure) throw new Error(server.failure);
  return {
    requestsPerSecond: result.requestsPerSecond,
    bytesPerSecond: result.requestsPerSecond * workload.bodyBytes,
    p50: result.p50,
    p99: result.p99,
    serverUser: spent.user / result.requests,
    serverSystem: spent.system / result.requests,
    bothCores: busyUs / result.requests,
    clientPercent: (clientUs / elapsedUs) * 100,
    otherPercent: Math.max(0, ((busyUs - spent.user - spent.system - clientUs) / elapsedUs) * 100),
    residentBytes: residentBytes(server.pid),
    errors: result.errors,
  };
}

/**
 * Fetches the workload's object once; resolves with what is wrong with the answer, or undefined. Without `exactBytes`
 * only the body's length is looked at.
 */
export function complaint(server: RunningServer, workload: Workload, exactBytes: boolean): Promise<string | undefined> {
  const headers = { Connection: workload.close ? 'close' : 'keep-alive' };
  return new Promise((resolve) => {
    const request = get(urlOf(server, workload.path), { headers, agent: false, timeout: 5000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (error) => resolve(error.message));
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        const closes = response.headers.connection === 'close';
        if (response.statusCode !== 200) resolve(`status ${response.statusCode}`);
        else if (body.length !== workload.bodyBytes) resolve(`${body.length} bytes instead of ${workload.bodyBytes}`);
        else if (exactBytes && !body.equals(makeBody(workload.bodyBytes))) resolve('other bytes than asked for');
        else resolve(workload.close && !closes ? 'keeps the connection' : undefined);
      });
    });
    request.on('timeout', () => request.destroy(new Error('no answer in 5 s')));
    request.on('error', (error) => resolve(error.message));
  });
}
