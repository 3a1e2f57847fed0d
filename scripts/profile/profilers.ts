/** The three ways to look at the data path: perf, V8's CPU sampler, V8's allocation sampler. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { missingPrograms } from '../bench/requirements.js';
import { type Allocator, readDataPathAllocators } from './heap-profile.js';
import { NODE_OPTIONS_FOR_PERF, profileWithPerf } from './perf.js';
import { type ProfiledFunction, sharesByOwner, topLines } from './sample.js';
import { readBusiestProfile } from './v8-profile.js';

export interface Profiler {
  /** For the `node` that runs fastpath. */
  readonly nodeOptions: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Called while the load runs. */
  look(pid: number, seconds: number): Promise<void>;
  /** Called when the server has ended after so many requests; returns what was seen, line by line. */
  report(requests: number): string[];
}

export interface ProfilerOptions {
  readonly folder: string;
  /** How many functions to show. */
  readonly top: number;
  /** Show the kernel's functions too. */
  readonly kernel: boolean;
}

function cpuLines(functions: readonly ProfiledFunction[], { top, kernel }: ProfilerOptions): string[] {
  const owners = sharesByOwner(functions).map(([owner, percent]) => `${percent.toFixed(1).padStart(6)} %  ${owner}`);
  const ours = topLines(functions, top, (owner) => owner !== 'kernel');
  const theirs = kernel ? ['', ...topLines(functions, top, (owner) => owner === 'kernel')] : [];
  return [...owners, '', ...ours, ...theirs];
}

function perf(options: ProfilerOptions): Profiler {
  let functions: ProfiledFunction[] = [];
  return {
    nodeOptions: NODE_OPTIONS_FOR_PERF,
    async look(pid, seconds) {
      functions = await profileWithPerf(pid, seconds, options.folder);
    },
    report: () => cpuLines(functions, options),
  };
}

/** A folder of that name in which the server can write: as root, it has become nobody when its threads end. */
function folderForAll(folder: string, name: string): string {
  const made = join(folder, name);
  mkdirSync(made);
  chmodSync(made, 0o777);
  return made;
}

function v8(options: ProfilerOptions): Profiler {
  const profiles = folderForAll(options.folder, 'cpu');
  return {
    nodeOptions: ['--cpu-prof', `--cpu-prof-dir=${profiles}`],
    look: async () => {},
    report: () => cpuLines(readBusiestProfile(profiles), options),
  };
}

/** What Node itself allocates is its start; ours is in src/. */
function allocationLines(found: readonly Allocator[], requests: number, top: number): string[] {
  const ours = found.filter(({ name }) => name.includes(' src/'));
  const total = ours.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = ours.slice(0, top).map(({ name, bytes }) => `${(bytes / requests).toFixed(2).padStart(8)} B  ${name}`);
  return [`${(total / requests).toFixed(2).padStart(8)} B a request in src/, its start included`, '', ...lines];
}

function allocations({ folder, top }: ProfilerOptions): Profiler {
  const profiles = folderForAll(folder, 'heap');
  return {
    nodeOptions: ['--import', new URL('./allocations.js', import.meta.url).href],
    environment: { FASTPATH_PROFILE_FOLDER: profiles },
    look: async () => {},
    report: (requests) => allocationLines(readDataPathAllocators(profiles), requests, top),
  };
}

/** The profiler asked for; perf where it is installed, if none is. */
export function chooseProfiler(mode: 'v8' | 'allocations' | undefined, options: ProfilerOptions): Profiler {
  if (mode === 'allocations') return allocations(options);
  if (mode === 'v8' || missingPrograms(['perf']) !== undefined) return v8(options);
  return perf(options);
}
