/** A small site in a cache, without a folder on disk: what the HTTP tests and the micro-benchmark serve. */
import { type Answer, fileAnswer, redirectAnswer, type ShortAnswer } from '../../src/cache/head/heads.js';
import { Library } from '../../src/cache/library/library.js';
import { Store } from '../../src/cache/library/store.js';
import { PIECE_ANSWER, pieceName } from '../../src/cache/object/pieces.js';
import { DEFAULT_SITE } from '../../src/cache/object/record.js';
import { publishVariant } from '../../src/cache/variants/publish.js';

/** 1994-11-06 08:49:37 UTC, RFC 9110's own example date. */
export const EXAMPLE_SECONDS = 784111777;

/** A file: its content, and what its answer says about it. */
export interface SiteFile {
  readonly content: string | Uint8Array;
  readonly contentType?: string;
  readonly etag?: string;
  readonly lastModifiedSeconds?: number;
  /** Accept-Encoding chooses between it and its variants: by number of coding, what they contain. */
  readonly variants?: Readonly<Record<number, string>>;
  /** Default 200. */
  readonly status?: number;
}

/** What a site consists of: files, folders asked for without their slash, and files over a limit. */
export interface SiteParts {
  readonly files: Readonly<Record<string, SiteFile>>;
  readonly redirects?: Readonly<Record<string, string>>;
  /** Files of further sites: the first of them is site 1. */
  readonly others?: readonly Readonly<Record<string, SiteFile>>[];
}

/** The cache of a site and a worker's view of it. */
export interface Site {
  readonly library: Library;
  readonly store: Store;
}

/** Loads the parts into a library and attaches a store to it. */
export async function makeSite({ files, redirects = {}, others = [] }: SiteParts): Promise<Site> {
  const library = new Library();
  for (const [site, filesOfSite] of [files, ...others].entries()) {
    for (const [path, file] of Object.entries(filesOfSite)) addFile(library, path, file, site);
  }
  for (const [path, location] of Object.entries(redirects)) addShort(library, path, redirectAnswer(location));
  const store = new Store((id) => subscriber.released(id));
  const subscriber = library.attach((message) => store.apply(message));
  return { library, store };
}

/** Publishes a variant of a file that is there, with `<coding>` as its entity-tag. */
export function addVariant(library: Library, path: string, coding: number, content: string, site = DEFAULT_SITE): void {
  const file = library.hold(Buffer.from(path), site);
  if (file === undefined) throw new Error(`${path} is not there`);
  const variant = { coding, bytes: bytesOf(content), etag: `coding-${coding}`, isSidecar: false };
  const result = publishVariant(library, file, variant);
  library.letGo(file);
  library.flush();
  if (result !== 'published') throw new Error(`${path}: ${result}`);
}

/** Publishes a file while the server runs. */
export function addFileTo(library: Library, path: string, content: string, site = DEFAULT_SITE): void {
  addFile(library, path, { content }, site);
  library.flush();
}

/** Publishes the head of a large file whose pieces have this number. */
export function addStreamed(library: Library, path: string, file: number, length: number, etag = `file-${file}`): void {
  const facts = { contentType: 'video/mp4', contentLength: length, lastModifiedSeconds: EXAMPLE_SECONDS, etag };
  const answer = fileAnswer(facts);
  const draft = library.reserve({ ...measuresOf(path, answer, 0), streamed: { file, length } }, 'file');
  if (draft === undefined) throw new Error('no room');
  draft.seal([path], answer);
  library.publish(draft);
  library.flush();
}

/** Publishes a piece of it. */
export function addPiece(library: Library, file: number, piece: number, bytes: Uint8Array): void {
  const name = pieceName(file, piece);
  const draft = library.reserve(measuresOf(name, PIECE_ANSWER, bytes.length), 'piece');
  if (draft === undefined) throw new Error('no room');
  draft.payload.set(bytes);
  draft.seal([name], PIECE_ANSWER);
  library.publish(draft, true);
  library.flush();
}

function addFile(library: Library, path: string, file: SiteFile, site: number): void {
  const content = bytesOf(file.content);
  const { contentType = 'text/plain', lastModifiedSeconds = EXAMPLE_SECONDS, etag = 'tag', status = 200 } = file;
  const facts = { contentType, contentLength: content.length, lastModifiedSeconds, etag };
  const answer = { ...fileAnswer({ ...facts, isNegotiated: file.variants !== undefined }), status };
  add(library, path, answer, content, site);
  for (const [coding, text] of Object.entries(file.variants ?? {})) {
    addVariant(library, path, Number(coding), text, site);
  }
}

function addShort(library: Library, path: string, { answer, payload }: ShortAnswer): void {
  add(library, path, answer, bytesOf(payload));
}

function add(library: Library, path: string, answer: Answer, payload: Uint8Array, site = DEFAULT_SITE): void {
  const kind = answer.status === 200 ? 'file' : answer.status === 301 ? 'redirect' : 'notice';
  const name = Buffer.from(path).toString('latin1');
  const draft = library.reserve(measuresOf(name, answer, payload.length), kind, site);
  if (draft === undefined) throw new Error(`no room for ${path}`);
  draft.payload.set(payload);
  draft.seal([name], answer);
  library.publish(draft);
}

function measuresOf(name: string, answer: Answer, payloadLength: number) {
  return {
    nameCount: 1,
    namesLength: name.length,
    headRoom: answer.head.length,
    payloadLength,
    notModifiedLength: answer.notModified.length,
  };
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}
