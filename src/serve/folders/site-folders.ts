/**
 * The folders of all sites in the cache: a loader for each, which loads the folder under the site's number and keeps it
 * up to date. Made by assembly/folders.ts.
 *
 * A site's number is a part of every key of the cache, so two sites may have the same names. At the start it is the
 * place in the list. A new configuration gives a site that has changed another number (site-numbers.ts): its folder is
 * loaded beside the old one, the workers get a new table, and only then the old names go. So no request finds a half of
 * each.
 */
import { realpathSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { WalkListener } from '../../cache/folder/folder.js';
import type { Library } from '../../cache/library/library.js';
import type { LoadOptions, LoadProgress } from '../../cache/loading/load-options.js';
import { FolderLoader } from '../../cache/loading/loader.js';
import type { CompressProgress } from '../../cache/variants/variant-maker.js';
import { type SiteOptions, siteName } from '../../site/options.js';
import { SiteRules } from '../../site/rules/site-rules.js';
import { SiteNumbers } from './site-numbers.js';
import { FolderWarnings } from './warnings.js';

/** A site whose folder is in the cache. */
export interface LoadedSite {
  /** `site` in the keys of the cache. */
  readonly number: number;
  readonly name: string;
  readonly options: SiteOptions;
  /** Brings changed names of the folder into the cache (`refresh`). */
  readonly loader: FolderLoader;
  /** Undefined: nobody watches the folder. */
  readonly watch: SiteWatch | undefined;
}

/** Keeps a folder up to date from the moment it is walked through. */
export interface SiteWatch extends WalkListener {
  /** The folder is loaded. */
  begin(loader: FolderLoader): void;
  close(): void;
}

/** What all sites have in common. */
export interface SiteFoldersOptions {
  readonly maxObjectBytes?: number | undefined;
  /** Something in a folder is not served as it is. */
  warn(text: string): void;
  /** Variants in content codings are made, beside serving: called after each file. */
  compressing?(progress: CompressProgress): void;
  /** A watch of the folder of a site that is about to be loaded. */
  watch?(site: SiteOptions): Promise<SiteWatch | undefined>;
}

/** What `replace` did, by the names of the sites. @see {@link ReloadResult} */
export interface SiteChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Loaded anew, because the folder or a rule is another one. */
  readonly changed: readonly string[];
  /** As they were, but for their hosts; their folders were looked at. */
  readonly kept: readonly string[];
}

const NOTHING: LoadProgress = { files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 };

export class SiteFolders {
  readonly #library: Library;
  readonly #options: SiteFoldersOptions;
  readonly #listeners: ((sites: readonly LoadedSite[]) => void)[] = [];
  #numbers = new SiteNumbers();
  #sites: readonly LoadedSite[] = [];
  /** By number of site: how far its variants are. */
  readonly #compressed = new Map<number, LoadProgress>();

  constructor(library: Library, options: SiteFoldersOptions) {
    this.#library = library;
    this.#options = options;
  }

  /** The sites that are served now. */
  get sites(): readonly LoadedSite[] {
    return this.#sites;
  }

  /** The names of the sites by number, and those that former sites had. */
  get names(): ReadonlyMap<number, string> {
    return this.#numbers.names;
  }

  /** `listener` is told the sites that are served, now and each time they change: for those who watch folders. */
  onSites(listener: (sites: readonly LoadedSite[]) => void): void {
    this.#listeners.push(listener);
    listener(this.#sites);
  }

  /** Ends what goes on beside serving: looks at files that may have changed, and variants in the making. */
  close(): void {
    for (const { loader, watch } of this.#sites) {
      watch?.close();
      loader.close();
    }
  }

  /**
   * Loads the folders of all these sites, one after another. `report` gets the sum of those that were begun.
   * @throws {FolderError}, and the signal's reason
   */
  async load(
    sites: readonly SiteOptions[],
    report: (progress: LoadProgress) => void = () => {},
    signal?: AbortSignal,
  ): Promise<void> {
    const loaded: LoadedSite[] = [];
    let before = NOTHING;
    for (const [place, options] of sites.entries()) {
      const name = siteName(options, place);
      const number = numberFor(name, this.#numbers, loaded);
      let last = NOTHING;
      const progress = (now: LoadProgress) => {
        last = { ...now };
        report(sum(before, now));
      };
      loaded.push(await this.#load(number, options, name, sites.length > 1, progress, signal));
      before = sum(before, last);
    }
    this.#set(loaded);
    this.#warm(loaded);
  }

  /** Looks at all folders again, for names that have changed. */
  async refresh(): Promise<void> {
    for (const { loader } of this.#sites) await loader.refresh('');
  }

  /**
   * Serves these sites instead. Those whose folder and rules are as before stay in the cache, and are looked at again.
   * A site whose folder's name leads to another folder now (`current -> releases/42`) is loaded anew.
   * `publish` gives the workers the new sites; it is called when all folders are loaded and the old ones still there.
   * Calls must not overlap. `looks`: whether those that stay are looked at again.
   * @throws {FolderError}; nothing has changed then
   */
  async replace(
    next: readonly SiteOptions[],
    publish: (sites: readonly LoadedSite[]) => void,
    looks = true,
  ): Promise<SiteChanges> {
    const before = this.#sites;
    const after: LoadedSite[] = [];
    const fresh: LoadedSite[] = [];
    const numbers = new SiteNumbers(this.#numbers.names);
    try {
      for (const [place, options] of next.entries()) {
        const name = siteName(options, place);
        const same = before.find(
          (site) => !after.some(({ number }) => number === site.number) && isSame(site, options) && isThere(site),
        );
        if (same !== undefined) {
          after.push({ ...same, name, options });
          numbers.rename(same.number, name);
          continue;
        }
        const number = numberFor(name, numbers, [...before, ...after]);
        const site = await this.#load(number, options, name, next.length > 1);
        fresh.push(site);
        after.push(site);
      }
    } catch (error) {
      for (const site of fresh) await this.#remove(site);
      throw error;
    }
    this.#numbers = numbers;
    publish(after);
    const gone = before.filter(({ number }) => !after.some((site) => site.number === number));
    for (const site of gone) await this.#remove(site);
    this.#set(after);
    this.#warm(fresh);
    const kept = after.filter(({ number }) => before.some((site) => site.number === number));
    if (looks) for (const { loader } of kept) await loader.refresh('');
    return changesBetween(before, after, fresh);
  }

  /** Large folders are read on in the background. What cannot be read is read when somebody asks for it. */
  #warm(sites: readonly LoadedSite[]): void {
    for (const { loader, name } of sites) {
      loader.warm().catch((error: Error) => this.#options.warn(`${name}: reading ahead has ended: ${error.message}`));
    }
  }

  #compressing(site: number, progress: CompressProgress): void {
    this.#compressed.set(site, { ...progress });
    this.#options.compressing?.([...this.#compressed.values()].reduce(sum));
  }

  async #load(
    number: number,
    options: SiteOptions,
    name: string,
    isNamed: boolean,
    report?: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<LoadedSite> {
    const { maxObjectBytes } = this.#options;
    const warnings = new FolderWarnings((text) => this.#options.warn(isNamed ? `${name}: ${text}` : text));
    const watch = await this.#options.watch?.(options);
    const load: LoadOptions = {
      ...loadOptions(options),
      rules: new SiteRules(options),
      ...(maxObjectBytes !== undefined && { maxObjectBytes }),
      compressing: (progress) => this.#compressing(number, progress),
      site: number,
      warn: (warning) => warnings.take(warning),
      listener: watch,
    };
    let loader: FolderLoader;
    try {
      loader = new FolderLoader(options.folder, this.#library, load);
    } catch (error) {
      watch?.close();
      throw error;
    }
    const site = { number, name, options, loader, watch };
    try {
      await loader.load(report, signal);
    } catch (error) {
      await this.#remove(site);
      throw error;
    }
    warnings.summarize();
    watch?.begin(loader);
    return site;
  }

  /** Downloads that are under way keep the bytes they began with. */
  async #remove({ loader, number, watch }: LoadedSite): Promise<void> {
    watch?.close();
    await loader.end();
    this.#compressed.delete(number);
    this.#library.removeSite(number);
    this.#library.flush();
  }

  #set(sites: readonly LoadedSite[]): void {
    this.#sites = sites;
    for (const listener of this.#listeners) listener(sites);
  }
}

/** What a site says that concerns the loader. */
function loadOptions({ dotfiles, symlinks, charset, compress }: SiteOptions): LoadOptions {
  return {
    ...(compress !== undefined && { compress }),
    ...(dotfiles !== undefined && { dotfiles }),
    ...(symlinks !== undefined && { symlinks }),
    ...(charset !== undefined && { charset }),
  };
}

/** Names and hosts are in the table of sites alone. All else may be baked into what is in the cache. */
function isSame({ options }: LoadedSite, next: SiteOptions): boolean {
  return isDeepStrictEqual(inCache(options), inCache(next));
}

/** Whether the folder's name still leads to the folder that was loaded. If it leads nowhere, there is no other one. */
function isThere({ options, loader }: LoadedSite): boolean {
  try {
    return realpathSync.native(options.folder, 'latin1') === loader.disk.root;
  } catch {
    return true;
  }
}

function inCache({ name, hosts, aliases, isDefault, ...rest }: SiteOptions): object {
  return rest;
}

/** A number for a site of this name beside these. */
function numberFor(name: string, numbers: SiteNumbers, sites: readonly LoadedSite[]): number {
  return numbers.take(name, new Set(sites.map(({ number }) => number)));
}

function changesBetween(
  before: readonly LoadedSite[],
  after: readonly LoadedSite[],
  fresh: readonly LoadedSite[],
): SiteChanges {
  const namesOf = (sites: readonly LoadedSite[]) => sites.map(({ name }) => name);
  const wasThere = (name: string) => namesOf(before).includes(name);
  return {
    added: namesOf(fresh).filter((name) => !wasThere(name)),
    removed: namesOf(before).filter((name) => !namesOf(after).includes(name)),
    changed: namesOf(fresh).filter(wasThere),
    kept: namesOf(after.filter((site) => !fresh.includes(site))),
  };
}

function sum(a: LoadProgress, b: LoadProgress): LoadProgress {
  return {
    files: a.files + b.files,
    totalFiles: a.totalFiles + b.totalFiles,
    bytes: a.bytes + b.bytes,
    totalBytes: a.totalBytes + b.totalBytes,
  };
}
