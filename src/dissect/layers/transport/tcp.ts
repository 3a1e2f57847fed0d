/** TCP: RFC 9293 section 3.1. */
import { toSequence } from '../../../net/tcp/sequence.js';
import { ABSOLUTE, describeTcp, flagLetters } from '../../../net/wire/describe-tcp.js';
import { ACK, FIN, SYN, URG } from '../../../net/wire/tcp.js';
import { transportChecksum } from '../../checksum-field.js';
import type { Frame, Packet, Payload } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import type { Place } from '../../tcp/connections.js';
import { addAnalysis } from '../../tcp/notes.js';
import { NO_SCALE, windowMeaning } from '../../tcp/side.js';
import { spanOf } from './span.js';
import { tcpOptions } from './tcp-options.js';

const HEADER = 'RFC 9293 section 3.1';
const HEADER_BYTES = 20;
const WINDOW_SCALE = 3;

/** A TCP segment in `[from, to)`: header, options, and what its place in the connection says (RFC 9293 section 3.1). */
export function dissectTcp(frame: Frame, from: number, to: number, packet: Packet): void {
  const tcp = frame.layer('tcp', 'TCP', HEADER, from, to);
  const headerBytes = (tcp.peek(12, 1) >>> 4) * 4;
  const isWhole = tcp.available >= HEADER_BYTES;
  // A first fragment may end within the header: the rest is in the next one.
  const isInFragment = packet.isFragment && headerBytes > packet.length;
  const isPossible = headerBytes >= HEADER_BYTES && (headerBytes <= packet.length || isInFragment);
  const place = isWhole && isPossible ? observe(frame, tcp, headerBytes, packet) : undefined;
  const base = place === undefined || frame.absolute ? ABSOLUTE : place.base;
  if (isInFragment) frame.say(`${packet.source}.${tcp.peek(0, 2)} > ${packet.destination}.${tcp.peek(2, 2)}: [|tcp]`);
  else frame.say(describeTcp(frame.bytes, packet.source, packet.destination, spanOf(from, to, packet), base));
  fixedHeader(tcp, packet, place, frame.absolute);
  if (!isWhole) return;
  if (!isPossible) {
    tcp.problem(`data offset ${headerBytes} is impossible in ${packet.length} bytes`);
    return;
  }
  tcpOptions(tcp, headerBytes, frame.isCut || packet.isFragment, base.acknowledgment);
  tcp.cite = HEADER;
  const length = packet.length - headerBytes;
  if (!packet.isFragment && tcp.available >= headerBytes)
    tcp.add(
      'tcp.len',
      headerBytes,
      Math.min(length, tcp.available - headerBytes),
      'Data length',
      length,
      'bytes of the stream',
    );
  if (place !== undefined) {
    frame.place = place;
    frame.payload = payloadOf(tcp, headerBytes, length);
    addAnalysis(tcp, HEADER_BYTES, place);
  }
  if (isInFragment || from + headerBytes >= to) return;
  frame.carried.stream(frame, from + headerBytes, to, { source: tcp.peek(0, 2), destination: tcp.peek(2, 2) });
}

/** The place of a whole segment in its connection. A fragment has none, nor has what an ICMP error quotes. */
function observe(frame: Frame, tcp: LayerBuilder, headerBytes: number, packet: Packet): Place | undefined {
  if (frame.isQuoted || packet.isFragment || frame.place !== undefined) return undefined;
  const flags = tcp.peek(13, 1);
  return frame.tracker.observe({
    source: { address: packet.endSource ?? packet.source, port: tcp.peek(0, 2) },
    destination: { address: packet.endDestination ?? packet.destination, port: tcp.peek(2, 2) },
    flags,
    sequence: toSequence(tcp.peek(4, 4)),
    acknowledgment: toSequence(tcp.peek(8, 4)),
    length: packet.length - headerBytes,
    window: tcp.peek(14, 2),
    scale: flags & SYN ? windowScale(tcp, headerBytes) : NO_SCALE,
    frame: frame.number,
    seenAt: frame.seenAt,
    time: frame.microseconds,
  });
}

function payloadOf(tcp: LayerBuilder, headerBytes: number, length: number): Payload {
  const flags = tcp.peek(13, 1);
  const from = Math.min(tcp.from + headerBytes, tcp.to);
  return {
    from,
    to: Math.min(from + length, tcp.to),
    length,
    sequence: toSequence(tcp.peek(4, 4)),
    isSyn: (flags & SYN) !== 0,
    isFin: (flags & FIN) !== 0,
    acknowledgment: flags & ACK ? toSequence(tcp.peek(8, 4)) : undefined,
  };
}

/** The shift of a window scale option, or `NO_SCALE`. */
function windowScale(tcp: LayerBuilder, headerBytes: number): number {
  for (let at = HEADER_BYTES; at + 2 < headerBytes; ) {
    const kind = tcp.peek(at, 1);
    if (kind === 0) break;
    if (kind === WINDOW_SCALE && tcp.peek(at + 1, 1) === 3) return tcp.peek(at + 2, 1);
    at += kind === 1 ? 1 : Math.max(2, tcp.peek(at + 1, 1));
  }
  return NO_SCALE;
}

function fixedHeader(tcp: LayerBuilder, packet: Packet, place: Place | undefined, absolute: boolean): void {
  tcp.uint('tcp.srcport', 0, 2, 'Source port', 'with both addresses and the other port, it names the connection');
  tcp.uint('tcp.dstport', 2, 2, 'Destination port', 'which program it is for');
  if (place !== undefined) {
    const stream = place.connection.number - 1;
    tcp.add('tcp.stream', 0, 4, 'Stream', stream, "the connection's number, less one as in Wireshark");
  }
  numbers(tcp, place, absolute);
  tcp.bits('tcp.hdr_len', 12, 1, 4, 15, 'Data offset', 'header length, bytes; the field counts words of 4', 4);
  tcp.bits('tcp.flags.res', 12, 1, 1, 7, 'Reserved', 'must be 0');
  flags(tcp);
  tcp.uint('tcp.window_size_value', 14, 2, 'Window', 'bytes that may follow the acknowledged one, before scaling');
  if (place !== undefined) {
    tcp.cite = 'RFC 7323 section 2.2';
    tcp.add('tcp.window_size', 14, 2, 'Window, scaled', place.window, windowMeaning(place.windowShift));
    tcp.cite = HEADER;
  }
  transportChecksum(tcp, 'tcp.checksum', 16, packet);
  const urgent = tcp.peek(13, 1) & URG ? 'where urgent data ends' : 'not used without URG';
  tcp.cite = 'RFC 6093 section 3.1';
  tcp.uint('tcp.urgent_pointer', 18, 2, 'Urgent pointer', urgent);
}

/** Sequence numbers as they are and, where the connection is known, counted from its start. */
function numbers(tcp: LayerBuilder, place: Place | undefined, absolute: boolean): void {
  const hasAck = (tcp.peek(13, 1) & ACK) !== 0;
  const acknowledges = hasAck ? 'the next byte that is expected' : 'not used without ACK';
  const isKnown = absolute || place !== undefined;
  const { sequence, acknowledgment } = absolute || place === undefined ? ABSOLUTE : place.start;
  const relative = (tcp.peek(4, 4) - sequence) >>> 0;
  const relativeAck = hasAck ? (tcp.peek(8, 4) - acknowledgment) >>> 0 : tcp.peek(8, 4);
  if (isKnown) tcp.add('tcp.seq', 4, 4, 'Sequence number', relative, 'of the first byte of data, or of SYN');
  tcp.uint('tcp.seq_raw', 4, 4, 'Sequence number, raw', 'as it stands in the header');
  if (isKnown) tcp.add('tcp.ack', 8, 4, 'Acknowledgment', relativeAck, acknowledges);
  tcp.uint('tcp.ack_raw', 8, 4, 'Acknowledgment, raw', 'as it stands in the header');
}

function flags(tcp: LayerBuilder): void {
  const bits = tcp.peek(12, 2);
  const letters = `[${flagLetters(bits & 0xff)}]`;
  tcp.add('tcp.flags', 12, 2, 'Flags', bits & 0xfff, "all of them, in tcpdump's letters", letters);
  tcp.cite = 'RFC 9768 section 3';
  tcp.flag('tcp.flags.ae', 12, 2, 8, 'AE', 'accurate ECN (once NS, RFC 3540)');
  tcp.cite = 'RFC 3168 section 6.1';
  tcp.flag('tcp.flags.cwr', 12, 2, 7, 'CWR', 'congestion window reduced');
  tcp.flag('tcp.flags.ece', 12, 2, 6, 'ECE', 'congestion was seen on the way here');
  tcp.cite = HEADER;
  tcp.flag('tcp.flags.urg', 12, 2, 5, 'URG', 'the urgent pointer counts');
  tcp.flag('tcp.flags.ack', 12, 2, 4, 'ACK', 'the acknowledgment counts');
  tcp.flag('tcp.flags.push', 12, 2, 3, 'PSH', 'hand it to the program now');
  tcp.flag('tcp.flags.reset', 12, 2, 2, 'RST', 'the connection is aborted');
  tcp.flag('tcp.flags.syn', 12, 2, 1, 'SYN', 'the numbering begins here');
  tcp.flag('tcp.flags.fin', 12, 2, 0, 'FIN', 'the sender has no more data');
}
