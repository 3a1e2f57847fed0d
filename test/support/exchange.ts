/** A small HTTP exchange between a client and a server, as Ethernet frames with right checksums. */
import { IpAddress } from '../../src/net/wire/address.js';
import { writeUint16 } from '../../src/net/wire/bytes.js';
import { finish, sum } from '../../src/net/wire/checksum.js';
import * as ethernet from '../../src/net/wire/ethernet.js';
import * as ipv4 from '../../src/net/wire/ipv4.js';
import * as tcp from '../../src/net/wire/tcp.js';
import {
  writeMss,
  writeSack,
  writeSackPermitted,
  writeTimestamps,
  writeTwoNops,
  writeWindowScale,
} from '../../src/net/wire/tcp-options.js';

export const CLIENT = IpAddress.parse('10.77.0.1');
export const SERVER = IpAddress.parse('10.77.0.2');
const MAC_OF = { client: Uint8Array.of(2, 0, 0, 0, 0, 1), server: Uint8Array.of(2, 0, 0, 0, 0, 2) };

export interface SegmentParts {
  from: 'client' | 'server';
  flags: number;
  sequence: number;
  acknowledgment?: number;
  data?: string | Uint8Array;
  window?: number;
  clientPort?: number;
  serverPort?: number;
  client?: IpAddress;
  server?: IpAddress;
  /** TSval, TSecr. */
  timestamps?: readonly [number, number];
  /** Pairs of edges. */
  sack?: readonly number[];
  /** MSS, SACK permitted and window scale, as in a SYN. */
  synOptions?: boolean;
}

/** One segment in its frame. */
export function segment(parts: SegmentParts): Uint8Array {
  const { from, client = CLIENT, server = SERVER, clientPort = 40_000, serverPort = 80, data = '' } = parts;
  const payload = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  const options = optionBytes(parts);
  const header = tcp.TCP_HEADER_BYTES + options.length;
  const ip = ethernet.HEADER_BYTES;
  const at = ip + ipv4.HEADER_BYTES;
  const frame = new Uint8Array(at + header + payload.length);
  const [source, destination] = from === 'client' ? [client, server] : [server, client];
  const ports = from === 'client' ? [clientPort, serverPort] : [serverPort, clientPort];
  ethernet.emit(frame, 0, MAC_OF[from === 'client' ? 'server' : 'client'], MAC_OF[from], ethernet.TYPE_IPV4);
  source.writeV4(frame, ip + ipv4.SOURCE);
  destination.writeV4(frame, ip + ipv4.DESTINATION);
  const addresses = sum(frame, ip + ipv4.SOURCE, at);
  ipv4.emit(frame, ip, 0, frame.length - ip, 7, ipv4.DONT_FRAGMENT, 64, 6, source.word3, destination.word3, addresses);
  const { sequence, acknowledgment = 0, flags, window = 64_240 } = parts;
  tcp.writeHeader(frame, at, ports[0]!, ports[1]!, sequence, acknowledgment, header, flags, window);
  frame.set(options, at + tcp.TCP_HEADER_BYTES);
  frame.set(payload, at + header);
  const length = frame.length - at;
  writeUint16(frame, at + tcp.TCP_CHECKSUM_AT, finish(addresses + 6 + length + sum(frame, at, frame.length)));
  return frame;
}

function optionBytes({ timestamps, sack, synOptions }: SegmentParts): Uint8Array {
  const bytes = new Uint8Array(40);
  let at = 0;
  if (synOptions)
    at = writeWindowScale(bytes, writeTwoNops(bytes, writeSackPermitted(bytes, writeMss(bytes, at, 1460))), 7);
  if (timestamps !== undefined) at = writeTimestamps(bytes, writeTwoNops(bytes, at), timestamps[0], timestamps[1]);
  if (sack !== undefined) at = writeSack(bytes, at, Int32Array.from(sack), sack.length / 2);
  return bytes.subarray(0, at);
}

export const REQUEST = 'GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n';
export const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

/** Handshake, request, response, orderly close by the client; the recorded numbers are 1000 and 5000. */
export function exchange(): Uint8Array[] {
  const { SYN, ACK, PSH, FIN } = tcp;
  const c = 1001 + REQUEST.length;
  const s = 5001 + RESPONSE.length;
  return [
    segment({ from: 'client', flags: SYN, sequence: 1000, synOptions: true, timestamps: [100, 0] }),
    segment({
      from: 'server',
      flags: SYN | ACK,
      sequence: 5000,
      acknowledgment: 1001,
      synOptions: true,
      timestamps: [900, 100],
    }),
    segment({ from: 'client', flags: ACK, sequence: 1001, acknowledgment: 5001, timestamps: [101, 900] }),
    segment({
      from: 'client',
      flags: ACK | PSH,
      sequence: 1001,
      acknowledgment: 5001,
      data: REQUEST,
      timestamps: [102, 900],
    }),
    segment({
      from: 'server',
      flags: ACK | PSH,
      sequence: 5001,
      acknowledgment: c,
      data: RESPONSE,
      timestamps: [901, 102],
    }),
    segment({ from: 'client', flags: ACK, sequence: c, acknowledgment: s, timestamps: [103, 901] }),
    segment({ from: 'client', flags: ACK | FIN, sequence: c, acknowledgment: s, timestamps: [104, 901] }),
    segment({ from: 'server', flags: ACK | FIN, sequence: s, acknowledgment: c + 1, timestamps: [902, 104] }),
    segment({ from: 'client', flags: ACK, sequence: c + 1, acknowledgment: s + 1, timestamps: [105, 902] }),
  ];
}
