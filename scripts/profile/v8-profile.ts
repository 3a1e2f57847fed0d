/**
 * Profiling with V8's own sampler (`node --cpu-prof`), where perf is missing: JavaScript only. Time in the kernel
 * counts for the function that called into it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Owner, ProfiledFunction } from './sample.js';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

/** The part of the .cpuprofile format that is used here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

function describe({ callFrame: { functionName, url, lineNumber } }: ProfileNode): { owner: Owner; name: string } {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return { owner: 'V8 and Node', name };
  return { owner: 'JavaScript', name: `${name} ${url.replace(/^.*\/dist\//, '')}:${lineNumber + 1}` };
}

/** Self time of each function. Idle time is left out. */
export function selfTimes(profile: CpuProfile): ProfiledFunction[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const times = new Map<string, { owner: Owner; us: number }>();
  let total = 0;
  profile.samples.forEach((id, i) => {
    const { owner, name } = describe(nodes.get(id)!);
    if (name === '(idle)' || name === '(program)') return;
    const us = profile.timeDeltas[i]!;
    const entry = times.get(name) ?? { owner, us: 0 };
    entry.us += us;
    total += us;
    times.set(name, entry);
  });
  return [...times].map(([name, { owner, us }]) => ({ name, owner, percent: (us / total) * 100 }));
}

/** The profile, of those that node has written into `folder`, with the most samples of ours: the data path's. */
export function readBusiestProfile(folder: string): ProfiledFunction[] {
  const profiles = readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile)
    .filter((profile) => profile.nodes.some(({ callFrame }) => callFrame.url.includes('/serve/data-path')));
  const busiest = profiles.sort((a, b) => busyTime(b) - busyTime(a))[0];
  if (!busiest) throw new Error('node has written no profile of the data path');
  return selfTimes(busiest);
}

function busyTime(profile: CpuProfile): number {
  const idle = new Set(
    profile.nodes.filter(({ callFrame }) => /^\((idle|program)\)$/.test(callFrame.functionName)).map(({ id }) => id),
  );
  return profile.samples.reduce((sum, id, i) => (idle.has(id) ? sum : sum + profile.timeDeltas[i]!), 0);
}
