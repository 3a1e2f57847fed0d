import { expect } from 'chai';
import { nearestSegment } from '../../src/inspect/trace/nearest.js';
import { type SegmentRow, Segments } from '../../src/inspect/trace/segments.js';
import { ACK } from '../../src/net/wire/tcp.js';

const ROW: SegmentRow = {
  frame: 0,
  time: 0,
  arrival: Number.NaN,
  isFromClient: true,
  flags: ACK,
  sequence: 1,
  acknowledgment: 1,
  length: 0,
  window: 1000,
  findings: 0,
  sack: [],
};

describe('inspect/trace/nearest', () => {
  const segments = new Segments();
  const rows: Partial<SegmentRow>[] = [
    { frame: 1, time: 1000, length: 1000 },
    { frame: 2, time: 1100, length: 1000, sequence: 1001 },
    { frame: 3, time: 2000, isFromClient: false, acknowledgment: 1001 },
    { frame: 4, time: 2000, isFromClient: false, acknowledgment: 1001, sack: [3001, 4001] },
  ];
  for (const row of rows) segments.push({ ...ROW, ...row });
  const scale = { timePerPixel: 10, sequencePerPixel: 10 };
  const at = (time: number, sequence: number, fromClient = true) =>
    nearestSegment(segments, { fromClient, time, sequence, ...scale });

  it('is the one whose bar, acknowledgment or SACK block is next to the point', () => {
    expect([at(1000, 500), at(1090, 1500), at(2010, 1010), at(2000, 3500)]).to.deep.equal([1, 2, 3, 4]);
  });

  it('is none where nothing is near, and none of the side that the graph does not show', () => {
    expect([at(1500, 500), at(1000, 5000), at(1000, 500, false)]).to.deep.equal([0, 0, 0]);
  });

  it('is the next of this side in time where the graph has no sequence numbers', () => {
    const near = (time: number, fromClient: boolean) =>
      nearestSegment(segments, { fromClient, time, timePerPixel: 10 });
    expect([near(1070, true), near(1500, true), near(1500, false), near(9000, true)]).to.deep.equal([2, 2, 3, 0]);
  });

  it('counts rows where segments stand at equal distances', () => {
    const wish = { fromClient: true, byOrder: true, timePerPixel: 0.01, sequencePerPixel: 10 };
    expect(nearestSegment(segments, { ...wish, time: 1.1, sequence: 1500 })).to.equal(2);
  });
});
