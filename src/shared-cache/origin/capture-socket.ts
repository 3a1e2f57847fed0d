/** What stands where a ServerResponse has its socket: takes the bytes, and looks like the client's connection. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

export class CaptureSocket extends Duplex {
  readonly #onBytes: (bytes: Buffer) => void;
  #isPaused = false;
  #waiting: (() => void) | null = null;

  /** `client`: whose addresses are shown. `onBytes` gets what is written. */
  constructor(client: Socket, onBytes: (bytes: Buffer) => void) {
    super({ decodeStrings: true });
    this.#onBytes = onBytes;
    const shown = ['remoteAddress', 'remotePort', 'remoteFamily', 'localAddress', 'localPort', 'encrypted'];
    for (const name of shown) {
      Object.defineProperty(this, name, { value: (client as unknown as Record<string, unknown>)[name] });
    }
    this.on('error', () => {}); // a write after the end tells nothing new
  }

  /** To node:http, which wants a net.Socket: it uses what is here of one. */
  asSocket(): Socket {
    return this as unknown as Socket;
  }

  /** Takes no more until `resumeWrites`: the handler's `write` returns false. */
  pauseWrites(): void {
    this.#isPaused = true;
  }

  resumeWrites(): void {
    this.#isPaused = false;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }

  /** The cache keeps its own time; no timer of a handler's connection is needed. */
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#onBytes(bytes);
    if (this.#isPaused) this.#waiting = done;
    else done();
  }
}
