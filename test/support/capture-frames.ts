/** The frames of the captures beside the repository, as far as they are Ethernet. */
import { readFileSync } from 'node:fs';
import { readAll, sharedCaptures } from './captures.js';

const ETHERNET = 1;

/** All of them; none where ../shared/captures is not there. */
export async function captureFrames(): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  for (const [, path] of sharedCaptures()) {
    const { records } = await readAll(readFileSync(path));
    for (const { bytes, linkType } of records) if (linkType === ETHERNET) frames.push(Uint8Array.from(bytes));
  }
  return frames;
}
