/** A few thousand mutated captures; scripts/fuzz-captures.ts does a million. */

import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { decompress } from '../../src/capture/file/decompress.js';
import { SeededRandom } from '../../src/net/random.js';
import { mutatedCapture, seedCaptures, tryDissect, tryReplay } from '../support/fuzz-captures.js';
import { mutate } from '../support/mutate.js';

const CAPTURES = 500;
const COMPRESSED = 500;
const ZSTD = new Uint8Array(Buffer.from('KLUv/QRYlQAAYGhlbGxvIHpzdGQsIAEAV0oSgWMKYg==', 'base64'));

describe('mutated captures', () => {
  it('neither crash nor hang the dissector or a replay, and replay twice to the same bytes', () => {
    const seeds = seedCaptures();
    for (let index = 0; index < CAPTURES; index++) {
      const file = mutatedCapture(seeds, 20_260_101, index);
      tryDissect(file);
      const once = tryReplay(file);
      if (index % 50 === 0) expect(Buffer.compare(once, tryReplay(file)), `capture ${index}`).to.equal(0);
    }
  });

  it('compressed: end with an error or with bytes', async () => {
    const random = new SeededRandom(5);
    const gzip = new Uint8Array(gzipSync(seedCaptures()[0]!));
    for (let i = 0; i < COMPRESSED; i++) {
      const file = mutate(i % 2 === 0 ? gzip : ZSTD, random);
      try {
        let length = 0;
        for await (const chunk of decompress(pieces(file))) length += chunk.length;
        expect(length).to.be.below(1 << 24);
      } catch (error) {
        expect((error as Error).message).to.match(/^(gzip|zstd): /);
      }
    }
  });
});

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100) yield bytes.slice(at, at + 100);
}
