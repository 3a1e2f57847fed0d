import { expect } from 'chai';
import {
  DEFAULT_SIZE,
  guessSegmentSize,
  noteSegmentSize,
  type PeerSegments,
} from '../../../../src/net/tcp/parts/segment-size.js';

const MOST = 1460;

/** The guess after these segments, of these sizes; a negative one has PSH. */
function guessAfter(...sizes: number[]): number {
  const size = unknown();
  guessSegmentSize(size, MOST);
  for (const bytes of sizes) noteSegmentSize(size, Math.abs(bytes), Math.abs(bytes), bytes < 0, MOST);
  return size.fullSegment;
}

/** Nothing is known of the peer yet. */
function unknown(): PeerSegments {
  return { fullSegment: DEFAULT_SIZE, smallerSegment: 0 };
}

describe("tcp: the size of the peer's segments [9293-SHLD-19]", () => {
  it('at first 536, or the MSS if that is less, and never below 88', () => {
    expect(guessAfter()).to.equal(536);
    const small = unknown();
    guessSegmentSize(small, 300);
    expect(small.fullSegment).to.equal(300);
    guessSegmentSize(small, 20);
    expect(small.fullSegment).to.equal(88);
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
    const size = unknown();
    guessSegmentSize(size, MOST);
    noteSegmentSize(size, 1460, 1460, false, MOST);
    noteSegmentSize(size, 1448, 1460, false, MOST);
    noteSegmentSize(size, 1448, 1460, false, MOST);
    expect(size.fullSegment).to.equal(1460);
  });
});
