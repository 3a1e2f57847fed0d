/** What a module writes: text or bytes. Anything else is a mistake of its author, and gets an error in words. */

const ENCODER = new TextEncoder();

/**
 * The bytes of a text (UTF-8), or a copy of bytes. (`slice` of a Buffer of Node's would be no copy.)
 * @param taker for the message: what takes text and bytes
 * @throws {TypeError} for what is neither. `new Uint8Array` would make nothing of null, and three zeros of the number 3
 */
export function copyOf(content: string | Uint8Array, taker: string): Uint8Array {
  if (typeof content === 'string') return ENCODER.encode(content);
  if (content instanceof Uint8Array) return new Uint8Array(content);
  throw new TypeError(`${taker} takes text or a Uint8Array, not ${kindOf(content)}`);
}

/** What a value is, for a message. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return 'text';
  if (value instanceof Uint8Array) return 'a Uint8Array';
  return typeof value === 'object' ? 'another object' : `a ${typeof value}`;
}
