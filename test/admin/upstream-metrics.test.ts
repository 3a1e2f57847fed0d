import { expect } from 'chai';
import { Metrics } from '../../src/admin/metrics.js';
import { UPSTREAM_METRICS } from '../../src/admin/upstream-metrics.js';
import { newServerStatistics, newUpstreamStatistics } from '../../src/proxy/statistics.js';
import { reading } from './support.js';

describe('the metrics of upstreams', () => {
  const counters = { ...newUpstreamStatistics(), requests: 7, gatewayTimeouts: 2 };
  const server = { ...newServerStatistics(), resets: 3, health: 0.5, headMs: 1_500 };
  const upstreams = [{ name: 'app', counters, servers: [{ url: 'http://127.0.0.1:3000', counters: server }] }];

  it('have the name of the upstream and the URL of the server', async () => {
    const text = await new Metrics({ read: () => ({ ...reading([]), upstreams }) }).text();
    const place = 'upstream="app",server="http://127.0.0.1:3000"';
    for (const line of [
      'fastpath_upstream_requests_total{upstream="app"} 7',
      'fastpath_upstream_own_responses_total{upstream="app",result="504"} 2',
      `fastpath_upstream_server_failures_total{${place},reason="reset"} 3`,
      `fastpath_upstream_server_health{${place}} 0.5`,
      `fastpath_upstream_server_head_seconds_total{${place}} 1.5`,
    ]) {
      expect(text.split('\n')).to.include(line);
    }
  });

  it('show every counter of an upstream and of a server', () => {
    const shown = (of: string) =>
      UPSTREAM_METRICS.filter((metric) => metric.of === of).flatMap((metric) => Object.values(metric.counters));
    expect(shown('upstream').sort()).to.deep.equal(Object.keys(newUpstreamStatistics()).sort());
    expect(shown('server').sort()).to.deep.equal(Object.keys(newServerStatistics()).sort());
  });
});
