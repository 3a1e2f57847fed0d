/** The conversations over UDP of a capture: datagrams between the same two ends, in either direction. */

/** The one that has been idle longest is forgotten first. */
const MAX_STREAMS = 65_536;

interface Stream {
  readonly number: number;
  readonly first: number;
  last: number;
}

/** Where a datagram stands in its conversation. Times in microseconds. */
export interface UdpPlace {
  /** From 0, in the order in which conversations begin. */
  readonly number: number;
  readonly sinceFirst: number;
  readonly sinceLast: number;
}

export class UdpStreams {
  readonly #known = new Map<string, Stream>();
  #count = 0;

  /** Takes note of a datagram between two ends, as text, that was seen at an interface. */
  observe(one: string, two: string, seenAt: string, time: number): UdpPlace {
    const key = one < two ? `${one} ${two} ${seenAt}` : `${two} ${one} ${seenAt}`;
    const stream = this.#known.get(key) ?? { number: this.#count++, first: time, last: time };
    this.#known.delete(key);
    this.#known.set(key, stream);
    const place = { number: stream.number, sinceFirst: time - stream.first, sinceLast: time - stream.last };
    stream.last = time;
    if (this.#known.size > MAX_STREAMS) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    return place;
  }
}
