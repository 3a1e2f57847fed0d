/** The options of `fastpath serve` for the folder and the cache that it is kept in. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SymlinkRule } from '../../cache/folder/folder.js';
import type { CompressMode } from '../../cache/head/compressible.js';
import { type CharsetRule, parseCharset } from '../../cache/head/content-type.js';
import { DEFAULT_CACHE_BYTES, LEAST_CACHE_BYTES } from '../../cache/library/limits.js';
import { LARGEST_READ_WHOLE } from '../../cache/object/pieces.js';
import { defined, type PartialOptions } from '../../serve/configured.js';
import { DEFAULTS, type WatchMode } from '../../serve/options.js';
import { formatBytes } from '../../words/numbers.js';
import { parseSize, positive } from '../option-values.js';

/** What commander hands over. */
export interface CacheFlags {
  readonly cacheSize?: number;
  readonly maxObject?: number;
  readonly dotfiles?: boolean;
  readonly symlinks: SymlinkRule;
  readonly charset: CharsetRule;
  readonly compress: CompressMode;
  readonly watch: WatchMode;
}

/** Adds the options of the folder and the cache to a command. */
export function addCacheOptions(command: Command): void {
  command.optionsGroup('Folder and cache:');
  addMemoryOptions(command);
  addFolderOptions(command);
}

/** How much is kept in memory. */
function addMemoryOptions(command: Command): void {
  command
    .option(
      '--cache-size <size>',
      'the most memory for files with their names, heads and checksum tables; the rest is read when it is asked for ' +
        `(default: ${formatBytes(DEFAULT_CACHE_BYTES)}, or half of what there is; the least is ${formatBytes(LEAST_CACHE_BYTES)})`,
      parseCacheSize,
    )
    .option(
      '--max-object <size>',
      'a larger file is kept and sent in pieces ' +
        `(default: none if all files fit into the cache, else ${formatBytes(LARGEST_READ_WHOLE)})`,
      positive(parseSize),
    );
}

/** Which names are served, and as what. */
function addFolderOptions(command: Command): void {
  command
    .option('--dotfiles', 'serve names that begin with "." too; .well-known always is, and a link is what it leads to')
    .addOption(
      new Option('--symlinks <which>', 'symbolic links to follow: those that stay inside the folder, all, or none')
        .choices(['inside', 'all', 'none'])
        .default(DEFAULTS.symlinks),
    )
    .option(
      '--charset <name>',
      'charset of text: auto (UTF-8 where it is valid and nothing else is declared), none, or a name',
      parseCharsetName,
      DEFAULTS.charset,
    )
    .addOption(
      new Option(
        '--compress <which>',
        'answers in br, gzip and zstd: off, sidecar (from app.js.br beside app.js), or load (made too, beside serving)',
      )
        .choices(['off', 'sidecar', 'load'])
        .default(DEFAULTS.compress),
    )
    .addOption(
      new Option(
        '--watch <how>',
        'changed files are served anew: as the kernel tells (notify), by a look at each file every 2 s (poll: for ' +
          'network file systems), or after SIGHUP (off)',
      )
        .choices(['off', 'notify', 'poll'])
        .default(DEFAULTS.watch),
    );
}

/** The part of the server's options, from the flags that were given. */
export function cacheOptionsOf(flags: Partial<CacheFlags>): PartialOptions {
  return defined({
    cacheBytes: flags.cacheSize,
    maxObjectBytes: flags.maxObject,
    dotfiles: flags.dotfiles,
    symlinks: flags.symlinks,
    charset: flags.charset,
    compress: flags.compress,
    watch: flags.watch,
  });
}

function parseCacheSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes >= LEAST_CACHE_BYTES) return bytes;
  throw new InvalidArgumentError(`Too small: the cache needs at least ${formatBytes(LEAST_CACHE_BYTES)}.`);
}

function parseCharsetName(text: string): CharsetRule {
  try {
    return parseCharset(text);
  } catch {
    throw new InvalidArgumentError('Not auto, none or a charset that browsers know, such as utf-8 or windows-1252.');
  }
}
