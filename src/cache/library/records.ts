/**
 * What the library reads in the record of an object (object/record.ts): its kind, its size, its names. The library
 * keeps nothing of this outside of the record.
 */
import { latin1Text } from '../../net/wire/latin1.js';
import { HIDDEN } from '../folder/folder-rules.js';
import * as record from '../object/record.js';

const SLASH = 0x2f;
const HIDDEN_BYTE = HIDDEN.charCodeAt(0);

/** What the object is; undefined: the record has a kind that nobody knows. */
export function kindOf(view: record.SlabView, objectAt: number): record.ObjectKind | undefined {
  return record.OBJECT_KINDS[view.word(objectAt + record.KIND)];
}

/** Bytes of the object's block. */
export function blockLength(view: record.SlabView, objectAt: number): number {
  return view.word(objectAt + record.BLOCK_UNITS) * record.BLOCK_UNIT;
}

/** How many names the object has, whether it can be found by them or not. */
export function nameCount(view: record.SlabView, objectAt: number): number {
  return view.word(objectAt + record.NAME_COUNT);
}

/** The word at which the record of the object's name number `i` begins. */
export function namePlace(objectAt: number, i: number): number {
  return objectAt + record.FIRST_NAME + i * record.NAME_WORDS;
}

/**
 * Objects with an internal name (it does not begin with '/') are never evicted: an error page has no path under which
 * it could be asked for again. A piece of a file is no such object, nor is a file with a `HIDDEN` name. A variant goes
 * with its file.
 */
export function isPinned(view: record.SlabView, objectAt: number): boolean {
  const kind = kindOf(view, objectAt);
  if (kind === 'piece') return false;
  if (kind === 'variant') return true;
  for (let i = 0; i < nameCount(view, objectAt); i++) {
    const first = firstByte(view, namePlace(objectAt, i));
    if (first !== SLASH && first !== HIDDEN_BYTE) return true;
  }
  return false;
}

/** Whether a name is a path, and not one that no request finds. */
export function isPath(view: record.SlabView, nameAt: number): boolean {
  return firstByte(view, nameAt) === SLASH;
}

function firstByte(view: record.SlabView, nameAt: number): number | undefined {
  return view.bytes[keyAt(view, nameAt)];
}

/** A name's path, a character for each byte. */
export function nameText(view: record.SlabView, nameAt: number): string {
  return latin1Text(new Uint8Array(view.bytes.buffer, keyAt(view, nameAt), view.word(nameAt + record.KEY_LENGTH)));
}

/** A name's path, as its bytes lie in the slab. */
export function nameBytes(view: record.SlabView, nameAt: number): Uint8Array {
  const from = keyAt(view, nameAt);
  return view.bytes.subarray(from, from + view.word(nameAt + record.KEY_LENGTH));
}

function keyAt(view: record.SlabView, nameAt: number): number {
  return record.blockAt(view.word(nameAt + record.OBJECT_AT)) + view.word(nameAt + record.KEY_FROM);
}
