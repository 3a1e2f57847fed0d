import { expect } from 'chai';
import fc from 'fast-check';
import { fillTable, layoutOf } from '../../src/cache/layout.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { someBytes } from './support.js';

describe('cache/layout', () => {
  it('lets no two parts overlap, and begins tables at even places', () => {
    const length = fc.nat(5000);
    fc.assert(
      fc.property(length, length, length, length, (head, payload, notModified, names) => {
        const layout = layoutOf(head, payload, notModified, names);
        expect((layout.tableFrom % 2) + (layout.notModifiedTableFrom % 2)).to.equal(0);
        expect(layout.tableFrom).to.be.at.least(head + payload);
        expect(layout.tableBytes).to.equal(2 * SummedBytes.tableLength(head + payload));
        expect(layout.notModifiedFrom).to.be.at.least(layout.tableFrom + layout.tableBytes);
        expect(layout.notModifiedTableFrom).to.be.at.least(layout.notModifiedFrom + notModified);
        const tableEnd = layout.notModifiedTableFrom + 2 * SummedBytes.tableLength(notModified);
        expect(layout.namesFrom).to.equal(tableEnd);
        expect(layout.length).to.equal(tableEnd + names);
      }),
    );
  });

  for (const length of [0, 1, 31, 32, 8 * 2 ** 20, 8 * 2 ** 20 + 1, 16 * 2 ** 20 + 77]) {
    it(`fills the table of ${length} bytes in pieces as SummedBytes does in one`, async () => {
      const bytes = someBytes(length);
      const table = new Uint16Array(SummedBytes.tableLength(length)).fill(0xa5a5);
      let pauses = 0;
      await fillTable(bytes, table, async () => void pauses++);
      const whole = new Uint16Array(table.length);
      SummedBytes.fillTable(bytes, whole);
      expect(Buffer.from(table.buffer).equals(Buffer.from(whole.buffer))).to.equal(true);
      expect(pauses).to.equal(Math.max(0, Math.ceil(length / (8 * 2 ** 20)) - 1));
    });
  }
});
