/**
 * TCP's settings on the command line: `--tcp name=value`, and the list that `fastpath status --verbose` prints. Names
 * and meanings come from src/net/tcp/settings.ts.
 */
import { InvalidArgumentError } from 'commander';
import { type Setting, TCP_SETTINGS, type TcpSettings } from '../net/tcp/settings.js';
import { formatBytes, formatDuration } from '../words/numbers.js';
import { parseCount, parseDuration, parseSize } from './option-values.js';

type Value = string | number | boolean;

const SWITCH_WORDS: Readonly<Record<string, boolean>> = { on: true, true: true, off: false, false: false };

/** The parser of `--tcp`, which may be given several times. */
export function collectTcpSettings(text: string, before: Partial<TcpSettings> | undefined): Partial<TcpSettings> {
  const [name = '', value, ...rest] = text.split('=');
  if (!isSettingName(name)) {
    throw new InvalidArgumentError(`There is no setting "${name}"; "fastpath status --verbose" lists them.`);
  }
  if (value === undefined || rest.length > 0) throw new InvalidArgumentError('Not of the form name=value.');
  return { ...before, [name]: parseValue(TCP_SETTINGS[name], value) };
}

function isSettingName(name: string): name is keyof TcpSettings {
  return Object.hasOwn(TCP_SETTINGS, name);
}

function parseValue(setting: Setting<Value>, text: string): Value {
  switch (setting.unit) {
    case 'switch': {
      const on = SWITCH_WORDS[text];
      if (on === undefined) throw new InvalidArgumentError('Must be on or off.');
      return on;
    }
    case 'choice':
      if (!setting.choices!.includes(text)) throw new InvalidArgumentError(`Must be ${setting.choices!.join(', ')}.`);
      return text;
    case 'bytes':
      return within(setting, parseSize(text));
    case 'microseconds':
      return within(setting, 1000 * parseDuration(text));
    default:
      return parseCount(setting.min!, setting.max!)(text);
  }
}

function within(setting: Setting<Value>, value: number): number {
  if (value >= setting.min! && value <= setting.max!) return value;
  throw new InvalidArgumentError(`Must be from ${show(setting, setting.min!)} to ${show(setting, setting.max!)}.`);
}

/** A value as a person writes it. */
function show(setting: Setting<Value>, value: Value): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (setting.unit === 'bytes') return formatBytes(Number(value));
  if (setting.unit === 'microseconds') return formatDuration(Number(value) / 1000);
  return String(value);
}

/** Every setting: name, value now, default if that differs, meaning and source; one or two lines each. */
export function describeTcpSettings(changed: Partial<TcpSettings> = {}): string[] {
  const lines: string[] = [];
  for (const [name, setting] of Object.entries(TCP_SETTINGS) as [keyof TcpSettings, Setting<Value>][]) {
    const value = changed[name] ?? setting.value;
    const note = value === setting.value ? '' : ` (default: ${show(setting, setting.value)})`;
    lines.push(`  ${name.padEnd(24)} ${show(setting, value)}${note}`);
    lines.push(`  ${''.padEnd(24)} ${setting.meaning} [${setting.source}]`);
  }
  return lines;
}
