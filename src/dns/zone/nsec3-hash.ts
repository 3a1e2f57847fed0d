/** The hash of a name in NSEC3: RFC 5155 section 5. */
import { sha1 } from '@noble/hashes/legacy.js';

export const NSEC3_HASH_BYTES = 20;

/**
 * H(…H(H(name ‖ salt) ‖ salt)…): `iterations` times more than once. `name` is a whole name in lower case.
 */
export function nsec3Hash(name: Uint8Array, salt: Uint8Array, iterations: number): Uint8Array {
  let hash = sha1(joined(name, salt));
  for (let i = 0; i < iterations; i++) hash = sha1(joined(hash, salt));
  return hash;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
