/**
 * Server cookies: RFC 7873, in the form of RFC 9018, so that several servers with one secret understand each other. A
 * client that brings one back can receive at its address: limits against forged senders do not concern it.
 *
 *     client cookie, 8 bytes │ version 1 │ 0 0 0 │ time, 4 bytes │ SipHash-2-4, 8 bytes
 */
import type { IpPacket } from '../../net/ip/packet.js';
import { readInt32, writeInt32 } from '../../net/wire/bytes.js';
import { SipHash } from '../../net/wire/sip-hash.js';

export const CLIENT_COOKIE_BYTES = 8;
export const SERVER_COOKIE_BYTES = 16;
const VERSION_WORD = 0x01000000;
/** RFC 9018 section 4.3: a cookie is good for an hour, and clocks may differ by five minutes. */
const OLDEST_SECONDS = 3600;
const AHEAD_SECONDS = 300;

export class Cookies {
  readonly #v4: SipHash;
  readonly #v6: SipHash;

  /** @param secret 16 bytes */
  constructor(secret: Uint8Array) {
    const key = Int32Array.from({ length: 4 }, (_, i) => swapped(readInt32(secret, 4 * i)));
    this.#v4 = new SipHash(key, 20);
    this.#v6 = new SipHash(key, 32);
  }

  /** True if the 16 bytes behind the client cookie at `at` are ours, made for this sender not long ago. */
  verify(bytes: Uint8Array, at: number, length: number, sender: IpPacket, seconds: number): boolean {
    if (length !== SERVER_COOKIE_BYTES) return false;
    const server = at + CLIENT_COOKIE_BYTES;
    if (readInt32(bytes, server) !== VERSION_WORD) return false;
    const time = readInt32(bytes, server + 4);
    const age = (seconds - time) | 0;
    if (age > OLDEST_SECONDS || age < -AHEAD_SECONDS) return false;
    const hash = this.#hash(bytes, at, sender, time);
    return swapped(hash.low) === readInt32(bytes, server + 8) && swapped(hash.high) === readInt32(bytes, server + 12);
  }

  /** Writes client cookie and server cookie, 24 bytes, at `to` of `into`. */
  write(into: Uint8Array, to: number, bytes: Uint8Array, at: number, sender: IpPacket, seconds: number): void {
    for (let i = 0; i < CLIENT_COOKIE_BYTES; i++) into[to + i] = bytes[at + i]!;
    const server = to + CLIENT_COOKIE_BYTES;
    const hash = this.#hash(bytes, at, sender, seconds | 0);
    writeInt32(into, server, VERSION_WORD);
    writeInt32(into, server + 4, seconds | 0);
    writeInt32(into, server + 8, swapped(hash.low));
    writeInt32(into, server + 12, swapped(hash.high));
  }

  /** Hashes client cookie, version, time and address. SipHash reads its input in little-endian words. */
  #hash(bytes: Uint8Array, at: number, sender: IpPacket, time: number): SipHash {
    const sip = sender.isV6 ? this.#v6 : this.#v4;
    const { input } = sip;
    input[0] = swapped(readInt32(bytes, at));
    input[1] = swapped(readInt32(bytes, at + 4));
    input[2] = 1;
    input[3] = swapped(time);
    if (sender.isV6) {
      input[4] = swapped(sender.source0);
      input[5] = swapped(sender.source1);
      input[6] = swapped(sender.source2);
      input[7] = swapped(sender.source3);
    } else input[4] = swapped(sender.source3);
    sip.hash();
    return sip;
  }
}

/** The four bytes in the other order. */
function swapped(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
