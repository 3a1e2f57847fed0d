import type { Duplex } from 'node:stream';
import { parseMac } from '../wire/address.js';
import * as Ethernet from '../wire/ethernet.js';
import { type Device, NO_OFFLOAD, type Offload } from './device.js';
import type { IncomingFrame, OutgoingFrame } from './frame.js';

/** What a `DuplexDevice` must be told about its stream. @see {@link DuplexDevice} */
export interface DuplexOptions {
  /** Our own Ethernet address, as text. */
  mac: string;
  /** The largest IP packet, bytes; default 1500. */
  mtu?: number;
  /** Frames received and not yet taken by the stack; default 1024. Then the stream is paused. */
  queueFrames?: number;
}

/**
 * The counters of a `DuplexDevice`.
 *
 * @example
 * ```ts
 * import type { DuplexDevice } from 'fastpath';
 *
 * export const lost = ({ statistics }: DuplexDevice) => statistics.blocked + statistics.malformed;
 * ```
 */
export interface DuplexStatistics {
  /** Frames not sent, because the stream's buffer was full or the stream had ended. */
  blocked: number;
  /** Chunks received that were not bytes, or were shorter than an Ethernet header. */
  malformed: number;
  /** How often the stream was paused. */
  paused: number;
}

/**
 * Any stream of frames as a device: an object-mode Duplex whose chunks are whole Ethernet frames, in both directions.
 * The `Tap` of the package tuntap2 is one; a WebSocket or a tunnel wrapped in a Duplex is another.
 *
 * Back-pressure: while the stream says that its buffer is full (`write` returned false), frames are dropped and `send`
 * returns false, as a network card with a full ring does; TCP slows down. While our own queue is full, the stream is
 * paused. There is no offload. Every frame is copied, so this is not a fast path.
 *
 * @example
 * ```ts
 * import { connect } from 'node:net';
 * import { DuplexDevice } from 'fastpath';
 *
 * // Frames over any stream that keeps their bounds: tuntap2, a WebSocket, a pair of streams.
 * export const device = new DuplexDevice(connect('/run/frames.sock'), { mac: '02:00:00:00:00:01', mtu: 1_500 });
 * ```
 */
export class DuplexDevice implements Device {
  readonly mac: Uint8Array;
  readonly mtu: number;
  readonly offload: Offload = NO_OFFLOAD;
  readonly statistics: DuplexStatistics = { blocked: 0, malformed: 0, paused: 0 };
  onReadable: (() => void) | null = null;
  /** Why the stream ended: an error, or null if it just ended; undefined while it goes on. */
  ended: Error | null | undefined;

  readonly #stream: Duplex;
  readonly #queue: Uint8Array[] = [];
  readonly #queueFrames: number;
  #blocked = false;

  constructor(stream: Duplex, options: DuplexOptions) {
    this.#stream = stream;
    this.mac = parseMac(options.mac);
    this.mtu = options.mtu ?? 1500;
    this.#queueFrames = options.queueFrames ?? 1024;
    stream.on('data', this.#take);
    stream.on('drain', this.#drained);
    stream.on('error', this.#failed);
    stream.on('close', this.#closed);
  }

  get gone(): boolean {
    return this.ended !== undefined;
  }

  send(frame: OutgoingFrame): boolean {
    if (
      this.#blocked ||
      this.ended !== undefined ||
      frame.length > this.mtu + Ethernet.headerLength(frame.header, frame.start)
    ) {
      this.statistics.blocked++;
      return false;
    }
    // A Buffer, since that is what most streams expect; of its own memory, since the stream keeps it.
    const bytes = Buffer.allocUnsafeSlow(frame.length);
    frame.copyTo(bytes);
    this.#blocked = !this.#stream.write(bytes);
    return true;
  }

  receive(frame: IncomingFrame): boolean {
    const bytes = this.#queue.shift();
    if (bytes === undefined) return false;
    if (this.#queue.length === this.#queueFrames >>> 1 && this.#stream.isPaused()) this.#stream.resume();
    frame.bytes = bytes;
    frame.from = 0;
    frame.to = bytes.length;
    frame.checksumGood = false;
    frame.segmentBytes = 0;
    return true;
  }

  /** Lets go of the stream and destroys it. */
  close(): void {
    this.#stream.off('data', this.#take);
    this.#stream.off('drain', this.#drained);
    this.#stream.destroy();
  }

  readonly #take = (chunk: unknown): void => {
    if (!(chunk instanceof Uint8Array) || chunk.length < Ethernet.HEADER_BYTES) {
      this.statistics.malformed++;
      return;
    }
    this.#queue.push(chunk);
    if (this.#queue.length >= this.#queueFrames) {
      this.statistics.paused++;
      this.#stream.pause();
    }
    this.onReadable?.();
  };

  readonly #drained = (): void => {
    this.#blocked = false;
  };

  readonly #failed = (error: Error): void => {
    this.ended = error;
  };

  readonly #closed = (): void => {
    if (this.ended === undefined) this.ended = null;
    // The driver takes a turn, and sees it.
    this.onReadable?.();
  };
}
