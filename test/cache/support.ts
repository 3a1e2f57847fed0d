/** What the cache's tests share: objects without a folder, random bytes, and a folder that cleans up after itself. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mock } from 'node:test';
import { type Answer, ETAG_LENGTH, fileAnswer } from '../../src/cache/head/heads.js';
import type { Library } from '../../src/cache/library/library.js';
import type { Store } from '../../src/cache/library/store.js';
import type { Entry } from '../../src/cache/object/entry.js';
import type { Measures } from '../../src/cache/object/layout.js';
import { sum } from '../../src/net/wire/checksum.js';
import type { SummedBytes } from '../../src/net/wire/summed-bytes.js';

export function utf8(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

/** Bytes that look random and are the same in every run. */
export function someBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function latin1(text: string): string {
  return utf8(text).toString('latin1');
}

/** The answer of a file of `text/plain` with an entity-tag of `e`s. */
export function plainAnswer(contentLength: number, etag = 'e'.repeat(ETAG_LENGTH)): Answer {
  return fileAnswer({ contentType: 'text/plain', contentLength, lastModifiedSeconds: 0, etag });
}

/** The measures of an object with these names (as `latin1` gives them) and this answer. */
export function measure(names: readonly string[], answer: Answer, payloadLength: number): Measures {
  return {
    nameCount: names.length,
    namesLength: names.join('').length,
    headRoom: answer.head.length,
    payloadLength,
    notModifiedLength: answer.notModified.length,
  };
}

/** Publishes `payload` under the names, as the loader would. Returns whether there was room. */
export function put(library: Library, names: string | string[], payload: Uint8Array, coding = 0, site = 0): boolean {
  const answer = plainAnswer(payload.length);
  const bytes = [names].flat().map(latin1);
  const draft = library.reserve(measure(bytes, answer, payload.length), 'file', site, coding);
  if (draft === undefined) return false;
  draft.payload.set(payload);
  draft.seal(bytes, answer);
  library.publish(draft);
  return true;
}

export function find(store: Store, path: string, coding = 0, site = 0): Entry | undefined {
  const bytes = utf8(`GET ${path} HTTP/1.1`); // in place, as in a request
  return store.find(bytes, 4, bytes.length - 9, site, coding);
}

/** A copy of an entry's payload, as text. */
export function payloadText(entry: Entry | undefined): string {
  return entry === undefined ? '(nothing)' : Buffer.from(payloadOf(entry)).toString('utf8');
}

export function payloadOf(entry: Entry): Uint8Array {
  return entry.bytes.bytes.slice(entry.payloadFrom);
}

export function headText(entry: Entry): string {
  return Buffer.from(entry.head.bytes.slice()).toString('latin1');
}

/** Whether the table agrees with the bytes, on every block edge and at some odd cuts. */
export function sumsAgree(summed: SummedBytes): boolean {
  const account = { payloadBytesRead: 0 };
  for (let from = 0; from < summed.length; from += 27) {
    const to = Math.min(summed.length, from + 100);
    if (summed.sum(from, to, account) % 0xffff !== sum(summed.bytes, from, to) % 0xffff) return false;
  }
  return summed.sum(0, summed.length, account) % 0xffff === sum(summed.bytes, 0, summed.length) % 0xffff;
}

/** Until the last write is older than a tick of the kernel's clock. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

/**
 * The file grows each time somebody in this thread looks at the clock, as a reader does right before it reads. So no
 * reading of it is ever whole, however slow the machine is. `mock.restoreAll()` ends it.
 */
export function appendAtEachLook(path: string): void {
  const { now } = Date;
  mock.method(Date, 'now', () => {
    appendFileSync(path, '.');
    return now();
  });
}

/** A temporary folder. */
export class TemporaryFolder {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'fastpath-cache-')));

  at(name: string): string {
    return join(this.path, name);
  }

  write(name: string, content: string | Uint8Array, mtimeSeconds?: number): void {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
    if (mtimeSeconds === undefined) return;
    const time = new Date(mtimeSeconds * 1000); // as a number, Node takes a negative time for "now"
    utimesSync(this.at(name), time, time);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Runs an action as a user who is not root. Undefined: this root cannot become one. */
export function ordinaryUser(): (<Result>(action: () => Promise<Result>) => Promise<Result>) | undefined {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot && readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[2] === '1') return undefined;
  return async (action) => {
    if (isRoot) process.seteuid?.(65534);
    try {
      return await action();
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  };
}
