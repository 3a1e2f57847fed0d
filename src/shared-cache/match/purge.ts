/** What a purge names: one URL, all that begin like it, all with a tag, or everything. */
import { normalHost } from '../../http/index.js';
import type { Settings } from '../options.js';
import { partsOf, type Scheme, shapedTarget } from './key.js';

/**
 * `prefix`: all targets that begin so. Without a scheme or a host it concerns those of every scheme and host. A host
 * stands here as clients send it, with its port if they send one.
 *
 * @example
 * ```ts
 * import type { Purge, SharedCache } from 'fastpath';
 *
 * const news: Purge = { by: 'tag', tag: 'news' };
 * export const purge = (cache: SharedCache) => cache.purge(news, 'soft'); // it is validated before it is sent again
 * ```
 */
export type Purge =
  | {
      readonly by: 'url' | 'prefix';
      readonly scheme?: Scheme | undefined;
      readonly host?: string | undefined;
      readonly target: string;
    }
  | { readonly by: 'tag'; readonly tag: string }
  | { readonly by: 'all' };

/**
 * 'hard': it is gone. 'soft': it is validated before it is sent again, and may stand in while the origin fails.
 * @see {@link Purge}
 */
export type PurgeKind = 'hard' | 'soft';

/** Whether what is stored under a URL (key.ts), with these tags, is concerned. */
export function purgeTest(
  purge: Purge,
  settings: Settings,
): (url: string, hasTag: (tag: string) => boolean) => boolean {
  if (purge.by === 'all') return () => true;
  if (purge.by === 'tag') return (_, hasTag) => hasTag(purge.tag);
  const { key } = settings;
  const scheme = key.scheme ? purge.scheme : undefined;
  const host = key.host ? purge.host : undefined;
  // The query of a prefix may be cut anywhere, so it cannot be shaped.
  const wanted = purge.by === 'url' ? shapedTarget(purge.target, settings) : purge.target;
  return (url) => {
    const [ofScheme, ofHost, target] = partsOf(url);
    if (scheme !== undefined && scheme !== ofScheme) return false;
    if (host !== undefined && normalHost(ofScheme === 'https' ? 'https' : 'http', host) !== ofHost) return false;
    return purge.by === 'url' ? target === wanted : target.startsWith(wanted);
  };
}
