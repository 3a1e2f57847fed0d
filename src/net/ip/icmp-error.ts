import { IpAddress } from '../wire/address.js';
import { readInt32, readUint16 } from '../wire/bytes.js';
import type { IpPacket } from './packet.js';

/**
 * What an error means to a transport, whichever family it came from.
 *
 * @example
 * ```ts
 * import { ICMP_ERROR, type IcmpError } from 'fastpath';
 *
 * export const isPortClosed = (error: IcmpError) => error.kind === ICMP_ERROR.HARD;
 * ```
 */
export const ICMP_ERROR = {
  /**
   * Trouble with a network, host or route that may pass: 3/0, 3/1, 3/5 to 3/8, 3/11 to 3/15, 11/x, 12/x; v6: 1/0 to
   * 1/3, 1/5, 1/6, 3/x, 4/0, 4/2.
   */
  SOFT: 0,
  /**
   * No program there takes this: 3/2 protocol, 3/3 port (v6: 1/4 port, 4/1 unknown next header). While TCP opens a
   * connection it takes both for final, afterwards neither (RFC 5927 section 5.2).
   */
  HARD: 1,
  /** The packet was larger than the path takes: 3/4, or v6 2/0; `mtu` tells the size. */
  TOO_BIG: 2,
} as const;

/** What an error means: `ICMP_ERROR.SOFT`, `HARD` or `TOO_BIG`. @see {@link ICMP_ERROR} */
export type IcmpErrorKind = (typeof ICMP_ERROR)[keyof typeof ICMP_ERROR];

/**
 * An ICMP or ICMPv6 error about a packet that we sent, as a transport sees it (RFC 1122 section 4.2.3.9, RFC 4443
 * section 2.4 d). The internet layer has checked its form, its sum and that the quoted packet came from one of our
 * addresses. Only the transport can say whether it is believable (RFC 5927: the quoted sequence number is in flight).
 *
 * One object serves all errors; it is valid until `icmpError` returns.
 *
 * @example
 * ```ts
 * import { ICMP_ERROR, type IcmpError } from 'fastpath';
 *
 * // What an `icmpError` of a handler may do: the path takes less than was sent.
 * export const fits = (error: IcmpError) => (error.kind === ICMP_ERROR.TOO_BIG ? error.mtu : undefined);
 * ```
 */
export class IcmpError {
  kind: IcmpErrorKind = ICMP_ERROR.SOFT;
  type = 0;
  code = 0;
  /**
   * For TOO_BIG: the IP packet size, bytes, that the path takes: as reported, or from RFC 1191's plateau table where
   * an old router reported none. Give it to `route.reducePathMtu` once the quoted sequence number has been checked.
   */
  mtu = 0;
  isV6 = false;
  /** The transport protocol of the quoted packet. */
  protocol = 0;
  /** The quoted packet's source: one of our addresses. */
  local0 = 0;
  local1 = 0;
  local2 = 0;
  local3 = 0;
  /** The quoted packet's destination: the peer. */
  remote0 = 0;
  remote1 = 0;
  remote2 = 0;
  remote3 = 0;
  /** `bytes[quoteFrom, quoteTo)`: the quoted transport header as far as it was quoted; at least 8 bytes. */
  bytes: Uint8Array = new Uint8Array(0);
  quoteFrom = 0;
  quoteTo = 0;
  /** The size of the quoted IP packet when it was sent, as its header says (bytes; 0 for a super-segment). */
  quotedLength = 0;

  /** The quoted packet's source: one of our addresses. A new object each time, as is the next one. */
  get localAddress(): IpAddress {
    return new IpAddress(this.local0, this.local1, this.local2, this.local3);
  }

  /** The quoted packet's destination: the peer. */
  get remoteAddress(): IpAddress {
    return new IpAddress(this.remote0, this.remote1, this.remote2, this.remote3);
  }

  /** True if the quoted packet came from `address`. */
  isFrom({ word0, word1, word2, word3 }: IpAddress): boolean {
    return this.local3 === word3 && this.local2 === word2 && this.local1 === word1 && this.local0 === word0;
  }

  /** True if the quoted packet went to `address`. */
  isTo({ word0, word1, word2, word3 }: IpAddress): boolean {
    return this.remote3 === word3 && this.remote2 === word2 && this.remote1 === word1 && this.remote0 === word0;
  }

  /** The quoted packet's source port: ours. */
  get localPort(): number {
    return readUint16(this.bytes, this.quoteFrom);
  }

  /** The quoted packet's destination port: the peer's. */
  get remotePort(): number {
    return readUint16(this.bytes, this.quoteFrom + 2);
  }

  /** Bytes 4 to 7 of the quoted transport header as int32: TCP's sequence number. */
  get sequence(): number {
    return readInt32(this.bytes, this.quoteFrom + 4);
  }
}

/** Complains about an arriving packet to its sender: `IcmpErrorSender` in icmp/, as the input files see it. */
export interface IcmpErrorOutput {
  /** @param parameter bytes 4 to 7 of the message: a pointer, an MTU; default 0 */
  send(packet: IpPacket, type: number, code: number, parameter?: number): void;
}
