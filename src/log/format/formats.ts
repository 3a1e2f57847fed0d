/** The formats of an access log by name. Each is a file in this folder. */
import type { SiteNames } from '../messages.js';
import { CommonFormat } from './common.js';
import { JsonFormat } from './json.js';
import type { Line } from './line.js';
import type { RecordView } from './record-view.js';
import { W3cFormat } from './w3c.js';

export const LOG_FORMATS = ['common', 'combined', 'json', 'w3c'] as const satisfies readonly LogFormat[];
/** The name of a format. @see {@link AccessLogOptions} */
export type LogFormat = 'common' | 'combined' | 'json' | 'w3c';

/** Writes records as lines. */
export interface RecordFormat {
  /** What a new file begins with, if anything. `now`: milliseconds since 1970. */
  header(line: Line, now: number): void;
  /** One line, with its line feed. The caller has made room for `LONGEST_LINE` bytes. */
  write(line: Line, view: RecordView): void;
  /** How the sites are called from now on; a site without a name is its number. Not there: no line names a site. */
  name?(sites: SiteNames): void;
}

/** A new format of this name. It calls sites by their numbers until `name` is called. */
export function createFormat(name: LogFormat): RecordFormat {
  if (name === 'json') return new JsonFormat();
  return name === 'w3c' ? new W3cFormat() : new CommonFormat(name === 'combined');
}
