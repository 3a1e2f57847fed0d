/** How much memory this process may have: a cache that promises more would end in an abort of V8. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { ServeError } from './serve-error.js';

/** The least of what the machine has, what its container may use (cgroups) and what `ulimit -v` allows, bytes. */
export function memoryLimit(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  const limits = [totalmem(), constrained, addressSpaceLimit()];
  return Math.min(...limits.filter((bytes) => bytes > 0));
}

/** RLIMIT_AS; 0: none. */
function addressSpaceLimit(): number {
  try {
    return parseAddressSpace(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return 0;
  }
}

/** The soft limit in the text of /proc/self/limits, bytes; 0: unlimited. */
export function parseAddressSpace(text: string): number {
  return Number(/^Max address space\s+(\d+)/m.exec(text)?.[1] ?? 0);
}

/** Of all memory the cache takes no more than this by default: the stack, V8 and the rest of the machine need some. */
const DEFAULT_SHARE = 0.5;

/**
 * The bound of the cache, bytes: the wish, else the default or half of the memory there is, whichever is less.
 * @throws {ServeError} `bad-option` if the wish is more than there is
 */
export function cacheLimit(wish: number | undefined, byDefault: number, available = memoryLimit()): number {
  if (wish === undefined) return Math.min(byDefault, Math.floor(available * DEFAULT_SHARE));
  if (wish <= available) return wish;
  const mebibytes = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MiB`;
  throw new ServeError(
    'bad-option',
    `a cache of ${mebibytes(wish)} is more than the ${mebibytes(available)} of memory that this process may have`,
    `Choose less: --cache-size ${Math.max(1, Math.floor((available * DEFAULT_SHARE) / 2 ** 20))}M`,
  );
}
