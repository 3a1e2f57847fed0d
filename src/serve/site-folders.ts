/**
 * The folders of all sites in the cache: a loader for each, which loads the folder under the site's number and keeps it
 * up to date. Made by assembly.ts.
 *
 * A site's number is its place in the list of the first configuration. It is a part of every key of the cache, so two
 * sites may have the same names.
 */
import type { Library } from '../cache/library.js';
import { FolderLoader, type LoadOptions, type LoadProgress } from '../cache/loader.js';
import type { CompressProgress } from '../cache/variants/variant-maker.js';
import { type SiteOptions, siteName } from '../site/options.js';
import { FolderWarnings } from './folder-warnings.js';

/** A site whose folder is in the cache. */
export interface LoadedSite {
  /** `site` in the keys of the cache. */
  readonly number: number;
  readonly name: string;
  readonly options: SiteOptions;
  /** Brings changed names of the folder into the cache (`refresh`). */
  readonly loader: FolderLoader;
}

/** What all sites have in common. */
export interface SiteFoldersOptions {
  readonly maxObjectBytes?: number | undefined;
  /** Something in a folder is not served as it is. */
  warn(text: string): void;
  /** Variants in content codings are made, beside serving: called after each file. */
  compressing?(progress: CompressProgress): void;
}

export class SiteFolders {
  readonly #library: Library;
  readonly #options: SiteFoldersOptions;
  readonly #sites: LoadedSite[] = [];
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

  /** Ends what goes on beside serving: looks at files that may have changed, and variants in the making. */
  close(): void {
    for (const { loader } of this.#sites) loader.close();
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
    const before = { files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 };
    for (const [number, options] of sites.entries()) {
      let last = { files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 };
      const progress = (now: LoadProgress) => {
        last = { ...now };
        report(sum(before, now));
      };
      this.#sites.push(await this.#load(number, options, sites.length > 1, progress, signal));
      Object.assign(before, sum(before, last));
    }
  }

  #compressing(site: number, progress: CompressProgress): void {
    this.#compressed.set(site, { ...progress });
    this.#options.compressing?.([...this.#compressed.values()].reduce(sum));
  }

  async #load(
    number: number,
    options: SiteOptions,
    isNamed: boolean,
    report: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<LoadedSite> {
    const name = siteName(options, number);
    const { maxObjectBytes } = this.#options;
    const warnings = new FolderWarnings((text) => this.#options.warn(isNamed ? `${name}: ${text}` : text));
    const loader = new FolderLoader(options.folder, this.#library, {
      ...loadOptions(options),
      ...(maxObjectBytes !== undefined && { maxObjectBytes }),
      compressing: (progress) => this.#compressing(number, progress),
      site: number,
      warn: (warning) => warnings.take(warning),
    });
    await loader.load(report, signal);
    warnings.summarize();
    return { number, name, options, loader };
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

function sum(a: LoadProgress, b: LoadProgress): LoadProgress {
  return {
    files: a.files + b.files,
    totalFiles: a.totalFiles + b.totalFiles,
    bytes: a.bytes + b.bytes,
    totalBytes: a.totalBytes + b.totalBytes,
  };
}
