/** TCP: RFC 9293 section 3.1. */
import { flagLetters } from '../../net/wire/describe-tcp.js';
import { ACK, URG } from '../../net/wire/tcp.js';
import { transportChecksum } from '../checksum-field.js';
import type { FrameContext, PseudoHeader } from '../context.js';
import { LayerBuilder } from '../layer-builder.js';
import { dissectHttp } from './http.js';
import { tcpOptions } from './tcp-options.js';
import { dissectData } from './transport.js';

const HEADER = 'RFC 9293 section 3.1';
const HEADER_BYTES = 20;

export function dissectTcp(frame: FrameContext, from: number, to: number, pseudo: PseudoHeader): void {
  const tcp = new LayerBuilder('tcp', 'TCP', HEADER, frame.bytes, from, to, frame.from);
  frame.layers.push(tcp);
  fixedHeader(tcp, pseudo);
  if (tcp.available < HEADER_BYTES) return;
  const headerBytes = (tcp.peek(12, 1) >>> 4) * 4;
  if (headerBytes < HEADER_BYTES || headerBytes > pseudo.length) {
    tcp.problem(`data offset ${headerBytes} is impossible in ${pseudo.length} bytes`);
    return;
  }
  tcpOptions(tcp, Math.min(headerBytes, tcp.available));
  tcp.cite = HEADER;
  if (!pseudo.isFragment) {
    const there = Math.max(0, tcp.available - headerBytes);
    tcp.add('tcp.len', headerBytes, there, 'Data length', pseudo.length - headerBytes, 'bytes of the stream');
  }
  if (!dissectHttp(frame, from + headerBytes, to)) dissectData(frame, from + headerBytes, to, 'Data');
}

function fixedHeader(tcp: LayerBuilder, pseudo: PseudoHeader): void {
  const flagBits = tcp.peek(13, 1);
  const acknowledges = flagBits & ACK ? 'the next byte that is expected' : 'means nothing without ACK';
  tcp.uint('tcp.srcport', 0, 2, 'Source port', 'with both addresses and the other port: the connection');
  tcp.uint('tcp.dstport', 2, 2, 'Destination port', 'which program it is for');
  tcp.uint('tcp.seq', 4, 4, 'Sequence number', 'of the first byte of data, or of SYN');
  tcp.uint('tcp.ack', 8, 4, 'Acknowledgment', acknowledges);
  tcp.bits('tcp.hdr_len', 12, 1, 4, 15, 'Data offset', 'header length, bytes; the field counts words of 4', 4);
  tcp.bits('tcp.flags.res', 12, 1, 1, 7, 'Reserved', 'must be 0');
  flags(tcp);
  tcp.uint('tcp.window_size_value', 14, 2, 'Window', 'bytes that may follow the acknowledged one, before scaling');
  transportChecksum(tcp, 'tcp.checksum', 16, pseudo);
  const urgent = flagBits & URG ? 'where urgent data ends' : 'means nothing without URG';
  tcp.cite = 'RFC 6093 section 3.1';
  tcp.uint('tcp.urgent_pointer', 18, 2, 'Urgent pointer', urgent);
}

function flags(tcp: LayerBuilder): void {
  const bits = tcp.peek(12, 2);
  tcp.add(
    'tcp.flags',
    12,
    2,
    'Flags',
    bits & 0xfff,
    "all of them, in tcpdump's letters",
    `[${flagLetters(bits & 0xff)}]`,
  );
  tcp.cite = 'RFC 9768 section 3';
  tcp.flag('tcp.flags.ae', 12, 2, 8, 'AE', 'accurate ECN (once NS, RFC 3540)');
  tcp.cite = 'RFC 3168 section 6.1';
  tcp.flag('tcp.flags.cwr', 12, 2, 7, 'CWR', 'congestion window reduced');
  tcp.flag('tcp.flags.ece', 12, 2, 6, 'ECE', 'congestion was seen on the way here');
  tcp.cite = HEADER;
  tcp.flag('tcp.flags.urg', 12, 2, 5, 'URG', 'the urgent pointer counts');
  tcp.flag('tcp.flags.ack', 12, 2, 4, 'ACK', 'the acknowledgment counts');
  tcp.flag('tcp.flags.push', 12, 2, 3, 'PSH', 'hand it to the program now');
  tcp.flag('tcp.flags.reset', 12, 2, 2, 'RST', 'this connection is no more');
  tcp.flag('tcp.flags.syn', 12, 2, 1, 'SYN', 'here the numbering begins');
  tcp.flag('tcp.flags.fin', 12, 2, 0, 'FIN', 'the sender has said all');
}
