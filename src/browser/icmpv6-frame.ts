/** A whole frame with an ICMPv6 message, as the router of a world sends it: RFC 4443 section 2. */
import { addressSum } from '../net/ip/packet.js';
import type { IpAddress } from '../net/wire/address.js';
import { writeUint16 } from '../net/wire/bytes.js';
import { finish, sum } from '../net/wire/checksum.js';
import * as Ethernet from '../net/wire/ethernet.js';
import * as Icmpv6 from '../net/wire/icmpv6.js';
import * as Ipv6 from '../net/wire/ipv6.js';
import { PROTOCOL } from '../net/wire/protocol.js';

/** What the message says. */
export interface Icmpv6Message {
  /** The Ethernet addresses: to whom, and from whom. */
  readonly macs: readonly [to: Uint8Array, from: Uint8Array];
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly hopLimit: number;
  readonly type: number;
  /** Its bytes 4 to 7, as int32. */
  readonly rest: number;
  /** All behind them. */
  readonly body: Uint8Array;
}

/** The frame, with its checksum. */
export function icmpv6Frame({ macs, source, destination, hopLimit, type, rest, body }: Icmpv6Message): Uint8Array {
  const at = Ethernet.HEADER_BYTES;
  const message = at + Ipv6.HEADER_BYTES;
  const length = Icmpv6.HEADER_BYTES + body.length;
  const frame = new Uint8Array(message + length);
  Ethernet.emit(frame, 0, macs[0], macs[1], Ethernet.TYPE_IPV6);
  Ipv6.emit(frame, at, 0, 0, length, PROTOCOL.ICMPV6, hopLimit);
  source.writeV6(frame, at + Ipv6.SOURCE);
  destination.writeV6(frame, at + Ipv6.DESTINATION);
  Icmpv6.emit(frame, message, type, 0, 0, rest);
  frame.set(body, message + Icmpv6.HEADER_BYTES);
  const pseudo = addressSum(source) + addressSum(destination) + PROTOCOL.ICMPV6 + length;
  writeUint16(frame, message + Icmpv6.CHECKSUM, finish(pseudo + sum(frame, message, frame.length)));
  return frame;
}
