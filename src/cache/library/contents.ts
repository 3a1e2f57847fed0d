/**
 * What can be found under which name, and how an object comes and goes: published, replaced or removed, let go by the
 * last worker, freed. Each change of a name goes to the outbox, for the workers.
 *
 * A variant in a content coding has the name of its file, and goes before it. So a worker that learns of the changes in
 * this order never finds a variant of the old file beside the new one.
 */
import * as record from '../object/record.js';
import { CODINGS, publishedBit } from '../object/variant-bits.js';
import { NameTable, NOT_FOUND } from './name-table.js';
import { Outbox } from './outbox.js';
import { kindOf, nameBytes, nameCount, namePlace } from './records.js';
import { Space } from './space.js';
import { ObjectCounts } from './statistics.js';
import type { Subscribers } from './subscribers.js';

export class Contents {
  readonly names = new NameTable<never>();
  readonly outbox = new Outbox();
  readonly counts = new ObjectCounts();
  readonly space: Space;
  /** Is told the number of each large file whose head no worker sends any more; 0 for all other objects. */
  onGone: (file: number) => void = () => {};
  /** Is told of an object that stayed although memory was short. It must change nothing at once. */
  onKept: (view: record.SlabView, objectAt: number) => void = () => {};
  readonly #subscribers: Subscribers;
  /** Sites with names that are not in memory. */
  readonly #lazySites = new Set<number>();
  #nextId = 1;

  constructor(limitBytes: number, subscribers: Subscribers) {
    this.#subscribers = subscribers;
    this.space = new Space(limitBytes, {
      slabAdded: ({ view, buffer }) => {
        this.names.addSlab(view);
        this.outbox.slabAdded(view.id, buffer);
      },
      slabDropped: ({ view }) => {
        this.names.dropSlab(view.id);
        this.outbox.slabDropped(view.id);
      },
      view: (slab) => this.names.view(slab),
      // A worker's table is as large as this thread's, since it holds the same names.
      tableBytes: () => NameTable.bytesOf(this.names.capacity) * (1 + subscribers.count),
      evict: (view, objectAt) => this.#evict(view, objectAt),
      kept: (view, objectAt) => this.onKept(view, objectAt),
    });
  }

  get lazySites(): ReadonlySet<number> {
    return this.#lazySites;
  }

  setLazy(site: number, isLazy: boolean): void {
    if (this.#lazySites.has(site) === isLazy) return;
    if (isLazy) this.#lazySites.add(site);
    else this.#lazySites.delete(site);
    this.outbox.catalogue(site, isLazy);
  }

  /** Posts to all workers what has changed since the last time. */
  flush(): void {
    for (const message of this.outbox.take()) this.#subscribers.post(message);
  }

  /** A sealed object is the answer for its names from now on. See `Library.publish`. */
  publish(view: record.SlabView, objectAt: number, isAsked: boolean): void {
    const names = nameCount(view, objectAt);
    view.words[objectAt + record.NAMES_LIVE] = names;
    view.words[objectAt + record.NAMES_HELD] = names;
    this.counts.count(view, objectAt, 1);
    this.space.admit(view, objectAt, isAsked);
    for (let i = 0; i < names; i++) this.#publishName(view, namePlace(objectAt, i));
  }

  /** The slot of a name, or NOT_FOUND. */
  slotOf(name: Uint8Array, site: number, coding: number): number {
    return this.names.find(name, 0, name.length, site, coding);
  }

  /** Removes a name. Returns whether it was there. */
  remove(name: Uint8Array, site: number, coding: number): boolean {
    const slot = this.slotOf(name, site, coding);
    if (slot === NOT_FOUND) return false;
    this.counts.removed++;
    this.take(this.names.viewAt(slot), this.names.placeAt(slot));
    return true;
  }

  /** A name that is there is found no more. Its variants go first. */
  take(view: record.SlabView, nameAt: number): void {
    this.#removeVariantsOf(view, nameAt);
    this.names.remove(this.names.slotOf(view, nameAt));
    this.outbox.retire(view.id, nameAt);
    this.#retire(view, nameAt);
  }

  /** Removes the variant in one coding of the file that has this name. */
  removeVariant(view: record.SlabView, nameAt: number, coding: number): void {
    this.remove(nameBytes(view, nameAt), view.word(nameAt + record.SITE), coding);
  }

  /** The places of those names of an object by which it can be found now. */
  liveNames(view: record.SlabView, objectAt: number): number[] {
    const places: number[] = [];
    for (let i = 0; i < nameCount(view, objectAt); i++) {
      const nameAt = namePlace(objectAt, i);
      if (this.names.slotOf(view, nameAt) !== NOT_FOUND) places.push(nameAt);
    }
    return places;
  }

  /** One name or one reader less holds the object. Without any its memory is free. */
  letGo(view: record.SlabView, objectAt: number): void {
    const held = view.word(objectAt + record.NAMES_HELD) - 1;
    view.words[objectAt + record.NAMES_HELD] = held;
    if (held > 0) return;
    this.onGone(view.word(objectAt + record.STREAM));
    this.space.free(view, objectAt);
    this.flush(); // the workers let go of a slab that has become empty
    this.space.freed();
  }

  /** Takes all names of an object away. From here on its site has names that are not in memory. */
  #evict(view: record.SlabView, objectAt: number): void {
    if (kindOf(view, objectAt) !== 'piece') this.setLazy(view.word(objectAt + record.FIRST_NAME + record.SITE), true);
    for (const nameAt of this.liveNames(view, objectAt)) this.take(view, nameAt);
  }

  #publishName(view: record.SlabView, nameAt: number): void {
    const { words } = view;
    this.#removeVariantsUnder(view, nameAt);
    const slot = this.names.slotWithKeyOf(view, nameAt);
    words[nameAt + record.ID] = this.#nextId++;
    this.outbox.publish(view.id, nameAt);
    this.counts.published++;
    if (slot === NOT_FOUND) {
      words[nameAt + record.GENERATION] = 1;
      this.names.add(view, nameAt);
      return;
    }
    const oldView = this.names.viewAt(slot);
    const oldAt = this.names.placeAt(slot);
    words[nameAt + record.GENERATION] = oldView.word(oldAt + record.GENERATION) + 1;
    this.names.replace(slot, view, nameAt);
    this.counts.replaced++;
    this.#retire(oldView, oldAt);
  }

  /** Before a name is published: the variants of the file that has it now go. */
  #removeVariantsUnder(view: record.SlabView, nameAt: number): void {
    if (this.counts.variants === 0) return;
    const slot = this.names.slotWithKeyOf(view, nameAt);
    if (slot !== NOT_FOUND) this.#removeVariantsOf(this.names.viewAt(slot), this.names.placeAt(slot));
  }

  #removeVariantsOf(view: record.SlabView, nameAt: number): void {
    if (view.word(nameAt + record.CODING) !== record.Coding.identity) return;
    const bits = view.word(view.word(nameAt + record.OBJECT_AT) + record.VARIANTS);
    for (const coding of CODINGS) {
      if ((bits & publishedBit(coding)) !== 0) this.removeVariant(view, nameAt, coding);
    }
  }

  /** The object has one name less. Its memory is given back when it has no name and no worker sends it any more. */
  #retire(view: record.SlabView, nameAt: number): void {
    const objectAt = view.word(nameAt + record.OBJECT_AT);
    const live = view.word(objectAt + record.NAMES_LIVE) - 1;
    view.words[objectAt + record.NAMES_LIVE] = live;
    if (live === 0) {
      this.counts.count(view, objectAt, -1);
      this.space.retire(view, objectAt);
    }
    this.#subscribers.awaitRelease(view.word(nameAt + record.ID), () => this.letGo(view, objectAt));
  }
}
