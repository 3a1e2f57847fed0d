/**
 * What the judge knows by itself. A student's file may be the checksum, so frames are checked with the definition of
 * RFC 1071, one word at a time, and never with the product's code.
 */
import { describeFrame } from '../../net/wire/describe.js';
import { Mismatch } from './case.js';

/** The ones' complement sum of `bytes[from, to)`: RFC 1071 section 1, slowly. */
export function plainSum(bytes: Uint8Array, from: number, to: number): number {
  let total = 0;
  for (let at = from; at < to; at += 2) {
    total += (bytes[at] ?? 0) * 256 + (at + 1 < to ? (bytes[at + 1] ?? 0) : 0);
    if (total > 0xffff) total -= 0xffff;
  }
  return total;
}

const ETHERNET_BYTES = 14;
const ICMP = 1;
const TCP = 6;
const hex = (value: number) => `0x${value.toString(16).padStart(4, '0')}`;

/** Looks at the sums of a whole IPv4 frame: the header's, and TCP's or ICMP's. @throws {Mismatch} */
export function checkSums(frame: Uint8Array): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (view.getUint16(12) !== 0x0800) return;
  const ip = ETHERNET_BYTES;
  const transport = ip + (view.getUint8(ip) & 15) * 4;
  const end = ip + view.getUint16(ip + 2);
  checkField(frame, 'IPv4 header', ip + 10, plainSum(frame, ip, transport));
  if ((view.getUint16(ip + 6) & 0x3fff) !== 0) return; // a fragment: the sum is over all of them
  const protocol = view.getUint8(ip + 9);
  if (protocol === ICMP) checkField(frame, 'ICMP', transport + 2, plainSum(frame, transport, end));
  if (protocol !== TCP) return;
  const pseudo = plainSum(frame, ip + 12, ip + 20) + TCP + end - transport;
  checkField(frame, 'TCP', transport + 16, (pseudo + plainSum(frame, transport, end)) % 0xffff || 0xffff);
}

/** `sum` is that of everything with the field in it: right if all its bits are set. */
function checkField(frame: Uint8Array, name: string, at: number, sum: number): void {
  if (sum === 0xffff) return;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const field = view.getUint16(at);
  const others = (sum + (~field & 0xffff)) % 0xffff;
  const frameText = describeFrame(frame, 0, frame.length);
  throw new Mismatch(`the ${name} checksum of ${frameText}`, hex(field), hex(~others & 0xffff));
}
