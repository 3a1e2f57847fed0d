/** What has happened in a world, in order and within bounds: the oldest events go first. */
import type { FrameEvent, InspectEvent } from '../inspect/events.js';

const DEFAULT_EVENTS = 200_000;
const DEFAULT_BYTES = 64 * 1024 * 1024;
/** What an event that is no frame may take, roughly. */
const EVENT_BYTES = 64;

/**
 * The events of a world, oldest first. When there are too many, the oldest go.
 *
 * @example
 * ```ts
 * import { World } from 'fastpath/browser';
 *
 * const world = new World({
 *   hosts: { a: {}, b: { files: { '/': 'hello' } } },
 *   start: (world) => world.get('a', 'b', '/'),
 * });
 * world.runUntilIdle();
 * console.log(world.history.frames.length === world.frames, world.history.forgotten); // true 0
 * ```
 */
export class History {
  #events: InspectEvent[] = [];
  #bytes = 0;
  /** Events that had to go. */
  forgotten = 0;

  constructor(
    readonly mostEvents = DEFAULT_EVENTS,
    readonly mostBytes = DEFAULT_BYTES,
  ) {}

  /** The events that are kept, oldest first. */
  get events(): readonly InspectEvent[] {
    return this.#events;
  }

  /** The frames among them, in the order in which they were sent. */
  get frames(): FrameEvent[] {
    return this.#events.filter((event) => event.kind === 'frame');
  }

  add(event: InspectEvent): void {
    this.#events.push(event);
    this.#bytes += sizeOf(event);
    if (this.#events.length > this.mostEvents || this.#bytes > this.mostBytes) this.#forget();
  }

  clear(): void {
    this.#events = [];
    this.#bytes = 0;
    this.forgotten = 0;
  }

  /** Forgets a quarter at once, so that a long run does not shift the list at every event. */
  #forget(): void {
    const gone = this.#events.slice(0, Math.ceil(this.#events.length / 4));
    this.#events = this.#events.slice(gone.length);
    this.forgotten += gone.length;
    for (const event of gone) this.#bytes -= sizeOf(event);
  }
}

function sizeOf(event: InspectEvent): number {
  return event.kind === 'frame' ? event.bytes.length + EVENT_BYTES : EVENT_BYTES;
}
