/** `--proxy URL`: the short way to a reverse proxy, without a configuration file. */
import { type Command, InvalidArgumentError } from 'commander';
import { serverUrlProblem } from '../../proxy/server-url.js';
import type { PartialOptions } from '../../serve/configured.js';
import type { SiteDefaults } from '../../site/options.js';

/** The name of the upstream in counters and in the log. */
export const PROXY_NAME = 'proxy';

/** Adds the options of a proxy to a command: its servers, and whether answers are kept. */
export function addProxyOption(command: Command): void {
  command.option(
    '--proxy <url>',
    'another server, such as http://127.0.0.1:3000, answers what no file answers; given again: they share the requests',
    collectServers,
  );
  command.option(
    '--cache-answers',
    'answers of --proxy and --handler are kept, and sent to others as long as they are fresh (docs/shared-cache.md)',
  );
}

/**
 * What the flags mean: an upstream, and a route to it behind the files. `isCached`: answers of the upstream, and of the
 * handler, are kept.
 */
export function proxyOptionsOf(
  urls: readonly string[] | undefined,
  isCached = false,
): Pick<PartialOptions, 'upstreams' | 'handlerCache'> {
  const cache = isCached ? { cache: {} } : {};
  return {
    ...(isCached && { handlerCache: {} }),
    ...(urls !== undefined && { upstreams: { [PROXY_NAME]: { servers: urls.map((url) => ({ url })), ...cache } } }),
  };
}

/** The rules of the sites with that route. */
export function withProxyRoute(urls: readonly string[] | undefined, rules?: SiteDefaults): SiteDefaults | undefined {
  if (urls === undefined) return rules;
  return { ...rules, routes: [{ path: '/', to: ['file', { upstream: PROXY_NAME }] }] };
}

function collectServers(text: string, before: readonly string[] = []): string[] {
  const problem = serverUrlProblem(text);
  if (problem !== undefined) throw new InvalidArgumentError(`It ${problem}.`);
  if (before.includes(text)) throw new InvalidArgumentError('It is given twice.');
  return [...before, text];
}
