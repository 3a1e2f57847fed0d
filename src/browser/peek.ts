/** The little that a link looks at in a frame. */
import * as Ethernet from '../net/wire/ethernet.js';
import { PROTOCOL } from '../net/wire/protocol.js';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

/** Whether the frame carries a TCP segment with data. Fragments and extension headers are not looked into. */
export function hasTcpPayload(bytes: Uint8Array): boolean {
  const at = Ethernet.headerLength(bytes, 0);
  const type = ((bytes[at - 2] ?? 0) << 8) | (bytes[at - 1] ?? 0);
  const word = (offset: number) => ((bytes[at + offset] ?? 0) << 8) | (bytes[at + offset + 1] ?? 0);
  if (type === IPV4) {
    if (bytes[at + 9] !== PROTOCOL.TCP) return false;
    const header = ((bytes[at] ?? 0) & 15) * 4;
    return word(2) > header + tcpHeaderLength(bytes, at + header);
  }
  if (type === IPV6) return bytes[at + 6] === PROTOCOL.TCP && word(4) > tcpHeaderLength(bytes, at + 40);
  return false;
}

function tcpHeaderLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 12] ?? 0) >> 4) * 4;
}
