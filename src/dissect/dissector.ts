/**
 * Takes a recorded frame apart: every layer, every field, and its place in its TCP connection. It is the slow and
 * complete twin of the stack's own in-place accessors, and tests hold the two together. `fastpath dissect` and reports
 * use it.
 */
import type { CaptureRecord } from '../capture/format/record.js';
import type { Dissection } from './field.js';
import { Frame, type Payload, type Surroundings } from './frame.js';
import { dissectLink } from './layers/link/link.js';
import { REGISTRY } from './registry.js';
import { type Connection, ConnectionTracker, type Place } from './tcp/connections.js';
import { notesOf } from './tcp/notes.js';
import { UdpStreams } from './udp-streams.js';

export interface DissectorOptions {
  /** Show sequence numbers as they are, not counted from the start of the connection. */
  readonly absolute?: boolean;
  /** Called with each connection that the dissector forgets, to make room or because its ports are used again. */
  readonly onForgotten?: (connection: Connection) => void;
}

/** A dissection with what only a reader of whole connections needs. */
export interface TrackedDissection extends Dissection {
  readonly place: Place | undefined;
  readonly payload: Payload | undefined;
}

/** Takes the frames of one capture apart, in their order. */
export class Dissector {
  readonly #surroundings: Surroundings;

  constructor(options: DissectorOptions = {}) {
    this.#surroundings = {
      carried: REGISTRY,
      tracker: new ConnectionTracker(options.onForgotten),
      udpStreams: new UdpStreams(),
      absolute: options.absolute ?? false,
    };
  }

  /** The connections seen and not forgotten. */
  get connections(): Iterable<Connection> {
    return this.#surroundings.tracker.connections;
  }

  dissect(record: CaptureRecord): TrackedDissection {
    const frame = Frame.of(record, this.#surroundings);
    dissectLink(frame, record.linkType);
    const { layers, line, place, payload } = frame;
    return {
      layers,
      summary: line,
      connection: place?.connection.number,
      notes: place === undefined ? [] : notesOf(place.analysis),
      place,
      payload,
    };
  }
}
