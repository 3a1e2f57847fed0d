/**
 * The other thread, without a thread: it keeps what is handed over, and the test says what comes back. It complains
 * where HTTP breaks the contract of src/http/service/slow-path.ts.
 */
import { AnswerReason, CacheResult } from '../../src/http/sending/answer-log.js';
import {
  type SlowAnswer,
  type SlowConnection,
  SlowFailure,
  type SlowPath,
  type SlowUser,
} from '../../src/http/service/slow-path.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';

/** One request that was handed over. */
export interface HandedOver {
  readonly upstream: string;
  /** Its bytes, as Latin-1 text. */
  text: string;
  isOver: boolean;
}

export class FakeSlowConnection implements SlowConnection {
  readonly requests: HandedOver[] = [];
  room: number;
  /** The client has sent FIN; HTTP has let go. */
  hasEnded = false;
  isDestroyed = false;
  /** Bytes of a tunnel. */
  tunnel = '';
  #user: SlowUser | null = null;
  #isTunnel = false;
  #isAnswered = true;

  constructor(room: number) {
    this.room = room;
  }

  /** The request that was handed over last. */
  get last(): HandedOver {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('no request was handed over');
    return last;
  }

  reaches(): boolean {
    return true;
  }

  begin(user: SlowUser, upstream: string): void {
    if (this.isDestroyed) throw new Error('begin after destroy');
    if (!this.#isAnswered || (this.requests.length > 0 && !this.last.isOver)) throw new Error('two requests at a time');
    this.#user = user;
    this.#isAnswered = false;
    this.requests.push({ upstream, text: '', isOver: false });
  }

  write(bytes: Uint8Array, from: number, to: number): void {
    if (this.isDestroyed) throw new Error('write after destroy');
    if (to - from > this.room) throw new Error(`wrote ${to - from} bytes into a room of ${this.room}`);
    if (to === from) return;
    if (!this.#isTunnel && this.last.isOver) throw new Error('bytes behind the request');
    this.room -= to - from;
    const text = Buffer.from(bytes.subarray(from, to)).toString('latin1');
    if (this.#isTunnel) this.tunnel += text;
    else this.last.text += text;
  }

  endRequest(): void {
    if (this.last.isOver) throw new Error('ended twice');
    this.last.isOver = true;
  }

  end(): void {
    if (this.hasEnded) throw new Error('two ends');
    this.hasEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  /** The thread has read so much. */
  makeRoom(bytes: number): void {
    const wasFull = this.room === 0;
    this.room += bytes;
    if (wasFull) this.#tell((user) => user.writable());
  }

  /** Bytes for the client. */
  send(text: string): void {
    const bytes = SummedBytes.of(Buffer.from(text, 'latin1'));
    this.#tell((user) => user.data(bytes, 0, bytes.length));
  }

  /** The answer is complete. */
  answered(answer: Partial<SlowAnswer> = {}): void {
    this.#isAnswered = true;
    this.#tell((user) =>
      user.answered({
        status: 200,
        headBytes: 0,
        persists: true,
        cache: CacheResult.none,
        fault: AnswerReason.none,
        ...answer,
      }),
    );
  }

  /** A whole answer with this body. */
  answer(body: string, { status = 200, persists = true, fields = '' } = {}): void {
    const close = persists ? '' : 'Connection: close\r\n';
    const head = `HTTP/1.1 ${status} Handled\r\n${close}${fields}Content-Length: ${body.length}\r\n\r\n`;
    this.send(head + body);
    this.answered({ status, headBytes: head.length, persists });
  }

  becomeTunnel(): void {
    this.#isTunnel = true;
    this.#tell((user) => user.tunneled());
  }

  finish(): void {
    this.#tell((user) => user.finished());
  }

  fail(failure: SlowFailure = SlowFailure.destroyed, fault: AnswerReason = AnswerReason.none): void {
    this.#tell((user) => user.failed(failure, fault));
  }

  #tell(news: (user: SlowUser) => void): void {
    if (this.#user === null) throw new Error('nobody has begun');
    if (this.isDestroyed) return;
    news(this.#user);
    this.#user.flush();
  }
}

export class FakeSlowPath implements SlowPath {
  readonly connections: FakeSlowConnection[] = [];
  /** What one request may write before the thread reads. */
  room = 1 << 20;
  /** The thread takes no more connections. */
  isFull = false;

  open(): FakeSlowConnection | null {
    if (this.isFull) return null;
    const connection = new FakeSlowConnection(this.room);
    this.connections.push(connection);
    return connection;
  }

  /** The socket that was opened last. */
  get last(): FakeSlowConnection {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error('nothing was handed over');
    return last;
  }
}
