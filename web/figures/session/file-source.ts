/** A capture file: read once in chunks, and again where a frame is looked at. */
import { CaptureReader } from '../../../src/capture/format/capture-reader.js';
import { CaptureRecord, type RecordedInterface } from '../../../src/capture/format/record.js';
import { type FrameStore, Session } from './session.js';
import { breathe } from './turns.js';
import { unpack } from './unpack.js';

/** Frames are read again by pieces of the file. */
const PIECE_BYTES = 256 * 1024;
const PIECES_KEPT = 16;

/** Opens a file and begins to read it. */
export function openFile(file: Blob, name: string, changed: () => void): Session {
  const store = new FileStore(file);
  const session: Session = new Session('file', name, store, changed);
  session.progress = 0;
  void readAll(session, store).catch((error: unknown) => session.problems.push(messageOf(error)));
  return session;
}

async function readAll(session: Session, store: FileStore): Promise<void> {
  try {
    const damage = await store.unpack();
    if (damage !== '') session.problems.push(damage);
    const problems = await store.each((record, done) => {
      session.analyzer.add(record);
      session.progress = Math.min(0.999, done);
      return true;
    }, session.changed);
    session.problems.push(...problems);
    if (session.analyzer.frames === 0) session.problems.push('This is no capture file, or it has no frames.');
  } finally {
    session.progress = 1;
    session.changed();
  }
}

class FileStore implements FrameStore {
  #file: Blob;
  readonly #pieces = new Map<number, Uint8Array>();
  interfaces: readonly RecordedInterface[] = [];

  constructor(file: Blob) {
    this.#file = file;
  }

  /** A compressed file becomes a plain one. Gives what is wrong with it, or nothing. */
  async unpack(): Promise<string> {
    const { plain, problem } = await unpack(this.#file);
    this.#file = plain;
    return problem;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const first = Math.floor(offset / PIECE_BYTES);
    const piece = await this.#piece(first);
    const at = offset - first * PIECE_BYTES;
    if (at + length <= piece.length) return piece.subarray(at, at + length);
    return new Uint8Array(await this.#file.slice(offset, offset + length).arrayBuffer());
  }

  async replay(visit: (record: CaptureRecord) => boolean): Promise<void> {
    await this.each(visit, () => {});
  }

  /** Shows every record; `done` is from 0 to 1. Returns what could not be read. */
  async each(visit: (record: CaptureRecord, done: number) => boolean, turned: () => void): Promise<string[]> {
    const reader = new CaptureReader();
    const record = new CaptureRecord();
    const chunks = this.#file.stream().getReader();
    const rest = breathe();
    let bytes = 0;
    for (let isOpen = true; isOpen; ) {
      const { value, done } = await chunks.read();
      if (value === undefined) reader.end();
      else reader.push(value);
      if (reader.interfaces.length >= this.interfaces.length) this.interfaces = reader.interfaces;
      while (reader.next(record)) {
        if (!visit(record, (bytes + record.to) / this.#file.size)) {
          await chunks.cancel();
          return [];
        }
        const wait = rest();
        if (wait !== undefined) {
          turned();
          await wait;
        }
      }
      bytes += value?.length ?? 0;
      isOpen = !done;
    }
    return reader.problems.map(({ message, offset }) => `${message} (byte ${offset})`);
  }

  async #piece(index: number): Promise<Uint8Array> {
    const known = this.#pieces.get(index);
    if (known !== undefined) return known;
    const from = index * PIECE_BYTES;
    const piece = new Uint8Array(await this.#file.slice(from, from + PIECE_BYTES).arrayBuffer());
    this.#pieces.set(index, piece);
    const [oldest] = this.#pieces.keys();
    if (this.#pieces.size > PIECES_KEPT && oldest !== undefined) this.#pieces.delete(oldest);
    return piece;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
