/**
 * A TAP whose frames move through an io_uring: one system call a turn hands over the frames that the last turn has
 * sent, sleeps until a frame comes, the bell rings or a deadline is due, and reads up to eight frames.
 *
 *     io_uring_enter:  WRITEV, WRITEV …   frames of the last turn
 *                      POLL_ADD ─▶ READ ─▶ READ …      (ring-reads.ts)
 *                      POLL_ADD of the bell ─▶ NOP ─▶ NOP …     rings make as many completions as reads do
 *                      wait for as many completions as there are reads, until the deadline
 *
 * Where a system call costs a microsecond or more (Meltdown's page-table isolation on a processor without PCID), that
 * is a quarter of the CPU time of a request. Where it costs a fifth of that, nothing is gained: frames.ts chooses.
 *
 * `send` knows nothing of the kernel's answer, so it returns true. A refused frame is counted when its completion
 * comes; TCP takes it for lost, as it would on a wire. If the ring itself fails, the frames that wait are written
 * plainly, and from then on each frame has its own system call. The connections notice nothing.
 *
 * It belongs to the thread that made it, and to one driver: driver/poll-loop.ts with this as its `waiter`.
 */
import type { Device, Offload } from '../device.js';
import type { IncomingFrame, OutgoingFrame } from '../frame.js';
import { EAGAIN, EBADFD, ECANCELED, EINTR, POLLIN } from '../libc.js';
import type { TapDevice, TapStatistics } from '../tap.js';
import { VIRTIO_HEADER_BYTES, writeVirtioHeader } from '../virtio-header.js';
import { BELL, FRAMES, GONE, PollWaiter, type Waiter } from '../waiter.js';
import { Ring } from './ring.js';
import { READS, RingReads } from './ring-reads.js';
import { RingWrites, WRITE_SLOTS } from './ring-writes.js';
import { CANCEL_ALL, HARD_LINK, OP_ASYNC_CANCEL, OP_NOP, OP_POLL_ADD } from './uring.js';

/** Entries of the ring: the writes, the chain of reads, the bell with its NOPs, the cancellation. */
const FIRST_READ = WRITE_SLOTS;
const FIRST_BELL = FIRST_READ + 1 + READS;
const CANCEL = FIRST_BELL + READS;
const ENTRIES = 128;

/** What a completion is about. */
const WRITE = 1;
const READ = 2;
const DEVICE_POLL = 3;
const BELL_POLL = 4;
const FILLER = 5;
const CANCELLATION = 6;

/** Not a time: hand over what was queued, and do not look for completions. */
const HAND_OVER_ONLY = -1;
/** `close` waits so long, and so often, for what is under way to end. */
const CLOSE_WAIT_US = 10_000;
const CLOSE_ROUNDS = 10;

/** Counters of a ring. */
export interface RingStatistics {
  /** Calls of `io_uring_enter` that also slept. */
  turns: number;
  /** Calls in the middle of a turn, because much was waiting. */
  earlyEnters: number;
  /** 1: the ring has failed, and frames move plainly since. */
  failed: number;
}

export interface RingTapOptions {
  readonly tap: TapDevice;
  /** The descriptor of the driver's bell. */
  readonly bellFd: number;
  /** Told once if the ring fails, with the error's number. */
  readonly failed?: (errno: number) => void;
  /** Default: a new one. */
  readonly ring?: Ring;
}

/** A device and the waiter of its driver. @throws {RingError} if there is no ring for this process */
export class RingTap implements Device, Waiter {
  readonly ringStatistics: RingStatistics = { turns: 0, earlyEnters: 0, failed: 0 };
  readonly #tap: TapDevice;
  readonly #bellFd: number;
  readonly #failed: (errno: number) => void;
  readonly #writes: RingWrites;
  readonly #reads: RingReads;
  /** Null once it has failed or was closed. */
  #ring: Ring | null;
  #plain: PollWaiter | null = null;
  #bellIsWatched = false;
  /** Requests that were queued when the ring was entered last. */
  #queued = 0;
  /** Not 0: the errno that put the ring out of order. */
  #error = 0;

  constructor({ tap, bellFd, failed, ring = new Ring(ENTRIES) }: RingTapOptions) {
    this.#tap = tap;
    this.#bellFd = bellFd;
    this.#failed = failed ?? (() => {});
    this.#ring = ring;
    this.#writes = new RingWrites(ring, tap.fd, WRITE);
    this.#reads = new RingReads(ring, tap.fd, FIRST_READ, READ, DEVICE_POLL);
    const operationFlags = POLLIN;
    ring.prepare(FIRST_BELL, { operation: OP_POLL_ADD, flags: HARD_LINK, fd: bellFd, operationFlags, tag: BELL_POLL });
    for (let i = 1; i < READS; i++) {
      ring.prepare(FIRST_BELL + i, { operation: OP_NOP, flags: i < READS - 1 ? HARD_LINK : 0, tag: FILLER });
    }
    ring.prepare(CANCEL, { operation: OP_ASYNC_CANCEL, operationFlags: CANCEL_ALL, tag: CANCELLATION });
  }

  get mac(): Uint8Array {
    return this.#tap.mac;
  }

  get mtu(): number {
    return this.#tap.mtu;
  }

  get offload(): Offload {
    return this.#tap.offload;
  }

  get statistics(): TapStatistics {
    return this.#tap.statistics;
  }

  get gone(): boolean {
    return this.#tap.gone;
  }

  /** The next frame that has arrived comes without a system call as long as the ring works. */
  get isDrained(): boolean {
    return this.#ring === null || this.#reads.isDrained;
  }

  superSegmentLost(bytes: number): void {
    this.#tap.superSegmentLost(bytes);
  }

  send(frame: OutgoingFrame): boolean {
    const ring = this.#ring;
    if (ring === null) return this.#tap.send(frame);
    let start = frame.start;
    if (this.#tap.virtio) {
      writeVirtioHeader(frame);
      start -= VIRTIO_HEADER_BYTES;
    }
    if (this.#writes.add(frame, start)) return true;
    this.ringStatistics.earlyEnters++;
    this.#enter(ring, 0, HAND_OVER_ONLY);
    if (this.#error !== 0) {
      this.#takeCompletions(ring);
      this.#fail(ring);
    }
    return true;
  }

  receive(frame: IncomingFrame): boolean {
    const reads = this.#reads;
    while (reads.waiting > 0) {
      const length = reads.next();
      if (length >= 0) {
        if (this.#tap.take(reads.memory, reads.at, reads.at + length, frame)) return true;
      } else if (length === -EBADFD) this.#tap.gone = true;
    }
    return this.#ring === null && this.#tap.receive(frame);
  }

  wait(microseconds: number): number {
    const ring = this.#ring;
    if (ring === null) return this.#waitPlainly(microseconds);
    const reads = this.#reads;
    // The driver may have left frames of the last chain, to look at its timers.
    const isBehind = reads.waiting > 0;
    if (!isBehind) reads.arm();
    if (!this.#bellIsWatched) this.#watchBell(ring);
    this.ringStatistics.turns++;
    this.#enter(ring, reads.pending, isBehind ? HAND_OVER_ONLY : microseconds);
    const found = this.#takeCompletions(ring);
    if (this.#error !== 0) this.#fail(ring);
    return isBehind ? found | FRAMES : found;
  }

  /** Hands over what waits and ends the ring. The descriptors of the TAP and of the bell stay open. */
  close(): void {
    this.#plain = null; // the TAP may read from another descriptor now
    const ring = this.#ring;
    if (ring === null) return;
    // What a pending request holds on to would keep the interface alive after its last descriptor is closed.
    ring.queue(CANCEL);
    for (let round = 0; round < CLOSE_ROUNDS; round++) {
      this.#enter(ring, READS, CLOSE_WAIT_US);
      this.#takeCompletions(ring);
      if (this.#error !== 0 || (this.#reads.pending === 0 && !this.#bellIsWatched)) break;
    }
    this.#leave(ring);
  }

  #watchBell(ring: Ring): void {
    this.#bellIsWatched = true;
    for (let i = 0; i < READS; i++) ring.queue(FIRST_BELL + i);
  }

  /** Hands over what was queued, and waits unless it is to be handed over only. */
  #enter(ring: Ring, completions: number, microseconds: number): void {
    this.#queued = ring.unsubmitted;
    const errno = microseconds === HAND_OVER_ONLY ? ring.submit() : ring.enter(completions, microseconds);
    if (errno === 0 && ring.unsubmitted === 0) this.#writes.entered();
    else this.#error = errno === 0 ? EAGAIN : errno;
    if (this.#error !== 0) this.#writeTheRest(ring);
  }

  /** Looks at what has ended; returns what `wait` does. */
  #takeCompletions(ring: Ring): number {
    let found = 0;
    for (let left = ring.completed; left > 0; left--) {
      const { tag, result } = ring;
      ring.takeCompletion();
      if (tag === WRITE) {
        this.#tap.noteSendError(-result);
      } else if (tag === READ) {
        if (this.#reads.note(result)) found |= FRAMES;
        if (result < 0) found |= this.#judge(result);
      } else if (tag === BELL_POLL) {
        this.#bellIsWatched = false;
        found |= result < 0 ? this.#judge(result) : BELL;
      } else if (tag === DEVICE_POLL) {
        found |= this.#judge(result);
      }
    }
    return found;
  }

  /** An error of a read or a poll. Those that a TAP never gives are the ring's: an old kernel without NOWAIT. */
  #judge(result: number): number {
    if (result === -EBADFD) return GONE;
    if (result !== -EAGAIN && result !== -EINTR && result !== -ECANCELED) this.#error = -result;
    return 0;
  }

  /** What the ring did not take is written plainly. The writes are the oldest of all requests. */
  #writeTheRest(ring: Ring): void {
    const taken = Math.min(this.#writes.count, this.#queued - ring.unsubmitted);
    this.#writes.writePlainly(taken, (errno) => this.#tap.noteSendError(errno));
  }

  /** From here on without the ring. */
  #fail(ring: Ring): void {
    this.ringStatistics.failed = 1;
    this.#leave(ring);
    this.#failed(this.#error);
  }

  #leave(ring: Ring): void {
    this.#ring = null;
    ring.close();
  }

  #waitPlainly(microseconds: number): number {
    this.#plain ??= new PollWaiter(this.#tap.readFd, this.#bellFd);
    const left = this.#reads.waiting > 0;
    const found = this.#plain.wait(left ? 0 : microseconds);
    return left ? found | FRAMES : found;
  }
}
