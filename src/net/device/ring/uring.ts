/**
 * The numbers of io_uring that we use (linux/io_uring.h), and where the fields of its structures lie.
 * Read first: io_uring(7), io_uring_setup(2), io_uring_enter(2). Callers: the files beside this one.
 */

/** System calls; the numbers are the same on x64 and arm64. */
export const IO_URING_SETUP = 425;
export const IO_URING_ENTER = 426;

/** Go on with the next entry when one is refused. */
const SETUP_SUBMIT_ALL = 1 << 7;
/** Only the thread that made the ring enters it. */
const SETUP_SINGLE_ISSUER = 1 << 12;
/** The kernel works on completions while that thread is in `io_uring_enter`, and never besides (Linux 6.1). */
const SETUP_DEFER_TASKRUN = 1 << 13;
export const SETUP_FLAGS = SETUP_SUBMIT_ALL | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN;

export const ENTER_GETEVENTS = 1 << 0;
/** The last arguments of `io_uring_enter` are a `struct io_uring_getevents_arg`, with a time-out. */
export const ENTER_EXT_ARG = 1 << 3;

/** What to map at which offset. One mapping holds both rings (Linux 5.4). */
export const MMAP_RINGS_AT = 0;
export const MMAP_ENTRIES_AT = 0x1000_0000;

export const OP_NOP = 0;
export const OP_WRITEV = 2;
export const OP_POLL_ADD = 6;
export const OP_ASYNC_CANCEL = 14;
export const OP_READ = 22;

/** The next entry begins when this one has ended, whatever came of it. */
export const HARD_LINK = 1 << 3;
/** No completion if all went well. */
export const SILENT_SUCCESS = 1 << 6;

/** As preadv2(2)'s RWF_NOWAIT: EAGAIN instead of waiting. */
export const NO_WAIT = 8;
/** For OP_ASYNC_CANCEL: whatever still waits. */
export const CANCEL_ALL = (1 << 0) | (1 << 2);

/** `struct io_uring_params`, in 32-bit words. */
export const PARAMS_WORDS = 30;
export const PARAMS = {
  entries: 0,
  completions: 1,
  flags: 2,
  features: 5,
  /** Each holds the place of a field, in bytes from the beginning of the rings. */
  submission: { head: 10, tail: 11, list: 16 },
  completion: { head: 20, tail: 21, list: 25 },
} as const;

/** `struct io_uring_sqe`: 16 words, and those of them that we write. */
export const ENTRY_WORDS = 16;
export const ENTRY = { fd: 1, address: 4, length: 6, flags: 7, tag: 8 } as const;
/** `struct io_uring_cqe`: the tag (64 bits), the result, flags. */
export const COMPLETION_WORDS = 4;
export const COMPLETION_RESULT = 2;
