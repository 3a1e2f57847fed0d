/** A small site in a cache, without a folder on disk: what the HTTP tests and the micro-benchmark serve. */
import { fileAnswer, noticeAnswer, redirectAnswer } from '../../src/cache/heads.js';
import { Library } from '../../src/cache/library.js';
import { Store } from '../../src/cache/store.js';

/** 1994-11-06 08:49:37 UTC, RFC 9110's own example date. */
export const EXAMPLE_SECONDS = 784111777;

/** A file: its content, and what its answer says about it. */
export interface SiteFile {
  readonly content: string | Uint8Array;
  readonly contentType?: string;
  readonly etag?: string;
  readonly lastModifiedSeconds?: number;
}

/** What a site consists of: files, folders asked for without their slash, and files over a limit. */
export interface SiteParts {
  readonly files: Readonly<Record<string, SiteFile>>;
  readonly redirects?: Readonly<Record<string, string>>;
  readonly overLimit?: readonly string[];
}

/** The cache of a site and a worker's view of it. */
export interface Site {
  readonly library: Library;
  readonly store: Store;
}

/** Loads the parts into a library and attaches a store to it. */
export async function makeSite({ files, redirects = {}, overLimit = [] }: SiteParts): Promise<Site> {
  const library = new Library();
  for (const [path, file] of Object.entries(files)) {
    const content = bytesOf(file.content);
    const { contentType = 'text/plain', lastModifiedSeconds = EXAMPLE_SECONDS, etag = 'tag' } = file;
    await add(library, path, fileAnswer(contentType, content.length, lastModifiedSeconds, etag), content);
  }
  for (const [path, location] of Object.entries(redirects)) {
    const { answer, payload } = redirectAnswer(location);
    await add(library, path, answer, payload);
  }
  for (const path of overLimit) {
    const { answer, payload } = noticeAnswer('max-object', 1024);
    await add(library, path, answer, payload);
  }
  const store = new Store((id) => subscriber.released(id));
  const subscriber = library.attach((message) => store.apply(message));
  return { library, store };
}

async function add(
  library: Library,
  path: string,
  answer: ReturnType<typeof fileAnswer>,
  payload: Uint8Array,
): Promise<void> {
  const kind = answer.status === 200 ? 'file' : answer.status === 301 ? 'redirect' : 'notice';
  const draft = library.reserve({ names: [bytesOf(path)] }, answer, payload.length, kind)!;
  draft.payload.set(payload);
  await draft.seal(answer);
  library.publish(draft);
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}
