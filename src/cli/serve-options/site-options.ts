/** The options of `fastpath serve` for the rules of a site, and what they become. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { defined } from '../../serve/configured.js';
import type { SiteDefaults, TrailingSlash } from '../../site/options.js';
import { isOrigin, isPagePath } from '../../site/values.js';

/** What commander hands over. */
export interface SiteFlags {
  readonly spa?: string | true;
  readonly cleanUrls?: string | true;
  readonly trailingSlash?: TrailingSlash;
  readonly browse?: boolean;
  readonly cors?: string | true;
  readonly etag?: boolean;
  readonly lastModified?: boolean;
  readonly serverTiming?: boolean;
}

/** Adds them. */
export function addSiteOptions(command: Command): void {
  command
    .optionsGroup('Site (a configuration file has more: redirects, headers, error pages, types):')
    .option(
      '--spa [page]',
      'a page that is not there is answered with /index.html, or with this page: for single-page applications',
      parsePage,
    )
    .addOption(
      new Option('--clean-urls [keep]', '/about is about.html, and /about.html is redirected, or kept').choices([
        'keep',
      ]),
    )
    .addOption(
      new Option(
        '--trailing-slash <rule>',
        'of a folder: /docs is redirected to /docs/, answered too, or the only one (default: redirect)',
      ).choices(['redirect', 'ignore', 'remove']),
    )
    .option('--browse', 'a folder without index.html is answered with a list of its files')
    .option('--cors [origin]', 'scripts of all other origins, or of this one, may read the files', parseOrigin)
    .option('--no-etag', 'send no ETag')
    .option('--no-last-modified', 'send no Last-Modified')
    .option('--server-timing', 'send Server-Timing with the result of the cache: hit, read or miss');
}

/** The rules that were given; undefined: none. */
export function siteRulesOf(flags: SiteFlags): SiteDefaults | undefined {
  const { spa, cleanUrls, trailingSlash, browse, cors, serverTiming } = flags;
  const rules = defined({
    spa,
    cleanUrls: cleanUrls === 'keep' ? ('keep' as const) : cleanUrls === undefined ? undefined : true,
    trailingSlash,
    browse,
    cors,
    etag: flags.etag === false ? false : undefined,
    lastModified: flags.lastModified === false ? false : undefined,
    serverTiming,
  });
  return Object.keys(rules).length === 0 ? undefined : rules;
}

function parsePage(text: string): string {
  if (isPagePath(text)) return text;
  throw new InvalidArgumentError('Not a path that begins with /, such as /app.html.');
}

function parseOrigin(text: string): string {
  if (isOrigin(text)) return text;
  throw new InvalidArgumentError('Not an origin, such as https://example.org.');
}
