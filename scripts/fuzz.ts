/**
 * Hostile frames by the million into a stack with live connections (test/support/hostile-world.ts). Run:
 * `node dist/scripts/fuzz.js [frames] [seed]`; each world takes 20,000 frames, and the next seed begins a new one.
 */
import { captureFrames } from '../test/support/capture-frames.js';
import { HostileWorld } from '../test/support/hostile-world.js';

const DEFAULT_FRAMES = 1_000_000;
const FRAMES_A_WORLD = 20_000;

const frames = Number(process.argv[2] ?? DEFAULT_FRAMES);
const firstSeed = Number(process.argv[3] ?? 1);
if (!(frames > 0) || !Number.isInteger(firstSeed)) {
  console.error('usage: node dist/scripts/fuzz.js [frames] [seed]');
  process.exit(2);
}

const seeds = await captureFrames();
if (seeds.length === 0) console.log('no captures in ../shared/captures: made-up frames only');
const start = Date.now();
let rounds = 0;
for (let done = 0, seed = firstSeed; done < frames; done += FRAMES_A_WORLD, seed++) {
  try {
    const hostile = new HostileWorld(seed, seed % 2 === 0 ? seeds : []);
    hostile.attack(Math.min(FRAMES_A_WORLD, frames - done));
    hostile.finish();
    rounds += hostile.rounds;
  } catch (error) {
    console.error(`seed ${seed}:`, error);
    process.exit(1);
  }
}
const seconds = (Date.now() - start) / 1000;
console.log(
  `${frames} hostile frames, ${rounds} honest downloads of 200 kB beside them, ${seconds.toFixed(1)} s: nothing crashed, hung or was left`,
);
