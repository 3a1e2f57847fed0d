import { expect } from 'chai';
import { SegmentSize } from '../../../../src/net/tcp/parts/segment-size.js';

const MOST = 1460;

/** The guess after these segments, of these sizes; a negative one has PSH. */
function guessAfter(...sizes: number[]): number {
  const size = new SegmentSize();
  size.restart(MOST);
  for (const bytes of sizes) size.note(Math.abs(bytes), Math.abs(bytes), bytes < 0, MOST);
  return size.full;
}

describe("tcp: the size of the peer's segments [9293-SHLD-19]", () => {
  it('at first 536, or the MSS if that is less, and never below 88', () => {
    expect(guessAfter()).to.equal(536);
    const small = new SegmentSize();
    small.restart(300);
    expect(small.full).to.equal(300);
    small.restart(20);
    expect(small.full).to.equal(88);
  });

  it('grows with the first segment that is larger, up to the MSS that we have offered', () => {
    expect(guessAfter(1000)).to.equal(1000);
    expect(guessAfter(1000, -1200)).to.equal(1200);
    expect(guessAfter(65_000)).to.equal(1460);
  });

  it('shrinks when two segments in a row are smaller and of the same size', () => {
    expect(guessAfter(1460, 1000)).to.equal(1460);
    expect(guessAfter(1460, 1000, 1000)).to.equal(1000);
    expect(guessAfter(1460, 1000, 900, 1000)).to.equal(1460);
    expect(guessAfter(1460, 1000, 1460, 1000)).to.equal(1460);
  });

  it('ends of writes below 536 bytes, and whatever is below 88, say nothing', () => {
    expect(guessAfter(1460, -500, -500)).to.equal(1460);
    expect(guessAfter(1460, -600, -600)).to.equal(600);
    expect(guessAfter(1460, 500, 500)).to.equal(500);
    expect(guessAfter(1460, 80, 80)).to.equal(1460);
  });

  it('SACK blocks make a full segment no smaller', () => {
    const size = new SegmentSize();
    size.restart(MOST);
    size.note(1460, 1460, false, MOST);
    size.note(1448, 1460, false, MOST);
    size.note(1448, 1460, false, MOST);
    expect(size.full).to.equal(1460);
  });
});
