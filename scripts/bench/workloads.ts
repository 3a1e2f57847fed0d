/**
 * What is asked of each server: bodies from 100 B to 1 MiB over keep-alive connections, and 100 B with a connection
 * for each request. The bodies are pseudo-random bytes, the same in every run, so that an answer can be checked.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Workload {
  /** Its name on the command line and in the table. */
  readonly name: string;
  readonly bodyBytes: number;
  /** Path of the object, from the root of the site. */
  readonly path: string;
  /** Connections that ask at the same time. */
  readonly connections: number;
  /** Every request has a connection of its own (`Connection: close`). */
  readonly close: boolean;
}

function keepAlive(name: string, bodyBytes: number, connections: number): Workload {
  return { name, bodyBytes, path: `/${name}.bin`, connections, close: false };
}

export const WORKLOADS: readonly Workload[] = [
  keepAlive('100B', 100, 32),
  keepAlive('1KiB', 1024, 32),
  keepAlive('16KiB', 16 * 1024, 32),
  keepAlive('128KiB', 128 * 1024, 16),
  keepAlive('1MiB', 1024 * 1024, 16),
  { name: 'close', bodyBytes: 100, path: '/100B.bin', connections: 32, close: true },
];

/** Those where the calls and the stack cost more than the copy of the body. */
export const SMALL: readonly string[] = ['100B', '1KiB', '16KiB', 'close'];
/** Those where the copy costs most. */
export const LARGE: readonly string[] = ['128KiB', '1MiB'];

/** The workloads named in a comma-separated list, all for an empty one. Throws a RangeError for an unknown name. */
export function chooseWorkloads(list: string): readonly Workload[] {
  if (list === '') return WORKLOADS;
  return list.split(',').map((name) => {
    const found = WORKLOADS.find((workload) => workload.name === name);
    if (found) return found;
    throw new RangeError(`no workload "${name}"; there are ${WORKLOADS.map((w) => w.name).join(', ')}`);
  });
}

/** The body of a workload's object: `length` bytes of a linear congruential sequence (Numerical Recipes' constants). */
export function makeBody(length: number): Buffer {
  const body = Buffer.allocUnsafe(length);
  let state = length;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    body[i] = state >>> 24;
  }
  return body;
}

/** Writes every workload's object into `folder`. */
export function writeSite(folder: string): void {
  for (const workload of WORKLOADS) writeFileSync(join(folder, workload.path), makeBody(workload.bodyBytes));
}
