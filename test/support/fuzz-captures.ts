/**
 * Mutated captures through all that reads captures: reader, dissector in each form, replay with comparison. Used by a
 * test (a few thousand) and by scripts/fuzz-captures.ts (a million).
 */
import { readFileSync } from 'node:fs';
import { readBytes } from '../../src/capture/file/input.js';
import { INBOUND } from '../../src/capture/format/pcapng-format.js';
import { readComment } from '../../src/capture/format/pcapng-read-options.js';
import { PcapngWriter } from '../../src/capture/format/pcapng-writer.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { parseFilter } from '../../src/dissect/filter/parser.js';
import { FrameClock } from '../../src/dissect/frame-info.js';
import { FrameView } from '../../src/dissect/frame-view.js';
import { formatJson } from '../../src/dissect/print/json.js';
import { formatLine } from '../../src/dissect/print/line.js';
import { PLAIN } from '../../src/dissect/print/style.js';
import { formatTree } from '../../src/dissect/print/tree.js';
import { followReport } from '../../src/dissect/report/follow.js';
import { SeededRandom } from '../../src/net/random.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { Replay } from '../../src/replay/replay.js';
import { formatConnection, reportOf } from '../../src/replay/report.js';
import { Survey } from '../../src/replay/survey.js';
import { makePcap, sharedCaptures } from './captures.js';
import { exampleFrames } from './example-frames.js';
import { exchange } from './exchange.js';
import { mutate } from './mutate.js';

/** Of larger captures the beginning: more takes longer without showing more. */
const MAX_SEED_BYTES = 4_000;

/** Whole captures to begin with: made here, and those of ../shared/captures where they are. */
export function seedCaptures(): Uint8Array[] {
  const frames = exampleFrames().map((bytes, i) => ({ seconds: 1_700_000_000 + i, fraction: i, bytes }));
  const made = [
    makePcap(frames),
    asPcapng(exchange()),
    makePcap(exchange().map((bytes, i) => ({ seconds: i, fraction: 0, bytes }))),
  ];
  const shared = sharedCaptures().map(([, path]) => new Uint8Array(readFileSync(path)));
  return [...made, ...shared.map((bytes) => bytes.subarray(0, MAX_SEED_BYTES))];
}

function asPcapng(frames: readonly Uint8Array[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => pieces.push(bytes.slice()), { comment: 'a seed' });
  writer.addInterface({ name: 'fp0', description: 'a TAP', resolution: 'ns', clockStart: 1_700_000_000_000_000 });
  for (const [i, bytes] of frames.entries())
    writer.writeFrame(0, 10 * i, INBOUND, bytes, 0, bytes.length, `frame ${i}`, i);
  writer.close();
  return new Uint8Array(Buffer.concat(pieces));
}

/** The capture number `index` of the seed `seed`. */
export function mutatedCapture(seeds: readonly Uint8Array[], seed: number, index: number): Uint8Array {
  const random = new SeededRandom((Math.imul(seed, 0x9e3779b1) + index) | 0);
  return mutate(seeds[(random.nextInt32() >>> 0) % seeds.length]!, random);
}

const FILTER = parseFilter('ip.addr == 10.0.0.0/8 && !(tcp.port in {80, 443..8080}) || frame.note contains "a"');

/** Dissects the capture in all forms. @returns characters printed */
export function tryDissect(file: Uint8Array): number {
  const dissector = new Dissector();
  const clock = new FrameClock();
  let printed = 0;
  const count = (content: string | Uint8Array) => {
    printed += content.length;
  };
  const followed = followReport({ connection: 1, form: 'text', style: PLAIN }, count, count);
  readBytes(file, (record, reader) => {
    const info = clock.info(record, reader.interfaces[record.interfaceIndex], readComment(record));
    const dissection = dissector.dissect(record);
    const view = new FrameView(info, dissection);
    printed += formatLine(info, dissection).length + formatTree(info, dissection).length;
    printed += formatJson(info, dissection).length + Number(FILTER(view));
    followed.frame(view, dissection, record);
    return true;
  });
  followed.end?.(dissector.connections);
  return printed;
}

/** Replays the capture. @returns all that the replay wrote */
export function tryReplay(file: Uint8Array): Uint8Array {
  const survey = new Survey();
  readBytes(file, (record) => void survey.observe(record));
  const servers = [survey.server ?? IpAddress.parse('10.77.0.2')];
  const pieces: Uint8Array[] = [];
  const output = new PcapngWriter((bytes) => pieces.push(bytes.slice()), { bufferBytes: 8_192 });
  const replay = new Replay({
    servers,
    ports: survey.portsOf(servers),
    survey,
    output,
    onConversation: (conversation) => formatConnection(reportOf(conversation, true)),
  });
  readBytes(file, (record) => void replay.feed(record));
  replay.finish(1_000_000);
  output.close();
  return new Uint8Array(Buffer.concat(pieces));
}
