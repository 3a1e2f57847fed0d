/**
 * Answers outside TCP that a host owes: counted for the recorded server and for our stack, so that they can be
 * compared. Frames that a host sends unasked (announcements, requests) are left out.
 */
import * as arp from '../net/wire/arp.js';
import * as icmp from '../net/wire/icmp.js';
import * as icmpv6 from '../net/wire/icmpv6.js';
import { PROTOCOL } from '../net/wire/protocol.js';
import type { FrameView } from './frame-view.js';

const PROTOCOL_ICMP = 1;

/** Counts of answers of one kind. */
export interface AnswerCount {
  recorded: number;
  ours: number;
}

export class OtherAnswers {
  readonly counts = new Map<string, AnswerCount>();

  /** Counts the frame that `view` has read, if it is such an answer. */
  note(view: FrameView, side: keyof AnswerCount): void {
    const kind = kindOf(view);
    if (kind === undefined) return;
    const count = this.counts.get(kind) ?? { recorded: 0, ours: 0 };
    count[side]++;
    this.counts.set(kind, count);
  }

  /** A sentence for each kind of which our stack gave more or fewer. */
  differences(): string[] {
    const differing = [...this.counts].filter(([, { recorded, ours }]) => recorded !== ours);
    return differing.map(
      ([kind, { recorded, ours }]) => `${kind}: ${ours} of ours, ${recorded} of the recorded server`,
    );
  }
}

function kindOf(view: FrameView): string | undefined {
  const { packet, link } = view;
  const { bytes } = packet;
  if (view.isArp) return arp.operation(bytes, link.networkFrom) === arp.REPLY ? 'ARP replies' : undefined;
  if (!view.isIp || view.isFragment || packet.payloadFrom >= link.to) return undefined;
  const type = bytes[packet.payloadFrom]!;
  if (packet.protocol === PROTOCOL_ICMP) {
    if (type === icmp.ECHO_REPLY) return 'echo replies';
    return icmp.isError(type) ? 'ICMP errors' : undefined;
  }
  if (packet.protocol !== PROTOCOL.ICMPV6) return undefined;
  if (type === icmpv6.ECHO_REPLY) return 'echo replies';
  if (type === icmpv6.NEIGHBOR_ADVERTISEMENT) return 'neighbour advertisements';
  return icmpv6.isError(type) ? 'ICMPv6 errors' : undefined;
}
