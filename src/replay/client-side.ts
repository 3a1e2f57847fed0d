/** Makes the recorded client's segments fit our stack's numbers, and takes notes of them. */
import type { IncomingFrame } from '../net/device/frame.js';
import { add, later, toWord } from '../net/tcp/sequence.js';
import { IpAddress } from '../net/wire/address.js';
import { readInt32, readUint16 } from '../net/wire/bytes.js';
import * as icmp from '../net/wire/icmp.js';
import * as ipv4 from '../net/wire/ipv4.js';
import { ACK, FIN, RST, SYN } from '../net/wire/tcp.js';
import type { Conversation } from './conversation.js';
import type { Conversations } from './conversations.js';
import type { FrameView } from './frame-view.js';
import { ALLOW_ALL, replaceInt32, setAcknowledgment, shiftSack, timestampsAt, withdrawOptions } from './rebase.js';
import type { Survey } from './survey.js';

const ETHERNET_BYTES = 14;

export class ClientSide {
  readonly #survey: Survey;

  constructor(survey: Survey) {
    this.#survey = survey;
  }

  /**
   * Rebases the segment in `bytes` (TCP header at `at`, options up to `to`), which `view` has read from the capture.
   * Returns true if it acknowledged something of the recorded server's.
   */
  rebase(conversation: Conversation, view: FrameView, bytes: Uint8Array, at: number, to: number): boolean {
    const { flags } = view;
    this.#note(conversation, view);
    if ((flags & (SYN | ACK)) === SYN) {
      const allowed = this.#survey.allowedOptions(view);
      if (allowed !== ALLOW_ALL) withdrawOptions(bytes, at, to, allowed);
    }
    const stamps = timestampsAt(bytes, at, to);
    if (stamps >= 0) noteStamp(conversation, bytes, stamps);
    if (!(flags & ACK)) return false;
    const endsTurn = view.dataLength > 0 || (flags & (FIN | RST)) !== 0;
    const acknowledged = conversation.mapAcknowledgment(view.acknowledgment, endsTurn);
    if (acknowledged !== view.acknowledgment) setAcknowledgment(bytes, at, toWord(acknowledged));
    if (conversation.delta !== 0) shiftSack(bytes, at, to, conversation.delta);
    if (stamps >= 0 && conversation.liveKnown) {
      const echo = conversation.mapStamp(readInt32(bytes, stamps + 4));
      replaceInt32(bytes, stamps + 4, echo, at + 16);
    }
    return true;
  }

  #note(conversation: Conversation, view: FrameView): void {
    const { sequence, flags } = view;
    const end = add(sequence, view.extent);
    if (!conversation.clientKnown) {
      conversation.clientKnown = true;
      conversation.clientIsn = sequence;
      conversation.clientNext = end;
      conversation.midway = !(flags & SYN);
    } else if (!(flags & RST)) {
      conversation.clientNext = later(conversation.clientNext, end);
    }
    if (view.extent > 0) conversation.clientWaits = true;
    if (flags & FIN) conversation.clientFin = true;
    if (flags & RST) conversation.clientResets++;
    if (!(flags & SYN)) conversation.clientWindow = view.window;
  }

  /** RFC 5927: an ICMP error quotes a segment of the recorded server; its number must be one of ours to be believed. */
  rebaseQuoted(frame: IncomingFrame, view: FrameView, conversations: Conversations): void {
    const { packet } = view;
    if (!view.isIp || packet.isV6 || packet.protocol !== 1 || view.isFragment) return;
    const { bytes, to } = frame;
    const at = ETHERNET_BYTES + packet.payloadFrom - view.link.networkFrom;
    const quoted = at + icmp.HEADER_BYTES;
    if (to - quoted < ipv4.HEADER_BYTES || !icmp.isError(icmp.type(bytes, at))) return;
    const segment = quoted + ipv4.headerLength(bytes, quoted);
    if (to - segment < 8 || ipv4.protocol(bytes, quoted) !== 6) return;
    const server = IpAddress.readV4(bytes, quoted + ipv4.SOURCE);
    const client = IpAddress.readV4(bytes, quoted + ipv4.DESTINATION);
    const found = conversations.findTuple(server, readUint16(bytes, segment), client, readUint16(bytes, segment + 2));
    if (found === null || found.delta === 0) return;
    replaceInt32(bytes, segment + 4, (readInt32(bytes, segment + 4) + found.delta) | 0, at + icmp.CHECKSUM);
  }
}

function noteStamp(conversation: Conversation, bytes: Uint8Array, at: number): void {
  conversation.clientStamps = true;
  conversation.clientStamp = readInt32(bytes, at);
}
