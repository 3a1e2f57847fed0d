/**
 * The pieces of a frame as writev(2) takes them: `struct iovec`, a 64-bit address and a 64-bit length. Of the four
 * 32-bit words the last stays zero.
 *
 *     vector 0: | virtio 10 | Ethernet | IP | TCP |     vector 1…: the payload, where it lies
 *
 * Callers: tap.ts, ring/ring-writes.ts.
 */
import { MAX_FRAGMENTS, type OutgoingFrame } from './frame.js';
import { addressOf } from './libc.js';

/** Words of one vector. */
export const VECTOR_WORDS = 4;
/** The most vectors of one frame: the headers, and each fragment. */
export const FRAME_VECTORS = MAX_FRAGMENTS + 1;

/** Points the vector at this word to a fragment. Two stores a field: BigInt would allocate, and costs thirty times. */
export function setVector(vectors: Uint32Array, word: number, frame: OutgoingFrame, index: number): void {
  const fragment = frame.fragments[index]!;
  if (fragment.address === 0) fragment.address = addressOf(fragment.bytes);
  const address = fragment.address + frame.fragmentFrom[index]!;
  vectors[word] = address;
  vectors[word + 1] = address / 0x1_0000_0000;
  vectors[word + 2] = frame.fragmentLength[index]!;
}
