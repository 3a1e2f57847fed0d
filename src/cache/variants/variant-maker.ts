/**
 * Gives the files of one folder their variants, after the files themselves are published: so nothing waits for a
 * compressor, and where room is short, the files have it. Main thread; used by loader.ts.
 *
 *     file published ──▶ its sidecars read, checked, published ──▶ what is missing made in threads, in batches, published
 *                        before the load is done                   meanwhile requests are answered, by the file itself
 *
 * What is known of a variant stands in the record of its file (variant-bits.ts), so this keeps nothing for a file whose
 * turn has passed. If the file changes while its variant is made, the variant is dropped, and the new file has its
 * own turn.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Later } from '../../later.js';
import type { FoundFile } from '../folder/folder.js';
import { type WarningReason, type WarningSink, warning } from '../folder/warnings.js';
import { type CompressMode, isWorthMaking, KEPT_FROM } from '../head/compressible.js';
import type { NamedType } from '../head/content-type.js';
import type { HeldFile, Library } from '../library/library.js';
import type { Entry } from '../object/entry.js';
import { CODINGS, publishedBit, sidecarBit, vainBit } from '../object/variant-bits.js';
import { headRuleOf, keyOf } from '../reading/file-measures.js';
import { TICK_MS, YOUNG_MS } from '../reading/reading.js';
import { effortFor, MADE_CODINGS } from './coder.js';
import { type CodedBytes, publishVariant } from './publish.js';
import type { Sidecar, Sidecars } from './sidecars.js';
import { type FileToCode, type MadeVariant, readSidecar, type SidecarJob, type SidecarOutcome } from './variant-job.js';
import { MOST_THREADS, VariantPool } from './variant-pool.js';

/**
 * How far making has come: for a progress bar. Files, and bytes of files.
 *
 * @example
 * ```ts
 * import type { CompressProgress, LoadOptions } from 'fastpath';
 *
 * const compressing = ({ files, totalFiles }: CompressProgress) => console.log(`${files} of ${totalFiles} variants`);
 * export const options: LoadOptions = { compress: 'load', compressing };
 * ```
 */
export interface CompressProgress {
  files: number;
  totalFiles: number;
  bytes: number;
  totalBytes: number;
}

export interface VariantMakerOptions {
  /** Real path of the folder. */
  readonly root: string;
  readonly site: number;
  readonly mode: CompressMode;
  readonly warn: WarningSink;
  /** Reads a file anew, with its sidecars: one of them may have been caught half-written. */
  readonly again: (name: string) => void;
  readonly progress?: ((progress: CompressProgress) => void) | undefined;
}

interface FileWork {
  /** By which we know its object. */
  readonly name: string;
  /** The path of the file itself, or for a page of our own its name in the cache. */
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly sidecars: Sidecars;
  /**
   * `load`: it was found by the loader. `asked`: it was read because somebody asked for it. `hot`: it is asked for all
   * the time, and memory is short: others make room for its variants.
   */
  readonly reason: 'load' | 'asked' | 'hot';
}

/** A second thread is worth its start from here on. */
const BYTES_PER_THREAD = 4 * 1024 * 1024;
/** A sidecar up to here is read by this thread itself: less time than a thread takes to start. */
const NEAR_BYTES = 64 * 1024;
/** Files that were asked for and wait for their variants. Others go without: most of what a scan reads is not hot. */
const MOST_ASKED = 1_024;
/** What Content-Encoding adds to a head, at most. */
const CODING_FIELD_BYTES = 32;
/** After a batch this thread rests for so many times as long as it was busy with it: the data path has more to do. */
const REST = 6;
/** Files of one batch, and their bytes: with the most effort they take a quarter of a second. */
const BATCH_FILES = 32;
const BATCH_BYTES = 128 * 1024;
/** How often a sidecar is read anew that changes, or is being written, and how many of them at a time. */
const ATTEMPTS = 6;
const MOST_AGAIN = 1_000;

export class VariantMaker {
  readonly #library: Library;
  readonly #options: VariantMakerOptions;
  readonly #pool: VariantPool;
  #withSidecars: FileWork[] = [];
  #toMake: FileWork[] = [];
  /** Files of `#toMake` before this one have had their turn. */
  #next = 0;
  readonly #progress: CompressProgress = { files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 };
  /** Bytes that were to be made when the run began: they decide about the effort. */
  #runBytes = 0;
  #making: Promise<void> = Promise.resolve();
  #isMaking = false;
  #isClosed = false;
  readonly #attempts = new Map<string, number>();
  readonly #later = new Later();

  constructor(library: Library, options: VariantMakerOptions) {
    this.#library = library;
    this.#options = options;
    this.#pool = VariantPool.of(library);
  }

  /** A file is published, or was found to be the same as before. Its turn comes with `readSidecars` and `make`. */
  add(file: FoundFile, sidecars: Sidecars = []): void {
    this.#addFile(file, sidecars, 'load');
  }

  /** The same for a file that was read because somebody asked for it: such files are many, and come one by one. */
  addAsked(file: FoundFile, sidecars: Sidecars): void {
    if (sidecars.length > 0 || this.#hasPlace) this.#addFile(file, sidecars, 'asked');
  }

  /** The same for a file that is published under this name, and that has proven hot. */
  addHot(name: string): void {
    const entry = this.#find(name);
    if (entry === undefined || !entry.isNegotiated || !this.#hasPlace) return;
    const [type = ''] = entry.contentType.split(';');
    this.#addToMake({ name, path: name, size: entry.payloadLength, type, sidecars: [], reason: 'hot' });
  }

  get #hasPlace(): boolean {
    return this.#toMake.length - this.#next < MOST_ASKED;
  }

  #addFile(file: FoundFile, sidecars: Sidecars, reason: FileWork['reason']): void {
    const { named } = headRuleOf(file);
    const { name: path, size } = file;
    this.#add({ name: keyOf(file), path, size, type: named.type, sidecars, reason }, named);
  }

  /** The same for a page of our own. */
  addPage(name: string, size: number, type: string): void {
    this.#add({ name, path: name, size, type, sidecars: [], reason: 'load' }, { type, encoding: '' });
  }

  #add(work: FileWork, { encoding }: NamedType): void {
    const { name, sidecars } = work;
    if (this.#options.mode === 'off' || encoding !== '') return;
    if (sidecars.length > 0 || this.#hasSidecar(name)) this.#withSidecars.push(work);
    else this.#addToMake(work);
  }

  #addToMake(work: FileWork): void {
    const { name, size, type } = work;
    const isWorth = this.#options.mode === 'load' && isWorthMaking(size, type);
    if (!isWorth || !this.#isIncomplete(name)) return;
    this.#toMake.push(work);
    this.#progress.totalFiles++;
    this.#progress.totalBytes += size;
  }

  /** Publishes the sidecars of all files that were added, and removes variants whose sidecar is gone. */
  async readSidecars(): Promise<void> {
    const works = this.#withSidecars;
    this.#withSidecars = [];
    for (const work of works) {
      if (this.#isClosed) return;
      const file = this.#hold(work);
      if (file !== undefined) await this.#takeSidecars(work, file).finally(() => this.#library.letGo(file));
      this.#addToMake(work); // what no sidecar holds, or holds no more
    }
    this.#library.flush();
  }

  /** Begins to make what is missing, unless that is under way. It goes on by itself. */
  make(): void {
    if (this.#isMaking || this.#toMake.length === 0 || this.#isClosed) return;
    this.#isMaking = true;
    const bytes = this.#toMake.reduce((sum, { size }) => sum + size, 0);
    this.#runBytes = bytes;
    Object.assign(this.#progress, { files: 0, bytes: 0, totalFiles: this.#toMake.length, totalBytes: bytes });
    const seats = Math.min(MOST_THREADS, 1 + Math.floor(bytes / BYTES_PER_THREAD));
    this.#making = Promise.all(Array.from({ length: seats }, () => this.#makeOn())).then(
      () => this.#made(),
      () => this.#made(), // a thread that dies leaves the files as they are
    );
  }

  /** Fulfilled when nothing is left to be made. */
  async settled(): Promise<void> {
    while (this.#isMaking) await this.#making;
  }

  /** Begins no more work. What is published stays. */
  close(): void {
    this.#isClosed = true;
    this.#toMake = [];
    this.#next = 0;
    this.#later.clear();
  }

  #made(): void {
    this.#isMaking = false;
    this.#toMake = this.#toMake.slice(this.#next);
    this.#next = 0;
    this.make();
  }

  #find(name: string, coding?: number): Entry | undefined {
    return this.#library.find(Buffer.from(name, 'latin1'), this.#options.site, coding);
  }

  /** Whether something is not known yet of the variants that could be made. */
  #isIncomplete(name: string): boolean {
    const bits = this.#find(name)?.variantBits ?? 0;
    return MADE_CODINGS.some((coding) => (bits & (publishedBit(coding) | vainBit(coding))) === 0);
  }

  #hasSidecar(name: string): boolean {
    const bits = this.#find(name)?.variantBits ?? 0;
    return CODINGS.some((coding) => (bits & sidecarBit(coding)) !== 0);
  }

  /** Keeps the file that has the name now, until `letGo`. Undefined: there is none, or it has no variants. */
  #hold({ name }: FileWork): HeldFile | undefined {
    const file = this.#library.hold(Buffer.from(name, 'latin1'), this.#options.site);
    if (file === undefined || file.entry.isNegotiated) return file;
    this.#library.letGo(file);
    return undefined;
  }

  async #takeSidecars({ name, path, sidecars }: FileWork, file: HeldFile): Promise<void> {
    for (const coding of CODINGS) {
      const sidecar = sidecars.find((each) => each.coding === coding);
      const isUsed = sidecar !== undefined && (await this.#takeSidecar(name, path, sidecar, file));
      const isThere = (file.entry.variantBits & sidecarBit(coding)) !== 0;
      if (isThere && !isUsed) this.#library.removeVariant(file, coding);
    }
  }

  /** Whether the sidecar is published. */
  async #takeSidecar(name: string, path: string, { coding, file: sidecar }: Sidecar, file: HeldFile): Promise<boolean> {
    const job: SidecarJob = { kind: 'sidecar', coding, content: file.payload, file: sidecar, root: this.#options.root };
    const read = () => (sidecar.size <= NEAR_BYTES ? Promise.resolve(readSidecar(job)) : this.#pool.run(job));
    let outcome = await read();
    if (outcome.kind === 'unread' && outcome.detail === 'changed') {
      await sleep(TICK_MS); // it may have been changed within a tick of the clock: see reading.ts
      outcome = await read();
    }
    if (outcome.kind !== 'done') {
      this.#refuse(path, sidecar, outcome);
      return false;
    }
    this.#attempts.delete(sidecar.name);
    if (this.#isPublished(name, coding, outcome.etag)) {
      this.#library.setVariantBits(file, sidecarBit(coding));
      return true;
    }
    const isUsed = this.#publish(file, { ...outcome, coding, isSidecar: true });
    if (isUsed) this.#library.variantCounts.sidecarsUsed++;
    return isUsed;
  }

  #isPublished(name: string, coding: number, etag: string): boolean {
    const there = this.#find(name, coding);
    return there !== undefined && Buffer.from(there.etag).toString('latin1') === `"${etag}"`;
  }

  /** A sidecar that changed just now may be incomplete: it is looked at again. Any other is warned of. */
  #refuse(path: string, sidecar: FoundFile, outcome: SidecarOutcome): void {
    const attempt = this.#attempts.get(sidecar.name) ?? 0;
    const isYoung = Date.now() - Math.max(sidecar.mtimeMs, sidecar.ctimeMs) < YOUNG_MS;
    const mayChange = isYoung || (outcome.kind === 'unread' && outcome.detail === 'changed');
    if (mayChange && attempt < ATTEMPTS && this.#attempts.size < MOST_AGAIN) {
      this.#attempts.set(sidecar.name, attempt + 1);
      this.#later.call(YOUNG_MS * 2 ** attempt, () => this.#options.again(path));
      return;
    }
    this.#attempts.delete(sidecar.name);
    this.#library.variantCounts.sidecarsRefused++;
    const reason: WarningReason = outcome.kind === 'differs' ? 'sidecar-differs' : 'sidecar-unread';
    const detail = outcome.kind === 'unread' ? outcome.detail : '';
    this.#options.warn(warning(reason, sidecar.name, detail));
  }

  /** One thread's part: one batch after another. */
  async #makeOn(): Promise<void> {
    const progress = this.#progress;
    for (let works = this.#nextBatch(); works.length > 0; works = this.#nextBatch()) {
      const busyMs = await this.#makeBatch(works);
      if (this.#isClosed) return;
      progress.files += works.length;
      for (const { size } of works) progress.bytes += size;
      this.#options.progress?.(progress);
      if (busyMs >= 1) await sleep(REST * busyMs, undefined, { ref: false });
    }
  }

  #nextBatch(): FileWork[] {
    const works: FileWork[] = [];
    let bytes = 0;
    while (works.length < BATCH_FILES && bytes < BATCH_BYTES) {
      const work = this.#toMake[this.#next];
      if (work === undefined) break;
      this.#next++;
      works.push(work);
      bytes += work.size;
    }
    return works;
  }

  /** Keeps the files until their variants are made. How long this thread was busy with what came of it, ms. */
  async #makeBatch(works: readonly FileWork[]): Promise<number> {
    const held: HeldFile[] = [];
    try {
      const orders: { file: HeldFile; order: FileToCode }[] = [];
      for (const work of works) {
        const file = this.#hold(work);
        if (file === undefined) continue;
        held.push(file);
        orders.push({ file, order: this.#orderOf(file, work.reason) });
      }
      const wanted = orders.filter(({ order }) => order.codings.length > 0);
      if (wanted.length === 0 || this.#isClosed) return 0;
      const { bytes, variants } = await this.#pool.run({ kind: 'make', files: wanted.map(({ order }) => order) });
      const fromMs = performance.now();
      for (const [i, { file }] of wanted.entries()) {
        for (const variant of variants[i] ?? []) this.#takeMade(file, variant, bytes);
      }
      this.#library.flush();
      return performance.now() - fromMs;
    } finally {
      for (const file of held) this.#library.letGo(file);
    }
  }

  /** The variants that are not known yet, and for which there is room: before any time is spent on them. */
  #orderOf({ entry, payload }: HeldFile, reason: FileWork['reason']): FileToCode {
    const { variantBits } = entry;
    const mostBytes = KEPT_FROM * payload.length;
    const codings: number[] = [];
    for (const coding of MADE_CODINGS) {
      if ((variantBits & (publishedBit(coding) | vainBit(coding))) !== 0) continue;
      // What is evicted for it comes back while it is made.
      const hasRoom = this.#library.hasRoom(mostBytes) || (reason === 'hot' && this.#evictFor(entry, mostBytes));
      if (hasRoom) codings.push(coding);
      else this.#library.variantCounts.variantsWithoutRoom++;
    }
    // Of what is asked for nobody knows how much it will be: it has the effort of a large site.
    const effort = effortFor(reason === 'load' ? this.#runBytes : Number.POSITIVE_INFINITY, payload.length);
    return { content: payload, codings, isText: entry.contentType.startsWith('text/'), effort };
  }

  /** Evicts others for a variant of this length. Returns whether any went. */
  #evictFor({ keyLength, payloadFrom }: Entry, payloadLength: number): boolean {
    const headRoom = payloadFrom + CODING_FIELD_BYTES;
    const names = { nameCount: 1, namesLength: keyLength };
    return this.#library.makeRoom({ ...names, headRoom, payloadLength, notModifiedLength: headRoom });
  }

  #takeMade(file: HeldFile, { coding, from, to, etag }: MadeVariant, bytes: Uint8Array): void {
    const counts = this.#library.variantCounts;
    if (etag === undefined) {
      this.#library.setVariantBits(file, vainBit(coding));
      counts.variantsInVain++;
    } else if (this.#publish(file, { coding, bytes: bytes.subarray(from, to), etag, isSidecar: false })) {
      counts.variantsMade++;
    }
  }

  #publish(file: HeldFile, variant: CodedBytes): boolean {
    const result = publishVariant(this.#library, file, variant);
    const counts = this.#library.variantCounts;
    if (result === 'no-room') counts.variantsWithoutRoom++;
    else if (result === 'gone') counts.variantsOutdated++;
    else counts.variantBytesSaved += file.entry.payloadLength - variant.bytes.length;
    return result === 'published';
  }
}
