/**
 * Initial sequence numbers: RFC 6528 section 3 and RFC 9293 section 3.4.1.
 *
 *     ISN = M + F(local address, local port, remote address, remote port, secret)
 *
 * M ticks every 4 microseconds, so the numbers of one four-tuple go on rising. F is SipHash-2-4, a keyed hash made
 * for short inputs: without the secret nobody can predict the numbers of another four-tuple. The offset of the
 * timestamps option comes from the same hash (RFC 7323 section 7.1: random per connection).
 */

import type { Random } from '../../random.js';
import type { IpAddress } from '../../wire/address.js';
import { SipHash } from '../../wire/sip-hash.js';
import { type Sequence, toSequence, ZERO } from '../sequence.js';

/** What a connection begins with. */
export interface InitialNumbers {
  /** ISS. */
  sequence: Sequence;
  /** Added to our clock in the timestamps option. */
  timestampOffset: number;
}

export class SequenceNumbers {
  readonly #sip: SipHash;
  readonly #numbers: InitialNumbers = { sequence: ZERO, timestampOffset: 0 };

  constructor(random: Random) {
    this.#sip = new SipHash(Int32Array.from({ length: 4 }, () => random.nextInt32()));
  }

  /**
   * The first numbers of a connection between these ends at `now` (microseconds). The offset is the same at any time.
   * The object is used again at the next call.
   */
  initial(
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    now: number,
  ): Readonly<InitialNumbers> {
    this.#fill(local, remote, (localPort << 16) | remotePort, 0);
    this.#sip.hash();
    this.#numbers.sequence = toSequence(Math.floor(now / 4) + this.#sip.low);
    this.#numbers.timestampOffset = this.#sip.high;
    return this.#numbers;
  }

  /** A keyed hash of a four-tuple and one more word, for cookies. */
  keyed(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number, word: number): number {
    this.#fill(local, remote, (localPort << 16) | remotePort, word);
    this.#sip.hash();
    return this.#sip.low;
  }

  #fill(local: IpAddress, remote: IpAddress, ports: number, word: number): void {
    const { input } = this.#sip;
    input[0] = local.word0;
    input[1] = local.word1;
    input[2] = local.word2;
    input[3] = local.word3;
    input[4] = remote.word0;
    input[5] = remote.word1;
    input[6] = remote.word2;
    input[7] = remote.word3;
    input[8] = ports;
    input[9] = word;
  }
}
