import { expect } from 'chai';
import { median, percentile, rotated, spreadPercent } from '../../../scripts/bench/statistics.js';

describe('bench statistics', () => {
  it('takes the middle value, or the mean of the middle two, whatever the order', () => {
    expect(median([9, 1, 5])).to.equal(5);
    expect(median([9, 1, 5, 7])).to.equal(6);
    expect(median([])).to.be.NaN;
  });

  it('does not reorder the values it is given', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).to.deep.equal([3, 1, 2]);
  });

  it('gives the spread as half the range in percent of the median', () => {
    expect(spreadPercent([90, 100, 110])).to.equal(10);
    expect(spreadPercent([42])).to.equal(0);
  });

  it('gives nearest-rank percentiles', () => {
    const sorted = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(percentile(sorted, 0.5)).to.equal(50);
    expect(percentile(sorted, 0.99)).to.equal(99);
    expect(percentile(sorted, 0.999)).to.equal(100);
    expect(percentile([7], 0.5)).to.equal(7);
  });

  it('begins each round with another one and leaves nobody out', () => {
    expect(rotated(['a', 'b', 'c'], 0)).to.deep.equal(['a', 'b', 'c']);
    expect(rotated(['a', 'b', 'c'], 4)).to.deep.equal(['b', 'c', 'a']);
    expect(rotated([], 1)).to.deep.equal([]);
  });
});
