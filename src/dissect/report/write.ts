/** `--write`: the frames that passed, as a capture of their own. */

import { type ByteSink, PcapngWriter } from '../../capture/format/pcapng-writer.js';
import type { CaptureRecord, RecordedInterface } from '../../capture/format/record.js';

const MICROSECOND_TICKS = 1_000_000n;

export class FrameWriter {
  readonly #writer: PcapngWriter;
  /** Numbers by the capture's description of the interface. Each section of a file may describe it again. */
  readonly #interfaces = new Map<RecordedInterface, number>();

  constructor(sink: ByteSink) {
    this.#writer = new PcapngWriter(sink, { application: 'fastpath dissect' });
  }

  /** Writes the frame with its time, direction, interface and comment as they were. */
  write(record: CaptureRecord, owner: RecordedInterface | undefined, comment: string | undefined): void {
    const { microseconds, nanoseconds, direction, bytes, from, to, originalLength } = record;
    const id = this.#interfaceOf(record, owner);
    const length = Math.max(originalLength, to - from);
    this.#writer.writeFrame(id, microseconds, direction, bytes, from, to, comment, nanoseconds, length);
  }

  close(): void {
    this.#writer.close();
  }

  #interfaceOf(record: CaptureRecord, owner: RecordedInterface | undefined): number {
    const key = owner ?? UNKNOWN;
    const known = this.#interfaces.get(key);
    if (known !== undefined) return known;
    const id = this.#writer.addInterface({
      name: owner?.name ?? `if${this.#interfaces.size}`,
      linkType: record.linkType,
      resolution: owner !== undefined && owner.ticksPerSecond > MICROSECOND_TICKS ? 'ns' : 'us',
      ...(owner?.description !== undefined && { description: owner.description }),
    });
    this.#interfaces.set(key, id);
    return id;
  }
}

/** Stands for an interface that the file does not describe. */
const UNKNOWN: RecordedInterface = {
  linkType: 0,
  snapLength: 0,
  name: undefined,
  description: undefined,
  ticksPerSecond: MICROSECOND_TICKS,
  offsetSeconds: 0,
};
