/** `tcp`: the settings of TCP. Their table is src/net/tcp/settings.ts; each becomes a key here. */
import type { z } from 'zod';
import { type Setting, TCP_SETTINGS, type TcpSettings } from '../../../net/tcp/settings.js';
import { choice, count, duration, key, section, size, toggle } from '../keys.js';

type Value = string | number | boolean;

const MICROSECONDS = 1000;
/** A server waits for fewer handshakes than TCP would: DEFAULTS of src/serve/options.ts. */
const SERVER_DEFAULTS: Readonly<Record<string, Value>> = { backlog: 1_024 };

function typeOf({ unit, choices, min = 0, max = 0 }: Setting<Value>): z.ZodType {
  switch (unit) {
    case 'switch':
      return toggle();
    case 'choice':
      return choice(...(choices as unknown as [string, ...string[]]));
    case 'bytes':
      return size(min, max);
    case 'microseconds':
      return duration(min / MICROSECONDS, max / MICROSECONDS).transform((milliseconds) => MICROSECONDS * milliseconds);
    default:
      return count(min, max);
  }
}

/** A default as one would write it. */
function written({ unit, value }: Setting<Value>): Value {
  if (unit === 'microseconds') return writtenDuration(Number(value) / MICROSECONDS);
  if (unit === 'bytes') return writtenSize(Number(value));
  return value;
}

function writtenDuration(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

function writtenSize(bytes: number): Value {
  if (bytes > 0 && bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20}M`;
  return bytes > 0 && bytes % 1024 === 0 ? `${bytes / 1024}k` : bytes;
}

const KEYS = Object.fromEntries(
  Object.entries(TCP_SETTINGS as Record<string, Setting<Value>>).map(([name, setting]) => [
    name,
    key(typeOf(setting), {
      description: `${setting.meaning} [${setting.source}]`,
      default: SERVER_DEFAULTS[name] ?? written(setting),
    }),
  ]),
) as unknown as { [Name in keyof TcpSettings]: z.ZodExactOptional<z.ZodType<TcpSettings[Name], unknown>> };

export const TCP = section(KEYS);
