/** Where a log goes, as an option says it. */
import type { SyslogTarget } from './sink/syslog.js';

/**
 * Where a log goes.
 *
 * @example
 * ```ts
 * import type { LogTarget } from 'fastpath';
 *
 * export const target: LogTarget = { kind: 'syslog', to: { address: '10.77.0.1', port: 514 } };
 * ```
 */
export type LogTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdout' }
  /** Nowhere: records are made for those who watch and for histograms, and no line is written. */
  | { readonly kind: 'none' }
  | { readonly kind: 'syslog'; readonly to: SyslogTarget };

const LOCAL_SYSLOG = '/dev/log';
const SYSLOG_PORT = 514;

/**
 * Reads `access.log`, `-`, `none`, `syslog:`, `syslog:/run/log`, `syslog:192.0.2.1`, `syslog:[2001:db8::1]:1514`.
 * @throws {RangeError} that says what would be right
 */
export function parseLogTarget(text: string): LogTarget {
  if (text === '') throw new RangeError('A file, - for standard output, syslog: or none is expected.');
  if (text === '-') return { kind: 'stdout' };
  if (text === 'none') return { kind: 'none' };
  if (!text.startsWith('syslog:')) return { kind: 'file', path: text };
  return { kind: 'syslog', to: parseSyslog(text.slice('syslog:'.length)) };
}

function parseSyslog(text: string): SyslogTarget {
  if (text === '') return { path: LOCAL_SYSLOG };
  if (text.startsWith('/')) return { path: text };
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[3] === undefined ? SYSLOG_PORT : Number(match[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw new RangeError('After syslog: comes nothing, a path, 192.0.2.1:514 or [2001:db8::1]:514.');
  }
  return { address: match[1] ?? match[2] ?? '', port };
}
