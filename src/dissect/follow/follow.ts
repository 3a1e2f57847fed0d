/** `--follow`: what the two ends of one connection say to each other. */
import type { CaptureRecord } from '../../capture/format/record.js';
import { add } from '../../net/tcp/sequence.js';
import type { TrackedDissection } from '../dissector.js';
import type { Connection } from '../tcp/connections.js';
import { StreamSide } from './stream.js';

export type SideName = 'client' | 'server';

/** A stretch of one side's stream. */
export interface Stretch {
  readonly side: SideName;
  /** The frame that brought it. */
  readonly frame: number;
  /** Its place in the stream, from 0. */
  readonly offset: number;
  /** Used again after the call; empty if bytes are missing. */
  readonly bytes: Uint8Array;
  /** Bytes that the capture lacks here. */
  readonly missing: number;
}

const NOTHING = new Uint8Array(0);

export class Follower {
  readonly #number: number;
  readonly #emit: (stretch: Stretch) => void;
  readonly #sides: Readonly<Record<SideName, StreamSide>>;
  #frame = 0;
  /** The connection, once a segment of it has been seen. */
  connection: Connection | undefined;

  /** @param number of the connection, from 1 */
  constructor(number: number, emit: (stretch: Stretch) => void) {
    this.#number = number;
    this.#emit = emit;
    this.#sides = { client: this.#side('client'), server: this.#side('server') };
  }

  /** Takes note of a frame of any connection. */
  observe(record: CaptureRecord, { place, payload }: TrackedDissection): void {
    if (place?.connection.number !== this.#number || payload === undefined) return;
    this.#frame = record.number;
    this.connection = place.connection;
    const [side, other]: [SideName, SideName] = place.isFromClient ? ['client', 'server'] : ['server', 'client'];
    const { sequence, isSyn, isFin, length, acknowledgment } = payload;
    if (isSyn) this.#sides[side].begin(sequence);
    const start = isSyn ? add(sequence, 1) : sequence;
    this.#sides[side].push(start, record.bytes.subarray(payload.from, payload.to), length);
    if (isFin) this.#sides[side].finish(add(start, length));
    if (acknowledgment !== undefined) this.#sides[other].acknowledge(acknowledgment);
  }

  end(): void {
    this.#sides.client.end();
    this.#sides.server.end();
  }

  #side(side: SideName): StreamSide {
    return new StreamSide({
      bytes: (bytes, offset) => this.#emit({ side, frame: this.#frame, offset, bytes, missing: 0 }),
      missing: (missing, offset) => this.#emit({ side, frame: this.#frame, offset, bytes: NOTHING, missing }),
    });
  }
}
