/**
 * The process before us, as a worker sees it after a hand-over: a socket for the frames of its connections. It reads
 * them from there as it read them from the interface, so they have the same form (net/device/virtio-header.ts).
 */
import { addressOf, EAGAIN, lastErrno, sys } from '../../net/device/libc.js';
import { VIRTIO_HEADER_BYTES, writeReceivedHeader } from '../../net/device/virtio-header.js';
import type { PassedFrame } from '../worker/messages.js';

export class Predecessor {
  /** The process has ended: nobody reads the socket any more. */
  isGone = false;
  readonly #fd: number;
  readonly #hasHeader: boolean;

  /** @param hasHeader frames on this interface have a virtio header */
  constructor(fd: number, hasHeader: boolean) {
    this.#fd = fd;
    this.#hasHeader = hasHeader;
  }

  /** False: too many wait there, or the process has ended. */
  give({ bytes, checksumGood, segmentBytes }: PassedFrame): boolean {
    const from = this.#hasHeader ? VIRTIO_HEADER_BYTES : 0;
    const message = new Uint8Array(from + bytes.length);
    if (this.#hasHeader) writeReceivedHeader(message, 0, checksumGood, segmentBytes);
    message.set(bytes, from);
    if (sys.write(this.#fd, addressOf(message), message.length) >= 0) return true;
    if (lastErrno() === EAGAIN) return false;
    this.isGone = true;
    sys.close(this.#fd);
    return false;
  }
}
