/** The packet scripts of the labs. In the page another file takes the place of this one (web/lab/material.ts). */
import { readFileSync } from 'node:fs';
import { ownFile } from '../../own-files.js';

/** The text of `labs/<path>`. */
export function readScript(path: string): string {
  return readFileSync(new URL(path, ownFile('../../labs/')), 'utf8');
}
