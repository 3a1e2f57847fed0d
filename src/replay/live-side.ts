/** Notes what our stack sends in a replay, in the conversation it belongs to. */
import type { OutgoingFrame } from '../net/device/frame.js';
import { TRANSPORT_AT } from '../net/device/frame.js';
import { IpPacket } from '../net/ip/packet.js';
import { add, distance, isAfter, isAtOrBefore, later, type Sequence, toSequence } from '../net/tcp/sequence.js';
import { readInt32 } from '../net/wire/bytes.js';
import * as ethernet from '../net/wire/ethernet.js';
import * as ipv6 from '../net/wire/ipv6.js';
import * as tcp from '../net/wire/tcp.js';
import type { Conversation } from './conversation.js';
import type { Conversations } from './conversations.js';
import { timestampsAt } from './rebase.js';
import type { StreamComparison } from './stream-comparison.js';

export class LiveSide {
  readonly #conversations: Conversations;
  /** The ends of an outgoing segment, seen from the client: what the table is asked with. */
  readonly #packet = new IpPacket();
  readonly #touched: Conversation[] = [];

  constructor(conversations: Conversations) {
    this.#conversations = conversations;
  }

  /** A conversation in which our stack has sent something since it was last asked; null if there is none. */
  next(): Conversation | null {
    return this.#touched.pop() ?? null;
  }

  /** Takes note of a TCP segment that our stack sends. */
  observe(frame: OutgoingFrame): void {
    const conversation = this.#find(frame);
    if (conversation === null) return;
    const { header } = frame;
    const flags = tcp.flags(header, TRANSPORT_AT);
    conversation.liveSegments++;
    if (flags & tcp.RST) {
      // A connection that has closed in order has nothing left to be reset. A repeated last ACK is answered with RST.
      if (conversation.closeReason !== 'closed') conversation.liveReset = true;
      return;
    }
    const sequence = toSequence(tcp.sequenceNumber(header, TRANSPORT_AT));
    if (flags & tcp.SYN && !conversation.liveKnown) conversation.setLiveIsn(sequence);
    if (flags & tcp.ACK && conversation.clientKnown) {
      const taken = conversation.takenBy(toSequence(tcp.acknowledgmentNumber(header, TRANSPORT_AT)));
      conversation.liveTaken = Math.max(conversation.liveTaken, taken);
    }
    const stamps = timestampsAt(header, TRANSPORT_AT, TRANSPORT_AT + tcp.headerBytes(header, TRANSPORT_AT));
    if (stamps >= 0) conversation.liveStamp = readInt32(header, stamps);
    this.#noteExtent(conversation, frame, sequence, flags);
    if (this.#touched[this.#touched.length - 1] !== conversation) this.#touched.push(conversation);
  }

  #noteExtent(conversation: Conversation, frame: OutgoingFrame, sequence: Sequence, flags: number): void {
    const data = frame.end - TRANSPORT_AT - tcp.headerBytes(frame.header, TRANSPORT_AT) + frame.payloadLength;
    const extent = data + (flags & tcp.SYN ? 1 : 0) + (flags & tcp.FIN ? 1 : 0);
    if (extent === 0) return;
    const end = add(sequence, extent);
    if (flags & tcp.SYN) {
      if (isAfter(conversation.liveNext, end) || conversation.liveSegments > 1) conversation.liveRetransmits++;
    } else if (isAtOrBefore(end, conversation.liveNext)) {
      conversation.liveRetransmits++;
    } else {
      conversation.liveBytes += distance(later(sequence, conversation.liveNext), end) - (flags & tcp.FIN ? 1 : 0);
      if (conversation.comparison !== null) pushPayload(conversation.comparison, frame);
    }
    if (isAfter(end, conversation.liveNext)) conversation.liveNext = end;
    if (flags & tcp.FIN && !conversation.liveFin) {
      conversation.liveFinFirst = !conversation.clientFin;
      conversation.liveFin = true;
    }
  }

  #find(frame: OutgoingFrame): Conversation | null {
    const { header, start } = frame;
    const packet = this.#packet;
    const ip = start + ethernet.HEADER_BYTES;
    if (ethernet.type(header, start) === ethernet.TYPE_IPV6) {
      const { SOURCE: from, DESTINATION: to } = ipv6;
      packet.source0 = readInt32(header, ip + to);
      packet.source1 = readInt32(header, ip + to + 4);
      packet.source2 = readInt32(header, ip + to + 8);
      packet.source3 = readInt32(header, ip + to + 12);
      packet.destination0 = readInt32(header, ip + from);
      packet.destination1 = readInt32(header, ip + from + 4);
      packet.destination2 = readInt32(header, ip + from + 8);
      packet.destination3 = readInt32(header, ip + from + 12);
    } else {
      packet.source0 = packet.source1 = packet.destination0 = packet.destination1 = 0;
      packet.source2 = packet.destination2 = 0xffff;
      packet.source3 = readInt32(header, ip + 16);
      packet.destination3 = readInt32(header, ip + 12);
    }
    return this.#conversations.find(
      packet,
      tcp.destinationPort(header, TRANSPORT_AT),
      tcp.sourcePort(header, TRANSPORT_AT),
    );
  }
}

/** All payload of a frame; our stack sends new bytes in order. */
function pushPayload(comparison: StreamComparison, frame: OutgoingFrame): void {
  for (let i = 0; i < frame.fragmentCount; i++) {
    const from = frame.fragmentFrom[i]!;
    comparison.push(1, frame.fragments[i]!.bytes, from, from + frame.fragmentLength[i]!);
  }
}
