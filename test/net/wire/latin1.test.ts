/** Text with a character for each byte. */
import { expect } from 'chai';
import { latin1Bytes, latin1Text } from '../../../src/net/wire/latin1.js';

describe('latin1', () => {
  it('gives any bytes back as they were, as Buffer does', () => {
    for (const length of [0, 1, 256, 4096, 4097, 300_000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i);
      const text = latin1Text(bytes);
      expect(text === Buffer.from(bytes).toString('latin1'), `text of ${length}`).to.equal(true);
      expect(Buffer.compare(latin1Bytes(text), bytes), `bytes of ${length}`).to.equal(0);
    }
  });

  it('takes a part, from shared memory too', () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(8));
    bytes.set([0x2f, 0x66, 0xfc, 0x72]);
    expect(latin1Text(bytes, 1, 4)).to.equal('für');
  });

  it('takes the low byte of a character that is none', () => {
    expect([...latin1Bytes('a\u0142')]).to.deep.equal([0x61, 0x42]);
  });
});
