import { expect } from 'chai';
import { parseWrk } from '../../../scripts/bench/wrk.js';

const OUTPUT = `Running 2s test @ http://10.200.0.2:8001/100B.bin
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   297.86us  211.11us  12.03ms   97.71%
    Req/Sec   108.68k     4.89k  115.11k    85.00%
  Latency Distribution
     50%  271.00us
     75%  331.00us
     90%  398.00us
     99%    1.25ms
  216259 requests in 2.00s, 71.15MB read
Requests/sec: 108076.42
Transfer/sec:     35.56MB
`;

describe('the output of wrk', () => {
  it('is read: requests, rate and percentiles in microseconds', () => {
    expect(parseWrk(OUTPUT)).to.deep.equal({
      requests: 216_259,
      requestsPerSecond: 108_076.42,
      p50: 271,
      p99: 1250,
      errors: 0,
    });
  });

  it('has its socket errors and refusals counted', () => {
    const lines = '  Socket errors: connect 1, read 20, write 0, timeout 300\n  Non-2xx or 3xx responses: 4000\n';
    expect(parseWrk(OUTPUT.replace('Requests/sec', `${lines}Requests/sec`)).errors).to.equal(4321);
  });

  it('that says something else is an error which shows it', () => {
    expect(() => parseWrk('unable to connect to 10.0.0.1')).to.throw('unable to connect to 10.0.0.1');
  });
});
