/**
 * The body of a request, on its way to an upstream. Nothing is read from the client before the upstream takes it, so
 * that the windows of both connections hold each other back. What has been sent is kept as long as it is short: then
 * the request can be sent once more.
 */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { ProxyFailure } from '../failure.js';

/** Tells what the body waits for. */
export interface BodyWatch {
  /** Bytes were handed to the upstream's connection, which has not asked for more yet. */
  sending(bytes: number): void;
  /** The upstream wants more, and the client has not sent it yet. */
  waitingForClient(): void;
  /** All has been handed over. */
  sent(): void;
}

export class RequestBody {
  readonly #req: IncomingMessage;
  readonly #limit: number;
  /** Tells the client that its body is wanted (100 Continue), the first time that it is. */
  #wanted: (() => void) | undefined;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #isReplayable = true;
  #stream: BodyStream | undefined;
  #isFinished = false;
  readonly #onReadable = () => this.#stream?.feed();
  readonly #onEnd = () => this.#stream?.feed();
  readonly #onClose = () => this.#stream?.lost();

  /** `limit`: how much is kept, bytes. `wanted`: see above. */
  constructor(req: IncomingMessage, limit: number, wanted: (() => void) | undefined) {
    this.#req = req;
    this.#limit = limit;
    this.#wanted = wanted;
  }

  /** All that was sent is still there. */
  get isReplayable(): boolean {
    return this.#isReplayable;
  }

  /** The client has sent all of it. */
  get isComplete(): boolean {
    return this.#req.complete;
  }

  /** The body from its first byte. The stream before this one must have been destroyed. */
  open(watch: BodyWatch): Readable {
    if (this.#stream === undefined) {
      this.#req.on('readable', this.#onReadable).on('end', this.#onEnd).on('close', this.#onClose);
    }
    this.#stream = new BodyStream(this, watch, [...this.#kept]);
    return this.#stream;
  }

  /** No attempt will read it any more: the rest is read past, so that the connection can be used again. */
  finish(): void {
    this.#req.off('readable', this.#onReadable).off('end', this.#onEnd).off('close', this.#onClose);
    this.#stream = undefined;
    this.#isFinished = true;
    this.#kept = [];
    this.#req.resume();
  }

  /** The next piece; null: not yet; 'end': no more; 'lost': the client has gone in the middle. */
  take(): Buffer | null | 'end' | 'lost' {
    // undici may ask for the body of a request that it has still to begin, after the client has gone.
    if (this.#isFinished) return 'lost';
    this.#wanted?.();
    this.#wanted = undefined;
    const chunk: Buffer | null = this.#req.read();
    if (chunk !== null) return this.#keep(chunk);
    if (this.#req.readableEnded) return 'end';
    return this.#req.destroyed || this.#req.errored !== null ? 'lost' : null;
  }

  #keep(chunk: Buffer): Buffer {
    this.#keptBytes += chunk.length;
    if (this.#keptBytes <= this.#limit) {
      this.#kept.push(chunk);
    } else {
      this.#kept = [];
      this.#isReplayable = false;
    }
    return chunk;
  }
}

/** One reading of the body. undici destroys it when it is done, which does nothing to the client's connection. */
class BodyStream extends Readable {
  readonly #body: RequestBody;
  readonly #watch: BodyWatch;
  readonly #replay: Buffer[];
  #isWanted = false;
  /** Its end has been handed over. */
  #isWhole = false;

  constructor(body: RequestBody, watch: BodyWatch, replay: Buffer[]) {
    // One piece at a time: what we read ahead would be a buffer.
    super({ highWaterMark: 1 });
    this.#body = body;
    this.#watch = watch;
    this.#replay = replay;
    // undici listens only from the dispatch to the end of the request. An error before or after would end the thread.
    this.on('error', () => {});
  }

  override _read(): void {
    this.#isWanted = true;
    this.feed();
  }

  /** The client may have sent something. */
  feed(): void {
    if (!this.#isWanted || this.destroyed) return;
    const chunk = this.#replay.shift() ?? this.#body.take();
    if (chunk === null) {
      this.#watch.waitingForClient();
      return;
    }
    if (chunk === 'lost') {
      this.lost();
      return;
    }
    this.#isWanted = false;
    if (chunk === 'end') {
      this.#isWhole = true;
      this.#watch.sent();
      this.push(null);
    } else {
      this.#watch.sending(chunk.length);
      this.push(chunk);
    }
  }

  /** The client's connection has closed, which says nothing if all of the body had come. */
  lost(): void {
    if (this.#isWhole || this.destroyed || this.#body.isComplete) return;
    this.destroy(new ProxyFailure('client', 'the client went away'));
  }
}
