/** Why requests did not take the fast path, as `fastpath status` says it. */
import { expect } from 'chai';
import { describeReasons, describeThreads, REASON_COUNTERS } from '../../src/cli/status-reasons.js';
import { HttpStatistics } from '../../src/http/sending/statistics.js';
import { REASON_NAMES } from '../../src/log/record.js';

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

  it('tells what has happened to the threads that answer requests', () => {
    expect(describeThreads({ 'handler.restarts': 0, 'proxy.stuck': 0 })).to.deep.equal([]);
    expect(describeThreads({ 'handler.restarts': 2, 'handler.stuck': 1 })).to.deep.equal([
      "  the handler's thread: 2 times started again, 1 times stuck",
    ]);
  });
});
