/** Forged SYNs, for the experiment with a flood. A host sends them as they are, from addresses that nobody has. */
import type { Host } from '../browser/host.js';
import { finish, sum } from '../net/wire/checksum.js';
import * as Ethernet from '../net/wire/ethernet.js';
import * as Ipv4 from '../net/wire/ipv4.js';
import { PROTOCOL } from '../net/wire/protocol.js';
import * as Tcp from '../net/wire/tcp.js';

/** The first of the forged senders, 10.0.9.0: no host of the world has such an address. */
const FIRST_FORGED = 0x0a00_0900;
const PORT = 80;
const WINDOW = 65_535;

/** Where a flood goes to: both are the server's, the address as a number. */
export interface Target {
  readonly mac: Uint8Array;
  readonly address: number;
}

/** Sends the SYN of forged sender `number`, from 0. */
export function sendForgedSyn(from: Host, target: Target, number: number): void {
  const ip = Ethernet.HEADER_BYTES;
  const tcp = ip + Ipv4.HEADER_BYTES;
  const frame = new Uint8Array(tcp + Tcp.TCP_HEADER_BYTES);
  const source = FIRST_FORGED + (number & 0xff);
  const addresses = sumOf(source) + sumOf(target.address);
  // A MAC address that is administered locally (the second digit is 2): no host has it.
  const mac = Uint8Array.of(0x02, 0, 0, 0, 9, number & 0xff);
  Ethernet.emit(frame, 0, target.mac, mac, Ethernet.TYPE_IPV4);
  const { DONT_FRAGMENT, emit } = Ipv4;
  emit(frame, ip, 0, frame.length - ip, 0, DONT_FRAGMENT, 64, PROTOCOL.TCP, source, target.address, addresses);
  Tcp.writeHeader(frame, tcp, 1024 + number, PORT, number, 0, Tcp.TCP_HEADER_BYTES, Tcp.SYN, WINDOW);
  const pseudo = addresses + PROTOCOL.TCP + Tcp.TCP_HEADER_BYTES;
  const checksum = finish(sum(frame, tcp, frame.length) + pseudo);
  frame[tcp + Tcp.TCP_CHECKSUM_AT] = checksum >>> 8;
  frame[tcp + Tcp.TCP_CHECKSUM_AT + 1] = checksum & 0xff;
  from.sendRaw(frame);
}

/** The words of an address, added up. */
function sumOf(address: number): number {
  return (address >>> 16) + (address & 0xffff);
}
