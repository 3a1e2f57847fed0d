import { expect } from 'chai';
import { parseLog } from '../../../scripts/bench/h2load.js';

describe('the log of h2load', () => {
  it('gives rate and percentiles', () => {
    const lines = Array.from({ length: 1001 }, (_, i) => `${1_700_000_000_000_000 + i * 1000}\t200\t${i}`);
    const result = parseLog(`${lines.join('\n')}\n`);
    expect(result.requestsPerSecond).to.be.closeTo(1001, 0.01);
    expect(result).to.include({ p50: 500, p99: 990, p999: 999, failed: 0 });
  });

  it('leaves failed requests out of the percentiles and counts them', () => {
    const result = parseLog('1000000\t200\t50\n1500000\t-1\t9999999\n2000000\t503\t1\n');
    expect(result).to.include({ p50: 50, p999: 50, failed: 2 });
  });
});
