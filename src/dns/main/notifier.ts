/** Tells other servers that a zone has changed, until they have heard: RFC 1996 section 3.6. */
import { notifyMessage } from '../server/notify.js';

/** Time between two tries at first, ms; it doubles each time. */
const FIRST_WAIT_MS = 5_000;
const MOST_TRIES = 6;
/** Notifications under way: the oldest gives way. */
const MOST_WAITING = 1_000;

export interface NotifierParts {
  send(message: Uint8Array, address: string, port: number): void;
  /** Calls back after a time. */
  after(ms: number, action: () => void): void;
  /** A random number of 16 bits. */
  randomId(): number;
  warn(text: string): void;
}

interface Waiting {
  readonly zone: Uint8Array;
  readonly zoneText: string;
  readonly address: string;
  readonly port: number;
  tries: number;
}

export class Notifier {
  readonly #parts: NotifierParts;
  /** By identifier. */
  readonly #waiting = new Map<number, Waiting>();

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  /** Servers that have not answered yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** A newer change of the same zone for the same server replaces an older one. */
  notify(zone: Uint8Array, zoneText: string, address: string, port: number): void {
    for (const [id, other] of this.#waiting) {
      if (other.zoneText === zoneText && other.address === address && other.port === port) this.#waiting.delete(id);
    }
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size >= MOST_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
    let id = this.#parts.randomId();
    while (this.#waiting.has(id)) id = (id + 1) & 0xffff;
    const waiting = { zone, zoneText, address, port, tries: 0 };
    this.#waiting.set(id, waiting);
    this.#try(id, waiting);
  }

  /** An answer has come. It counts if it is from the server that was asked. */
  answered(id: number, address: string): void {
    if (this.#waiting.get(id)?.address === address) this.#waiting.delete(id);
  }

  #try(id: number, waiting: Waiting): void {
    if (this.#waiting.get(id) !== waiting) return;
    const { zone, zoneText, address, port } = waiting;
    if (waiting.tries === MOST_TRIES) {
      this.#waiting.delete(id);
      this.#parts.warn(`${address} does not answer NOTIFY for ${zoneText}`);
      return;
    }
    this.#parts.send(notifyMessage(id, zone), address, port);
    this.#parts.after(FIRST_WAIT_MS * 2 ** waiting.tries++, () => this.#try(id, waiting));
  }
}
