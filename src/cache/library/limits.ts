/** How much memory the cache may take, and how large one object may be. */

/** Default bound of the cache's memory. */
export const DEFAULT_CACHE_BYTES = 512 * 1024 * 1024;
/** The least bound that a user may choose: with less there is no room for a piece of a large file and the names. */
export const LEAST_CACHE_BYTES = 2 ** 20;
/**
 * No object is larger. TCP numbers the bytes of an answer by 32-bit sequence numbers, and tells earlier from later by
 * the sign of their difference (RFC 9293 section 3.4), so what is queued must stay below 2^31 bytes, the head and other
 * answers before it included. (Memory would end at 4 GiB: a typed array of Node 20 has no more.) A larger file is sent
 * in pieces (pieces.ts).
 */
export const LARGEST_OBJECT_BYTES = 2 ** 31 - 2 ** 24;
