/**
 * Initial sequence numbers: RFC 6528 section 3 and RFC 9293 section 3.4.1.
 *
 *     ISN = M + F(local address, local port, remote address, remote port, secret)
 *
 * M ticks every 4 microseconds, so the numbers of one four-tuple go on rising; F is SipHash-2-4, a keyed hash made for
 * short inputs, so nobody without the secret can tell the numbers of another four-tuple. The timestamps option's
 * offset comes from the same hash (RFC 7323 section 7.1: random per connection).
 */

import type { Random } from '../../random.js';
import type { IpAddress } from '../../wire/address.js';
import { type Sequence, toSequence } from '../sequence.js';

/** What a connection begins with. */
export interface InitialNumbers {
  /** ISS. */
  readonly sequence: Sequence;
  /** Added to our clock in the timestamps option. */
  readonly timestampOffset: number;
}

export class SequenceNumbers {
  readonly #key: Int32Array;
  readonly #state = new Int32Array(8);
  /** The high half of what `#hash` has computed. */
  #high = 0;

  constructor(random: Random) {
    this.#key = Int32Array.from({ length: 4 }, () => random.nextInt32());
  }

  /** The first numbers of a connection between these ends at `now` (microseconds). The offset is the same at any time. */
  initial(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number, now: number): InitialNumbers {
    const hash = this.#hash(local, remote, (localPort << 16) | remotePort, 0);
    return { sequence: toSequence(Math.floor(now / 4) + hash), timestampOffset: this.#high };
  }

  /** A keyed hash of a four-tuple and one more word, for cookies. */
  keyed(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number, word: number): number {
    return this.#hash(local, remote, (localPort << 16) | remotePort, word);
  }

  /** SipHash-2-4 (Aumasson and Bernstein) of ten words; returns the low half and keeps the high one. */
  #hash(local: IpAddress, remote: IpAddress, ports: number, word: number): number {
    const v = this.#state;
    const k = this.#key;
    v[0] = k[0]! ^ 0x70736575;
    v[1] = k[1]! ^ 0x736f6d65;
    v[2] = k[2]! ^ 0x6e646f6d;
    v[3] = k[3]! ^ 0x646f7261;
    v[4] = k[0]! ^ 0x6e657261;
    v[5] = k[1]! ^ 0x6c796765;
    v[6] = k[2]! ^ 0x79746573;
    v[7] = k[3]! ^ 0x74656462;
    absorb(v, local.word0, local.word1);
    absorb(v, local.word2, local.word3);
    absorb(v, remote.word0, remote.word1);
    absorb(v, remote.word2, remote.word3);
    absorb(v, ports, word);
    absorb(v, 0, 40 << 24);
    v[4] = v[4] ^ 0xff;
    for (let i = 0; i < 4; i++) round(v);
    this.#high = v[1] ^ v[3] ^ v[5] ^ v[7];
    return v[0] ^ v[2] ^ v[4] ^ v[6];
  }
}

/** One 64-bit word of input: xor, two rounds, xor. The state is four 64-bit words, each low half first. */
function absorb(v: Int32Array, low: number, high: number): void {
  v[6] = v[6]! ^ low;
  v[7] = v[7]! ^ high;
  round(v);
  round(v);
  v[0] = v[0]! ^ low;
  v[1] = v[1]! ^ high;
}

function round(v: Int32Array): void {
  addTo(v, 0, 2);
  rotate(v, 2, 13);
  xorWith(v, 2, 0);
  rotate32(v, 0);
  addTo(v, 4, 6);
  rotate(v, 6, 16);
  xorWith(v, 6, 4);
  addTo(v, 0, 6);
  rotate(v, 6, 21);
  xorWith(v, 6, 0);
  addTo(v, 4, 2);
  rotate(v, 2, 17);
  xorWith(v, 2, 4);
  rotate32(v, 4);
}

/** v[a] += v[b], 64 bits. */
function addTo(v: Int32Array, a: number, b: number): void {
  const low = (v[a]! >>> 0) + (v[b]! >>> 0);
  v[a] = low;
  v[a + 1] = v[a + 1]! + v[b + 1]! + (low > 0xffffffff ? 1 : 0);
}

/** v[a] ^= v[b]. */
function xorWith(v: Int32Array, a: number, b: number): void {
  v[a] = v[a]! ^ v[b]!;
  v[a + 1] = v[a + 1]! ^ v[b + 1]!;
}

/** Rotates v[a] left by `bits`, below 32. */
function rotate(v: Int32Array, a: number, bits: number): void {
  const low = v[a]!;
  const high = v[a + 1]!;
  v[a] = (low << bits) | (high >>> (32 - bits));
  v[a + 1] = (high << bits) | (low >>> (32 - bits));
}

function rotate32(v: Int32Array, a: number): void {
  const low = v[a]!;
  v[a] = v[a + 1]!;
  v[a + 1] = low;
}
