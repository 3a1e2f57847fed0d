/**
 * How one object lies in its block, and how its parts are filled in. Read record.ts and entry.ts first.
 *
 *     0        namesFrom   notModifiedFrom      headFrom       payloadFrom                    tableFrom
 *     | record | names ... | head of 304 | sums | fixed head   | payload                 | pad | sums |
 *                                        ^ head room
 *
 * Everything about an object is in its one block, so it is taken and given back as a whole and costs no JavaScript
 * object. A name is a path's bytes; "/docs/index.html" and "/docs/" are two names of one object.
 *
 * The place of the payload is fixed before the file is read. The length of the fixed head is known only after that,
 * since the charset depends on the bytes. So there is room for the longest head, and the head is put at the end of
 * that room.
 */
import { fillPrefixSums, SummedBytes } from '../../net/wire/summed-bytes.js';
import type { Answer } from '../head/heads.js';
import * as record from './record.js';
import { NEGOTIATED } from './variant-bits.js';

/** The measures of an object: they are known before its bytes are. */
export interface Measures {
  /** How many names it has, at least one, and the bytes of all of them. */
  readonly nameCount: number;
  readonly namesLength: number;
  /** Bytes of the longest fixed head that it may get. */
  readonly headRoom: number;
  readonly payloadLength: number;
  readonly notModifiedLength: number;
  /** The payload is not in the block: it comes in pieces of this file, and is so many bytes long (pieces.ts). */
  readonly streamed?: { readonly file: number; readonly length: number };
}

/** Offsets within the block. */
export interface Layout {
  readonly namesFrom: number;
  readonly notModifiedFrom: number;
  readonly notModifiedTableFrom: number;
  readonly payloadFrom: number;
  readonly tableFrom: number;
  /** Bytes of the table, with its longest head. */
  readonly tableBytes: number;
  /** Bytes of the whole. */
  readonly length: number;
}

/** Where the parts of an object go. */
export function layoutOf(measures: Measures): Layout {
  const { nameCount, namesLength, headRoom, payloadLength, notModifiedLength } = measures;
  const namesFrom = record.recordBytes(nameCount);
  const notModifiedFrom = namesFrom + namesLength;
  const notModifiedTableFrom = even(notModifiedFrom + notModifiedLength);
  const payloadFrom = notModifiedTableFrom + 2 * SummedBytes.tableLength(notModifiedLength) + headRoom;
  const tableFrom = even(payloadFrom + payloadLength);
  const tableBytes = 2 * SummedBytes.tableLength(headRoom + payloadLength);
  const length = tableFrom + tableBytes;
  return { namesFrom, notModifiedFrom, notModifiedTableFrom, payloadFrom, tableFrom, tableBytes, length };
}

/** A block and the measures of its object: all that `writeObject` needs. */
export interface Place {
  readonly view: record.SlabView;
  /** Where the block begins in the slab, and how long it is, bytes. */
  readonly from: number;
  readonly length: number;
  readonly measures: Measures;
  readonly layout: Layout;
  readonly site: number;
  readonly coding: number;
  readonly kind: record.ObjectKind;
}

/** The payload's memory. */
export function payloadOf({ view, from, measures, layout }: Place): Uint8Array {
  const payloadFrom = from + layout.payloadFrom;
  return view.bytes.subarray(payloadFrom, payloadFrom + measures.payloadLength);
}

/**
 * Writes everything of an object but its payload, which must be there: record, names, heads and sums. The names are
 * paths, percent-decoded and normalised, each beginning with '/', with a character for each byte.
 * @throws {RangeError} if names or heads do not fit the measures.
 */
export function writeObject(place: Place, names: readonly string[], answer: Answer): void {
  const { view, from, measures, layout } = place;
  const { head, notModified } = answer;
  const headFrom = layout.payloadFrom - head.length;
  if (head.length > measures.headRoom || notModified.length > measures.notModifiedLength) {
    throw new RangeError('the heads are longer than was reserved for them');
  }
  view.write(head, from + headFrom);
  view.write(notModified, from + layout.notModifiedFrom);
  writeRecord(place, answer, headFrom);
  writeNames(place, names);
  const { data, sums } = view;
  const tableAt = (from + layout.tableFrom) / 2;
  fillPrefixSums(data, from + headFrom, head.length + measures.payloadLength, sums, tableAt);
  const notModifiedTableAt = (from + layout.notModifiedTableFrom) / 2;
  fillPrefixSums(data, from + layout.notModifiedFrom, notModified.length, sums, notModifiedTableAt);
}

function writeRecord({ view, from, length, measures, layout, kind }: Place, answer: Answer, headFrom: number): void {
  const { words, doubles } = view;
  const at = record.recordAt(from);
  words[at + record.BLOCK_UNITS] = length / record.BLOCK_UNIT;
  words[at + record.STATUS] = answer.status;
  words[at + record.KIND] = record.OBJECT_KINDS.indexOf(kind);
  words[at + record.NAME_COUNT] = measures.nameCount;
  words[at + record.HEAD_FROM] = headFrom;
  words[at + record.HEAD_LENGTH] = answer.head.length;
  words[at + record.LENGTH_FIELD_LENGTH] = answer.lengthFieldLength;
  words[at + record.NOT_MODIFIED_FROM] = layout.notModifiedFrom;
  words[at + record.NOT_MODIFIED_LENGTH] = answer.notModified.length;
  words[at + record.NOT_MODIFIED_TABLE_FROM] = layout.notModifiedTableFrom;
  words[at + record.ETAG_FROM] = headFrom + answer.etagFrom;
  words[at + record.ETAG_LENGTH] = answer.etagLength;
  words[at + record.TYPE_FROM] = headFrom + answer.typeFrom;
  words[at + record.TYPE_LENGTH] = answer.contentType.length;
  words[at + record.LOCATION_FROM] = headFrom + answer.locationFrom;
  words[at + record.LOCATION_LENGTH] = answer.location.length;
  words[at + record.BORN] = answer.kept?.born ?? 0;
  words[at + record.UNTIL] = answer.kept?.until ?? 0;
  words[at + record.ETAG_IS_WEAK] = answer.kept?.hasWeakTag === true ? 1 : 0;
  words[at + record.VARIANTS] = answer.isNegotiated === true ? NEGOTIATED : 0;
  words[at + record.HITS] = 0;
  words[at + record.STREAM] = measures.streamed?.file ?? 0;
  doubles[at / 2 + record.PAYLOAD_LENGTH] = measures.streamed?.length ?? measures.payloadLength;
  doubles[at / 2 + record.TABLE_FROM] = layout.tableFrom;
  doubles[at / 2 + record.LAST_MODIFIED] = answer.lastModifiedSeconds;
}

/** The id and the generation of a name are given when it is published. */
function writeNames({ view, from, measures, layout, site, coding }: Place, names: readonly string[]): void {
  const { words, bytes } = view;
  const objectAt = record.recordAt(from);
  let at = objectAt + record.FIRST_NAME;
  let keyFrom = layout.namesFrom;
  for (const name of names) {
    const start = from + keyFrom;
    view.write(name, start);
    words[at + record.OBJECT_AT] = objectAt;
    words[at + record.SITE] = site;
    words[at + record.CODING] = coding;
    words[at + record.KEY_FROM] = keyFrom;
    words[at + record.KEY_LENGTH] = name.length;
    words[at + record.HASH] = record.hashKey(bytes, start, start + name.length, site, coding);
    at += record.NAME_WORDS;
    keyFrom += name.length;
  }
  if (names.length !== measures.nameCount || keyFrom !== layout.notModifiedFrom) {
    throw new RangeError('the names are not as long as was reserved for them');
  }
}

function even(offset: number): number {
  return offset + (offset & 1);
}
