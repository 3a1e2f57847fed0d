/**
 * Answers of handlers and upstreams that are kept in the cache (src/shared-cache) are objects like files, with keys of
 * their own. The key space says whose answer it is: each cache has a number, where a file's key has the number of its
 * site. The name is the target as the client wrote it, with scheme and host behind it, so two hosts never mix:
 *
 *     /shop?page=2\nhttps://example.org:8443
 *
 * The target comes first, since the scanner has its hash already.
 */

import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import { hashOctet } from '../../cache/object/record.js';
import { sameBytes } from '../../net/wire/bytes.js';
import { latin1Bytes } from '../../net/wire/latin1.js';
import { HOST_FIELD } from '../fields.js';
import { lowerCase } from '../grammar.js';
import type { RequestScanner } from '../scanner.js';

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

const USUAL_PORT = { http: ':80', https: ':443' } as const;

function tailOf(scheme: 'http' | 'https'): string {
  return `\n${scheme}://`;
}

/** A longer host than any name of the DNS with its port is none that an answer is kept for. */
const LONGEST_HOST = 264;

/** Finds kept answers for requests that came over one scheme. One object for all connections of a stack. */
export class KeptAnswers {
  readonly #store: Store;
  readonly #tail: Uint8Array;
  readonly #usualPort: Uint8Array;
  readonly #name: Uint8Array;

  /** @param longestTarget bytes that the scanner lets through */
  constructor(store: Store, scheme: 'http' | 'https', longestTarget: number) {
    this.#store = store;
    this.#tail = latin1Bytes(tailOf(scheme));
    this.#usualPort = latin1Bytes(USUAL_PORT[scheme]);
    this.#name = new Uint8Array(longestTarget + this.#tail.length + LONGEST_HOST);
  }

  /** The answer that the cache of this key space has for a request. Makes no string and no object. */
  find(head: RequestScanner, space: number): Entry | undefined {
    const { bytes, targetFrom, targetTo } = head;
    const name = this.#name;
    const tail = this.#tail;
    const row = head.findRow(HOST_FIELD);
    const hostFrom = row < 0 ? 0 : head.valueFrom(row);
    const hostTo = row < 0 ? 0 : this.#withoutPort(bytes, hostFrom, head.valueTo(row));
    if (hostTo - hostFrom > LONGEST_HOST) return undefined;
    let at = 0;
    for (let i = targetFrom; i < targetTo; i++) name[at++] = bytes[i]!;
    let hash = head.targetHash;
    for (let i = 0; i < tail.length; i++) {
      const octet = tail[i]!;
      hash = hashOctet(hash, octet);
      name[at++] = octet;
    }
    for (let i = hostFrom; i < hostTo; i++) {
      const octet = lowerCase(bytes[i]!);
      hash = hashOctet(hash, octet);
      name[at++] = octet;
    }
    return this.#store.findHashed(hash, name, 0, at, space);
  }

  /** The end of the host without the usual port. */
  #withoutPort(bytes: Uint8Array, from: number, to: number): number {
    const port = this.#usualPort;
    const at = to - port.length;
    return at >= from && sameBytes(bytes, at, port, 0, port.length) ? at : to;
  }
}
