/** Memory that every thread sees, where there are threads to share it with. */

/**
 * `length` bytes of zeros in a SharedArrayBuffer. A web page has that class only if it is isolated from all others
 * (HTML, cross-origin isolation). In any other page the cache has one thread, so plain memory does the same.
 */
export function sharedMemory(length: number): SharedArrayBuffer {
  if (typeof SharedArrayBuffer === 'undefined') return new ArrayBuffer(length) as unknown as SharedArrayBuffer;
  return new SharedArrayBuffer(length);
}
