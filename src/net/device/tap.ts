/**
 * A TAP interface: the device that talks to the machine's own kernel. A frame that we write arrives in the kernel as if
 * a network card had received it; a frame that the kernel sends to the interface comes to our `read`.
 *
 * Read first: the kernel's Documentation/networking/tuntap.rst, then virtio-header.ts. Callers: the CLI's workers
 * through driver/poll-loop.ts, embedding programs through driver/event-loop.ts.
 *
 * One frame out is one writev(2), one frame in is one read(2); neither allocates. The vectors of a writev point at the
 * headers in `OutgoingFrame.header` and at the payload where it lies, so nothing is copied in user space:
 *
 *     vector 0: | virtio 10 | Ethernet | IP | TCP |     vector 1…: a cache's own memory
 *
 * With offload the kernel takes super-segments: one writev, many segments, no checksums. At 64 KiB bodies that has more
 * than five times the throughput of 1,460-byte frames. Without offload each frame is exactly what a wire would carry.
 */
import type { Device, Offload } from './device.js';
import { NO_OFFLOAD } from './device.js';
import type { IncomingFrame, OutgoingFrame } from './frame.js';
import { addressOf, EAGAIN, EBADFD, EINTR, lastErrno, sys } from './libc.js';
import { openTap, SUPER_SEGMENT_BYTES, type TapHandle, type TapOptions } from './tap-open.js';
import { FRAME_VECTORS, setVector, VECTOR_WORDS } from './vectors.js';
import { readVirtioHeader, VIRTIO_HEADER_BYTES, writeVirtioHeader } from './virtio-header.js';

export { BIG_SUPER_SEGMENT_BYTES, SUPER_SEGMENT_BYTES, type TapHandle, type TapOptions } from './tap-open.js';

/**
 * The host sends us super-segments of up to 64 KiB. A longer frame would be cut off, and IP's length check drops it.
 */
export const RECEIVE_BYTES = VIRTIO_HEADER_BYTES + 14 + 65_536 + 64;

/**
 * Counters of frames that could not be sent or received.
 *
 * @example
 * ```ts
 * import type { TapDevice } from 'fastpath';
 *
 * export const unsent = ({ statistics }: TapDevice) => statistics.sendBlocked + statistics.sendFailed;
 * ```
 */
export interface TapStatistics {
  /** Frames refused because the send buffer was full (EAGAIN). */
  sendBlocked: number;
  /** Frames refused for another reason; mostly because the interface is down (EIO). */
  sendFailed: number;
  /** Frames that were too short to have a virtio header. */
  receiveMalformed: number;
  superSegmentsLowered: number;
}

/** Places in the list of native addresses. */
const RECEIVED = 1;
const VECTORS = 2;

/**
 * A TAP interface as a device. `TapDevice.open` makes one. @throws {TapError} if the kernel refuses.
 *
 * @example
 * ```ts
 * import { HostInterface, TapDevice } from 'fastpath';
 *
 * const device = TapDevice.open({ name: 'fp0', mtu: 1_500 }); // needs CAP_NET_ADMIN
 * new HostInterface(device.name).up();
 * console.log(device.mtu, device.offload.superSegmentBytes);
 * device.close();
 * ```
 */
export class TapDevice implements Device {
  readonly name: string;
  readonly fd: number;
  readonly mac: Uint8Array;
  readonly mtu: number;
  /** Frames carry a virtio header. */
  readonly virtio: boolean;
  readonly statistics: TapStatistics = { sendBlocked: 0, sendFailed: 0, receiveMalformed: 0, superSegmentsLowered: 0 };
  /** The interface was removed while we used it. */
  gone = false;
  /** Frames are read from here: `fd`, but after `hearFrom`. */
  #readFd: number;

  readonly #offload: { checksum: boolean; superSegmentBytes: number };
  readonly #received = new Uint8Array(RECEIVE_BYTES);
  readonly #vectors = new Uint32Array(FRAME_VECTORS * VECTOR_WORDS);
  /**
   * Their native addresses. V8 keeps a large number in a field in a box of its own, and makes a new box of 16 bytes for
   * each call that gets its value. From a list of mixed things it passes on the box that is there. With fields, a
   * request cost 70 bytes of garbage (sampled over 240,000 requests, Node 20); with this list it costs none.
   */
  readonly #addresses: readonly [null, number, number] = [null, addressOf(this.#received), addressOf(this.#vectors)];
  #lastHeader: Uint8Array | null = null;
  #lastHeaderAddress = 0;
  #closed = false;

  private constructor(handle: TapHandle) {
    this.fd = handle.fd;
    this.#readFd = handle.fd;
    this.name = handle.name;
    this.mac = handle.mac;
    this.mtu = handle.mtu;
    this.virtio = handle.virtio;
    this.#offload = handle.virtio ? { checksum: true, superSegmentBytes: handle.superSegmentBytes } : NO_OFFLOAD;
  }

  /** Opens the interface, and makes it if there is none. @throws {TapError} whose message says what to do. */
  static open(options: TapOptions): TapDevice {
    return new TapDevice(openTap(options));
  }

  /** The device for a TAP that another thread opened. Only one thread at a time may use a handle. */
  static adopt(handle: TapHandle): TapDevice {
    return new TapDevice(handle);
  }

  /** The data by which another thread can `adopt` this TAP. */
  get handle(): TapHandle {
    const { fd, name, mac, mtu, virtio } = this;
    return { fd, name, mac, mtu, superSegmentBytes: this.#offload.superSegmentBytes, virtio };
  }

  get readFd(): number {
    return this.#readFd;
  }

  /**
   * Reads frames from another descriptor from now on, and goes on writing them to the interface: another process reads
   * the interface, and passes on what is ours, as in a hand-over. A frame there is as in a TAP, header and all.
   */
  hearFrom(fd: number): void {
    this.#readFd = fd;
  }

  get offload(): Offload {
    return this.#offload;
  }

  send(frame: OutgoingFrame): boolean {
    let start = frame.start;
    if (this.virtio) {
      writeVirtioHeader(frame);
      start -= VIRTIO_HEADER_BYTES;
    }
    const vectors = this.#vectors;
    const header = this.#headerAddress(frame.header) + start;
    vectors[0] = header;
    vectors[1] = header / 0x1_0000_0000;
    vectors[2] = frame.end - start;
    const count = frame.fragmentCount;
    for (let i = 0; i < count; i++) setVector(vectors, (i + 1) * VECTOR_WORDS, frame, i);
    if (sys.writev(this.fd, this.#addresses[VECTORS], count + 1) >= 0) return true;
    this.noteSendError(lastErrno());
    return false;
  }

  receive(frame: IncomingFrame): boolean {
    for (;;) {
      const length = sys.read(this.#readFd, this.#addresses[RECEIVED], RECEIVE_BYTES);
      if (length < 0) {
        if (this.#receiveFailed()) continue;
        return false;
      }
      if (this.take(this.#received, 0, length, frame)) return true;
    }
  }

  /** Points `frame` at what was read, `bytes[from, to)`; false, and counted, if it is no frame. */
  take(bytes: Uint8Array, from: number, to: number, frame: IncomingFrame): boolean {
    if (this.virtio) {
      if (readVirtioHeader(bytes, from, to, frame)) return true;
      this.statistics.receiveMalformed++;
      return false;
    }
    frame.bytes = bytes;
    frame.from = from;
    frame.to = to;
    frame.checksumGood = false;
    frame.segmentBytes = 0;
    return true;
  }

  /** A super-segment beyond 64 KiB was lost: this kernel, or a link that it forwards to, does not take them. */
  superSegmentLost(bytes: number): void {
    if (bytes <= SUPER_SEGMENT_BYTES || this.#offload.superSegmentBytes <= SUPER_SEGMENT_BYTES) return;
    this.#offload.superSegmentBytes = SUPER_SEGMENT_BYTES;
    this.statistics.superSegmentsLowered++;
  }

  /** Closes the descriptor; an interface that is not persistent vanishes with its last one. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    sys.close(this.fd);
  }

  /** One stack sends from one `OutgoingFrame`, so the last answer is nearly always the right one. */
  #headerAddress(header: Uint8Array): number {
    if (header !== this.#lastHeader) {
      this.#lastHeader = header;
      this.#lastHeaderAddress = addressOf(header);
    }
    return this.#lastHeaderAddress;
  }

  /** Counts a frame that the kernel has refused; a ring learns of it when the frame is gone. */
  noteSendError(errno: number): void {
    if (errno === EAGAIN) this.statistics.sendBlocked++;
    else this.statistics.sendFailed++;
    if (errno === EBADFD) this.gone = true;
  }

  /** True if the read must be repeated. */
  #receiveFailed(): boolean {
    const errno = lastErrno();
    if (errno === EBADFD) this.gone = true;
    return errno === EINTR;
  }
}
