/**
 * Capture files for tests: made in memory in any flavour, and the collection beside the repository where it is there.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readChunks } from '../../src/capture/file/input.js';

/** One record, as tests compare it. */
export interface PlainRecord {
  bytes: number[];
  originalLength: number;
  microseconds: number;
  nanoseconds: number;
  linkType: number;
  direction: number;
  number: number;
}

/** The whole file as a list of records, read in chunks of `chunkBytes`, with what was wrong. */
export async function readAll(file: Uint8Array, chunkBytes = file.length) {
  const records: PlainRecord[] = [];
  const reader = await readChunks(cut(file, Math.max(1, chunkBytes)), (record) => {
    const { originalLength, microseconds, nanoseconds, linkType, direction, number } = record;
    const bytes = [...record.bytes.subarray(record.from, record.to)];
    records.push({ bytes, originalLength, microseconds, nanoseconds, linkType, direction, number });
    return true;
  });
  return { records, problems: reader.problems, reader };
}

async function* cut(file: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(chunkBytes);
  for (let at = 0; at < file.length; at += chunkBytes) {
    // One buffer for all chunks, as a reader of files may have it: a reader must not rely on the chunk before.
    const length = Math.min(chunkBytes, file.length - at);
    chunk.fill(0xa5);
    chunk.set(file.subarray(at, at + length));
    yield chunk.slice(0, length);
  }
}

export interface PcapFlavour {
  magic?: number;
  littleEndian?: boolean;
  linkType?: number;
  /** Bytes after each record's header (Kuznetzov's pcap). */
  extra?: number;
}

/** A classic pcap file. `fraction`: micro- or nanoseconds. */
export function makePcap(
  frames: readonly { seconds: number; fraction: number; bytes: Uint8Array; originalLength?: number }[],
  { magic = 0xa1b2c3d4, littleEndian = true, linkType = 1, extra = 0 }: PcapFlavour = {},
): Uint8Array {
  const length = frames.reduce((total, frame) => total + 16 + extra + frame.bytes.length, 24);
  const file = new Uint8Array(length);
  const view = new DataView(file.buffer);
  view.setUint32(0, magic, littleEndian);
  view.setUint16(4, 2, littleEndian);
  view.setUint16(6, 4, littleEndian);
  view.setUint32(16, 65535, littleEndian);
  view.setUint32(20, linkType, littleEndian);
  let at = 24;
  for (const frame of frames) {
    const header = [frame.seconds, frame.fraction, frame.bytes.length, frame.originalLength ?? frame.bytes.length];
    for (const [i, value] of header.entries()) view.setUint32(at + 4 * i, value, littleEndian);
    file.set(frame.bytes, at + 16 + extra);
    at += 16 + extra + frame.bytes.length;
  }
  return file;
}

/** A pcapng block of this type around `body`, whose options are already in it. */
export function makeBlock(type: number, body: readonly number[] | Uint8Array, littleEndian = true): Uint8Array {
  const padded = (body.length + 3) & ~3;
  const block = new Uint8Array(12 + padded);
  const view = new DataView(block.buffer);
  view.setUint32(0, type, littleEndian);
  view.setUint32(4, block.length, littleEndian);
  block.set(body, 8);
  view.setUint32(8 + padded, block.length, littleEndian);
  return block;
}

/** Numbers of 16 or 32 bits, one behind the other: `[16, 1]` is two bytes. */
export function pack(
  littleEndian: boolean,
  ...fields: readonly (readonly [bits: 8 | 16 | 32, value: number])[]
): number[] {
  return fields.flatMap(([bits, value]) => {
    const bytes = Array.from({ length: bits / 8 }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);
    return littleEndian ? bytes : bytes.reverse();
  });
}

const FOLDER = fileURLToPath(new URL('../../../../shared/captures', import.meta.url));

/** The captures beside the repository (../shared/captures), as [name, path]; none if it is not there. */
export function sharedCaptures(): [name: string, path: string][] {
  if (!existsSync(FOLDER)) return [];
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.pcap'));
  return names.sort().map((name) => [name, join(FOLDER, name)]);
}

const RECORDED = fileURLToPath(new URL('../../../test/captures/replay', import.meta.url));

/** The captures of real clients in test/captures/replay, as [name, path]. */
export function recordedCaptures(): [name: string, path: string][] {
  const names = readdirSync(RECORDED).filter((name) => name.endsWith('.pcapng'));
  return names.sort().map((name) => [name, join(RECORDED, name)]);
}

/** Skips the calling test, aloud, where ../shared/captures is not there. */
export function needSharedCaptures(test: Mocha.Context): [name: string, path: string][] {
  const found = sharedCaptures();
  if (found.length === 0) {
    console.log('      (skipped: the captures of ../shared/captures are not on this machine)');
    test.skip();
  }
  return found;
}
