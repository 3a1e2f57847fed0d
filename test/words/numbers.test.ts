import { expect } from 'chai';
import { formatBytes, formatCount, formatDuration, formatPercent } from '../../src/words/numbers.js';

describe('numbers for people', () => {
  it('bytes have binary units and at most one decimal', () => {
    const texts = [0, 1_023, 1_024, 1_536, 65_536, 10_752_000, 2 ** 40, 2 ** 51].map(formatBytes);
    expect(texts).to.deep.equal(['0 B', '1023 B', '1 KiB', '1.5 KiB', '64 KiB', '10 MiB', '1 TiB', '2048 TiB']);
  });

  it('counts are grouped and whole', () => {
    expect([0, 999, 12_345.6].map(formatCount)).to.deep.equal(['0', '999', '12,346']);
  });

  it('durations use the unit that fits', () => {
    const texts = [500, 15_000, 119_000, 600_000, 12_000_000].map(formatDuration);
    expect(texts).to.deep.equal(['500 ms', '15 s', '119 s', '10 min', '3 h 20 min']);
  });

  it('shares are per cent', () => {
    expect([0, 0.9984, 1].map(formatPercent)).to.deep.equal(['0.0 %', '99.8 %', '100.0 %']);
  });
});
