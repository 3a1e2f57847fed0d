/**
 * Answers of handlers and upstreams that are kept in the cache (src/shared-cache) are objects like files, with keys of
 * their own. The key space says whose answer it is: each cache has a number, where a file's key has the number of its
 * site. The name is the target as the client wrote it, with scheme and host behind it, so two hosts never mix:
 *
 *     /shop?page=2\nhttps://example.org:8443
 *
 * The target comes first, since the scanner has its hash already.
 */

/** More sites than a server will ever have had: each new configuration takes the next numbers. */
export const FIRST_KEPT_SPACE = 0x2000_0000;

/** Whether this part of a key stands for a cache, and not for a site. */
export function isKeptSpace(number: number): boolean {
  return number >= FIRST_KEPT_SPACE;
}

/** The key spaces of the caches by upstream; '' is the handler's. Who has none keeps nothing. */
export type KeptSpaces = Readonly<Record<string, number>>;

/** The name under which an answer is kept. `host`: as in the Host field of the request. */
export function keptName(scheme: 'http' | 'https', host: string, target: string): string {
  return `${target}${tailOf(scheme)}${normalHost(scheme, host)}`;
}

/** A host in its one spelling: small letters, and no port if that is the usual one (RFC 9110 section 4.2.3). */
export function normalHost(scheme: 'http' | 'https', host: string): string {
  const small = host.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return small.endsWith(USUAL_PORT[scheme]) ? small.slice(0, -USUAL_PORT[scheme].length) : small;
}

/** The port that a host needs not name, as it stands behind it. */
export const USUAL_PORT = { http: ':80', https: ':443' } as const;

/** What stands in a name behind the target, in front of the host. */
export function tailOf(scheme: 'http' | 'https'): string {
  return `\n${scheme}://`;
}
