/** The metrics of the reverse proxy, by upstream and server. They have no values without upstreams. */
import type { Registry } from 'prom-client';
import type { ServerStatistics, UpstreamReading, UpstreamStatistics } from '../proxy/statistics.js';
import { addCollected, type Sample } from './collected.js';
import type { Reading } from './source.js';

/** A metric of upstreams or of their servers: one counter, or one for each value of a label. */
export interface UpstreamMetric {
  readonly name: string;
  readonly help: string;
  readonly of: 'upstream' | 'server';
  /** Undefined: there is one counter, under the name ''. */
  readonly label?: string;
  readonly counters: Readonly<Record<string, string>>;
  /** What a counter is multiplied with, so that its unit is a base unit. */
  readonly scale?: number;
}

type Named<T> = Readonly<Record<string, keyof T & string>>;

function ofUpstream(name: string, counters: keyof UpstreamStatistics | Named<UpstreamStatistics>, help: string) {
  return metricOf('upstream', `fastpath_upstream_${name}`, counters, 'result', help);
}

function ofServer(
  name: string,
  counters: keyof ServerStatistics | Named<ServerStatistics>,
  help: string,
  label = 'result',
): UpstreamMetric {
  return metricOf('server', `fastpath_upstream_server_${name}`, counters, label, help);
}

function metricOf(
  of: 'upstream' | 'server',
  name: string,
  counters: string | Readonly<Record<string, string>>,
  label: string,
  help: string,
): UpstreamMetric {
  if (typeof counters === 'string') return { name, help, of, counters: { '': counters } };
  return { name, help, of, label, counters };
}

export const UPSTREAM_METRICS: readonly UpstreamMetric[] = [
  ofUpstream('requests_total', 'requests', 'Requests that were to be forwarded.'),
  ofUpstream(
    'own_responses_total',
    { 502: 'badGateway', 503: 'unavailable', 504: 'gatewayTimeouts', refused: 'refused' },
    'Answers of our own in place of an upstream. refused: the request cannot be sent on.',
  ),
  ofUpstream('broken_total', 'broken', 'Answers that broke off after their head had been sent.'),
  ofUpstream('queued_total', 'queued', 'Requests that waited, because all servers had as many as they may.'),
  ofUpstream('waiting', 'waiting', 'Requests that wait so now.'),
  ofUpstream('retries_withheld_total', 'retriesWithheld', 'Retries that there was no budget for.'),
  ofServer('attempts_total', 'requests', 'Requests that a server was given, retries included.'),
  ofServer('retries_total', 'retries', 'Those of them that another attempt had failed before.'),
  ofServer(
    'responses_total',
    {
      '1xx': 'informational',
      '2xx': 'success',
      '3xx': 'redirection',
      '4xx': 'clientErrors',
      '5xx': 'serverErrors',
    },
    'Answers by class of status.',
    'class',
  ),
  ofServer(
    'failures_total',
    {
      connect: 'connectFailures',
      reset: 'resets',
      timeout: 'timeouts',
      bad_answer: 'badAnswers',
      unavailable: 'unavailable',
      client: 'abandoned',
    },
    'Attempts that failed. unavailable: 502, 503 or 504, tried once more. client: it went away.',
    'reason',
  ),
  ofServer('active', 'active', 'Requests that a server has now.'),
  ofServer('tunnels', 'tunnels', 'Connections that Upgrade has made something else, now.'),
  ofServer('upgrades_total', 'upgrades', 'Connections that became so.'),
  ofServer('health', 'health', '1: up; 0.5: paused, because requests failed; 0: down, because checks failed.'),
  ofServer('checks_total', 'checks', 'Health checks.'),
  ofServer('failed_checks_total', 'failedChecks', 'Those of them that failed.'),
  {
    ...ofServer('head_seconds_total', 'headMs', 'From the beginning of attempts to the heads of their answers.'),
    scale: 0.001,
  },
  ofServer('heads_total', 'heads', 'How many heads that was.'),
  ofServer('sent_bytes_total', 'bytesSent', 'Bytes of bodies of requests.'),
  ofServer('received_bytes_total', 'bytesReceived', 'Bytes of bodies of answers.'),
];

/** The labels of a metric. */
export function upstreamLabels({ of, label }: UpstreamMetric): string[] {
  const place = of === 'server' ? ['upstream', 'server'] : ['upstream'];
  return label === undefined ? place : [...place, label];
}

/** Metrics of upstreams and their servers, read when somebody scrapes. */
export function addUpstreamMetrics(registry: Registry, now: () => Reading): void {
  for (const metric of UPSTREAM_METRICS) {
    const values = () => (now().upstreams ?? []).flatMap((upstream) => samples(metric, upstream));
    addCollected(registry, metric, upstreamLabels(metric), values);
  }
}

function samples({ of, label, counters, scale = 1 }: UpstreamMetric, { name, ...reading }: UpstreamReading): Sample[] {
  const places =
    of === 'upstream'
      ? [{ labels: { upstream: name }, counters: reading.counters as object }]
      : reading.servers.map(({ url, ...each }) => ({ labels: { upstream: name, server: url }, ...each }));
  return places.flatMap((place) =>
    Object.entries(counters).map(([value, counter]): Sample => {
      const labels: Record<string, string> = label === undefined ? place.labels : { ...place.labels, [label]: value };
      return [labels, ((place.counters as Record<string, number>)[counter] ?? 0) * scale];
    }),
  );
}
