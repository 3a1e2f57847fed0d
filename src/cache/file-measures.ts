/** The facts about a file that are known before it is read: its names, and how long its heads can be. */
import { type CharsetRule, charsetRoom, type NamedType } from './content-type.js';
import type { FoundFile } from './folder.js';
import { fileHeadRoom, VARY_LINE } from './heads.js';
import type { Measures } from './layout.js';
import { type CompressMode, isNegotiated } from './variants/compressible.js';

const INDEX = '/index.html';

/** The names of a file: its own, and for an index.html also its folder's with the slash. */
export function namesOf(name: string): string[] {
  return name.endsWith(INDEX) ? [name, name.slice(0, name.length - INDEX.length + 1)] : [name];
}

/** By type: the lengths of the heads of an empty file. There are as many types as content-type.ts keeps. */
const rooms = new WeakMap<NamedType, ReturnType<typeof fileHeadRoom>>();

/** The rules of a folder that decide how long the heads of a file can be. */
export interface HeadRules {
  readonly charset: CharsetRule;
  readonly compress: CompressMode;
}

/** The measures of a file with this type. The main thread and the reading threads compute the same measures. */
export function measuresOf(file: FoundFile, named: NamedType, { charset, compress }: HeadRules): Measures {
  const { name, size } = file;
  let room = rooms.get(named);
  if (room === undefined) {
    room = fileHeadRoom(named.type, named.encoding, 0);
    rooms.set(named, room);
  }
  const varyRoom = isNegotiated(file, named, compress) ? VARY_LINE.length : 0;
  const isIndex = name.endsWith(INDEX);
  return {
    nameCount: isIndex ? 2 : 1,
    namesLength: isIndex ? 2 * name.length - INDEX.length + 1 : name.length,
    headRoom: room.headRoom + String(size).length - 1 + charsetRoom(named.type, charset) + varyRoom,
    payloadLength: size,
    notModifiedLength: room.notModifiedLength + varyRoom,
  };
}
