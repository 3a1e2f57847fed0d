/** Replays captures that are in memory, and takes the result apart. */
import { readBytes } from '../../src/capture/file/input.js';
import { OUTBOUND } from '../../src/capture/format/pcapng-format.js';
import { PcapngWriter } from '../../src/capture/format/pcapng-writer.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { describeFrame } from '../../src/net/wire/describe.js';
import { FrameView } from '../../src/replay/frame-view.js';
import { Replay, type ReplayOptions } from '../../src/replay/replay.js';
import { type ConnectionReport, reportOf } from '../../src/replay/report.js';
import { Survey } from '../../src/replay/survey.js';
import { makePcap, type PcapFlavour } from './captures.js';

export interface ReplayedFrame {
  readonly out: boolean;
  readonly microseconds: number;
  readonly bytes: Uint8Array;
  /** As tcpdump has it, with absolute sequence numbers. */
  readonly line: string;
  /** Its TCP header's numbers. */
  readonly view: FrameView;
}

export interface Replayed {
  readonly replay: Replay;
  readonly output: Uint8Array;
  readonly frames: readonly ReplayedFrame[];
  readonly reports: readonly ConnectionReport[];
}

export interface ReplayTestOptions extends Partial<Omit<ReplayOptions, 'servers'>> {
  servers?: readonly string[];
  linger?: number;
}

/** Replays a whole capture file. */
export function replayBytes(file: Uint8Array, options: ReplayTestOptions = {}): Replayed {
  const survey = new Survey();
  readBytes(file, (record) => void survey.observe(record));
  const servers = options.servers?.map((text) => IpAddress.parse(text)) ?? [survey.server!];
  const pieces: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => pieces.push(bytes.slice()));
  const reports: ConnectionReport[] = [];
  const replay = new Replay({
    ports: survey.portsOf(servers),
    survey,
    compareStreams: true,
    onConversation: (conversation) => reports.push(reportOf(conversation, true)),
    ...options,
    servers,
    output: writer,
  });
  readBytes(file, (record) => void replay.feed(record));
  replay.finish(options.linger ?? 100_000);
  writer.close();
  const output = new Uint8Array(Buffer.concat(pieces));
  return { replay, output, frames: framesOf(output), reports };
}

/** Replays frames, a millisecond apart. */
export function replayFrames(
  frames: readonly Uint8Array[],
  options: ReplayTestOptions = {},
  flavour?: PcapFlavour,
): Replayed {
  const records = frames.map((bytes, i) => ({ seconds: 1_700_000_000, fraction: 1000 * i, bytes }));
  return replayBytes(makePcap(records, flavour), options);
}

export function framesOf(output: Uint8Array): ReplayedFrame[] {
  const frames: ReplayedFrame[] = [];
  readBytes(output, (record) => {
    const bytes = record.bytes.slice(record.from, record.to);
    const view = new FrameView();
    view.read(record.linkType, bytes, 0, bytes.length);
    const line = describeFrame(bytes, 0, bytes.length);
    frames.push({ out: record.direction === OUTBOUND, microseconds: record.microseconds, bytes, line, view });
    return true;
  });
  return frames;
}
