/** The IP authentication header where IPv4 carries it: RFC 4302. (IPv6 has it among its extension headers.) */
import { protocolName } from '../../../net/wire/transport-span.js';
import type { Frame, Packet } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';

const SECTION = 'RFC 4302 section 2';
const FIXED_BYTES = 12;

/** The Authentication Header in `[from, to)`, and what it protects (RFC 4302 section 2). */
export function dissectAuthentication(frame: Frame, from: number, to: number, packet: Packet): void {
  const ah = frame.layer('ah', 'AH', SECTION, from, to);
  const next = ah.uint('ipv6.ext.nxt', 0, 1, 'Next header', protocolName(ah.peek(0, 1)));
  const length = (ah.peek(1, 1) + 2) * 4;
  authenticationFields(ah, Math.min(length, ah.available));
  if (!ah.has(0, FIXED_BYTES) || length > ah.available) {
    frame.say(`${packet.source} > ${packet.destination}: [|AH]`);
    return;
  }
  const sum = packet.sum < 0 ? packet.sum : packet.sum - packet.protocol + next;
  const inner = { ...packet, protocol: next, length: packet.length - length, sum };
  frame.carried.transport(frame, from + length, to, inner);
}

/** The fields behind the next header's number; the header is there up to `there`. */
export function authenticationFields(ah: LayerBuilder, there: number): void {
  ah.hex('ah.spi', 4, 4, 'Security parameters', 'with the destination, it names the key and the algorithm');
  ah.uint('ah.sequence', 8, 4, 'Sequence number', 'counts packets');
  if (there > FIXED_BYTES)
    ah.raw('ah.icv', FIXED_BYTES, there - FIXED_BYTES, 'Integrity check', 'over what no router changes');
}
