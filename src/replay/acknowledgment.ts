/**
 * An acknowledgment that the capture does not have: the recorded client had already acknowledged these bytes when our
 * stack came to send them (later than the recorded server, or more of them).
 */
import type { IncomingFrame } from '../net/device/frame.js';
import { type Sequence, toWord } from '../net/tcp/sequence.js';
import { writeUint16 } from '../net/wire/bytes.js';
import { finish, sum } from '../net/wire/checksum.js';
import * as ethernet from '../net/wire/ethernet.js';
import * as ipv4 from '../net/wire/ipv4.js';
import * as ipv6 from '../net/wire/ipv6.js';
import { PROTOCOL } from '../net/wire/protocol.js';
import * as tcp from '../net/wire/tcp.js';
import { TIMESTAMPS_BYTES, writeTimestamps, writeTwoNops } from '../net/wire/tcp-options.js';
import type { Conversation } from './conversation.js';
import { NEIGHBOR_MAC } from './replay-device.js';

const HOPS = 64;

/** Writes the frame into `frame.bytes` from 0 on. */
export function makeAcknowledgment(
  frame: IncomingFrame,
  mac: Uint8Array,
  of: Conversation,
  acknowledged: Sequence,
): void {
  const { bytes } = frame;
  const isV6 = !of.remoteAddress.isV4;
  const ip = ethernet.HEADER_BYTES;
  const at = ip + (isV6 ? ipv6.HEADER_BYTES : ipv4.HEADER_BYTES);
  const length = tcp.TCP_HEADER_BYTES + (of.clientStamps ? TIMESTAMPS_BYTES : 0);
  ethernet.emit(bytes, 0, mac, NEIGHBOR_MAC, isV6 ? ethernet.TYPE_IPV6 : ethernet.TYPE_IPV4);
  if (isV6) writeV6(bytes, ip, of, length);
  else writeV4(bytes, ip, of, length);
  const { remotePort, localPort, clientNext, clientWindow } = of;
  tcp.writeHeader(
    bytes,
    at,
    remotePort,
    localPort,
    toWord(clientNext),
    toWord(acknowledged),
    length,
    tcp.ACK,
    clientWindow,
  );
  if (of.clientStamps)
    writeTimestamps(bytes, writeTwoNops(bytes, at + tcp.TCP_HEADER_BYTES), of.clientStamp, of.liveStamp);
  frame.to = at + length;
  const addresses = isV6 ? sum(bytes, ip + ipv6.SOURCE, at) : sum(bytes, ip + ipv4.SOURCE, at);
  const pseudo = addresses + PROTOCOL.TCP + length;
  writeUint16(bytes, at + tcp.TCP_CHECKSUM_AT, finish(pseudo + sum(bytes, at, frame.to)));
}

function writeV4(bytes: Uint8Array, at: number, of: Conversation, length: number): void {
  const source = of.remoteAddress.word3;
  const destination = of.localAddress.word3;
  of.remoteAddress.writeV4(bytes, at + ipv4.SOURCE);
  of.localAddress.writeV4(bytes, at + ipv4.DESTINATION);
  const addresses = sum(bytes, at + ipv4.SOURCE, at + ipv4.HEADER_BYTES);
  const total = ipv4.HEADER_BYTES + length;
  ipv4.emit(bytes, at, 0, total, 0, ipv4.DONT_FRAGMENT, HOPS, PROTOCOL.TCP, source, destination, addresses);
}

function writeV6(bytes: Uint8Array, at: number, of: Conversation, length: number): void {
  ipv6.emit(bytes, at, 0, 0, length, PROTOCOL.TCP, HOPS);
  of.remoteAddress.writeV6(bytes, at + ipv6.SOURCE);
  of.localAddress.writeV6(bytes, at + ipv6.DESTINATION);
}
