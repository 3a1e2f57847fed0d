/**
 * Which variant of a file a request gets: proactive negotiation by Accept-Encoding (RFC 9110 sections 12.1 and 12.5.3).
 *
 * Only a file that has or may have variants is negotiated; its answers have Vary. Any other file is sent as it is,
 * whatever the field says (section 12.4.1 allows that), so that caches need not keep it once for each value.
 */

import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import { Coding } from '../../cache/object/record.js';
import { addValue, beginTable, choose, finishTable, NONE_ACCEPTABLE } from '../grammar/accept-encoding.js';
import { ACCEPT_ENCODING } from '../grammar/fields.js';
import type { RequestScanner } from '../request/scanner.js';

/** Values that are remembered. All browsers together send a dozen. */
const SLOTS = 64;
/** A longer value is compiled each time. The longest that a browser sends has 35 bytes. */
const LONGEST_REMEMBERED = 64;

/**
 * Accept-Encoding values that were seen, with their tables. Each value has one slot, which its length and three of
 * its bytes decide; a new value takes the slot over. So the memory is fixed, and a stranger with ever new values
 * costs a compilation each time, as if there were no memory.
 */
export class AcceptEncoding {
  readonly #values = new Uint8Array(SLOTS * LONGEST_REMEMBERED);
  /** 0: the slot is empty; the empty value is never asked for, since it needs no memory. */
  readonly #lengths = new Uint8Array(SLOTS);
  readonly #tables = new Int32Array(SLOTS);
  /** Values that had to be compiled. */
  compiled = 0;

  /** The table for the field of a request that has it. */
  read(head: RequestScanner): number {
    const row = head.findRow(ACCEPT_ENCODING);
    const from = head.valueFrom(row);
    const length = head.valueTo(row) - from;
    const isRepeated = (head.repeated & (1 << ACCEPT_ENCODING)) !== 0;
    if (isRepeated || length === 0 || length > LONGEST_REMEMBERED) return this.#compile(head);
    const { bytes } = head;
    const slot = (length + bytes[from + (length >> 1)]! * 3 + bytes[from + length - 1]! * 7 + bytes[from]!) % SLOTS;
    if (this.#lengths[slot] === length && this.#isIn(slot, bytes, from, length)) return this.#tables[slot]!;
    const table = this.#compile(head);
    this.#lengths[slot] = length;
    this.#tables[slot] = table;
    for (let i = 0; i < length; i++) this.#values[slot * LONGEST_REMEMBERED + i] = bytes[from + i]!;
    return table;
  }

  #isIn(slot: number, bytes: Uint8Array, from: number, length: number): boolean {
    const values = this.#values;
    const at = slot * LONGEST_REMEMBERED;
    for (let i = 0; i < length; i++) if (values[at + i] !== bytes[from + i]) return false;
    return true;
  }

  /** All lines of the field are one list (RFC 9110 section 5.2). */
  #compile(head: RequestScanner): number {
    this.compiled++;
    beginTable();
    for (let row = head.findRow(ACCEPT_ENCODING); row >= 0; row = head.findRow(ACCEPT_ENCODING, row)) {
      addValue(head.bytes, head.valueFrom(row), head.valueTo(row));
    }
    return finishTable();
  }
}

/**
 * The variant of the file `identity` that the request gets, or null if it excludes all that there are. The request has
 * Accept-Encoding, and the file is negotiated.
 */
export function selectVariant(
  store: Store,
  accepted: AcceptEncoding,
  head: RequestScanner,
  identity: Entry,
): Entry | null {
  const table = accepted.read(head);
  let variants = identity.variants;
  for (;;) {
    const coding = choose(table, variants);
    if (coding === Coding.identity) return identity;
    if (coding === NONE_ACCEPTABLE) return null;
    const variant = store.variantOf(identity, coding);
    if (variant !== null) return variant;
    variants &= ~(1 << coding); // it is published, and this worker has not been told yet
  }
}
