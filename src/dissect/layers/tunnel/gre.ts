/** GRE (RFC 2784, RFC 2890), and its version 1, which PPTP uses (RFC 2637). */
import { plainChecksum } from '../../checksum-field.js';
import type { Frame, Packet } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { etherTypeName } from '../link/ether-types.js';

const HEADER = 'RFC 2784 section 2';
const EXTENSIONS = 'RFC 2890 section 2';
const PPTP = 'RFC 2637 section 4.1';
const TYPE_ETHERNET = 0x6558;
const TYPE_PPP = 0x880b;

/** A GRE header in `[from, to)`, and the packet within (RFC 2784, RFC 2890; PPTP's form: RFC 2637). */
export function dissectGre(frame: Frame, from: number, to: number, packet: Packet): void {
  const gre = frame.layer('gre', 'GRE', HEADER, from, to);
  const flags = gre.peek(0, 2);
  const version = flags & 7;
  gre.flag('gre.flags.checksum', 0, 2, 15, 'Checksum present', 'a checksum follows');
  gre.cite = EXTENSIONS;
  gre.flag('gre.flags.key', 0, 2, 13, 'Key present', 'a key follows');
  gre.flag('gre.flags.sequence_number', 0, 2, 12, 'Sequence number present', 'a sequence number follows');
  gre.cite = HEADER;
  gre.bits('gre.flags.version', 0, 2, 0, 7, 'Version', '0; 1 is that of PPTP (RFC 2637)');
  const type = gre.hex('gre.proto', 2, 2, 'Protocol', payloadName(gre.peek(2, 2)));
  frame.say(`${packet.source} > ${packet.destination}: GREv${version}, length ${packet.length}`);
  const isKnown = version <= 1 && gre.available >= 4;
  const headerBytes = !isKnown ? 4 : version === 0 ? optionalFields(gre, flags, packet) : pptpFields(gre, flags);
  if (!isKnown || headerBytes > gre.available) {
    frame.data(from + 4, to, 'GRE data');
    return;
  }
  carried(frame, type, from + headerBytes, to);
}

function payloadName(type: number): string {
  return type === TYPE_PPP ? 'PPP' : etherTypeName(type);
}

/** Adds what the flags announce; returns the length of the header. */
function optionalFields(gre: LayerBuilder, flags: number, packet: Packet): number {
  let at = 4;
  if (flags & 0xc000) {
    if (flags & 0x8000) {
      const isWhole = !packet.isFragment && packet.length <= gre.available;
      plainChecksum(gre, 'gre.checksum', at, isWhole ? packet.length : gre.available, isWhole);
    }
    gre.cite = 'RFC 1701, "Packet header"';
    gre.uint('gre.offset', at + 2, 2, 'Offset', 'of the source route; reserved since RFC 2784');
    at += 4;
  }
  gre.cite = EXTENSIONS;
  if (flags & 0x2000) {
    gre.hex('gre.key', at, 4, 'Key', 'names a flow of the tunnel');
    at += 4;
  }
  if (flags & 0x1000) {
    gre.uint('gre.sequence_number', at, 4, 'Sequence number', 'counts packets');
    at += 4;
  }
  return at;
}

function pptpFields(gre: LayerBuilder, flags: number): number {
  gre.cite = PPTP;
  gre.flag('gre.flags.ack', 0, 2, 7, 'Acknowledgment present', 'an acknowledgment follows');
  gre.uint('gre.key.payload_length', 4, 2, 'Payload length', 'bytes behind this header');
  gre.uint('gre.key.call_id', 6, 2, 'Call', 'names the session');
  let at = 8;
  if (flags & 0x1000) {
    gre.uint('gre.sequence_number', at, 4, 'Sequence number', 'counts packets');
    at += 4;
  }
  if (flags & 0x0080) {
    gre.uint('gre.ack_number', at, 4, 'Acknowledgment', 'the highest number received');
    at += 4;
  }
  return at;
}

function carried(frame: Frame, type: number, from: number, to: number): void {
  if (to <= from) return;
  frame.say(': ');
  if (type === TYPE_ETHERNET) frame.carried.ethernet(frame, from, to);
  else if (type === TYPE_PPP) frame.carried.ppp(frame, from, to);
  else frame.carried.etherType(frame, type, from, to);
}
