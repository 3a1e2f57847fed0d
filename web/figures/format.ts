/** Numbers as people read them. */

const THIN = '\u202f';

/** 1,234,567 with thin spaces. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, THIN);
}

/** Bytes: `512 B`, `12.3 kB`, `1.25 MB`. */
export function bytes(value: number): string {
  return scaled(value, 'B');
}

/** Bits a second. */
export function rate(value: number): string {
  return scaled(value, 'bit/s');
}

/** Microseconds: `85 µs`, `12.3 ms`, `1.250 s`. */
export function duration(microseconds: number | undefined): string {
  if (microseconds === undefined || !Number.isFinite(microseconds)) return '–';
  const size = Math.abs(microseconds);
  if (size < 1_000) return `${Math.round(microseconds)} µs`;
  if (size < 1_000_000) return `${digits(microseconds / 1_000)} ms`;
  return `${digits(microseconds / 1_000_000)} s`;
}

/** Microseconds as seconds with six digits. */
export function seconds(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6);
}

/** A 16-bit sum in hexadecimal. */
export function hex16(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}

/** `1 frame`, `2 frames`. */
export function many(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

function scaled(value: number, unit: string): string {
  for (const [factor, prefix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (value >= factor) return `${digits(value / factor)} ${prefix}${unit}`;
  }
  return `${Math.round(value)} ${unit}`;
}

function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
