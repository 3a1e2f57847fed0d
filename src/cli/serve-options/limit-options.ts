/** The options of `fastpath serve` for the limits of HTTP, and the Server field. */
import { type Command, Option } from 'commander';
import { DEFAULT_LIMITS, type HttpLimits, MAY_BE_ZERO } from '../../http/limits.js';
import { defined, type PartialOptions } from '../../serve/configured.js';
import { DEFAULTS } from '../../serve/options.js';
import { formatBytes, formatDuration } from '../../words/numbers.js';
import { parseCount, parseDuration, parseFieldValue, parseSize, positive } from '../option-values.js';

/** What commander hands over, beside a number for each of `LIMIT_OPTIONS`. */
export interface LimitFlags {
  readonly serverHeader: string;
}

/** The options for `HttpLimits`: name on the command line, what it bounds, and how it is read. */
const LIMIT_OPTIONS: readonly (readonly [keyof HttpLimits, string, string])[] = [
  ['requestLineBytes', '--max-request-line <size>', 'longest request line, else 414'],
  ['headerBytes', '--max-header <size>', 'longest header section, else 431'],
  ['headerFields', '--max-fields <count>', 'most header fields, else 431'],
  ['bodyBytes', '--max-body <size>', 'longest request body that is read past, else 413'],
  ['requestsPerConnection', '--max-requests <count>', 'requests on one connection before it is closed'],
  ['idleTimeoutMs', '--idle-timeout <time>', 'silence between two requests before the connection is closed'],
  ['headTimeoutMs', '--head-timeout <time>', 'from the first byte of a request to the end of its head, else 408'],
  ['requestTimeoutMs', '--request-timeout <time>', 'from the first to the last byte of a request, else 408'],
  ['stallTimeoutMs', '--stall-timeout <time>', 'an answer that is not taken this long ends its connection'],
  ['requestRateBytes', '--min-request-rate <size>', 'a request that comes slower, per second, gets 408; 0: any'],
  ['answerRateBytes', '--min-answer-rate <size>', 'an answer that is taken slower, per second, is reset; 0: any'],
  ['connectionsPerClient', '--max-connections-per-client <count>', 'more of one address or IPv6 /64 are reset; 0: any'],
  ['unfinishedPerClient', '--max-unfinished-per-client <count>', 'half-sent requests of one client, else 429; 0: any'],
  ['requestRate', '--max-request-rate <count>', 'requests a second of one client, else 429; 0: any'],
  ['requestBurst', '--request-burst <count>', 'requests that a client may send at once before its rate counts'],
];

/** Adds the limits of HTTP to a command. */
export function addLimitOptions(command: Command): void {
  command.optionsGroup('HTTP limits:');
  for (const [name, flags, meaning] of LIMIT_OPTIONS) command.addOption(limitOption(name, flags, meaning));
  command.option(
    '--server-header <text>',
    'the Server field of responses; empty for none',
    parseFieldValue,
    DEFAULTS.serverHeader,
  );
}

function limitOption(name: keyof HttpLimits, flags: string, meaning: string): Option {
  const value = DEFAULT_LIMITS[name];
  const option = new Option(flags, meaning);
  const least = MAY_BE_ZERO.has(name) ? 0 : 1;
  if (flags.endsWith('<size>')) {
    return option.argParser(least === 0 ? parseSize : positive(parseSize)).default(value, formatBytes(value));
  }
  if (flags.endsWith('<time>')) return option.argParser(positive(parseDuration)).default(value, formatDuration(value));
  return option.argParser(parseCount(least, 2 ** 31 - 1)).default(value);
}

/** The part of the server's options, from the flags that were given. */
export function limitOptionsOf(flags: Partial<LimitFlags>): PartialOptions {
  const given = flags as unknown as Readonly<Record<string, number>>;
  const limits = LIMIT_OPTIONS.map(([name, text]) => [name, given[new Option(text).attributeName()]]);
  return defined({
    limits: defined(Object.fromEntries(limits) as Partial<HttpLimits>),
    serverHeader: flags.serverHeader,
  });
}
