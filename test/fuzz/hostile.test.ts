/**
 * Hostile frames into a stack with live connections; `npm run fuzz` sends a million. What fails is repeated by its
 * seed: `node dist/scripts/fuzz.js 20000 SEED`.
 */

import { captureFrames } from '../support/capture-frames.js';
import { needSharedCaptures } from '../support/captures.js';
import { HostileWorld } from '../support/hostile-world.js';

const FRAMES = 8_000;

function attack(seed: number, seeds: readonly Uint8Array[] = []): void {
  try {
    const hostile = new HostileWorld(seed, seeds);
    hostile.attack(FRAMES);
    hostile.finish();
  } catch (cause) {
    throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause });
  }
}

describe('fuzz: hostile frames', () => {
  for (const seed of [1, 2, 3]) {
    it(`${FRAMES} of them, seed ${seed}: no crash, no hang, nothing left, and the honest connections do not notice`, () => {
      attack(seed);
    });
  }

  it('and damaged frames of real captures', async function () {
    needSharedCaptures(this);
    attack(4, await captureFrames());
  });
});
