import { expect } from 'chai';
import { KEPT_METRICS } from '../../src/admin/kept-metrics.js';
import { Metrics } from '../../src/admin/metrics.js';
import { sampleOf, statRows } from '../../src/admin/stat.js';
import { SharedCacheStatistics } from '../../src/shared-cache/statistics.js';
import { reading } from './support.js';

describe('the metrics of kept answers', () => {
  const size = { answers: 3, bytes: 4_000, limitBytes: 65_536, evicted: 0, fetching: 1 };
  const counters = { ...new SharedCacheStatistics(), ...size, hits: 5, staleHits: 2, refusedAuthorization: 4 };
  const caches = [
    { name: '', counters },
    { name: 'app', counters: { ...counters, hits: 6 } },
  ];

  it('have the name of the upstream; the handler has one that no upstream has', async () => {
    const text = await new Metrics({ read: () => ({ ...reading([]), caches }) }).text();
    for (const line of [
      'fastpath_kept_requests_total{upstream="(handler)",result="hit"} 5',
      'fastpath_kept_requests_total{upstream="app",result="hit"} 6',
      'fastpath_kept_requests_total{upstream="app",result="stale"} 2',
      'fastpath_kept_refused_total{upstream="app",reason="authorization"} 4',
      'fastpath_kept_answers{upstream="app"} 3',
      'fastpath_kept_limit_bytes{upstream="app"} 65536',
    ]) {
      expect(text.split('\n')).to.include(line);
    }
  });

  it('show every counter of a cache', () => {
    const shown = KEPT_METRICS.flatMap((metric) => Object.values(metric.counters));
    expect(shown.sort()).to.deep.equal(Object.keys(counters).sort());
  });

  it('stand in the table of "stat" too; what can go down has no rate', () => {
    const answer = (time: number, hits: number) => ({
      time: new Date(time).toISOString(),
      uptimeSeconds: 10,
      caches: [{ name: 'app', counters: { ...counters, hits } }],
    });
    const rows = statRows(sampleOf(answer(2_000, 30)), sampleOf(answer(1_000, 20)));
    const rowOf = (name: string) => rows.find((row) => row.name === `kept.app.${name}`);
    expect(rowOf('hits')).to.deep.equal({ name: 'kept.app.hits', value: 30, perSecond: 10, average: 3 });
    expect(rowOf('bytes')).to.deep.equal({ name: 'kept.app.bytes', value: 4_000 });
  });
});
