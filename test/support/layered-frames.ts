/** Frames put together layer by layer, with right lengths and checksums: tunnels, odd headers, application messages. */
import { readBytes } from '../../src/capture/file/input.js';
import { Dissector, type DissectorOptions, type TrackedDissection } from '../../src/dissect/dissector.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { writeUint16 } from '../../src/net/wire/bytes.js';
import { finish, sum } from '../../src/net/wire/checksum.js';
import { makePcap } from './captures.js';

export const V4_SOURCE = '10.0.0.1';
export const V4_DESTINATION = '10.0.0.2';
export const V6_SOURCE = '2001:db8::1';
export const V6_DESTINATION = '2001:db8::2';

/** Bytes from hexadecimal digits; spaces do not count. */
export function hex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits.replaceAll(/\s/g, ''), 'hex'));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function ethernet(type: number, payload: Uint8Array): Uint8Array {
  const frame = join(hex('020000000002 020000000001 0000'), payload);
  writeUint16(frame, 12, type);
  return frame;
}

export function addressBytes(text: string): Uint8Array {
  const address = IpAddress.parse(text);
  const bytes = new Uint8Array(text.includes(':') ? 16 : 4);
  if (bytes.length === 4) address.writeV4(bytes, 0);
  else address.writeV6(bytes, 0);
  return bytes;
}

export interface V4Parts {
  source?: string;
  destination?: string;
  options?: Uint8Array;
  /** Flags and fragment offset as they stand in the header. */
  fragment?: number;
  id?: number;
}

export function ipv4(protocol: number, payload: Uint8Array, parts: V4Parts = {}): Uint8Array {
  const { source = V4_SOURCE, destination = V4_DESTINATION, options = new Uint8Array(0), fragment = 0, id = 7 } = parts;
  const head = join(hex('4500 0000 0000 0000 4000 0000'), addressBytes(source), addressBytes(destination), options);
  head[0] = 0x40 | (head.length / 4);
  head[9] = protocol;
  writeUint16(head, 2, head.length + payload.length);
  writeUint16(head, 4, id);
  writeUint16(head, 6, fragment);
  writeUint16(head, 10, finish(sum(head, 0, head.length)));
  return join(head, payload);
}

/** `payload` begins with the extension headers, if there are any. */
export function ipv6(next: number, payload: Uint8Array, source = V6_SOURCE, destination = V6_DESTINATION): Uint8Array {
  const head = join(hex('60000000 0000 0040'), addressBytes(source), addressBytes(destination));
  writeUint16(head, 4, payload.length);
  head[6] = next;
  return join(head, payload);
}

/** Fills in the checksum at `at` of `segment`, with the addresses that the pseudo-header shall have. */
export function withChecksum(
  segment: Uint8Array,
  at: number,
  protocol: number,
  source: string,
  destination: string,
): Uint8Array {
  const bytes = segment.slice();
  writeUint16(bytes, at, 0);
  const addresses = join(addressBytes(source), addressBytes(destination));
  const total = sum(addresses, 0, addresses.length) + protocol + bytes.length + sum(bytes, 0, bytes.length);
  writeUint16(bytes, at, finish(total) || 0xffff);
  return bytes;
}

export function udp(
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
  source = V4_SOURCE,
  destination = V4_DESTINATION,
): Uint8Array {
  const datagram = join(new Uint8Array(8), payload);
  writeUint16(datagram, 0, sourcePort);
  writeUint16(datagram, 2, destinationPort);
  writeUint16(datagram, 4, datagram.length);
  return withChecksum(datagram, 6, 17, source, destination);
}

/** A segment with the flags ACK and PSH. */
export function tcp(
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array | string,
  source = V4_SOURCE,
  destination = V4_DESTINATION,
): Uint8Array {
  const data = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  const segment = join(hex('0000 0000 000003e8 000007d0 5018 ffff 0000 0000'), data);
  writeUint16(segment, 0, sourcePort);
  writeUint16(segment, 2, destinationPort);
  return withChecksum(segment, 16, 6, source, destination);
}

/** A ping in IPv4. */
export const PING = ipv4(1, hex('0800 f7fd 0001 0001'));

export interface FrameParts {
  bytes: Uint8Array;
  /** Microseconds since the first; a millisecond after the one before unless said otherwise. */
  time?: number;
  originalLength?: number;
}

/** Dissects frames as one capture. */
export function dissectFrames(
  frames: readonly (Uint8Array | FrameParts)[],
  options: DissectorOptions & { linkType?: number } = {},
): TrackedDissection[] {
  const dissector = new Dissector(options);
  const list: TrackedDissection[] = [];
  const records = frames.map((frame, i) => {
    const {
      bytes,
      time = i * 1_000,
      originalLength = bytes.length,
    } = frame instanceof Uint8Array ? { bytes: frame } : frame;
    return { seconds: Math.floor(time / 1e6), fraction: time % 1e6, bytes, originalLength };
  });
  readBytes(
    makePcap(records, { linkType: options.linkType ?? 1 }),
    (record) => void list.push(dissector.dissect(record)),
  );
  return list;
}

/** The one frame, taken apart. */
export function dissectOne(frame: Uint8Array | FrameParts, linkType = 1): TrackedDissection {
  const [dissection] = dissectFrames([frame], { linkType });
  if (dissection === undefined) throw new Error('no frame');
  return dissection;
}

/** All values of a field, in the order of the frame. */
export function valuesOf(dissection: TrackedDissection, name: string): (string | number | boolean)[] {
  return dissection.layers.flatMap(({ fields }) =>
    fields.filter((field) => field.name === name).map(({ value }) => value),
  );
}

export function problemsOf(dissection: TrackedDissection): string[] {
  return dissection.layers.flatMap(({ problems }) => problems);
}

export function protocolsOf(dissection: TrackedDissection): string {
  return dissection.layers.map(({ protocol }) => protocol).join(':');
}
