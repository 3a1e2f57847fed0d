import { expect } from 'chai';
import fc from 'fast-check';
import { SECOND } from '../../../../src/net/clock.js';
import { SeededRandom } from '../../../../src/net/random.js';
import { SequenceNumbers } from '../../../../src/net/tcp/parts/initial-sequence.js';
import { distance } from '../../../../src/net/tcp/sequence.js';
import { IpAddress } from '../../../../src/net/wire/address.js';

const MASK = 0xffff_ffff_ffff_ffffn;

/** SipHash-2-4 as its paper has it (Aumasson and Bernstein 2012, section 2), plainly. */
function sipHash(key: Uint8Array, message: Uint8Array): bigint {
  const word = (bytes: Uint8Array, at: number) => new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true);
  const [k0, k1] = [word(key, 0), word(key, 8)];
  const v = [0x736f6d6570736575n ^ k0, 0x646f72616e646f6dn ^ k1, 0x6c7967656e657261n ^ k0, 0x7465646279746573n ^ k1];
  const rotate = (x: bigint, by: bigint) => ((x << by) | (x >> (64n - by))) & MASK;
  const half = (a: number, b: number, by: bigint) => {
    v[a] = (v[a]! + v[b]!) & MASK;
    v[b] = rotate(v[b]!, by) ^ v[a];
  };
  const round = () => {
    half(0, 1, 13n);
    v[0] = rotate(v[0]!, 32n);
    half(2, 3, 16n);
    half(0, 3, 21n);
    half(2, 1, 17n);
    v[2] = rotate(v[2]!, 32n);
  };
  const padded = new Uint8Array(8 * Math.floor(message.length / 8) + 8);
  padded.set(message);
  padded[padded.length - 1] = message.length & 255;
  for (let at = 0; at < padded.length; at += 8) {
    const m = word(padded, at);
    v[3] = v[3]! ^ m;
    round();
    round();
    v[0] = v[0]! ^ m;
  }
  v[2] = v[2]! ^ 0xffn;
  for (let i = 0; i < 4; i++) round();
  return v[0]! ^ v[1]! ^ v[2] ^ v[3]!;
}

const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i);

/** A source of these words, for a key that is known. */
function fixedKey(words: readonly number[]): SequenceNumbers {
  let next = 0;
  return new SequenceNumbers({ nextInt32: () => words[next++ % words.length]! });
}

const LOCAL = IpAddress.parse('10.0.0.2');
const REMOTE = IpAddress.parse('10.0.0.1');

describe('tcp: initial sequence numbers (RFC 6528)', () => {
  it('the plain SipHash of this test gives the vector of the paper (appendix A)', () => {
    expect(sipHash(counting(16), counting(15))).to.equal(0xa129ca6149be45e5n);
  });

  it('the hash is SipHash-2-4 of the four-tuple and one more word [9293-SHLD-1]', () => {
    const any = fc.integer({ min: -0x80000000, max: 0x7fffffff });
    const words = fc.array(any, { minLength: 4, maxLength: 4 });
    const port = fc.nat(65_535);
    fc.assert(
      fc.property(words, words, words, port, port, any, (key, local, remote, localPort, remotePort, extra) => {
        const numbers = fixedKey(key);
        const address = (w: number[]) => new IpAddress(w[0]!, w[1]!, w[2]!, w[3]!);
        const low = numbers.keyed(address(local), localPort, address(remote), remotePort, extra);
        const { timestampOffset } = numbers.initial(address(local), localPort, address(remote), remotePort, 0);
        const expected = (last: number) => {
          const message = Int32Array.from([...local, ...remote, (localPort << 16) | remotePort, last]);
          return sipHash(new Uint8Array(Int32Array.from(key).buffer), new Uint8Array(message.buffer));
        };
        expect(low >>> 0).to.equal(Number(expected(extra) & 0xffff_ffffn));
        expect(timestampOffset >>> 0).to.equal(Number(expected(0) >> 32n));
      }),
    );
  });

  it('the same four-tuple a second later: 250,000 more [9293-MUST-8]', () => {
    const numbers = new SequenceNumbers(new SeededRandom(1));
    const first = numbers.initial(LOCAL, 80, REMOTE, 40_000, 5 * SECOND).sequence;
    const second = numbers.initial(LOCAL, 80, REMOTE, 40_000, 6 * SECOND).sequence;
    expect(distance(first, second)).to.equal(250_000);
  });

  it('another address, port or secret: unrelated [9293-MUST-9] [6528-1]', () => {
    const numbers = new SequenceNumbers(new SeededRandom(1));
    const other = new SequenceNumbers(new SeededRandom(2));
    const found = new Set([
      numbers.initial(LOCAL, 80, REMOTE, 40_000, 0).sequence,
      numbers.initial(LOCAL, 80, REMOTE, 40_001, 0).sequence,
      numbers.initial(LOCAL, 81, REMOTE, 40_000, 0).sequence,
      numbers.initial(REMOTE, 80, LOCAL, 40_000, 0).sequence,
      numbers.initial(LOCAL, 40_000, REMOTE, 80, 0).sequence,
      other.initial(LOCAL, 80, REMOTE, 40_000, 0).sequence,
    ]);
    expect(found.size).to.equal(6);
    const near = [...found].flatMap((a) => [...found].map((b) => Math.abs(distance(a, b)))).filter((d) => d > 0);
    expect(Math.min(...near)).to.be.greaterThan(1_000_000);
  });

  it('the timestamps of two connections begin at unrelated places [7323-9]', () => {
    const numbers = new SequenceNumbers(new SeededRandom(1));
    const first = numbers.initial(LOCAL, 80, REMOTE, 40_000, 0).timestampOffset;
    const second = numbers.initial(LOCAL, 80, REMOTE, 40_001, 0).timestampOffset;
    expect(Math.abs((second - first) | 0)).to.be.greaterThan(1_000_000);
  });
});
