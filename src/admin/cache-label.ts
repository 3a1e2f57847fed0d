/** The name of a cache in front of the handler or of an upstream, in metrics and in words. */

/** What the cache of this name is called: the upstream, or `(handler)`, which is no name of an upstream. */
export function cacheLabel(name: string): string {
  return name === '' ? '(handler)' : name;
}
