import { expect } from 'chai';
import fc from 'fast-check';
import { ReceiveBuffer } from '../../../../src/net/tcp/parts/receive-buffer.js';

describe('tcp: receive buffer', () => {
  it('gives back what came, in order, however it is taken', () => {
    const step = fc.oneof(
      fc.record({ append: fc.integer({ min: 0, max: 9000 }) }),
      fc.record({ take: fc.integer({ min: 0, max: 9000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const buffer = new ReceiveBuffer();
        let came = 0;
        let went = 0;
        for (const one of steps) {
          if ('append' in one) {
            const source = Uint8Array.from({ length: one.append + 2 }, (_, i) => came + i - 1);
            buffer.append(source, 1, one.append + 1);
            came += one.append;
          } else {
            let appetite = one.take;
            buffer.offer((bytes, from, to) => {
              const take = Math.min(appetite, to - from);
              for (let i = 0; i < take; i++) if (bytes[from + i] !== ((went + i) & 255)) throw new Error('wrong byte');
              appetite -= take;
              went += take;
              return take;
            });
          }
          expect(buffer.length).to.equal(came - went);
        }
      }),
    );
  });

  it('is offered again while some is taken and some is left', () => {
    const buffer = new ReceiveBuffer();
    buffer.append(new Uint8Array(10), 0, 10);
    const offers: number[] = [];
    buffer.offer((_bytes, from, to) => {
      offers.push(to - from);
      return offers.length < 3 ? 4 : 0;
    });
    expect(offers).to.deep.equal([10, 6, 2]);
    expect(buffer.length).to.equal(2);
  });

  it('offers nothing when it is empty', () => {
    new ReceiveBuffer().offer(() => {
      throw new Error('nothing was there');
    });
  });
});
