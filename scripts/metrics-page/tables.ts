/** The tables of docs/metrics.md, made from the tables of metrics. The text around them is written by hand. */
import { KEPT_METRICS, keptLabels } from '../../src/admin/kept-metrics.js';
import { SHARE_METRICS } from '../../src/admin/share-metrics.js';
import { GROUPS } from '../../src/admin/table/index.js';
import { countersOf, labelsOf, type Metric, typeOf } from '../../src/admin/table/metric.js';
import { TRAFFIC_COUNTS, TRAFFIC_HISTOGRAMS } from '../../src/admin/traffic-metrics.js';
import { UPSTREAM_METRICS, upstreamLabels } from '../../src/admin/upstream-metrics.js';

const BEGIN = '<!-- metrics: made by "npm run metrics -- --write" -->';
const END = '<!-- end -->';

/** The page with its generated part made anew. @throws {Error} if it has no place for it */
export function withMetrics(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error('docs/metrics.md has no place for the metrics');
  return `${page.slice(0, begin + BEGIN.length)}\n${tables()}\n${page.slice(end)}`;
}

function tables(): string {
  const groups = GROUPS.map(([title, metrics]) => section(title, metrics.map(row)));
  const traffic = [
    ...TRAFFIC_HISTOGRAMS.map(({ name, help }) => cells(name, 'histogram', ['site'], help, '')),
    ...TRAFFIC_COUNTS.map(({ name, help, label, values }) =>
      cells(name, 'counter', ['site', label], help, `${label}: ${values.join(', ')}`),
    ),
  ];
  const shares = SHARE_METRICS.map(({ name, help }) => cells(name, 'counter', ['site'], help, ''));
  groups.push(section('Bandwidth', shares));
  const upstreams = UPSTREAM_METRICS.map((metric) => {
    const { name, help, label, counters } = metric;
    const values = label === undefined ? '' : `${label}: ${Object.keys(counters).join(', ')}`;
    return cells(name, name.endsWith('_total') ? 'counter' : 'gauge', upstreamLabels(metric), help, values);
  });
  groups.push(section('Reverse proxy', upstreams));
  const kept = KEPT_METRICS.map((metric) => {
    const { name, help, label, counters } = metric;
    const values = label === undefined ? '' : `${label}: ${Object.keys(counters).join(', ')}`;
    return cells(name, name.endsWith('_total') ? 'counter' : 'gauge', keptLabels(metric), help, values);
  });
  groups.push(section('Kept answers of handler and upstreams', kept));
  return [...groups, section('From the records of the access log', traffic)].join('\n\n');
}

function section(title: string, rows: readonly string[]): string {
  return [`### ${title}`, '', '| metric | type | labels | what it is |', '|---|---|---|---|', ...rows].join('\n');
}

function row(metric: Metric): string {
  const { name, help, source } = metric;
  const values =
    typeof source === 'string'
      ? ''
      : countersOf(metric)
          .map(([value]) => value)
          .join(', ');
  return cells(
    name,
    typeOf(metric),
    labelsOf(metric),
    help,
    values === '' ? '' : `${labelsOf(metric).at(-1)}: ${values}`,
  );
}

function cells(name: string, type: string, labels: readonly string[], help: string, values: string): string {
  const more = values === '' ? '' : ` (${values})`;
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help}${more} |`;
}
