/** Folders with many small objects, and the path of each; the writer and the load generator must agree. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeBody } from '../workloads.js';

export const OBJECT_BYTES = 100;
const PER_FOLDER_BITS = 10;

/** The path of object number `index`, from the root of the site. */
export function objectPath(index: number): string {
  return `/${index >>> PER_FOLDER_BITS}/${index}.bin`;
}

/** Writes `count` objects into `folder`. */
export function writeObjects(folder: string, count: number): void {
  const body = makeBody(OBJECT_BYTES);
  for (let index = 0; index < count; index++) {
    if (index % (1 << PER_FOLDER_BITS) === 0)
      mkdirSync(join(folder, `${index >>> PER_FOLDER_BITS}`), { recursive: true });
    writeFileSync(join(folder, objectPath(index)), body);
  }
}
