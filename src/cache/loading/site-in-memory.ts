/**
 * What the library has of one site: which names are there, and whether they are as they are to be. A name has a
 * character for each byte. Used by loader.ts and its parts; it changes nothing.
 */
import { latin1Text } from '../../net/wire/latin1.js';
import type { FoundFile } from '../folder/folder.js';
import { type FolderRules, HIDDEN, PLAIN_RULES } from '../folder/folder-rules.js';
import type { Library } from '../library/library.js';
import type { Draft } from '../object/draft.js';
import type { Entry } from '../object/entry.js';
import { keyOf, namesOf } from '../reading/file-measures.js';

export class SiteInMemory {
  readonly #library: Library;
  readonly #site: number;
  readonly #rules: FolderRules;

  constructor(library: Library, site: number, rules: FolderRules) {
    this.#library = library;
    this.#site = site;
    this.#rules = rules;
  }

  /** Whether the object of a file has all the names that it is to have. */
  isPublished(file: FoundFile): boolean {
    const there = this.find(keyOf(file));
    if (there === undefined || there.etag.length === 0) return false;
    return namesOf(file).every((name) => {
      const other = this.find(name);
      return other?.status === 200 && Buffer.compare(other.etag, there.etag) === 0;
    });
  }

  /** The object of a name, a character for each byte. */
  find(name: string): Entry | undefined {
    return this.#library.find(Buffer.from(name, 'latin1'), this.#site);
  }

  /** Whether there is an answer in memory for this name. */
  has(name: string): boolean {
    return this.find(name) !== undefined;
  }

  /** Whether the object published under a name has the same content and fields. A new date alone changes nothing. */
  isSame(name: string, draft: Draft): boolean {
    const there = this.find(name);
    if (there === undefined || there.status !== 200 || there.stream !== 0) return false;
    const { entry } = draft;
    // The tag comes from the content: for nearly all that has changed, this alone says it.
    if (Buffer.compare(there.etag, entry.etag) !== 0 || undated(there) !== undated(entry)) return false;
    return entry.etag.length > 0 || Buffer.compare(contentOf(there), contentOf(entry)) === 0;
  }

  /** The names served now that an update of `parts` may take away. */
  namesBefore(parts: readonly string[]): string[] {
    const names = new Set(
      this.#library.namesUnder(
        parts.filter((part) => !this.#isSurelyFile(part)),
        this.#site,
      ),
    );
    const paths = this.#rules === PLAIN_RULES ? parts : [...parts, ...names].map(pathOf);
    for (const path of paths) {
      for (const kind of ['file', 'folder'] as const) {
        for (const name of this.#rules.namesFor(path, kind)) {
          if (this.has(name)) names.add(name);
          if (this.has(HIDDEN + name)) names.add(HIDDEN + name);
        }
      }
    }
    return [...names];
  }

  /** Whether the name is published, and as nothing but this file: then no other name lies under it. */
  #isSurelyFile(name: string): boolean {
    if (this.has(HIDDEN + name)) return true;
    if (this.#rules.hasLists || this.find(name)?.status !== 200) return false;
    return this.#rules.pathsFor(name).every((path) => path === name || !(this.has(path) || this.has(HIDDEN + path)));
  }
}

/** The path that a name stands for. */
function pathOf(name: string): string {
  const path = name.startsWith(HIDDEN) ? name.slice(HIDDEN.length) : name;
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** The fixed head without Last-Modified. */
function undated({ head }: Entry): string {
  return latin1Text(head.bytes).replace(/^Last-Modified: .*\r\n/m, '');
}

function contentOf({ bytes, payloadFrom }: Entry): Uint8Array {
  return bytes.bytes.subarray(payloadFrom);
}
