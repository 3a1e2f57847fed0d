/** Finds the answer of a handler or upstream that is kept in the cache for a request. kept-names.ts has the names. */

import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import { hashOctet } from '../../cache/object/record.js';
import { sameBytes } from '../../net/wire/bytes.js';
import { latin1Bytes } from '../../net/wire/latin1.js';
import { HOST_FIELD } from '../grammar/fields.js';
import { lowerCase } from '../grammar/grammar.js';
import type { RequestScanner } from '../request/scanner.js';
import { tailOf, USUAL_PORT } from '../routes/kept-names.js';

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
