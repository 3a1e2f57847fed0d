/** Numbers as people read them. `extra`: so many digits more than usual. */

import type { Rung } from './protocol.js';

/** `1,234,567`: with commas, as a thin space looks like two numbers in a font of one width. */
export function count(value: number, extra = 0): string {
  const [whole = '', fraction] = value.toFixed(extra).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Bytes: `512 B`, `12.3 kB`, `1.25 MB`. */
export function bytes(value: number, extra = 0): string {
  return scaled(value, 'B', extra);
}

/** Bits a second. */
export function rate(value: number, extra = 0): string {
  return scaled(value, 'bit/s', extra);
}

/** Things a second. */
export function perSecond(value: number, extra = 0): string {
  return `${count(value, extra)}/s`;
}

/** Microseconds: `85 µs`, `12.3 ms`, `1.250 s`. */
export function duration(microseconds: number | undefined, extra = 0): string {
  if (microseconds === undefined || !Number.isFinite(microseconds)) return '–';
  const size = Math.abs(microseconds);
  if (size < 1_000) return `${microseconds.toFixed(extra)} µs`;
  if (size < 1_000_000) return `${digits(microseconds / 1_000, extra)} ms`;
  return `${digits(microseconds / 1_000_000, extra)} s`;
}

const MOST_EXTRA_DIGITS = 6;

/** The labels of an axis: with as many digits as it takes to set neighbours apart. */
export function tickLabels(ticks: readonly number[], show: (value: number, extra: number) => string): string[] {
  for (let extra = 0; extra < MOST_EXTRA_DIGITS; extra++) {
    const labels = ticks.map((tick) => show(tick, extra));
    if (new Set(labels).size === labels.length) return labels;
  }
  return ticks.map((tick) => show(tick, MOST_EXTRA_DIGITS));
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

function scaled(value: number, unit: string, extra: number): string {
  for (const [factor, prefix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (value >= factor) return `${digits(value / factor, extra)} ${prefix}${unit}`;
  }
  return `${value.toFixed(extra)} ${unit}`;
}

function digits(value: number, extra: number): string {
  const size = Math.abs(value);
  return value.toFixed((size >= 100 ? 0 : size >= 10 ? 1 : 2) + extra);
}

/** The numbers of a segment, the most important first: where room is short, the last ones are left out. */
export function ladderNumbers({
  flags,
  sequence,
  acknowledgment,
  hasAck,
  length,
  window,
  hasScale,
  sack,
}: Rung): string[] {
  const parts = [`[${flags}]`, `seq ${count(sequence)}${length > 0 ? ` +${count(length)}` : ''}`];
  if (hasAck) parts.push(`ack ${count(acknowledgment)}`);
  for (let i = 0; i + 1 < sack.length; i += 2) parts.push(`sack ${count(sack[i] ?? 0)}–${count(sack[i + 1] ?? 0)}`);
  parts.push(`win ${count(window)}${hasScale ? '' : ' (scale unknown)'}`);
  return parts;
}
