/** The frames of a world as a capture file. */
import { type FrameDirection, INBOUND, OUTBOUND } from '../capture/format/pcapng-format.js';
import { PcapngWriter } from '../capture/format/pcapng-writer.js';
import type { FrameEvent, InspectEvent } from '../inspect/events.js';

/** Which frames. @see {@link writePcapng} */
export interface PcapngChoice {
  /**
   * The name of a host: what it sends and what arrives there, at these times, as tcpdump on that host would see it.
   * Default: every frame of every link as it enters the link, those that are lost too, with a comment.
   */
  readonly at?: string;
}

const ANY: FrameDirection = 0;

/**
 * Writes the frames among `events`. `epochMs`: the time of day when the clock says 0; default 0.
 *
 * @example
 * ```ts
 * import { World, writePcapng } from 'fastpath/browser';
 *
 * const world = new World({
 *   hosts: { a: {}, b: { files: { '/': 'hello' } } },
 *   start: (world) => world.get('a', 'b', '/'),
 * });
 * world.runUntilIdle();
 * const file = writePcapng(world.history.events, 0, { at: 'a' }); // what tcpdump would have seen at host a
 * console.log(file.length > 1_000); // true
 * ```
 */
export function writePcapng(events: readonly InspectEvent[], epochMs = 0, { at }: PcapngChoice = {}): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => chunks.push(bytes.slice()), { application: 'fastpath world' });
  const interfaces = new Map<string, number>();
  const idOf = (name: string) => {
    const known = interfaces.get(name);
    if (known !== undefined) return known;
    const id = writer.addInterface({ name, clockStart: epochMs * 1000 });
    interfaces.set(name, id);
    return id;
  };
  const put = (name: string, time: number, direction: FrameDirection, { bytes }: FrameEvent, comment?: string) =>
    writer.writeFrame(idOf(name), time, direction, bytes, 0, bytes.length, comment);
  const sent = new Map<number, FrameEvent>();
  for (const event of events) {
    if (event.kind === 'frame') {
      sent.set(event.number, event);
      if (at === undefined) put(event.link, event.time, ANY, event, commentOf(event));
      else if (event.from === at) put(at, event.time, OUTBOUND, event);
    } else if (event.kind === 'arrival' && event.to === at) {
      const frame = sent.get(event.number);
      if (frame !== undefined) put(at, event.time, INBOUND, frame);
    }
  }
  writer.close();
  return joined(chunks);
}

function commentOf({ from, to, fate, duplicated, corrupted, reordered, marked }: FrameEvent): string {
  const what = [
    fate === 'delivered' ? '' : fate,
    duplicated ? 'duplicated' : '',
    corrupted ? 'corrupted' : '',
    reordered ? 'reordered' : '',
    marked ? 'marked CE' : '',
  ].filter((word) => word !== '');
  return [`${from} to ${to}`, ...what].join(', ');
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
