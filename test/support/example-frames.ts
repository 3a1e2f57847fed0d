/**
 * Ethernet frames of kinds that no capture at hand has: IPv6 with extension headers, neighbour discovery, odd options.
 */
import { readUint16, writeUint16 } from '../../src/net/wire/bytes.js';
import { finish, sum } from '../../src/net/wire/checksum.js';

const V4 = '02000000000102000000000208004500';
const V6 = '02000000000102000000000286dd';
const SOURCE = '20010db8000000000000000000000001';
const DESTINATION = '20010db8000000000000000000000002';

/** All of them, with right lengths and checksums. */
export function exampleFrames(): Uint8Array[] {
  return [
    udp4(),
    tcp6('a2c80050000003e8000007d07010ffff00000000010303080204 05a0'),
    tcp6(
      `a2c80050000003e8000007d0 c010 0100 0000 0000 0101 0512 00000fa0 00001388 00001770 00001b58 01010101 01010101`,
    ),
    tcp6('a2c80050000003e8000007d07018000100000007fd04f0f022040102'),
    icmp6('80001234 0001 0002 61626364'),
    icmp6(`8700 0000 00000000 ${DESTINATION} 0101 020000000001`),
    icmp6(`8800 0000 60000000 ${DESTINATION} 0201 020000000002`),
    icmp6(
      '8600 0000 40c0 0708 00000000 00000000 0501 0000 000005dc 0304 40c0 00015180 00003840 00000000 20010db8000000000000000000000000',
    ),
    icmp6('8200 0000 03e8 0000 ff020000000000000000000000010003 0a 7d 0001 20010db8000000000000000000000009'),
    icmp6(
      '8f00 0000 0000 0002 04000000 ff0200000000000000000001ff000002 03000001 ff020000000000000000000000010003 20010db8000000000000000000000009',
    ),
    icmp6(`0200 0000 00000500 6000000000080640 ${SOURCE}${DESTINATION} 0050a2c800000001`),
    hopByHop(),
    ipv6(44, hex('06000051 12345678 a2c80050000003e8000007d05002ffff00000000'), 24),
    vlan(),
    probe(),
  ];
}

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

/** IPv6 around `payload`; the checksum field of the upper layer is at `checksumAt` in it. */
function ipv6(next: number, payload: Uint8Array, checksumAt: number): Uint8Array {
  const head = hex(`${V6}60000000 0000 00 40 ${SOURCE}${DESTINATION}`);
  const frame = new Uint8Array(Buffer.concat([head, payload]));
  writeUint16(frame, 18, payload.length);
  frame[20] = next;
  const pseudo = sum(frame, 22, 54) + next + payload.length;
  writeUint16(frame, 54 + checksumAt, finish(pseudo + sum(frame, 54, frame.length)));
  return frame;
}

const tcp6 = (segment: string) => ipv6(6, hex(segment), 16);
const icmp6 = (message: string) => ipv6(58, hex(message), 2);

/** TCP behind hop-by-hop options. */
function hopByHop(): Uint8Array {
  const inner = tcp6('a2c80050000003e8000007d05002ffff00000000');
  const options = hex('0600 0104 00000000');
  const frame = new Uint8Array(Buffer.concat([inner.subarray(0, 54), options, inner.subarray(54)]));
  writeUint16(frame, 18, readUint16(frame, 18) + options.length);
  frame[20] = 0;
  return frame;
}

function udp4(): Uint8Array {
  const frame = hex(`${V4}0020 1234 4000 4011 0000 0a4d0001 0a4d0002 14e914e9 000c 0000 01020304`);
  writeUint16(frame, 24, finish(sum(frame, 14, 34)));
  writeUint16(frame, 40, finish(sum(frame, 26, 34) + 17 + 12 + sum(frame, 34, 46)));
  return frame;
}

function vlan(): Uint8Array {
  const inner = udp4();
  return new Uint8Array(Buffer.concat([inner.subarray(0, 12), hex('8100a064'), inner.subarray(12)]));
}

/** An ARP probe (RFC 5227). */
function probe(): Uint8Array {
  return hex('ffffffffffff0200000000010806 0001080006040001 020000000001 00000000 000000000000 0a4d0002');
}
