/** The files of a host, in the product's own cache, with their prefix sums. */
import { type Answer, fileAnswer } from '../cache/head/heads.js';
import { Library } from '../cache/library/library.js';
import { Store } from '../cache/library/store.js';
import type { Measures } from '../cache/object/layout.js';
import type { FileContent } from './options.js';

/** Bound of a host's cache. */
const CACHE_BYTES = 256 * 1024 * 1024;

/** The types of the few extensions that a page's example has. The server on a machine knows a thousand. */
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
};

/** Puts the files into a cache. @throws {RangeError} for a path that does not begin with '/', or too many bytes. */
export function cacheOf(files: Readonly<Record<string, FileContent>>, epochMs: number) {
  const library = new Library(CACHE_BYTES);
  const store: Store = new Store((id) => worker.released(id));
  const worker = library.attach((message) => store.apply(message));
  for (const [path, content] of Object.entries(files)) put(library, path, bytesOf(content), epochMs);
  library.flush();
  return { library, store };
}

/**
 * The bytes of a file.
 *
 * @example
 * ```ts
 * import { bytesOf } from 'fastpath/browser';
 *
 * console.log(bytesOf('hello').length, bytesOf(1_000_000).length); // 5 1000000
 * ```
 */
export function bytesOf(content: FileContent): Uint8Array {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  return typeof content === 'number' ? pattern(content) : content;
}

/**
 * `length` bytes that differ from their surroundings, the same each time.
 *
 * @example
 * ```ts
 * import { pattern } from 'fastpath/browser';
 *
 * console.log(pattern(10_000).length); // 10000
 * ```
 */
export function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let x = 1;
  for (let i = 0; i < length; i++) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

function put(library: Library, path: string, payload: Uint8Array, epochMs: number): void {
  if (!path.startsWith('/')) throw new RangeError(`the path ${path} does not begin with /`);
  const names = path.endsWith('/index.html') ? [path, path.slice(0, -'index.html'.length)] : [path];
  const answer = fileAnswer({
    contentType: TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    contentLength: payload.length,
    lastModifiedSeconds: Math.floor(epochMs / 1000) - 86_400,
    etag: tagOf(payload),
  });
  const draft = library.reserve(measuresOf(names, answer, payload.length), 'file');
  if (draft === undefined) throw new RangeError(`${path}: the files of a host are bounded by ${CACHE_BYTES} bytes`);
  draft.payload.set(payload);
  draft.seal(names, answer);
  library.publish(draft);
}

function measuresOf(names: readonly string[], answer: Answer, payloadLength: number): Measures {
  return {
    nameCount: names.length,
    namesLength: names.reduce((length, name) => length + name.length, 0),
    headRoom: answer.head.length,
    payloadLength,
    notModifiedLength: answer.notModified.length,
  };
}

/** An entity-tag: FNV-1a of the content, twice 32 bits. A page has no SHA-256 that answers at once. */
function tagOf(payload: Uint8Array): string {
  let [low, high] = [0x811c9dc5, 0x811c9dc5 ^ payload.length];
  for (const byte of payload) {
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ (byte + 1), 0x01000193);
  }
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
}
