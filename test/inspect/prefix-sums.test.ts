import { expect } from 'chai';
import { pattern } from '../../src/browser/files.js';
import { explainSum, prefixTable } from '../../src/inspect/prefix-sums.js';
import { fold, sum } from '../../src/net/wire/checksum.js';

describe('inspect/prefix-sums', () => {
  it('explains every interval as two prefixes and a subtraction, with the right sum', () => {
    const bytes = pattern(200);
    const table = prefixTable(bytes);
    for (let from = 0; from < 200; from += 7) {
      for (let to = from + 1; to <= 200; to += 3) {
        const { upper, lower, sum: result, bytesRead, swapped } = explainSum(bytes, table, from, to);
        expect(result % 0xffff, `[${from}, ${to})`).to.equal(fold(sum(bytes, from, to)) % 0xffff);
        expect(swapped).to.equal(from % 2 === 1);
        expect(bytesRead)
          .to.equal(upper.read + lower.read)
          .and.at.most(62);
        expect(upper.prefix % 0xffff).to.equal(fold(sum(bytes, 0, to)) % 0xffff);
        expect([lower.entryAt % 32, upper.known]).to.deep.equal([0, table[upper.entry]]);
      }
    }
  });

  it('reads no byte of an interval that lies on block edges or ends with the whole', () => {
    const bytes = pattern(1000);
    expect(explainSum(bytes, prefixTable(bytes), 320, 1000).bytesRead).to.equal(0);
  });

  it('refuses what is no interval', () => {
    const bytes = pattern(10);
    expect(() => explainSum(bytes, prefixTable(bytes), 5, 11)).to.throw(RangeError);
    expect(() => explainSum(bytes, prefixTable(bytes), 5, 4)).to.throw(RangeError);
  });
});
