/**
 * The values of options: text from the command line to numbers, or a sentence that says what would have been right.
 * Commander prints the message of an `InvalidArgumentError` together with the option's name and exits with status 2.
 * What the texts mean is in src/site/values.ts, which the configuration file uses too.
 */
import { InvalidArgumentError } from 'commander';
import * as values from '../site/values.js';

/** A parser for commander out of one that throws a RangeError. */
function forOption<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

/** `4096`, `64k`, `256M`, `1.5GiB` as bytes; a k is 1,024. */
export const parseSize = forOption(values.parseSize);
/** `500ms`, `15s`, `15` (seconds), `2m`, `1h` as milliseconds. */
export const parseDuration = forOption(values.parseDuration);
/** The least time between two looks of a command that watches: a server is asked for all its counters each time. */
const LEAST_INTERVAL_MS = 100;

/** The time between two looks. */
export function parseInterval(text: string): number {
  const interval = parseDuration(text);
  if (interval >= LEAST_INTERVAL_MS) return interval;
  throw new InvalidArgumentError(`Too small: the least is ${LEAST_INTERVAL_MS}ms.`);
}

/** A duration, or `forever`, which is Infinity. */
export const parseGrace = forOption(values.parseGrace);
/** `10.77.0.1/24`; without a length, /24 for IPv4 and /64 for IPv6. */
export const parseNetwork = forOption(values.parseNetwork);
/** `10.77.0.2/24`, `dhcp` or `auto`. */
export const parseAddressWish = forOption(values.parseAddressWish);
/** A name for the tables of a DHCP server. */
export const parseHostName = forOption(values.parseHostName);
/** Six bytes of a unicast Ethernet address, `02:00:00:00:00:01`. */
export const parseUnicastMac = forOption(values.parseUnicastMac);
/** An interface name as Linux takes it. */
export const parseInterfaceName = forOption(values.parseInterfaceName);
/** The value of a header field: printable ASCII, or nothing. */
export const parseFieldValue = forOption(values.parseFieldValue);

/** `10.77.0.1`: an address without a length, of the family that is asked for. */
export function parseRouter(family: 'IPv4' | 'IPv6') {
  return forOption(values.parseRouter(family));
}

/** A parser of whole numbers from `min` to `max`. */
export function parseCount(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Not a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** The same parser of a number, but 0 is refused. */
export function positive(parse: (text: string) => number): (text: string) => number {
  return (text) => {
    const value = parse(text);
    if (value < 1) throw new InvalidArgumentError('Must be more than nothing.');
    return value;
  };
}

/** The parser of an option that may be given several times, out of the parser of one value. */
export function collect<T>(parse: (text: string) => T): (text: string, before: readonly T[] | undefined) => T[] {
  return (text, before) => [...(before ?? []), parse(text)];
}

export const collectAddresses = collect(parseAddressWish);
