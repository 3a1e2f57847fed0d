/** All experiments, in the order in which a person may try them. */
import type { Experiment } from './experiment.js';
import { handshake } from './handshake.js';
import { lostSegment } from './lost-segment.js';
import { newrenoCubic } from './newreno-cubic.js';

export const EXPERIMENTS: readonly Experiment[] = [handshake, lostSegment, newrenoCubic];

/** The experiment of this name. */
export function findExperiment(name: string): Experiment | undefined {
  return EXPERIMENTS.find((experiment) => experiment.name === name);
}
