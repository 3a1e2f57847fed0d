/**
 * Answers that have to wait: for an object that is not in memory, or for the pieces of a large file. The responder
 * finds out here what is missing. The connection then waits for it (disk-answer.ts). fate.ts has the words for that.
 */

import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import { latin1Text } from '../../net/wire/latin1.js';
import { type HeadVariant, isClosing } from '../head/head-cache.js';
import { ASKS, ENDS, type Fate, PERSISTS, STREAMS } from './fate.js';
import { PieceStream, type StreamPart } from './piece-stream.js';
import { Seat, StreamRoom } from './stream-room.js';

/** What the request that was answered last has to wait for. One object for all connections of a stack. */
export class Waits {
  site = 0;
  /** The name that is missing; null: nothing is. */
  name: string | null = null;
  /** The upstream that a request is handed over to; '': the handler. */
  upstream = '';
  /** The body that follows the head; null: it is queued already. */
  stream: PieceStream | null = null;
  /** The place in the memory for bodies of who waits, if it has one; else null, and `beginBody` makes one. */
  seat: Seat | null = null;
  /** `beginBody` got no place: its turn has to be waited for. */
  isTurnAwaited = false;
  readonly room: StreamRoom;
  readonly #store: Store;
  /** Made for an answer, and not taken by anybody yet. */
  #made: Seat | null = null;

  constructor(store: Store) {
    this.#store = store;
    this.room = new StreamRoom(() => store.streamShare());
  }

  /** The seat of the answer that waits, which is the caller's from now on. */
  takeSeat(): Seat | null {
    const { seat } = this;
    this.seat = null;
    this.#made = null;
    return seat;
  }

  /** The fate of a request for which an answer was begun with this mutable head. */
  fate(variant: HeadVariant): Fate {
    if (this.name !== null || this.isTurnAwaited) return ASKS;
    return this.stream === null ? fateOf(variant) : STREAMS;
  }

  reset(): void {
    this.name = null;
    this.stream = null;
    this.isTurnAwaited = false;
  }

  /**
   * Whether the path `bytes[from, to)`, of which there is no object in memory, has to be asked for. If not, there is no
   * such object at all.
   */
  mustAsk(site: number, bytes: Uint8Array, from: number, to: number): boolean {
    if (!this.#store.isLazy(site)) return false;
    return this.mustAskName(site, latin1Text(bytes, from, to));
  }

  /** The same for a path as text, a character for each byte. */
  mustAskName(site: number, name: string): boolean {
    if (!this.#store.isLazy(site) || this.#store.asks.isAbsent(site, name)) return false;
    this.site = site;
    this.name = name;
    return true;
  }

  /**
   * Begins a body of these parts of an object whose payload comes in pieces. False: its first piece has to be asked for
   * before the head is sent. If the file has changed by then, the client gets the new one and no broken answer. So is
   * it while there is no place for a piece.
   */
  beginBody(entry: Entry, parts: readonly StreamPart[]): boolean {
    const seat = this.#seat();
    if (seat.held === 0 && !this.room.take(seat)) {
      this.isTurnAwaited = true;
      return false;
    }
    const stream = new PieceStream(this.#store, entry, parts, this.room, seat);
    const missing = stream.missing();
    if (missing === null) {
      this.stream = stream;
      return true;
    }
    stream.close();
    this.site = entry.site;
    this.name = missing;
    return false;
  }

  #seat(): Seat {
    if (this.#made !== null) this.room.leave(this.#made);
    if (this.seat !== null && this.seat !== this.#made) return this.seat;
    this.#made = new Seat();
    this.seat = this.#made;
    return this.#made;
  }
}

/** The fate of a request whose answer is queued with this mutable head. */
export function fateOf(variant: HeadVariant): Fate {
  return isClosing(variant) ? ENDS : PERSISTS;
}
