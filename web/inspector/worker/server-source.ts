/** A running server: its frames, control blocks and counters come as server-sent events from a bounded ring. */
import type { ConnectionName } from '../../../src/inspect/tcb-view.js';
import { recordOf } from '../../../src/inspect/trace/analyzer.js';
import { CounterRate } from '../../../src/inspect/trace/counter-rate.js';
import type { ConnectionInfo } from '../../../src/net/tcp/connection-info.js';
import type { CacheObject } from '../../figures/protocol.js';
import { MemoryStore } from '../../figures/session/memory-store.js';
import { Session } from '../../figures/session/session.js';
import { EventStream } from './event-stream.js';

/** What one event tells. Bytes of frames are base64; times are microseconds since 1970. */
interface Tidings {
  readonly frames?: readonly (readonly [time: number, length: number, bytes: string])[];
  /** Frames that did not fit the ring, so far. */
  readonly missed?: number;
  readonly tcbs?: readonly (ConnectionName & { readonly info: ConnectionInfo })[];
  /** All connections that the server has at `time`: their keys (src/inspect/live-keys.ts), 32 bits each, as base64. */
  readonly live?: { readonly time: number; readonly keys: string };
  readonly counters?: Readonly<Record<string, number>>;
  readonly cache?: readonly CacheObject[];
}

/** A page that stays open for days begins anew after so many frames. */
const MOST_FRAMES = 500_000;
/** The bytes of an object serve all intervals that are chosen meanwhile. */
const KEPT_MS = 5_000;

export class ServerSource {
  readonly session: Session;
  counters: Readonly<Record<string, number>> = {};
  cache: readonly CacheObject[] = [];
  /** Requests a second, since the page was opened. */
  readonly requests = new CounterRate();
  readonly #store = new MemoryStore();
  readonly #stream: EventStream;
  readonly #url: string;
  #missed = 0;
  #kept: { readonly url: string; readonly until: number; readonly bytes: Promise<Uint8Array | undefined> } | undefined;

  constructor(url: string, changed: () => void) {
    this.session = new Session('server', 'running server', this.#store, changed);
    this.#url = url;
    this.#stream = new EventStream(
      url,
      (text) => {
        this.#take(JSON.parse(text) as Tidings);
        changed();
      },
      () => {
        this.#say();
        changed();
      },
    );
  }

  /** The bytes of an object of its cache; undefined: it has none of this name, or a large one. */
  payload(host: string, path: string): Promise<Uint8Array | undefined> {
    const wish = `host=${encodeURIComponent(host)}&path=${encodeURIComponent(path)}`;
    const url = `${this.#url.replace('events', 'object')}&${wish}`;
    const now = performance.now();
    if (this.#kept === undefined || this.#kept.url !== url || this.#kept.until < now) {
      this.#kept = { url, until: now + KEPT_MS, bytes: fetchBytes(url) };
    }
    return this.#kept.bytes;
  }

  close(): void {
    this.#stream.close();
  }

  #take({ frames = [], tcbs = [], live, counters, cache, missed = 0 }: Tidings): void {
    if (this.session.analyzer.frames > MOST_FRAMES) {
      this.session.reset();
      this.#store.clear();
    }
    const { analyzer, ended } = this.session;
    for (const [time, length, text] of frames) {
      const bytes = bytesOf(text);
      this.#store.add(bytes, time, length);
      analyzer.add(recordOf(bytes, time, length));
    }
    for (const tcb of tcbs) this.session.tcbs.add(tcb, analyzer.duration);
    if (live !== undefined) {
      const keys = new Set(new Uint32Array(bytesOf(live.keys).buffer));
      ended.note(analyzer.connections, live.time - analyzer.begin, keys);
    }
    if (counters !== undefined) {
      this.counters = counters;
      this.requests.add(performance.now() * 1000, counters['http.requests'] ?? 0);
    }
    if (cache !== undefined) this.cache = cache;
    this.#missed = Math.max(this.#missed, missed);
    this.#say();
  }

  /** How the stream is, and what is missing. */
  #say(): void {
    const lines = [this.#stream.trouble, this.#stream.gap];
    if (this.#missed > 0) lines.push(`${this.#missed} frames came too fast to be shown.`);
    this.session.problems.splice(0, this.session.problems.length, ...lines.filter((line) => line !== ''));
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  // Each frame of a busy server comes here: an iterator over the letters takes several times as long.
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

async function fetchBytes(url: string): Promise<Uint8Array | undefined> {
  const answer = await fetch(url);
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined;
}
