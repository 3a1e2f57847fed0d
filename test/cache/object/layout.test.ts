import { expect } from 'chai';
import fc from 'fast-check';
import { layoutOf, type Place, payloadOf, writeObject } from '../../../src/cache/object/layout.js';
import { recordBytes, SlabView } from '../../../src/cache/object/record.js';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { measure, plainAnswer, someBytes } from '../support.js';

describe('cache/object/layout', () => {
  it('lets no two parts overlap, and begins tables at even places', () => {
    const length = fc.nat(5000);
    fc.assert(
      fc.property(length, length, length, length, fc.integer({ min: 1, max: 3 }), (...given) => {
        const [headRoom, payloadLength, notModifiedLength, namesLength, nameCount] = given;
        const layout = layoutOf({ headRoom, payloadLength, notModifiedLength, namesLength, nameCount });
        expect((layout.tableFrom % 2) + (layout.notModifiedTableFrom % 2)).to.equal(0);
        expect(layout.namesFrom).to.equal(recordBytes(nameCount));
        expect(layout.notModifiedFrom).to.equal(layout.namesFrom + namesLength);
        expect(layout.notModifiedTableFrom).to.be.at.least(layout.notModifiedFrom + notModifiedLength);
        const headRoomFrom = layout.notModifiedTableFrom + 2 * SummedBytes.tableLength(notModifiedLength);
        expect(layout.payloadFrom).to.equal(headRoomFrom + headRoom);
        expect(layout.tableFrom).to.be.at.least(layout.payloadFrom + payloadLength);
        expect(layout.tableBytes).to.equal(2 * SummedBytes.tableLength(headRoom + payloadLength));
        expect(layout.length).to.equal(layout.tableFrom + layout.tableBytes);
      }),
    );
  });

  it('writes within the block alone, whatever the head is shorter than its room', () => {
    for (const spare of [0, 1, 15, 31, 32]) {
      const answer = plainAnswer(100);
      const measures = { ...measure(['/a', '/bc'], answer, 100), headRoom: answer.head.length + spare };
      const layout = layoutOf(measures);
      const length = Math.ceil(layout.length / 64) * 64;
      const view = new SlabView(1, new SharedArrayBuffer(length + 128));
      view.bytes.fill(0xa5);
      const place: Place = { view, from: 64, length, measures, layout, site: 0, coding: 0, kind: 'file' };
      payloadOf(place).set(someBytes(100));
      writeObject(place, ['/a', '/bc'], answer);
      const around = [...view.bytes.subarray(0, 64), ...view.bytes.subarray(64 + layout.length)];
      expect(around.every((byte) => byte === 0xa5)).to.equal(true);
      expect(Buffer.from(payloadOf(place)).equals(someBytes(100))).to.equal(true);
    }
  });
});
