/**
 * Lines of an access log, read back: JSON, Common, Combined and W3C. What a format does not have is not there.
 */
import { parseCommonTime } from '../format/time.js';

/** One request, by the names of the JSON format. */
export type LogEntry = Readonly<Record<string, string | number | boolean | readonly number[] | undefined>>;

const COMMON =
  /^(\S+) \S+ \S+ \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?$/;

/** The names of W3C's fields in JSON. */
const W3C_NAMES: Readonly<Record<string, string>> = {
  'c-ip': 'client',
  'c-port': 'port',
  'cs-method': 'method',
  'cs-host': 'host',
  'sc-status': 'status',
  'sc-bytes': 'bytes',
  'time-taken': 'taken',
  'cs(User-Agent)': 'agent',
  'cs(Referer)': 'referer',
  'x-site': 'site',
  'x-cache': 'cache',
  'x-coding': 'coding',
  'x-reason': 'reason',
  'x-closed': 'closed',
  'x-transaction': 'transaction',
};
const NUMBERS = new Set(['port', 'status', 'bytes', 'taken']);

/** Reads a file line by line: the directives of W3C say what comes behind them. */
export class LogParser {
  #fields: readonly string[] | undefined;

  /** The request of this line; undefined: it has none (a directive, an empty line, or no line of a log). */
  parse(line: string): LogEntry | undefined {
    if (line.startsWith('{')) return parseJson(line);
    if (line.startsWith('#')) {
      if (line.startsWith('#Fields: ')) this.#fields = line.slice('#Fields: '.length).trim().split(/\s+/);
      return undefined;
    }
    return this.#fields === undefined ? parseCommon(line) : parseW3c(line, this.#fields);
  }
}

function parseJson(line: string): LogEntry | undefined {
  try {
    const entry = JSON.parse(line) as LogEntry;
    if (typeof entry.status !== 'number') return undefined;
    const taken = entry.ended ?? entry.last; // what W3C calls time-taken
    return withPath(taken === undefined ? entry : { ...entry, taken });
  } catch {
    return undefined;
  }
}

function parseCommon(line: string): LogEntry | undefined {
  const match = COMMON.exec(line);
  if (match === null) return undefined;
  const [, client = '', time = '', quoted = '', status, bytes, referer, agent] = match;
  const milliseconds = parseCommonTime(time);
  if (Number.isNaN(milliseconds)) return undefined;
  const request = unescaped(quoted);
  const parts = /^(\S+) (\S+) HTTP\/(1\.\d)$/.exec(request);
  const asked = parts === null ? { line: request } : { method: parts[1], target: parts[2], version: parts[3] };
  return withPath({
    time: new Date(milliseconds).toISOString(),
    client,
    ...asked,
    status: Number(status),
    bytes: bytes === '-' ? 0 : Number(bytes),
    ...(referer !== undefined && referer !== '-' && { referer: unescaped(referer) }),
    ...(agent !== undefined && agent !== '-' && { agent: unescaped(agent) }),
  });
}

function parseW3c(line: string, fields: readonly string[]): LogEntry | undefined {
  const values = line.split(' ');
  if (values.length !== fields.length) return undefined;
  const raw = new Map(fields.map((field, i) => [field, values[i] ?? '-']));
  const entry: Record<string, string | number> = { time: `${raw.get('date')}T${raw.get('time')}Z` };
  for (const [field, name] of Object.entries(W3C_NAMES)) {
    const value = raw.get(field);
    if (value === undefined || value === '-') continue;
    entry[name] = NUMBERS.has(name) ? Number(value) : unplussed(value);
  }
  const [stem = '-', query = '-'] = [raw.get('cs-uri-stem'), raw.get('cs-uri-query')];
  if (raw.get('cs-method') === '-') entry.line = unplussed(stem);
  else entry.target = query === '-' ? stem : `${stem}?${query}`;
  return withPath(entry);
}

/** The target without its query. */
function withPath(entry: LogEntry): LogEntry {
  return typeof entry.target === 'string' ? { ...entry, path: entry.target.replace(/\?.*$/s, '') } : entry;
}

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, code: string | undefined, other: string) =>
    code === undefined ? other : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function unplussed(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  return spaced.replace(/%([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
