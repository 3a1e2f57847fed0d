/** What people take from the package: dashboard, alert rules and the page of metrics name metrics that there are. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';
import { withMetrics } from '../../scripts/metrics-page/tables.js';
import { Metrics } from '../../src/admin/metrics.js';
import { SHARE_METRICS } from '../../src/admin/share-metrics.js';
import { METRICS } from '../../src/admin/table/index.js';
import { countersOf, labelsOf } from '../../src/admin/table/metric.js';
import { TRAFFIC_COUNTS, TRAFFIC_HISTOGRAMS } from '../../src/admin/traffic-metrics.js';
import { needs } from '../support/serve-process.js';
import { fullCounters, reading } from './support.js';

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const textOf = (name: string) => readFileSync(path(name), 'utf8');

const RULES = 'packaging/prometheus/fastpath.rules.yaml';
const DASHBOARD = 'packaging/grafana/fastpath.json';

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

/** Every series that a scrape may have, by name. */
async function names(): Promise<ReadonlySet<string>> {
  const text = await new Metrics({ read: () => reading([fullCounters()]) }).text();
  const plain = Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name = '', type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
  );
  return new Set(['up', ...plain.flat()]);
}

/** The names of series in an expression of PromQL, and the values of labels that each is asked for. */
function seriesIn(expression: string): (readonly [name: string, labels: string])[] {
  const found = expression.matchAll(/\b((?:fastpath|process|nodejs)_[a-z0-9_]+|up)\b(?:\{([^}]*)\})?/g);
  return Array.from(found, ([, name = '', labels = '']) => [name, labels] as const);
}

function expressions(): string[] {
  const rules = (parse(textOf(RULES)) as Rules).groups.flatMap((group) => group.rules.map(({ expr }) => expr));
  const dashboard = JSON.parse(textOf(DASHBOARD)) as Dashboard;
  return [...rules, ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))];
}

describe('dashboard, alert rules and the page of metrics', () => {
  it('name only metrics that a scrape has', async () => {
    const known = await names();
    const used = expressions().flatMap((expression) => seriesIn(expression).map(([name]) => name));
    expect(used.length).to.be.greaterThan(40);
    expect(used.filter((name) => !known.has(name))).to.deep.equal([]);
  });

  it('ask for labels that the metrics have, and for values of them that there are', () => {
    const labels = new Map<string, ReadonlyMap<string, readonly string[] | undefined>>();
    for (const metric of METRICS) {
      const values = countersOf(metric).map(([value]) => value ?? '');
      const own = labelsOf(metric).map((label) => [label, label === 'worker' ? undefined : values] as const);
      labels.set(metric.name, new Map(own));
    }
    for (const { name, label, values } of TRAFFIC_COUNTS)
      labels.set(
        name,
        new Map([
          ['site', undefined],
          [label, values],
        ]),
      );
    for (const { name } of TRAFFIC_HISTOGRAMS) labels.set(`${name}_bucket`, new Map([['site', undefined]]));
    for (const [name, asked] of expressions().flatMap(seriesIn)) {
      for (const [, label = '', value = ''] of asked.matchAll(/(\w+)=~?"([^"]*)"/g)) {
        if (label === 'instance' || label === 'job') continue;
        const own = labels.get(name);
        expect(own?.has(label), `${name} has no label ${label}`).to.equal(true);
        const values = own?.get(label);
        if (values !== undefined) expect(values, `${label} of ${name}`).to.include(value);
      }
    }
  });

  it('has panels that do not lie on each other', () => {
    const taken = new Set<string>();
    for (const { title, gridPos } of (JSON.parse(textOf(DASHBOARD)) as Dashboard).panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x} ${y}`), title).to.equal(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });

  it('pass promtool check rules', function () {
    needs(this, 'promtool');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', path(RULES)], { encoding: 'utf8' });
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout).to.contain('SUCCESS: 12 rules found');
  });

  it('pass promtool check config, with the rules beside it', function () {
    needs(this, 'promtool');
    const config = path('packaging/prometheus/prometheus.yaml');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', config], { encoding: 'utf8' });
    expect(status, stdout + stderr).to.equal(0);
  });

  it('has every metric on its page: npm run metrics -- --write', () => {
    const page = textOf('docs/metrics.md');
    expect(withMetrics(page)).to.equal(page);
    const all = [...METRICS, ...SHARE_METRICS, ...TRAFFIC_COUNTS, ...TRAFFIC_HISTOGRAMS];
    for (const { name } of all) expect(page).to.contain(`| \`${name}\` |`);
  });
});
