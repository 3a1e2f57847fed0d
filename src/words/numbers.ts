/** Numbers for people: all commands and messages write them in the same way. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `512 B`, `64 KiB`, `1.5 MiB`: binary units, at most one decimal. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1_024 && unit < UNITS.length - 1; unit++) value /= 1_024;
  return `${Number(value.toFixed(value < 10 && unit > 0 ? 1 : 0))} ${UNITS[unit]}`;
}

/** `12,345`, rounded to a whole number. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `1 download`, `2 downloads`. */
export function countOf(count: number, noun: string): string {
  const shown = formatCount(count);
  return `${shown} ${noun}${shown === '1' ? '' : 's'}`;
}

/** `once`, `2 times`. */
export function formatTimes(count: number): string {
  return count === 1 ? 'once' : `${formatCount(count)} times`;
}

/** `500 ms`, `15 s`, `2 min`, `3 h 20 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `99.8 %`. */
export function formatPercent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}
