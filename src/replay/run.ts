/** `fastpath replay` without its options: a capture in, our stack's answers out. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCapture } from '../capture/file/input.js';
import type { CaptureReader } from '../capture/format/capture-reader.js';
import { type ByteSink, PcapngWriter } from '../capture/format/pcapng-writer.js';
import { SECOND } from '../net/clock.js';
import type { TcpSettings } from '../net/tcp/settings.js';
import type { IpAddress } from '../net/wire/address.js';
import { PortSet } from './addressing.js';
import { Replay, type ReplayOptions } from './replay.js';
import { type ConnectionReport, reportOf, type Summary, summarize, Totals } from './report.js';
import { Survey } from './survey.js';

/** The time that the stack goes on after the last frame, in the capture's time. */
export const DEFAULT_LINGER = SECOND;

export interface RunOptions {
  /** The server's addresses in the capture; the likeliest one unless said otherwise. */
  readonly servers?: readonly IpAddress[] | undefined;
  /** The ports it listens on; those that answered in the capture unless said otherwise. */
  readonly ports?: readonly number[] | undefined;
  readonly application?: ReplayOptions['application'];
  readonly compare?: boolean | undefined;
  readonly linger?: number | undefined;
  /** Compute the checksums of what the capture holds anew: its addresses were edited, say. */
  readonly fixChecksums?: boolean | undefined;
  readonly seed?: number | undefined;
  readonly mtu?: number | undefined;
  readonly tcp?: Partial<TcpSettings> | undefined;
  /** Takes the capture of the replay. */
  readonly output?: ByteSink | undefined;
  readonly onConnection?: ((report: ConnectionReport) => void) | undefined;
}

export interface RunResult {
  readonly summary: Summary;
  readonly servers: readonly IpAddress[];
  readonly ports: readonly number[];
  /** Its `problems` say what of the capture could not be read. */
  readonly reader: CaptureReader;
}

/** There is nothing in the capture that a server could be recognised by. */
export class NoServer extends Error {
  override readonly name = 'NoServer';
}

/**
 * Replays the capture at `path` (read twice; standard input, `-`, goes to a temporary file first).
 * @throws {NoServer}; the error of open(2); never for a damaged file
 */
export async function replayFile(path: string, options: RunOptions = {}): Promise<RunResult> {
  if (path !== '-') return replayPath(path, options);
  const copy = await openNameless();
  try {
    await writeFile(copy, process.stdin);
    return await replayPath(`/proc/self/fd/${copy.fd}`, options);
  } finally {
    await copy.close();
  }
}

/** A temporary file without a name, so that it is gone however we end. */
async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `fastpath-replay-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  await rm(path);
  return handle;
}

async function replayPath(path: string, options: RunOptions): Promise<RunResult> {
  const survey = new Survey();
  const read = await readCapture(path, (record) => void survey.observe(record));
  const servers = options.servers ?? (survey.server === undefined ? [] : [survey.server]);
  if (servers.length === 0) throw new NoServer(noServerMessage(survey, read));
  if (!servers.some((server) => survey.mayHold(server)))
    throw new NoServer(`${servers.join(', ')} is in none of its frames`);
  const ports = portSet(options.ports) ?? survey.portsOf(servers);
  const writer = options.output && new PcapngWriter(options.output, { application: 'fastpath replay' });
  const totals = new Totals(options.compare ?? false);
  const replay = new Replay({
    servers,
    ports,
    survey,
    application: options.application,
    compareStreams: options.compare ?? false,
    onConversation: (conversation) => {
      const report = reportOf(conversation, options.compare ?? false);
      totals.add(report);
      options.onConnection?.(report);
    },
    output: writer,
    fixChecksums: options.fixChecksums,
    seed: options.seed,
    mtu: options.mtu,
    tcp: options.tcp,
  });
  const reader = await readCapture(path, (record) => void replay.feed(record));
  replay.finish(options.linger ?? DEFAULT_LINGER);
  writer?.close();
  return { summary: summarize(replay, totals), servers, ports: ports.list(), reader };
}

function portSet(ports: readonly number[] | undefined): PortSet | undefined {
  if (ports === undefined) return undefined;
  const set = new PortSet();
  for (const port of ports) set.add(port);
  return set;
}

function noServerMessage(survey: Survey, reader: CaptureReader): string {
  const problem = reader.problems[0];
  if (survey.frames > 0) return 'no server can be recognised in it: name its address with --as';
  return problem === undefined
    ? 'it holds no frames'
    : `it holds no frames: byte ${problem.offset}: ${problem.message}`;
}
