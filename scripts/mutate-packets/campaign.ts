/**
 * Spoils what the stack sends in scripts that pass, one frame in one way at a time, and sees whether the runner
 * notices.
 */
import { readFileSync } from 'node:fs';
import { SeededRandom } from '../../src/net/random.js';
import type { EventTime, Packet, Script } from '../../src/packetdrill/language/ast.js';
import { parseScript } from '../../src/packetdrill/language/parser.js';
import type { Profile } from '../../src/packetdrill/run/profile.js';
import { type IpVersion, standardDefinitions } from '../../src/packetdrill/run/script-config.js';
import { type RunFileOptions, runSource } from '../../src/packetdrill/run/script-files.js';
import { layoutOf } from './frame.js';
import { type Draw, findOption, MUTATIONS, type Mutation } from './mutations.js';
import { type Rules, type Shot, voidReason } from './void-rules.js';

export interface CampaignOptions {
  readonly paths: readonly string[];
  readonly profile: Profile;
  readonly ipVersions: readonly IpVersion[];
  /** Our own rules: as `npm test` runs test/packets. Otherwise packetdrill's. */
  readonly strict: boolean;
  /** Which mutants have to be noticed, if not those that such a run decides. */
  readonly rules?: Rules;
  /** Mutants to run; void ones do not count. */
  readonly count: number;
  readonly seed: number;
}

export interface Escape {
  readonly path: string;
  readonly ipVersion: IpVersion;
  readonly mutation: string;
  /** The script's line of the spoiled packet. */
  readonly line: number;
}

export interface CampaignResult {
  readonly run: number;
  readonly noticed: number;
  readonly escapes: readonly Escape[];
  /** Mutants that were left out, by the rule that says why. */
  readonly left: ReadonlyMap<string, number>;
  /** Mutants that were run, by what they spoil. */
  readonly byMutation: ReadonlyMap<string, number>;
}

interface TimedShot extends Shot {
  readonly line: number;
  /** Microseconds by which a time may be off here, at most. */
  readonly tolerance: number;
}

interface Subject {
  readonly path: string;
  readonly source: string;
  readonly ipVersion: IpVersion;
  readonly shots: readonly TimedShot[];
}

const TOLERANCE_MICROSECONDS = { strict: 1000, lenient: 4000 };
const LENIENT_PERCENT = 12.5;
/** A mutation that finds no frame it fits is given up after so many draws. */
const MAX_DRAWS = 2000;
const OPTION_TIMESTAMPS = 8;
const SYN = 2;
const RST = 4;
const ACK = 16;

/** Runs all scripts with one change in a frame each, and counts the changes that nobody noticed. */
export function runCampaign(options: CampaignOptions): CampaignResult {
  const random = new SeededRandom(options.seed);
  const draw: Draw = (limit) => Math.floor(random.nextFraction() * limit);
  const rules = options.rules ?? { strict: options.strict, stamps: options.strict };
  const subjects = new Subjects(options);
  const left = new Map<string, number>();
  const byMutation = new Map<string, number>();
  const escapes: Escape[] = [];
  let run = 0;
  // Each round spoils a frame in every way. A mutation that fits no frame of the scripts makes no mutant.
  for (let before = -1; run < options.count && run > before; ) {
    before = run;
    for (const mutation of MUTATIONS) {
      if (run === options.count) break;
      const mutant = drawMutant(mutation, subjects, draw, rules, (reason) => count(left, reason));
      if (mutant === undefined) continue;
      run++;
      count(byMutation, mutation.name);
      if (isNoticed(mutant, options)) continue;
      const { path, ipVersion } = mutant.subject;
      escapes.push({ path, ipVersion, mutation: mutation.name, line: mutant.line });
    }
  }
  return { run, noticed: run - escapes.length, escapes, left, byMutation };
}

/** Runs the script with the spoiled frame in place of the right one. */
function isNoticed({ subject, at, frames }: Mutant, options: CampaignOptions): boolean {
  const tamper: RunFileOptions['tamper'] = (frame, index) => (index === at ? frames : [{ frame, delay: 0 }]);
  const { path, source, ipVersion } = subject;
  return runSource(path, source, ipVersion, runOptions(options, tamper)).verdict !== 'passed';
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

interface Mutant {
  readonly subject: Subject;
  /** Which frame of the stack is spoiled, and the script's line that mentions it. */
  readonly at: number;
  readonly line: number;
  readonly frames: ReturnType<NonNullable<RunFileOptions['tamper']>>;
}

/** Draws scripts and frames until one fits the mutation and has to be noticed; tells the reason of each void one. */
function drawMutant(
  mutation: Mutation,
  subjects: Subjects,
  draw: Draw,
  rules: Rules,
  leave: (reason: string) => void,
): Mutant | undefined {
  for (let tries = 0; tries < MAX_DRAWS; tries++) {
    const subject = subjects.any(draw);
    const at = draw(subject.shots.length);
    const shot = subject.shots[at];
    if (shot === undefined) continue;
    const frames = mutation.apply(shot.frame, draw, { late: 2 * shot.tolerance + 1000 });
    if (frames === undefined) continue;
    const reason = voidReason(mutation.name, shot, rules);
    if (reason === undefined) return { subject, at, line: shot.line, frames };
    leave(reason);
  }
  return undefined;
}

function runOptions(options: CampaignOptions, tamper: RunFileOptions['tamper']): RunFileOptions {
  const { profile, ipVersions, strict } = options;
  const overrides = strict
    ? { strict, toleranceUsecs: TOLERANCE_MICROSECONDS.strict, tolerancePercent: 0 }
    : { toleranceUsecs: TOLERANCE_MICROSECONDS.lenient, tolerancePercent: LENIENT_PERCENT };
  return { profile, ipVersions, definitions: new Map(), overrides, seed: 1, tamper };
}

/** The scripts that pass unspoiled, each run once when it is first drawn. */
class Subjects {
  readonly #options: CampaignOptions;
  readonly #known = new Map<string, Subject>();

  constructor(options: CampaignOptions) {
    this.#options = options;
  }

  any(draw: Draw): Subject {
    const { paths, ipVersions } = this.#options;
    const path = paths[draw(paths.length)] ?? '';
    const ipVersion = ipVersions[draw(ipVersions.length)] ?? 'ipv4';
    const key = `${ipVersion} ${path}`;
    let subject = this.#known.get(key);
    if (subject === undefined) {
      subject = this.#observe(path, ipVersion);
      this.#known.set(key, subject);
    }
    return subject;
  }

  /** Runs the script and keeps what the stack sent. A script that does not pass has no frames to spoil. */
  #observe(path: string, ipVersion: IpVersion): Subject {
    const { profile } = this.#options;
    const source = readFileSync(path, 'utf8');
    const frames: { readonly frame: Uint8Array; readonly time: number }[] = [];
    const result = runSource(
      path,
      source,
      ipVersion,
      runOptions(this.#options, (frame, _, time) => {
        frames.push({ frame, time });
        return [{ frame, delay: 0 }];
      }),
    );
    if (result.verdict !== 'passed') return { path, source, ipVersion, shots: [] };
    const script = parseScript(path, source, standardDefinitions(ipVersion, profile));
    const lines = result.timeline.filter(({ kind }) => kind === 'out').map(({ line }) => line);
    const shots = frames.map((sent, index) => new ShotMaker(script, sent, lines[index] ?? 0, this.#options.strict));
    return { path, source, ipVersion, shots: shots.map((maker, index) => maker.make(shots, index)) };
  }
}

/** Finds out about one frame what the void rules ask. */
class ShotMaker {
  readonly expected: Packet | undefined;
  readonly #script: Script;
  readonly #frame: Uint8Array;
  readonly #time: number;
  readonly #line: number;
  readonly #strict: boolean;
  readonly #event: EventTime | undefined;

  constructor(script: Script, sent: { frame: Uint8Array; time: number }, line: number, strict: boolean) {
    const event = script.events.find(({ action }) => action.kind === 'packet' && action.at.line === line);
    this.expected = event?.action.kind === 'packet' ? event.action : undefined;
    this.#script = script;
    this.#frame = sent.frame;
    this.#time = sent.time;
    this.#line = line;
    this.#strict = strict;
    this.#event = event?.time;
  }

  make(all: readonly ShotMaker[], index: number): TimedShot {
    const before = all.slice(0, index).filter((other) => other.#ports === this.#ports);
    const after = all.slice(index + 1).filter((other) => other.#ports === this.#ports && other.expected !== undefined);
    return {
      frame: this.#frame,
      expected: this.expected,
      isPart: this.#isPart,
      anyTime: this.#event?.kind === 'any',
      firstSyn: this.#isSyn && !before.some((other) => other.#isSyn),
      firstStamp: this.#hasStamp && !before.some((other) => other.#hasStamp),
      followed: after.some((other) => !other.#isBareReset),
      stampFollowed: after.some((other) => other.#givesStamp),
      ecnCapable: this.#script.events.some(({ action }) => action.kind === 'packet' && agreesOnEcn(action)),
      line: this.#line,
      tolerance: this.#tolerance,
    };
  }

  get #ports(): string {
    const { isTcp, transport } = layoutOf(this.#frame);
    return isTcp ? this.#frame.subarray(transport, transport + 4).join() : '';
  }

  get #isSyn(): boolean {
    const { isTcp, transport } = layoutOf(this.#frame);
    return isTcp && ((this.#frame[transport + 13] ?? 0) & SYN) !== 0;
  }

  get #isPart(): boolean {
    const { payload, end } = layoutOf(this.#frame);
    const body = this.expected?.body;
    return body?.protocol === 'tcp' && body.sequence.length > end - payload;
  }

  /** A RST without ACK has its number and ports from the segment that it answers, and so from a spoiled SYN. */
  get #isBareReset(): boolean {
    const { isTcp, transport } = layoutOf(this.#frame);
    return isTcp && ((this.#frame[transport + 13] ?? 0) & (RST | ACK)) === RST;
  }

  get #hasStamp(): boolean {
    return findOption(this.#frame, layoutOf(this.#frame), OPTION_TIMESTAMPS) !== undefined;
  }

  /** The script gives a TSval for it. */
  get #givesStamp(): boolean {
    const body = this.expected?.body;
    if (body?.protocol !== 'tcp') return false;
    return body.options?.some((option) => option.kind === 'TS' && !option.anyValue) ?? false;
  }

  get #tolerance(): number {
    const range = this.#event !== undefined && 'to' in this.#event ? this.#event.to - this.#event.from : 0;
    if (this.#strict) return TOLERANCE_MICROSECONDS.strict + range;
    return Math.max(TOLERANCE_MICROSECONDS.lenient, (LENIENT_PERCENT / 100) * this.#time) + range;
  }
}

/** A SYN-ACK with a flag of ECN. */
function agreesOnEcn({ body }: Packet): boolean {
  if (body.protocol !== 'tcp' || !body.flags.syn || !body.flags.ack) return false;
  return body.flags.ece || body.flags.cwr || body.flags.ae;
}
