/**
 * Bytes as text with a character for each byte (ISO 8859-1): names in the cache, and heads. Any bytes come back as they
 * were. It needs nothing of Node, so the stack, HTTP and the worker's side of the cache run in a browser too.
 */

/** `String.fromCharCode` takes its characters on the call stack, which bounds them. */
const MOST_ARGUMENTS = 4096;

/**
 * `apply` takes the elements of a typed array as they lie in memory. A spread (`...bytes`) asks an iterator for each,
 * which costs thirty times as much: 38 µs for the head of an answer.
 */
const fromCharCode: { apply(that: null, codes: Uint8Array): string } = String.fromCharCode;

/** The text of `bytes[from, to)`. */
export function latin1Text(bytes: Uint8Array, from = 0, to = bytes.length): string {
  if (to - from <= MOST_ARGUMENTS) return fromCharCode.apply(null, bytes.subarray(from, to));
  return latin1Text(bytes, from, from + MOST_ARGUMENTS) + latin1Text(bytes, from + MOST_ARGUMENTS, to);
}

/** The bytes of a text. Of a character above U+00FF only the low byte is taken. */
export function latin1Bytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
