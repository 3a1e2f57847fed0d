/** The metrics: every counter has one, names follow the conventions, and the numbers are those of the counters. */
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { Metrics, UNNAMED } from '../../src/admin/metrics.js';
import { METRICS, NAMED_COUNTERS } from '../../src/admin/table/index.js';
import { countersOf } from '../../src/admin/table/metric.js';
import { HttpStatistics } from '../../src/http/sending/statistics.js';
import { RecordView } from '../../src/log/format/record-view.js';
import { Traffic } from '../../src/log/traffic.js';
import { makeLogBench } from '../log/support.js';
import { get } from '../support/http-bench.js';
import { needs } from '../support/serve-process.js';
import { fullCounters, published, reading, wholeCounters } from './support.js';

/** The value of a sample, by its name with labels as it is printed. */
function sampleOf(text: string, sample: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
  if (line === undefined) throw new Error(`there is no ${sample}`);
  return Number(line.slice(sample.length + 1));
}

/** The traffic of some requests: three of a file, one of nothing, one that is not acknowledged to its end. */
async function someTraffic() {
  const { bench, reader } = await makeLogBench();
  for (let i = 0; i < 3; i++) bench.feed([get('/a')]);
  bench.feed([get('/none')]);
  const traffic = new Traffic();
  const view = new RecordView(reader, 0);
  for (let i = 0; i < reader.waiting; i++) {
    view.moveTo(reader.slotAt(i));
    traffic.take(view);
  }
  return traffic.snapshot();
}

describe('metrics', () => {
  it('have a name for every counter of a worker and of the server', () => {
    const counters = [...published(fullCounters()).keys(), ...wholeCounters().keys()];
    expect(counters.filter((name) => !NAMED_COUNTERS.has(name))).to.deep.equal([]);
  });

  it('name no counter that does not exist, and none twice', () => {
    const there = new Set([...published(fullCounters()).keys(), ...wholeCounters().keys()]);
    const named = METRICS.flatMap((metric) => countersOf(metric).map(([, counter]) => counter));
    expect(named.filter((name) => !there.has(name))).to.deep.equal([]);
    expect(named.filter((name, i) => named.indexOf(name) !== i)).to.deep.equal([]);
  });

  it('have names, helps and labels as Prometheus wants them', () => {
    for (const { name, help, source } of METRICS) {
      expect(name).to.match(/^fastpath_[a-z0-9]+(_[a-z0-9]+)*$/);
      expect(name, 'a unit that is no base unit').not.to.match(/millis|micros|kilo|_ms\b|_kb\b/);
      expect(help, name).to.match(/^[A-Z0-9].*\.$|^V8/);
      if (typeof source !== 'string') expect(source.label, name).to.match(/^[a-z_]+$/);
    }
    const names = METRICS.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('pass promtool check metrics', async function () {
    needs(this, 'promtool');
    const text = await new Metrics({ read: () => reading([fullCounters()], []) }).text();
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).to.equal('');
    expect(status).to.equal(0);
  });

  it('pass promtool with the histograms too', async function () {
    needs(this, 'promtool');
    const traffic = await someTraffic();
    const text = await new Metrics({ read: () => reading([fullCounters()], traffic) }).text();
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).to.equal('');
  });

  it('add the workers up, or have a line for each, and are read anew for each scrape', async () => {
    const [first, second] = [new HttpStatistics(), new HttpStatistics()];
    const workers = [fullCounters(first), fullCounters(second)];
    const metrics = new Metrics({ read: () => reading(workers) });
    first.requests = 3;
    second.requests = 4;
    second.clientErrors = 1;
    const text = await metrics.text();
    expect(sampleOf(text, 'fastpath_http_requests_total')).to.equal(7);
    expect(sampleOf(text, 'fastpath_http_responses_total{status="4xx"}')).to.equal(1);
    expect(sampleOf(text, 'fastpath_worker_heartbeat_total{worker="1"}')).to.equal(1);
    expect(sampleOf(text, 'fastpath_uptime_seconds')).to.equal(12.5);
    first.requests = 10;
    expect(sampleOf(await metrics.text(), 'fastpath_http_requests_total')).to.equal(14);
  });

  it('show microseconds as seconds', async () => {
    const counters = fullCounters();
    counters.heap.collectionMicroseconds = 1_500;
    const text = await new Metrics({ read: () => reading([counters]) }).text();
    expect(sampleOf(text, 'fastpath_worker_gc_seconds_total{worker="0"}')).to.be.closeTo(0.0015, 1e-9);
  });

  it('show a counter without a metric by its internal name, so that it is not lost', async () => {
    const one = reading([fullCounters()]);
    const whole = new Map([...one.whole, ['news.arrived', 5] as const]);
    const text = await new Metrics({ read: () => ({ ...one, whole }) }).text();
    expect(sampleOf(text, `${UNNAMED}{counter="news.arrived"}`)).to.equal(5);
  });

  it('have histograms and counts by site, from the records of the access log', async () => {
    const traffic = await someTraffic();
    const text = await new Metrics({ read: () => reading([fullCounters()], traffic) }).text();
    expect(sampleOf(text, 'fastpath_http_site_responses_total{site="shop",class="2xx"}')).to.equal(3);
    expect(sampleOf(text, 'fastpath_http_site_responses_total{site="shop",class="4xx"}')).to.equal(1);
    expect(sampleOf(text, 'fastpath_http_site_cache_results_total{site="shop",result="miss"}')).to.equal(1);
    expect(sampleOf(text, 'fastpath_http_site_slow_paths_total{site="shop",reason="no-object"}')).to.equal(1);
    expect(sampleOf(text, 'fastpath_http_response_size_bytes_count{site="shop"}')).to.equal(4);
    expect(sampleOf(text, 'fastpath_http_request_duration_seconds_count{site="shop"}')).to.equal(4);
    expect(sampleOf(text, 'fastpath_http_request_duration_seconds_bucket{site="shop",le="+Inf"}')).to.equal(4);
  });

  it('begin with 0 for each site that is known, so that a rate sees the first increment', async () => {
    const one = reading([fullCounters()], []);
    const sites = new Map([
      [0, 'shop'],
      [1, 'blog'],
      [2, 'shop'],
      [64, 'far'],
    ]);
    const text = await new Metrics({ read: () => ({ ...one, sites }) }).text();
    for (const site of ['shop', 'blog', 'others']) {
      expect(sampleOf(text, `fastpath_http_site_responses_total{site="${site}",class="5xx"}`), site).to.equal(0);
      expect(sampleOf(text, `fastpath_http_request_duration_seconds_count{site="${site}"}`), site).to.equal(0);
    }
    expect(text).not.to.contain('site="far"');
    const without = await new Metrics({ read: () => ({ ...one, sites, traffic: undefined }) }).text();
    expect(without, 'without a log nothing is known').not.to.contain('fastpath_http_site_responses_total{');
  });

  it('are one series for a site that has had several numbers', async () => {
    const traffic = await someTraffic();
    const again = traffic.map(({ values }) => ({ site: 2, values }));
    const one = reading([fullCounters()], [...traffic, ...again]);
    const sites = new Map([...one.sites, [2, 'shop'] as const]);
    const text = await new Metrics({ read: () => ({ ...one, sites }) }).text();
    expect(sampleOf(text, 'fastpath_http_site_responses_total{site="shop",class="2xx"}')).to.equal(6);
    expect(sampleOf(text, 'fastpath_http_request_duration_seconds_count{site="shop"}')).to.equal(8);
    expect(text.match(/^fastpath_http_request_duration_seconds_count\{/gm)).to.have.length(1);
  });

  it('are Node’s own too: loop lag, garbage collections, heap, process', async () => {
    const text = await new Metrics({ read: () => reading([fullCounters()]) }).text();
    expect(text)
      .to.match(/^process_cpu_seconds_total /m)
      .and.match(/^nodejs_eventloop_lag_seconds /m);
    expect(text)
      .to.match(/^# TYPE nodejs_gc_duration_seconds histogram$/m)
      .and.match(/^process_resident_memory_bytes /m);
  });
});
