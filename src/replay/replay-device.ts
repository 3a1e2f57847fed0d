/**
 * The device under the stack of a replay: what the stack sends is shown to the replay and written down; what it asks
 * of its neighbours is answered here, since the recorded neighbours cannot hear it.
 */
import { type Device, NO_OFFLOAD } from '../net/device/device.js';
import type { IncomingFrame, OutgoingFrame } from '../net/device/frame.js';
import { TRANSPORT_AT } from '../net/device/frame.js';
import * as arp from '../net/wire/arp.js';
import { readInt32, sameBytes, writeUint16 } from '../net/wire/bytes.js';
import { finish, sum } from '../net/wire/checksum.js';
import * as ethernet from '../net/wire/ethernet.js';
import * as icmpv6 from '../net/wire/icmpv6.js';
import * as ipv6 from '../net/wire/ipv6.js';

/** Every neighbour's, where the capture does not show one, or the replay makes a frame. Locally administered. */
export const NEIGHBOR_MAC = Uint8Array.of(0x02, 0x72, 0x65, 0x70, 0x6c, 0x79);

/** Answers that wait to be received; one frame of the stack makes at most one. */
const MAX_WAITING = 1_024;
const ARP_FRAME_BYTES = ethernet.HEADER_BYTES + arp.PACKET_BYTES;
const ADVERTISEMENT_BYTES = icmpv6.NEIGHBOR_MESSAGE_BYTES + icmpv6.MAC_OPTION_BYTES;

export interface ReplayDeviceOptions {
  readonly mac: Uint8Array;
  readonly mtu: number;
  /** Shown each frame that the stack sends. */
  readonly onSend: (frame: OutgoingFrame) => void;
}

export class ReplayDevice implements Device {
  readonly mac: Uint8Array;
  readonly mtu: number;
  readonly offload = NO_OFFLOAD;
  readonly #onSend: (frame: OutgoingFrame) => void;
  readonly #waiting: Uint8Array[] = [];
  readonly #scratch = new Uint8Array(2048);

  constructor(options: ReplayDeviceOptions) {
    this.mac = options.mac;
    this.mtu = options.mtu;
    this.#onSend = options.onSend;
  }

  send(frame: OutgoingFrame): boolean {
    this.#onSend(frame);
    const type = ethernet.type(frame.header, frame.start);
    if (type === ethernet.TYPE_ARP) this.#answerArp(frame);
    else if (type === ethernet.TYPE_IPV6) this.#answerSolicitation(frame);
    return true;
  }

  /** Hands out the answers of the neighbour; recorded frames go to the stack directly. */
  receive(frame: IncomingFrame): boolean {
    const answer = this.#waiting.shift();
    if (answer === undefined) return false;
    frame.bytes = answer;
    frame.from = 0;
    frame.to = answer.length;
    return true;
  }

  get hasAnswers(): boolean {
    return this.#waiting.length > 0;
  }

  close(): void {
    this.#waiting.length = 0;
  }

  /** RFC 826: a request for any address but the asker's own (RFC 5227: that is an announcement), and no probe. */
  #answerArp(frame: OutgoingFrame): void {
    const { length } = frame;
    if (length < ARP_FRAME_BYTES || length > this.#scratch.length || this.#waiting.length >= MAX_WAITING) return;
    frame.copyTo(this.#scratch);
    const at = ethernet.HEADER_BYTES;
    if (!arp.check(this.#scratch, at, length) || arp.operation(this.#scratch, at) !== arp.REQUEST) return;
    const asker = arp.senderIp(this.#scratch, at);
    const target = arp.targetIp(this.#scratch, at);
    if (asker === target || asker === 0) return;
    const answer = new Uint8Array(ARP_FRAME_BYTES);
    ethernet.emit(answer, 0, this.mac, NEIGHBOR_MAC, ethernet.TYPE_ARP);
    arp.emit(answer, at, arp.REPLY, NEIGHBOR_MAC, target, this.mac, asker);
    this.#waiting.push(answer);
  }

  /** RFC 4861 section 7.2.4: a solicited advertisement, but none for duplicate address detection (from `::`). */
  #answerSolicitation(frame: OutgoingFrame): void {
    if (frame.header[frame.start + ethernet.HEADER_BYTES + ipv6.NEXT_HEADER] !== 58) return;
    const { length } = frame;
    const at = ethernet.HEADER_BYTES + ipv6.HEADER_BYTES;
    if (length < at + icmpv6.NEIGHBOR_MESSAGE_BYTES || length > this.#scratch.length) return;
    frame.copyTo(this.#scratch);
    const asked = this.#scratch;
    const source = ethernet.HEADER_BYTES + ipv6.SOURCE;
    if (icmpv6.type(asked, at) !== icmpv6.NEIGHBOR_SOLICITATION || isUnspecified(asked, source)) return;
    if (sameBytes(asked, source, asked, at + icmpv6.TARGET, 16) || this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push(advertisement(asked, source, at, this.mac));
  }
}

/** RFC 4861 section 4.4: from the target to the asker, with our station's address as an option. */
function advertisement(asked: Uint8Array, source: number, at: number, to: Uint8Array): Uint8Array {
  const answer = new Uint8Array(at + ADVERTISEMENT_BYTES);
  const header = ethernet.HEADER_BYTES;
  ethernet.emit(answer, 0, to, NEIGHBOR_MAC, ethernet.TYPE_IPV6);
  ipv6.emit(answer, header, 0, 0, ADVERTISEMENT_BYTES, 58, 255);
  answer.set(asked.subarray(at + icmpv6.TARGET, at + icmpv6.TARGET + 16), header + ipv6.SOURCE);
  answer.set(asked.subarray(source, source + 16), header + ipv6.DESTINATION);
  answer[at] = icmpv6.NEIGHBOR_ADVERTISEMENT;
  answer[at + 4] = 0x60; // solicited, override
  answer.set(asked.subarray(at + icmpv6.TARGET, at + icmpv6.TARGET + 16), at + icmpv6.TARGET);
  icmpv6.emitMacOption(answer, at + icmpv6.NEIGHBOR_MESSAGE_BYTES, icmpv6.OPTION_TARGET_MAC, NEIGHBOR_MAC);
  const pseudo = sum(answer, header + ipv6.SOURCE, at) + 58 + ADVERTISEMENT_BYTES;
  writeUint16(answer, at + icmpv6.CHECKSUM, finish(pseudo + sum(answer, at, answer.length)));
  return answer;
}

function isUnspecified(bytes: Uint8Array, at: number): boolean {
  return (readInt32(bytes, at) | readInt32(bytes, at + 4) | readInt32(bytes, at + 8) | readInt32(bytes, at + 12)) === 0;
}

/** True if the outgoing frame is a TCP segment; its header then begins at `TRANSPORT_AT`. */
export function isOutgoingTcp(frame: OutgoingFrame): boolean {
  const { header, start } = frame;
  const type = ethernet.type(header, start);
  if (type === ethernet.TYPE_IPV4) return header[TRANSPORT_AT - 11] === 6 && start + 34 === TRANSPORT_AT;
  return type === ethernet.TYPE_IPV6 && header[start + 20] === 6;
}
