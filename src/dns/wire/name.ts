/**
 * Domain names as they stand in messages: a byte of length before each label, and a zero byte at the end. RFC 1035
 * section 3.1; RFC 4343 for upper and lower case; RFC 4034 section 6.1 for their order. Nothing here allocates, except
 * for those functions that return a new name or text.
 */

/** RFC 1035 section 2.3.4. */
export const MAX_NAME_BYTES = 255;
export const MAX_LABEL_BYTES = 63;
/** Labels of one byte each. */
export const MAX_LABELS = 127;
/** The name of the root. */
export const ROOT = new Uint8Array(1);

/** The lower-case form of a byte of a name. */
export function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Bytes of the uncompressed name at `at`, which is sound. */
export function nameLength(bytes: Uint8Array, at: number): number {
  let end = at;
  while (bytes[end]! !== 0) end += bytes[end]! + 1;
  return end + 1 - at;
}

/** Labels of the name at `at`, the root left out. */
export function labelCount(bytes: Uint8Array, at: number): number {
  let count = 0;
  for (let i = at; bytes[i]! !== 0; i += bytes[i]! + 1) count++;
  return count;
}

/** Where the name stands that remains when `count` labels in front are left out. */
export function skipLabels(bytes: Uint8Array, at: number, count: number): number {
  let to = at;
  for (let left = count; left > 0; left--) to += bytes[to]! + 1;
  return to;
}

/** FNV-1a over the name in lower case. */
export function nameHash(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = at; i < at + length; i++) hash = Math.imul(hash ^ lower(bytes[i]!), 0x01000193);
  return hash ^ (hash >>> 15);
}

/** True if two names of the same length differ at most in case. */
export function sameName(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    const x = a[aAt + i]!;
    const y = b[bAt + i]!;
    if (x !== y && lower(x) !== lower(y)) return false;
  }
  return true;
}

/** True if two whole names are the same but for case. */
export function equalNames(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && sameName(a, 0, b, 0, a.length);
}

/** True if `name` is `ancestor`, or below it. */
export function isWithin(name: Uint8Array, ancestor: Uint8Array): boolean {
  const at = name.length - ancestor.length;
  if (at < 0 || !sameName(name, at, ancestor, 0, ancestor.length)) return false;
  for (let i = 0; i <= at; i += name[i]! + 1) if (i === at) return true;
  return false;
}

/** A copy in lower case. */
export function toLower(name: Uint8Array): Uint8Array {
  return name.map(lower);
}

/** Room for where the labels of two names begin. */
const ONE = new Uint8Array(MAX_LABELS + 1);
const OTHER = new Uint8Array(MAX_LABELS + 1);

/**
 * The order of RFC 4034 section 6.1: label by label from the right, bytes in lower case. Below 0, 0 or above 0, as the
 * first name comes before, is, or comes after the second.
 */
export function compareNames(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number {
  let x = offsets(a, aAt, ONE);
  let y = offsets(b, bAt, OTHER);
  while (x > 0 && y > 0) {
    const order = compareLabels(a, aAt + ONE[--x]!, b, bAt + OTHER[--y]!);
    if (order !== 0) return order;
  }
  return x - y;
}

function offsets(bytes: Uint8Array, at: number, into: Uint8Array): number {
  let count = 0;
  for (let i = at; bytes[i]! !== 0; i += bytes[i]! + 1) into[count++] = i - at;
  return count;
}

function compareLabels(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number {
  const aLength = a[aAt]!;
  const bLength = b[bAt]!;
  const both = Math.min(aLength, bLength);
  for (let i = 1; i <= both; i++) {
    const order = lower(a[aAt + i]!) - lower(b[bAt + i]!);
    if (order !== 0) return order;
  }
  return aLength - bLength;
}

/** The name at `at` as in a zone file: with a dot at the end, and escapes (RFC 1035 section 5.1). */
export function nameText(bytes: Uint8Array, at = 0): string {
  if (bytes[at] === 0) return '.';
  let text = '';
  for (let i = at; bytes[i]! !== 0; i += bytes[i]! + 1) {
    for (let j = i + 1; j <= i + bytes[i]!; j++) text += characterText(bytes[j]!, '."\\;()@$');
    text += '.';
  }
  return text;
}

/** One byte as text: those of `special` with a backslash, and what cannot be printed as `\DDD`. */
export function characterText(byte: number, special: string): string {
  if (byte <= 0x20 || byte >= 0x7f) return `\\${String(byte).padStart(3, '0')}`;
  const character = String.fromCharCode(byte);
  return special.includes(character) ? `\\${character}` : character;
}

/** `name` with `label` in front; undefined if that is too long. */
export function prepend(label: Uint8Array, name: Uint8Array): Uint8Array | undefined {
  const length = label.length + 1 + name.length;
  if (length > MAX_NAME_BYTES) return undefined;
  const longer = new Uint8Array(length);
  longer[0] = label.length;
  longer.set(label, 1);
  longer.set(name, 1 + label.length);
  return longer;
}
