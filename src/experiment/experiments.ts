/** All experiments, in the order in which a person may try them. */

import { blackHole } from './black-hole.js';
import { bufferbloat } from './bufferbloat.js';
import type { Experiment } from './experiment.js';
import { handshake } from './handshake.js';
import { lostSegment } from './lost-segment.js';
import { newrenoCubic } from './newreno-cubic.js';
import { prefixSums } from './prefix-sums.js';
import { synFlood } from './syn-flood.js';
import { timeWait } from './time-wait.js';
import { zeroWindow } from './zero-window.js';

export const EXPERIMENTS: readonly Experiment[] = [
  handshake,
  lostSegment,
  newrenoCubic,
  bufferbloat,
  zeroWindow,
  timeWait,
  synFlood,
  blackHole,
  prefixSums,
];

/** The experiment of this name. */
export function findExperiment(name: string): Experiment | undefined {
  return EXPERIMENTS.find((experiment) => experiment.name === name);
}
