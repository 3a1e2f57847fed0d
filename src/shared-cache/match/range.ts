/** Range requests against an answer of known length (RFC 9110 section 14). */

/** Bytes `from` up to, not including, `to`. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/** More ranges than this are no honest wish: the whole is sent (RFC 9110 section 14.2). */
export const MOST_RANGES = 16;

/** The parts that are asked for; 'whole' if the field does not count, 'unsatisfiable' if no part lies within. */
export type Ranges = readonly Part[] | 'whole' | 'unsatisfiable';

/** Reads a Range field for a representation of `length` bytes. */
export function rangesOf(value: string | undefined, length: number): Ranges {
  const [, list] = /^bytes=(.+)$/i.exec(value ?? '') ?? [];
  if (list === undefined) return 'whole';
  const specs = list
    .split(',')
    .map((spec) => spec.trim())
    .filter((spec) => spec !== '');
  if (specs.length === 0 || specs.length > MOST_RANGES) return 'whole';
  const parts: Part[] = [];
  for (const spec of specs) {
    const part = partOf(spec, length);
    if (part === null) return 'whole';
    if (part.from < part.to) parts.push(part);
  }
  if (parts.length === 0) return 'unsatisfiable';
  return overlaps(parts) ? 'whole' : parts;
}

/** One range; an empty part if it lies outside, null if it is no range. */
function partOf(spec: string, length: number): Part | null {
  const [, first, last] = /^(\d*)-(\d*)$/.exec(spec) ?? [];
  if (first === undefined || last === undefined || first + last === '') return null;
  if (first === '') return { from: Math.max(0, length - Number(last)), to: length };
  if (last !== '' && Number(last) < Number(first)) return null;
  const to = last === '' ? length : Math.min(length, Number(last) + 1);
  return { from: Math.min(Number(first), to), to };
}

function overlaps(parts: readonly Part[]): boolean {
  const sorted = [...parts].sort((a, b) => a.from - b.from);
  return sorted.some((part, i) => i > 0 && part.from < (sorted[i - 1] as Part).to);
}

/** A Content-Range field of a 206 with one part and a known length (RFC 9110 section 14.4). */
export interface ContentRange extends Part {
  readonly length: number;
}

/** Null: none, one of another unit, or one that makes no sense. */
export function contentRangeOf(value: string | undefined): ContentRange | null {
  const [, first, last, length] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(value ?? '') ?? [];
  if (first === undefined) return null;
  const range = { from: Number(first), to: Number(last) + 1, length: Number(length) };
  return range.from < range.to && range.to <= range.length ? range : null;
}
