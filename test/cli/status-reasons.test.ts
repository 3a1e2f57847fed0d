/** Why requests did not take the fast path, as `fastpath status` says it. */
import { expect } from 'chai';
import { describeSites } from '../../src/cli/status.js';
import { describeReasons, describeThreads, REASON_COUNTERS } from '../../src/cli/status-reasons.js';
import { HttpStatistics } from '../../src/http/sending/statistics.js';
import { REASON_NAMES } from '../../src/log/record-names.js';

describe('fastpath status', () => {
  it('names the reasons that are not zero, in the words of the log, and none otherwise', () => {
    expect(describeReasons({ 'http.requests': 5, 'http.offRange': 0 })).to.deep.equal([]);
    expect(describeReasons({ 'http.offConditional': 3, 'http.handlerFailures': 1 })).to.deep.equal([
      '  off the fast path: 3 conditional, 1 handler-failed',
    ]);
    expect(REASON_COUNTERS.map(([word]) => word).filter((word) => !REASON_NAMES.includes(word))).to.deep.equal([]);
    const off = Object.keys(new HttpStatistics()).filter((name) => /^off[A-Z]/.test(name));
    expect(off.filter((name) => !REASON_COUNTERS.some(([, counter]) => counter === name))).to.deep.equal([]);
  });

  it('tells the folder of each site, if there are several, and of twenty at most', () => {
    const sites = Array.from({ length: 22 }, (_, i) => ({ name: `${i}.example`, folder: `/srv/${i}` }));
    expect(describeSites(sites.slice(0, 1))).to.deep.equal([]);
    expect(describeSites(sites.slice(0, 2))).to.deep.equal(['  0.example: /srv/0', '  1.example: /srv/1']);
    expect(describeSites(sites.slice(0, 21)).at(-1)).to.equal('  and 1 site more; --json has them all');
    expect(describeSites(sites)).to.have.length(21);
  });

  it('tells what has happened to the threads that answer requests', () => {
    expect(describeThreads({ 'handler.restarts': 0, 'proxy.stuck': 0 })).to.deep.equal([]);
    expect(describeThreads({ 'handler.restarts': 2, 'handler.stuck': 1 })).to.deep.equal([
      "  the handler's thread: started again 2 times, stuck once",
    ]);
  });
});
