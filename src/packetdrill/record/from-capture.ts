/**
 * Writes a connection of a capture as a script, so a user's trace becomes a regression test.
 *
 * The script plays the recorded client. What the recorded server's program did (write, shut down) follows from what its
 * TCP sent. Then this runs our own TCP with that client and program, and expects what our TCP answers:
 *
 *     capture ──▶ client's packets, server's writes ──▶ run against the stack ──▶ the same with its answers
 *
 * A later change of behaviour makes the script fail.
 */
import { basename } from 'node:path';
import type { Profile } from '../run/profile.js';
import type { ScriptResult } from '../run/result.js';
import { runSource } from '../run/script-files.js';
import type { ScriptAct } from './capture-acts.js';
import { actsOf } from './capture-acts.js';
import { CaptureError, type RecordedConnection, readConnection } from './capture-connection.js';

export { CaptureError };

export interface FromCaptureOptions {
  /** Which TCP connection of the capture, counted from 1 by its SYN. */
  readonly connection: number;
  readonly profile: Profile;
}

/** The first events of each script: the server. */
const PREFIX = ['0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3', '0 bind(3, ..., ...) = 0', '0 listen(3, 1) = 0'];

/**
 * The script for one connection of the capture at `path`. It passes against the stack as it is.
 * @throws {CaptureError} if the capture has no such connection, or not its beginning; what open(2) or read(2) throw.
 */
export async function scriptFromCapture(path: string, options: FromCaptureOptions): Promise<string> {
  const recorded = await readConnection(path, options.connection);
  const acts = actsOf(recorded);
  const version = recorded.isV4 ? 'ipv4' : 'ipv6';
  const run = (source: string) =>
    runSource(basename(path), source, version, {
      profile: options.profile,
      ipVersions: [version],
      definitions: new Map(),
      overrides: {},
      seed: 1,
    });
  const header = headerLines(path, recorded, options);
  const trialLines = [...header, ...PREFIX, ...acts.map((act) => `${seconds(act.time)} ${act.trial}`)];
  const trial = run(`${trialLines.join('\n')}\n`);
  if (trial.verdict !== 'passed') throw new CaptureError(`the connection cannot be played: ${trial.failure?.problem}`);
  const events = eventLines(trial, acts, header.length + PREFIX.length, recorded);
  const script = `${[...header, ...PREFIX, ...events].join('\n')}\n`;
  const check = run(script);
  if (check.verdict !== 'passed')
    throw new CaptureError(`the script that was written does not pass: ${check.failure?.problem}`);
  return script;
}

function headerLines(
  path: string,
  recorded: RecordedConnection,
  { connection, profile }: FromCaptureOptions,
): string[] {
  const lines = [
    `// Connection ${connection} of ${basename(path)}: ${recorded.client} to ${recorded.server}.`,
    `// Written by fastpath packetdrill --from --profile ${profile}; what the stack sends is what it sent then.`,
    '',
  ];
  return recorded.isV4 ? lines : ['--ip_version=ipv6', ...lines];
}

/** Acts and answers in the order in which they happened in the trial, where the n-th act is on line `offset + n`. */
function eventLines(
  trial: ScriptResult,
  acts: readonly ScriptAct[],
  offset: number,
  recorded: RecordedConnection,
): string[] {
  const lines: string[] = [];
  const rebase = stampRebaser(recorded);
  for (const entry of trial.timeline) {
    const act = acts[entry.line - offset - 1];
    if (entry.kind === 'out') lines.push(`${seconds(entry.time)} > ${rebase(withoutWindow(entry.text))}`);
    else if (act === undefined) continue;
    else if (entry.kind === 'in') lines.push(`${seconds(entry.time)} ${act.trial}`);
    else if (entry.kind === 'call') {
      const result = /= (\d+)$/.exec(entry.text)?.[1];
      // A read that finds nothing says nothing about TCP.
      if (result !== undefined) lines.push(`${seconds(entry.time)} ${act.trial.replace(/= \.\.\.$/, `= ${result}`)}`);
    }
  }
  return lines;
}

/** A script compares the window only where it is the point. */
function withoutWindow(text: string): string {
  return text.replace(/ win \d+/, '');
}

/** Moves our timestamps so that the first one is that of the recorded server. */
function stampRebaser(recorded: RecordedConnection): (text: string) => string {
  let first: number | undefined;
  return (text) =>
    text.replace(/TS val (\d+)/, (_, digits: string) => {
      first ??= Number(digits);
      return `TS val ${(Number(digits) - first + recorded.firstServerStamp) >>> 0}`;
    });
}

/** Microseconds as seconds. */
function seconds(time: number): string {
  return (time / 1_000_000).toFixed(6);
}
