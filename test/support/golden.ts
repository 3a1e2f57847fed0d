/**
 * Golden replays: captures of real clients at `fastpath serve`, and what our stack answers to them when they are
 * replayed. test/replay/golden.test.ts replays them all; scripts/record-replay.ts records a new one.
 *
 *     test/captures/replay/curl.pcapng      what crossed the TAP interface while curl fetched two files
 *     test/captures/replay/curl.txt         the answers of the replay, a line a frame, and how each connection went
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBytes } from '../../src/capture/file/input.js';
import { OUTBOUND } from '../../src/capture/format/pcapng-format.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { FrameClock } from '../../src/dissect/frame-info.js';
import { formatLine } from '../../src/dissect/print/line.js';
import { SeededRandom } from '../../src/net/random.js';
import { folderProgram } from '../../src/replay/folder-program.js';
import { type ConnectionReport, formatConnection, formatSummary } from '../../src/replay/report.js';
import { replayFile } from '../../src/replay/run.js';
import { framesOf } from './replay.js';

/** In the source tree, from dist/test/support. */
export const GOLDEN_FOLDER = fileURLToPath(new URL('../../../test/captures/replay', import.meta.url));

/** All that is recorded: names without extension. */
export function goldenNames(): string[] {
  if (!existsSync(GOLDEN_FOLDER)) return [];
  return readdirSync(GOLDEN_FOLDER)
    .filter((name) => name.endsWith('.pcapng'))
    .map((name) => name.slice(0, -'.pcapng'.length))
    .sort();
}

export function goldenPath(name: string, extension: 'pcapng' | 'txt'): string {
  return join(GOLDEN_FOLDER, `${name}.${extension}`);
}

/**
 * The files that the recorded server served, and that a replay serves: always the same bytes, always of the same age.
 */
const SITE_TIME = new Date('2026-01-01T00:00:00Z');
const PAGE = `<!doctype html><meta charset="utf-8"><title>Golden</title><link rel="stylesheet" href="style.css">
<h1>A page</h1><img src="picture.svg" alt="a circle"><p id="p">It works.</p>
`;
const SITE: Readonly<Record<string, string | Uint8Array>> = {
  'index.html': PAGE,
  'style.css': 'h1 { font: 2em serif }\n',
  'picture.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>\n',
  'favicon.ico': noise(318, 3),
  'sub/page.html': '<!doctype html><title>Below</title><p>Below.</p>\n',
  'large.bin': Array.from({ length: 4_000 }, (_, i) => `line ${i} of a large file\n`).join(''),
};

function noise(length: number, seed: number): Uint8Array {
  const random = new SeededRandom(seed);
  return Uint8Array.from({ length }, () => random.nextInt32());
}

/** Writes the site into `folder`. */
export function makeGoldenSite(folder: string): void {
  for (const [name, content] of Object.entries(SITE)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    utimesSync(path, SITE_TIME, SITE_TIME);
  }
}

/**
 * What our stack does with a recorded capture, as text: connections, a line for each answer, and a hash of what is
 * said. IP identification, flow labels and the like are left to the tests of their layers.
 */
export async function replayGolden(capture: string, site: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  const connections: ConnectionReport[] = [];
  const { summary } = await replayFile(capture, {
    application: await folderProgram(site),
    compare: true,
    output: (bytes) => pieces.push(bytes.slice()),
    onConnection: (report) => connections.push(report),
  });
  const output = new Uint8Array(Buffer.concat(pieces));
  const answers = framesOf(output).filter((frame) => frame.out);
  const said = createHash('sha256');
  for (const { bytes, view } of answers) if (view.isTcp) said.update(bytes.subarray(view.dataFrom, view.dataTo));
  const lines = [...connections.map(formatConnection), formatSummary(summary), '', ...answerLines(output), ''];
  return `${lines.join('\n')}sha256 of what is said: ${said.digest('hex')}\n`;
}

/** The frames that our stack sent, as `fastpath dissect` shows them. */
function answerLines(output: Uint8Array): string[] {
  const dissector = new Dissector();
  const lines: string[] = [];
  const clock = new FrameClock();
  readBytes(output, (record, reader) => {
    const dissection = dissector.dissect(record);
    const info = clock.info(record, reader.interfaces[record.interfaceIndex]);
    if (record.direction === OUTBOUND) lines.push(formatLine(info, dissection));
    return true;
  });
  return lines;
}
