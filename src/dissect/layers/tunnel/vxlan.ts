/** VXLAN (RFC 7348) and Geneve (RFC 8926): Ethernet in UDP. */
import type { Frame } from '../../frame.js';
import { etherTypeName } from '../link/ether-types.js';

const VXLAN = 'RFC 7348 section 5';
const GENEVE = 'RFC 8926 section 3.4';
const HEADER_BYTES = 8;
const HAS_NETWORK = 0x08;
const TYPE_ETHERNET = 0x6558;

/** False if the bytes are no VXLAN header. */
export function dissectVxlan(frame: Frame, from: number, to: number): boolean {
  if (to - from < HEADER_BYTES || ((frame.bytes[from] ?? 0) & HAS_NETWORK) === 0) return false;
  const vxlan = frame.layer('vxlan', 'VXLAN', VXLAN, from, to);
  vxlan.hex('vxlan.flags', 0, 2, 'Flags', '0x0800: the network number counts');
  const network = vxlan.uint('vxlan.vni', 4, 3, 'Network', 'the virtual network it belongs to');
  frame.say(`: VXLAN, vni ${network}: `);
  frame.carried.ethernet(frame, from + HEADER_BYTES, to);
  return true;
}

/** False if the bytes are no Geneve header. */
export function dissectGeneve(frame: Frame, from: number, to: number): boolean {
  const geneve = frame.layer('geneve', 'Geneve', GENEVE, from, to);
  const optionBytes = (geneve.peek(0, 1) & 0x3f) * 4;
  if (geneve.available < HEADER_BYTES + optionBytes || geneve.peek(0, 1) >>> 6 !== 0) {
    frame.layers.pop();
    return false;
  }
  geneve.bits('geneve.version', 0, 1, 6, 3, 'Version', 'always 0');
  const type = geneve.hex('geneve.proto_type', 2, 2, 'Protocol', etherTypeName(geneve.peek(2, 2)));
  const network = geneve.uint('geneve.vni', 4, 3, 'Network', 'the virtual network it belongs to');
  if (optionBytes > 0) geneve.raw('geneve.options', HEADER_BYTES, optionBytes, 'Options', 'raw bytes');
  frame.say(`: Geneve, vni ${network}: `);
  const inner = from + HEADER_BYTES + optionBytes;
  if (type === TYPE_ETHERNET) frame.carried.ethernet(frame, inner, to);
  else frame.carried.etherType(frame, type, inner, to);
  return true;
}
