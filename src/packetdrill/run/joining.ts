/**
 * Segments of one moment that together are one longer packet of a script.
 *
 * Linux hands super-segments to its device, and scripts written for it show those: `P. 1:10001(10000)`. On a link
 * without offload the same data are ten segments. The original joins such segments where they cross a real wire, and
 * so does this, unless the script says `--strict_segments`.
 */
import type { Packet, TcpBody } from '../language/ast.js';
import type { LivePacket } from '../wire/live-packet.js';
import type { Conversation } from './conversation.js';
import type { Queued } from './expectation.js';

const FIN = 1;
const PSH = 8;
/** Flags in which the last segment may differ from those before it. */
const MAY_DIFFER = PSH | FIN;

/** What `collect` takes segments from. */
export interface Joining {
  readonly queue: Queued[];
  readonly conversation: Conversation;
  /** A packet longer than a segment must come in one piece. */
  readonly oneSegment: boolean;
}

/** Collects the packet, and as many after it as it takes to reach the expected length. */
export function collect(
  expected: Packet,
  first: Queued,
  { queue, conversation, oneSegment }: Joining,
): [Queued, ...Queued[]] {
  const entries: [Queued, ...Queued[]] = [first];
  let last = first;
  if (oneSegment || expected.body.protocol !== 'tcp' || first.packet.tcp === undefined) return entries;
  let total = first.packet.tcp.payload.length;
  while (total > 0 && total < expected.body.sequence.length) {
    const index = queue.findIndex(({ packet }) => conversation.owns(packet));
    const next = queue[index];
    if (next?.packet.tcp === undefined || !continues(last.packet, next.packet)) break;
    queue.splice(index, 1);
    entries.push(next);
    last = next;
    total += next.packet.tcp.payload.length;
  }
  return entries;
}

/** True if `b` begins where `a` ends, as two segments of one super-segment do. */
function continues(a: LivePacket, b: LivePacket): boolean {
  const [first, second] = [a.tcp, b.tcp];
  return (
    first !== undefined &&
    second !== undefined &&
    second.sequence === (first.sequence + first.payload.length) % 2 ** 32 &&
    second.acknowledgment === first.acknowledgment &&
    ((first.flags ^ second.flags) & ~MAY_DIFFER & 0xff) === 0 &&
    a.time === b.time &&
    (first.flags & FIN) === 0
  );
}

/** Makes one packet of several segments, for the report: the first one's numbers, the last one's flags, all payload. */
export function join(entries: readonly [Queued, ...Queued[]]): LivePacket {
  const { packet } = entries[0];
  const segments = entries.map((entry) => entry.packet.tcp).filter((tcp) => tcp !== undefined);
  const [first, last] = [segments[0], segments.at(-1)];
  if (first === undefined || last === undefined) return packet;
  const payload = new Uint8Array(segments.reduce((total, segment) => total + segment.payload.length, 0));
  let at = 0;
  for (const segment of segments) {
    payload.set(segment.payload, at);
    at += segment.payload.length;
  }
  return { ...packet, tcp: { ...first, flags: last.flags, window: last.window, payload } };
}

/** The part of the expected packet that a segment carries: PSH and FIN belong to the last one. */
export function partOf(
  expected: Packet,
  body: TcpBody,
  offset: number,
  isLast: boolean,
  { tcp }: LivePacket,
): Packet & { readonly body: TcpBody } {
  const sequence = {
    ...body.sequence,
    first: (body.sequence.first + offset) % 2 ** 32,
    length: tcp?.payload.length ?? 0,
  };
  const psh = ((tcp?.flags ?? 0) & PSH) !== 0;
  const flags = isLast ? body.flags : { ...body.flags, psh, fin: false };
  return { ...expected, body: { ...body, sequence, flags } };
}
