/** UDP: RFC 768. */
import { transportChecksum } from '../../checksum-field.js';
import type { Frame, Packet } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { secondsText } from '../../time.js';

const HEADER_BYTES = 8;

/** A UDP datagram in `[from, to)`, and the protocol that its ports stand for (RFC 768). */
export function dissectUdp(frame: Frame, from: number, to: number, packet: Packet): void {
  const udp = frame.layer('udp', 'UDP', 'RFC 768', from, to);
  const source = udp.uint('udp.srcport', 0, 2, 'Source port', 'where answers go; 0 if none are expected');
  const destination = udp.uint('udp.dstport', 2, 2, 'Destination port', 'which program it is for');
  const declared = udp.uint('udp.length', 4, 2, 'Length', 'header and data, bytes');
  // RFC 2675 section 4: 0 stands for a datagram of more than 65,535 bytes.
  const length = declared === 0 ? packet.length : declared;
  const isPossible = length >= HEADER_BYTES && (length <= packet.length || packet.isFragment);
  transportChecksum(udp, 'udp.checksum', 6, { ...packet, length: isPossible ? length : Number.POSITIVE_INFINITY });
  if (udp.available < HEADER_BYTES) {
    frame.say(`${packet.source} > ${packet.destination}: [|udp]`);
    return;
  }
  if (!isPossible) udp.problem(`length ${length} is impossible in ${packet.length} bytes`);
  if (!frame.isQuoted) streamFields(frame, udp, packet);
  const data = Math.max(0, length - HEADER_BYTES);
  frame.say(`${packet.source}.${source} > ${packet.destination}.${destination}: UDP, length ${data}`);
  const end = Math.min(to, from + length);
  if (end > from + HEADER_BYTES) frame.carried.datagram(frame, from + HEADER_BYTES, end, { source, destination });
}

/** Which conversation it belongs to. They stand for the whole header, since no byte of it says so. */
function streamFields(frame: Frame, udp: LayerBuilder, packet: Packet): void {
  const { seenAt } = frame;
  const one = `${packet.endSource ?? packet.source} ${udp.peek(0, 2)}`;
  const two = `${packet.endDestination ?? packet.destination} ${udp.peek(2, 2)}`;
  const { number, sinceFirst, sinceLast } = frame.udpStreams.observe(one, two, seenAt, frame.microseconds);
  const seconds = (microseconds: number) => secondsText({ microseconds, nanoseconds: 0 });
  udp.add('udp.stream', 0, HEADER_BYTES, 'Stream', number, 'the conversation between these two ends, from 0');
  udp.add('udp.time_relative', 0, HEADER_BYTES, 'Since its first', seconds(sinceFirst), 'seconds');
  udp.add('udp.time_delta', 0, HEADER_BYTES, 'Since the one before', seconds(sinceLast), 'seconds');
}
