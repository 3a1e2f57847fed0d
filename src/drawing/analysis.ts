/** The TCP segments of a world, with what its links did to them: for the book and for experiments. */
import type { FrameEvent } from '../inspect/events.js';
import { Analyzer, recordOf } from '../inspect/trace/analyzer.js';
import { LOST, QUEUE_FULL, TOO_LONG } from '../inspect/trace/findings.js';
import type { Watched } from './frames.js';

const FATES = { delivered: 0, lost: LOST, 'queue full': QUEUE_FULL, 'too long': TOO_LONG } as const;

/** Reads the frames that the hosts have sent. What a switch passes on is not read twice. */
export function analyzed({ hosts, history }: Watched): Analyzer {
  const names = new Set(hosts.map(({ name }) => name));
  const frames = history.events.filter((event): event is FrameEvent => event.kind === 'frame');
  const analyzer = new Analyzer();
  for (const { bytes, time, fate, from } of frames) {
    if (names.has(from)) analyzer.add(recordOf(bytes, time), { findings: FATES[fate] });
  }
  return analyzer;
}
