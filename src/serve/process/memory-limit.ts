/** How much memory this process may use. If the cache were allowed more, V8 would abort the process. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { ServeError } from '../serve-error.js';

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

/**
 * Address space that V8 reserves for a thread (most of it never becomes memory): 590 MiB, measured with Node 20. If
 * it cannot reserve it, it aborts the process (status 133).
 */
const THREAD_BYTES = 600 * 2 ** 20;
/** Threads that read the folder while it is loaded, and the disk threads afterwards. */
const READING_THREADS = 2;

/** @throws {ServeError} `failure` if `ulimit -v` leaves too little for the threads of a server */
export function checkAddressSpace(workers: number, limit = addressSpaceLimit(), used = addressSpaceUsed()): void {
  const wanted = used + (workers + READING_THREADS) * THREAD_BYTES;
  if (limit === 0 || wanted <= limit) return;
  const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  throw new ServeError(
    'failure',
    `${mebibytes(limit)} MiB of address space (ulimit -v) are too little: ` +
      `V8 reserves ${mebibytes(wanted)} MiB for the threads`,
    `Allow more: ulimit -v ${Math.ceil(wanted / 1024)}, or ulimit -v unlimited`,
  );
}

/** VmSize of this process, bytes. */
function addressSpaceUsed(): number {
  return 1024 * Number(/^VmSize:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
}

/**
 * The part of all memory that the cache may take by default. The stack, V8 and the rest of the machine need the other
 * part.
 */
const DEFAULT_SHARE = 0.5;

/**
 * The bound of the cache, bytes: as the user asks, or else the smaller of the default and half of the memory.
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
