/**
 * Gets what workers have asked for and is not in memory. It runs on the main thread; the disk threads do the waiting.
 *
 *     want ──▶ look up ──▶ room (evicts) ──▶ read ──▶ publish ──▶ settled
 *              disk thread                   disk thread
 *
 * - A file up to `LARGEST_READ_WHOLE` is read whole and published, as at the start.
 * - Of a larger file only the head is published. Its pieces are wanted one by one (pieces.ts).
 * - A folder without its slash becomes a redirect.
 *
 * Many workers that want one name have it looked up once. How many wants are under way is bounded by the workers
 * (asks.ts). `settled` is posted after the objects themselves, so a worker that hears it finds them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { latin1Text } from '../../net/wire/latin1.js';
import type { FoundFile } from '../folder/folder.js';
import { type FolderRules, type PathKind, pathsAround, planOf } from '../folder/folder-rules.js';
import { hintedNames } from '../head/hints.js';
import { ABSENT, LOOK_AGAIN, type Outcome, UNAVAILABLE, type Want } from '../library/asks.js';
import type { Library } from '../library/library.js';
import type { Subscriber } from '../library/subscribers.js';
import type { Draft } from '../object/draft.js';
import { LARGEST_READ_WHOLE, parsePieceName, pieceLength, pieceMeasures } from '../object/pieces.js';
import { jobOf } from '../reading/file-loading.js';
import { headRuleOf, keyOf, measuresOf, namesOf } from '../reading/file-measures.js';
import { largeMeasures, sealLarge } from '../reading/large-file.js';
import { FORBIDDEN, type Made, madeMeasures, madeOf, madePage, sealMade } from '../reading/made.js';
import { isSettled, isYoung, TICK_MS } from '../reading/reading.js';
import type { Sidecars } from '../variants/sidecars.js';
import type { DiskJob, DiskResult, DiskSetup, LookedUp } from './disk.js';
import { type Disk, DiskPool } from './disk-pool.js';
import { Room } from './room.js';

/** The folder of a site, as the supply needs it: a loader. */
export interface SupplySource {
  readonly site: number;
  readonly disk: DiskSetup;
  /** It changes when the cache is brought up to date with the folder: what was looked up before may be out of date. */
  readonly epoch: number;
  /** The names of the site, and what the answer under each of them is. */
  readonly rules: FolderRules;
  /** A file has been published. `isYoung`: it may have been incomplete. */
  supplied(file: FoundFile, isYoung: boolean, sidecars: Sidecars): void;
  /** A file was asked for that cannot be read. */
  refused(file: FoundFile): void;
  /** A page of our own has been published. */
  suppliedPage(page: Made): void;
  /** A file has proven hot, and has no variants yet: see `Library.onHot`. */
  provenHot(name: string): void;
}

/** What was read because somebody asked for it. @see {@link Snapshot} */
export interface SupplyStatistics {
  /** Names and pieces that workers asked for, and those of them under way now. */
  wanted: number;
  underWay: number;
  /**
   * What became of them: files read whole, heads of large files, pieces, redirects, lists of folders; names that
   * do not exist.
   */
  files: number;
  largeFiles: number;
  pieces: number;
  redirects: number;
  pages: number;
  absent: number;
  /** Refused, by reason: no memory, a file that changes each time it is read, a file or disk that gave an error. */
  refusedNoMemory: number;
  refusedChanging: number;
  refusedError: number;
  /** Pieces not had because the file had changed. */
  changedPieces: number;
  bytesRead: number;
  /** Names that pages link, got with the page. */
  ahead: number;
}

/** A large file whose head is published or still being sent. */
interface LargeFile {
  readonly source: SupplySource;
  readonly file: FoundFile;
}

interface Client {
  readonly subscriber: Subscriber;
  readonly ask: number;
}

const supplies = new WeakMap<Library, Supply>();
/** How often a file is looked up and read while it changes. */
const ATTEMPTS = 4;
/** While more than this is being got, nothing is got ahead: what clients wait for comes first. */
const MOST_WITH_AHEAD = 64;

export class Supply {
  readonly statistics: SupplyStatistics = {
    wanted: 0,
    underWay: 0,
    files: 0,
    largeFiles: 0,
    pieces: 0,
    redirects: 0,
    pages: 0,
    absent: 0,
    refusedNoMemory: 0,
    refusedChanging: 0,
    refusedError: 0,
    changedPieces: 0,
    bytesRead: 0,
    ahead: 0,
  };
  readonly #library: Library;
  readonly #disk: Disk;
  readonly #room: Room;
  readonly #sources = new Map<number, SupplySource>();
  /** By number. One is dropped when no worker sends its head any more, so the cache's limit bounds them. */
  readonly #large = new Map<number, LargeFile>();
  #nextLarge = 1;
  /** Names that are being got, and for whom. */
  readonly #underWay = new Map<string, Client[]>();
  /** What is to be posted in the next microtask. */
  readonly #settled = new Map<Subscriber, number[]>();

  private constructor(library: Library, disk: Disk = new DiskPool()) {
    this.#library = library;
    this.#disk = disk;
    this.#room = new Room(library);
    library.onWant((subscriber, wants) => this.#want(subscriber, wants));
    library.onHot((site, name) => setImmediate(() => this.#sources.get(site)?.provenHot(name)));
    library.onStreamGone((file) => this.#large.delete(file));
    library.onLastWorkerGone(() => this.#closeIfOver());
  }

  /** The supply of a library: all its sites share the disk threads. `disk`: other threads than the usual ones. */
  static of(library: Library, disk?: Disk): Supply {
    let supply = supplies.get(library);
    if (supply === undefined) {
      supply = new Supply(library, disk);
      supplies.set(library, supply);
    }
    return supply;
  }

  /** Wants of this site are got from there. */
  add(source: SupplySource): void {
    this.#sources.set(source.site, source);
  }

  /**
   * Nothing more comes from there, except the pieces of downloads under way. When there is no source and no worker any
   * more, the disk threads end.
   */
  remove(source: SupplySource): void {
    if (this.#sources.get(source.site) === source) this.#sources.delete(source.site);
    this.#closeIfOver();
  }

  /** A download under way may outlive the last source. Its worker still wants pieces. */
  #closeIfOver(): void {
    if (this.#sources.size === 0 && this.#library.workers === 0) void this.#disk.close();
  }

  /** A worker wants these. Its `settled` comes when each is there, or cannot be had. */
  #want(subscriber: Subscriber, wants: readonly Want[]): void {
    for (const { ask, site, name } of wants) {
      this.statistics.wanted++;
      const key = `${site} ${name}`;
      const client = { subscriber, ask };
      const clients = this.#underWay.get(key);
      if (clients !== undefined) {
        clients.push(client);
        continue;
      }
      this.#begin(key, site, name, [client]);
    }
  }

  #begin(key: string, site: number, name: string, clients: Client[]): void {
    this.#underWay.set(key, clients);
    this.statistics.underWay++;
    void this.#get(key, site, name);
  }

  /** Publishes the head of a large file, without reading it. False: there is no memory for it. */
  publishLarge(source: SupplySource, file: FoundFile): boolean {
    const number = this.#nextLarge++;
    const draft = this.#library.reserve(largeMeasures(file, source.disk, number), 'file', source.site);
    if (draft !== undefined) this.#publishLarge(source, file, number, draft, false);
    return draft !== undefined;
  }

  async #get(key: string, site: number, name: string): Promise<void> {
    let outcome: Outcome;
    try {
      outcome = await this.#supply(site, name);
    } catch {
      this.statistics.refusedError++; // a disk thread has died
      outcome = UNAVAILABLE;
    }
    const clients = this.#underWay.get(key) ?? [];
    this.#underWay.delete(key);
    this.statistics.underWay--;
    for (const { subscriber, ask } of clients) this.#settle(subscriber, ask, outcome);
    if (clients.length === 0) this.#library.flush(); // nobody waits: it was got ahead
    // What was under way when the last worker ended may have started a thread anew.
    if (this.statistics.underWay === 0) this.#closeIfOver();
  }

  #settle(subscriber: Subscriber, ask: number, outcome: Outcome): void {
    if (this.#settled.size === 0) queueMicrotask(() => this.#post());
    const outcomes = this.#settled.get(subscriber);
    if (outcomes === undefined) this.#settled.set(subscriber, [ask, outcome]);
    else outcomes.push(ask, outcome);
  }

  /** The objects first. */
  #post(): void {
    this.#library.flush();
    for (const [subscriber, outcomes] of this.#settled) {
      subscriber.post({ kind: 'settled', outcomes: Int32Array.from(outcomes) });
    }
    this.#settled.clear();
  }

  async #supply(site: number, name: string): Promise<Outcome> {
    const piece = parsePieceName(name);
    if (piece !== undefined) return this.#supplyPiece(site, name, piece.file, piece.piece);
    const source = this.#sources.get(site);
    if (source === undefined) return ABSENT;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await sleep(TICK_MS);
      if (this.#sources.get(site) !== source) return ABSENT; // a new configuration has another site there, or none
      if (this.#isThere(site, name)) return LOOK_AGAIN;
      const outcome = await this.#try(source, name);
      if (outcome !== undefined) return outcome;
    }
    this.statistics.refusedChanging++;
    return UNAVAILABLE;
  }

  /** Looks once. Undefined: the file, or the whole folder, was changing; look again. */
  async #try(source: SupplySource, name: string): Promise<Outcome | undefined> {
    const { epoch } = source;
    const { rules } = source;
    const found = await this.#lookUp(source, pathsAround(rules, name));
    const kindOf = (path: string): PathKind => kindOfFound(found.get(path));
    const answer = rules.resolve(name, kindOf);
    if (answer === null || answer.kind === 'page') {
      this.statistics.absent++;
      return ABSENT;
    }
    if (answer.kind === 'list') return this.#supplyList(source, name, answer.path, epoch);
    if (answer.kind !== 'file') return this.#supplyMade(source, madeOf(rules, name, answer));
    const there = found.get(answer.path);
    if (there?.kind === 'closed') return this.#refuse(source, name, there.file);
    if (there?.kind !== 'file' || !isSettled(there.file, Date.now())) return undefined;
    const { sidecars } = there;
    const file = { ...there.file, plan: planOf(rules, answer.path, kindOf) };
    const isLarge = file.size > LARGEST_READ_WHOLE;
    const outcome = isLarge
      ? await this.#supplyLarge(source, file)
      : await this.#supplyFile(source, file, sidecars, epoch);
    // A name that the file has not got after all must not be asked for again and again.
    return outcome === LOOK_AGAIN && !this.#isThere(source.site, name) ? ABSENT : outcome;
  }

  async #lookUp(source: SupplySource, paths: readonly string[]): Promise<ReadonlyMap<string, LookedUp>> {
    const result = await this.#do(source, { kind: 'look', paths });
    const found = result.kind === 'looked' ? result.found : [];
    return new Map(paths.map((path, i) => [path, found[i] ?? { kind: 'nothing' }]));
  }

  async #supplyList(source: SupplySource, name: string, path: string, epoch: number): Promise<Outcome | undefined> {
    const { rules, disk } = source;
    const listed = await this.#do(source, { kind: 'list', path });
    if (source.epoch !== epoch) return undefined;
    if (listed.kind === 'failed') return this.#supplyMade(source, madeOf(rules, name, FORBIDDEN));
    if (listed.kind !== 'listed') return undefined;
    const page = madePage(name, rules.list(path, listed), rules.fieldsOf(name, 200), disk.compress);
    const outcome = await this.#supplyMade(source, page);
    if (outcome === LOOK_AGAIN) source.suppliedPage(page);
    return outcome;
  }

  /** A file that cannot be read: 403. */
  async #refuse(source: SupplySource, name: string, file: FoundFile): Promise<Outcome> {
    this.statistics.refusedError++;
    source.refused(file);
    return this.#supplyMade(source, madeOf(source.rules, name, FORBIDDEN));
  }

  async #supplyMade(source: SupplySource, made: Made): Promise<Outcome> {
    const { epoch } = source;
    const draft = await this.#room.take(madeMeasures(made), made.kind, source.site);
    if (draft === undefined) return this.#noMemory();
    if (source.epoch !== epoch) {
      this.#library.discard(draft); // it may be out of date already
      return LOOK_AGAIN;
    }
    sealMade(draft, made);
    this.#library.publish(draft, true);
    if (made.kind === 'page') this.statistics.pages++;
    else this.statistics.redirects++;
    return LOOK_AGAIN;
  }

  async #supplyLarge(source: SupplySource, file: FoundFile): Promise<Outcome> {
    const number = this.#nextLarge++;
    const draft = await this.#room.take(largeMeasures(file, source.disk, number), 'file', source.site);
    if (draft === undefined) return this.#noMemory();
    // It is short, and of no use without its pieces, which must not push it out before they come: so it begins in the
    // main queue, as if nobody had asked for it.
    this.#publishLarge(source, file, number, draft, false);
    return LOOK_AGAIN;
  }

  #publishLarge(source: SupplySource, file: FoundFile, number: number, draft: Draft, isAsked: boolean): void {
    const nowMs = Date.now();
    sealLarge(draft, file, source.disk, nowMs);
    this.#large.set(number, { source, file });
    this.#library.publish(draft, isAsked);
    this.statistics.largeFiles++;
    source.supplied(file, isYoung(file, nowMs), []);
  }

  async #supplyFile(
    source: SupplySource,
    file: FoundFile,
    sidecars: Sidecars,
    epoch: number,
  ): Promise<Outcome | undefined> {
    const measures = measuresOf(file, source.disk);
    const draft = await this.#room.take(measures, 'file', source.site);
    if (draft === undefined) return this.#noMemory();
    const result = await this.#read(source, draft, { kind: 'read', job: jobOf(file, draft) });
    const isRead = result.kind === 'done' || result.kind === 'young';
    if (isRead && source.epoch === epoch && !this.#isThere(source.site, keyOf(file))) {
      draft.sealedElsewhere();
      this.#library.publish(draft, true);
      this.statistics.files++;
      this.statistics.bytesRead += file.size;
      source.supplied(file, result.kind === 'young', sidecars);
      if (headRuleOf(file).hasHints) this.#getAhead(source, draft);
      return LOOK_AGAIN;
    }
    this.#library.discard(draft);
    return isRead || result.kind === 'changed' ? undefined : this.#notRead(result);
  }

  /** What a page loads first is read with it: whoever gets the page asks for that next. Once each; nobody waits. */
  #getAhead({ site }: SupplySource, page: Draft): void {
    for (const name of hintedNames(latin1Text(page.entry.head.bytes))) {
      if (this.statistics.underWay >= MOST_WITH_AHEAD) return;
      const key = `${site} ${name}`;
      if (this.#underWay.has(key) || this.#isThere(site, name)) continue;
      this.statistics.ahead++;
      this.#begin(key, site, name, []);
    }
  }

  async #supplyPiece(site: number, name: string, number: number, piece: number): Promise<Outcome> {
    if (this.#isThere(site, name)) return LOOK_AGAIN;
    const large = this.#large.get(number);
    const length = large === undefined ? 0 : pieceLength(large.file.size, piece);
    if (large === undefined || length <= 0) return ABSENT;
    const { source, file } = large;
    const draft = await this.#room.take(pieceMeasures(name, length), 'piece', site);
    if (draft === undefined) return this.#noMemory();
    const job = { ...jobOf(file, draft), file: number, piece };
    const result = await this.#read(source, draft, { kind: 'piece', job });
    if (result.kind === 'done') {
      draft.sealedElsewhere();
      this.#library.publish(draft, true);
      this.statistics.pieces++;
      this.statistics.bytesRead += length;
      return LOOK_AGAIN;
    }
    this.#library.discard(draft);
    this.#forgetLarge(number, large);
    if (result.kind !== 'changed') return this.#notRead(result);
    this.statistics.changedPieces++;
    return ABSENT;
  }

  /** The file is not what its head says: nobody gets that head any more. Those who have it already get no piece. */
  #forgetLarge(number: number, { source, file }: LargeFile): void {
    for (const name of namesOf(file)) {
      const bytes = Buffer.from(name, 'latin1');
      if (this.#library.find(bytes, source.site)?.stream === number) this.#library.remove(bytes, source.site);
    }
    this.#library.setLazy(source.site, true);
  }

  #do(source: SupplySource, job: DiskJob): Promise<DiskResult> {
    return this.#disk.do(source.site, source.disk, job);
  }

  /** If the thread dies, nobody writes into the place any more, and it is given back. */
  async #read(source: SupplySource, draft: Draft, job: DiskJob): Promise<DiskResult> {
    const { id, buffer } = draft.block.slab;
    try {
      return await this.#disk.do(source.site, source.disk, job, { id, buffer });
    } catch (error) {
      this.#library.discard(draft);
      throw error;
    }
  }

  #isThere(site: number, name: string): boolean {
    return this.#library.find(Buffer.from(name, 'latin1'), site) !== undefined;
  }

  #noMemory(): Outcome {
    this.statistics.refusedNoMemory++;
    return UNAVAILABLE;
  }

  /** A file that is gone, or that may not be read, is answered as if it were not there. */
  #notRead({ kind }: DiskResult): Outcome {
    if (kind === 'failed') this.statistics.refusedError++;
    return ABSENT;
  }
}

function kindOfFound(found: LookedUp | undefined): PathKind {
  return found?.kind === 'closed' ? 'file' : (found?.kind ?? 'nothing');
}
