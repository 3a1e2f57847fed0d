/** The facts about a file that are known before it is read: its names, and how long its heads can be. */

import type { FoundFile } from '../folder/folder.js';
import { PLAIN_RULES } from '../folder/folder-rules.js';
import { type CompressMode, isNegotiated } from '../head/compressible.js';
import { type CharsetRule, charsetRoom, type NamedType, typeOfName } from '../head/content-type.js';
import { fileHeadRoom, type HeadRule, VARY_LINE } from '../head/heads.js';
import type { Measures } from '../object/layout.js';

/** The names of a file's object. The first is the one by which we know it. */
export function namesOf({ name, plan }: Pick<FoundFile, 'name' | 'plan'>): readonly string[] {
  return plan?.names ?? PLAIN_RULES.namesFor(name, 'file');
}

/** A path under which clients find the file: what it links is relative to that. */
export function publicName(file: Pick<FoundFile, 'name' | 'plan'>): string {
  return namesOf(file).find((name) => name.startsWith('/')) ?? file.name;
}

/** The name by which we know a file's object. */
export function keyOf(file: Pick<FoundFile, 'name' | 'plan'>): string {
  return file.plan?.names[0] ?? file.name;
}

/** By type. There are as many as content-type.ts keeps. */
const plainHeads = new WeakMap<NamedType, HeadRule>();

/** What the head of a file says. */
export function headRuleOf({ name, plan }: Pick<FoundFile, 'name' | 'plan'>): HeadRule {
  if (plan !== undefined) return plan.head;
  const named = typeOfName(name);
  let head = plainHeads.get(named);
  if (head === undefined) {
    head = { named, fields: '', hasEtag: true, hasLastModified: true, hasHints: false };
    plainHeads.set(named, head);
  }
  return head;
}

/** By rule: the lengths of the heads of an empty file. A site has few rules. */
const rooms = new WeakMap<HeadRule, ReturnType<typeof fileHeadRoom>>();

/** The rules of a folder that decide how long the heads of a file can be. */
export interface HeadRules {
  readonly charset: CharsetRule;
  readonly compress: CompressMode;
}

/** The measures of a file. The main thread and the reading threads compute the same measures. */
export function measuresOf(file: FoundFile, { charset, compress }: HeadRules): Measures {
  const { size } = file;
  const head = headRuleOf(file);
  let room = rooms.get(head);
  if (room === undefined) {
    room = fileHeadRoom(head);
    rooms.set(head, room);
  }
  const varyRoom = isNegotiated(file, head.named, compress) ? VARY_LINE.length : 0;
  const names = namesOf(file);
  return {
    nameCount: names.length,
    namesLength: names.reduce((sum, name) => sum + name.length, 0),
    headRoom: room.headRoom + String(size).length - 1 + charsetRoom(head.named.type, charset) + varyRoom,
    payloadLength: size,
    notModifiedLength: room.notModifiedLength === 0 ? 0 : room.notModifiedLength + varyRoom,
  };
}
