/**
 * An io_uring of one thread: requests lie in memory that we share with the kernel, and one system call hands over many
 * of them and waits for completions.
 *
 *     entries:      what the kernel can be asked for. They are written once (`prepare`), since ours never change
 *     submissions:  head ── 3, 64, 65 … ── tail    numbers of entries; we move the tail, the kernel moves the head
 *     completions:  head ── results ────── tail    the kernel moves the tail, we move the head
 *
 * With SINGLE_ISSUER and DEFER_TASKRUN the kernel touches both rings only while this thread is inside `enter`. So plain
 * loads and stores are enough: the system call is the barrier.
 *
 * Read first: io_uring(7). Callers: ring-tap.ts, frames.ts.
 */
import {
  addressOf,
  EINTR,
  EINVAL,
  ENOSYS,
  EPERM,
  ETIME,
  errorName,
  lastErrno,
  mapShared,
  SystemError,
  sys,
} from '../libc.js';
import * as uring from './uring.js';

const NANOSECONDS = 1000;
const SECOND_US = 1_000_000;
/** `struct io_uring_getevents_arg`: 24 bytes, the address of a time at word 4. */
const WAIT_BYTES = 24;
const WAIT_TIME = 4;
/** Place in the list of native addresses (tap.ts says why it is a list). */
const WAIT = 1;

/** There is no ring for us; `reason` is the end of a sentence. */
export class RingError extends Error {
  override readonly name = 'RingError';

  constructor(readonly reason: string) {
    super(`io_uring: ${reason}`);
  }
}

/** A ring of the calling thread. */
export class Ring {
  /** The ring's own descriptor. */
  readonly fd: number;
  readonly #rings: Int32Array;
  readonly #entries: Uint32Array;
  readonly #mappings: readonly (readonly [address: number, length: number])[];
  /** Where both rings keep their ends, and their lists begin: all in words of `#rings`. */
  readonly #submission: { readonly head: number; readonly tail: number; readonly list: number };
  readonly #completion: { readonly head: number; readonly tail: number; readonly list: number };
  readonly #submissionMask: number;
  readonly #completionMask: number;
  /** `struct __kernel_timespec`: 64-bit seconds and nanoseconds. */
  readonly #time = new Int32Array(new ArrayBuffer(16));
  readonly #wait = new Uint32Array(new ArrayBuffer(WAIT_BYTES));
  readonly #addresses: readonly [null, number] = [null, addressOf(this.#wait)];
  /** Behind the last submission; the kernel learns of it in `enter`. */
  #tail: number;

  /**
   * A ring with so many entries (a power of two), and with room for twice as many completions.
   * @throws {RingError} if this kernel, or its administrator, has none for us
   */
  constructor(entries: number) {
    const params = new Uint32Array(uring.PARAMS_WORDS);
    params[uring.PARAMS.flags] = uring.SETUP_FLAGS;
    this.fd = sys.syscall(uring.IO_URING_SETUP, entries, addressOf(params), 0);
    if (this.fd < 0) throw new RingError(reasonOf(lastErrno()));
    const { submission, completion } = uring.PARAMS;
    const byte = (field: number) => params[field] ?? 0;
    const ends = (places: { head: number; tail: number; list: number }) => ({
      head: byte(places.head) / 4,
      tail: byte(places.tail) / 4,
      list: byte(places.list) / 4,
    });
    this.#submission = ends(submission);
    this.#completion = ends(completion);
    this.#submissionMask = byte(uring.PARAMS.entries) - 1;
    this.#completionMask = byte(uring.PARAMS.completions) - 1;
    const ringBytes = Math.max(
      byte(submission.list) + 4 * byte(uring.PARAMS.entries),
      byte(completion.list) + 4 * uring.COMPLETION_WORDS * byte(uring.PARAMS.completions),
    );
    const entryBytes = 4 * uring.ENTRY_WORDS * byte(uring.PARAMS.entries);
    const rings = this.#map(uring.MMAP_RINGS_AT, ringBytes);
    const list = this.#map(uring.MMAP_ENTRIES_AT, entryBytes);
    this.#rings = new Int32Array(rings.memory);
    this.#entries = new Uint32Array(list.memory);
    this.#mappings = [
      [rings.address, ringBytes],
      [list.address, entryBytes],
    ];
    this.#tail = this.#rings[this.#submission.tail] ?? 0;
    const time = addressOf(this.#time);
    this.#wait[WAIT_TIME] = time;
    this.#wait[WAIT_TIME + 1] = time / 0x1_0000_0000;
  }

  /** The requests that the kernel has not taken yet. */
  get unsubmitted(): number {
    return (this.#tail - this.#rings[this.#submission.head]!) | 0;
  }

  /** Writes an entry, which can then be queued again and again. Its tag comes back with each completion. */
  prepare(entry: number, request: RingRequest): void {
    const { operation, flags = 0, fd = -1, address = 0, length = 0, operationFlags = 0, tag } = request;
    const words = this.#entries.subarray(entry * uring.ENTRY_WORDS, (entry + 1) * uring.ENTRY_WORDS).fill(0);
    words[0] = operation | (flags << 8);
    words[uring.ENTRY.fd] = fd;
    words[uring.ENTRY.address] = address;
    words[uring.ENTRY.address + 1] = address / 0x1_0000_0000;
    words[uring.ENTRY.length] = length;
    words[uring.ENTRY.flags] = operationFlags;
    words[uring.ENTRY.tag] = tag;
  }

  /** Changes the length (bytes or vectors) of a prepared entry. */
  setLength(entry: number, length: number): void {
    this.#entries[entry * uring.ENTRY_WORDS + uring.ENTRY.length] = length;
  }

  /** Adds a prepared entry to those that the next `enter` hands over. At most as many as the ring has. */
  queue(entry: number): void {
    this.#rings[this.#submission.list + (this.#tail & this.#submissionMask)] = entry;
    this.#tail = (this.#tail + 1) | 0;
  }

  /**
   * Hands over what was queued and waits for so many completions, at most `microseconds`. An interrupted call is an
   * ordinary end. Returns 0, or the number of an error that says that the ring does not work any more.
   */
  enter(completions: number, microseconds: number): number {
    const seconds = Math.floor(microseconds / SECOND_US);
    this.#time[0] = seconds;
    this.#time[2] = (microseconds - seconds * SECOND_US) * NANOSECONDS;
    return this.#enter(completions, uring.ENTER_GETEVENTS | uring.ENTER_EXT_ARG);
  }

  /** Hands over what was queued and does not wait. Returns as `enter` does. */
  submit(): number {
    return this.#enter(0, 0);
  }

  /** Completions that have not been taken yet. */
  get completed(): number {
    return (this.#rings[this.#completion.tail]! - this.#rings[this.#completion.head]!) | 0;
  }

  /** The tag of the oldest completion. */
  get tag(): number {
    return this.#rings[this.#oldest]!;
  }

  /** The result of the oldest completion: bytes or events, or a negative errno. */
  get result(): number {
    return this.#rings[this.#oldest + uring.COMPLETION_RESULT]!;
  }

  /** Lets the oldest completion go. */
  takeCompletion(): void {
    this.#rings[this.#completion.head]!++;
  }

  /** Gives descriptor and memory back. The kernel cancels what still waits, a little later. */
  close(): void {
    sys.close(this.fd);
    for (const [address, length] of this.#mappings) sys.munmap(address, length);
  }

  #enter(completions: number, flags: number): number {
    this.#rings[this.#submission.tail] = this.#tail;
    const wait = this.#addresses[WAIT];
    const { fd, unsubmitted } = this;
    if (sys.enterRing(uring.IO_URING_ENTER, fd, unsubmitted, completions, flags, wait, WAIT_BYTES) >= 0) return 0;
    const errno = lastErrno();
    return errno === EINTR || errno === ETIME ? 0 : errno;
  }

  get #oldest(): number {
    const place = this.#rings[this.#completion.head]! & this.#completionMask;
    return this.#completion.list + place * uring.COMPLETION_WORDS;
  }

  #map(offset: number, length: number) {
    try {
      return mapShared(this.fd, offset, length);
    } catch (error) {
      sys.close(this.fd);
      throw error instanceof SystemError ? new RingError(`its memory cannot be mapped (${error.code})`) : error;
    }
  }
}

/** What an entry asks the kernel for. */
export interface RingRequest {
  /** One of `OP_…`. */
  readonly operation: number;
  /** `HARD_LINK`, `SILENT_SUCCESS`. */
  readonly flags?: number;
  readonly fd?: number;
  /** A native address. */
  readonly address?: number;
  /** Bytes or vectors. */
  readonly length?: number;
  /** The operation's own flags: `NO_WAIT`, POLLIN, `CANCEL_ANY`. */
  readonly operationFlags?: number;
  readonly tag: number;
}

/** io_uring_setup(2), "ERRORS", in words. */
function reasonOf(errno: number): string {
  if (errno === ENOSYS) return 'this kernel has none';
  if (errno === EPERM) return 'it is switched off here (sysctl kernel.io_uring_disabled, or a seccomp filter)';
  if (errno === EINVAL) return 'this kernel is too old (Linux 6.1 is needed)';
  return `the kernel refuses it (${errorName(errno)})`;
}
