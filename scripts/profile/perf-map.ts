/**
 * The map of compiled JavaScript that node writes for perf: a line "start size name", in hexadecimal, whenever a
 * function is compiled. V8 moves and frees code, so the same address may appear again with another name, and perf
 * then picks one of them. Only the last is right.
 */

interface Range {
  readonly start: number;
  readonly end: number;
  readonly line: string;
}

function parse(line: string): Range | undefined {
  const match = /^([0-9a-f]+) ([0-9a-f]+) /.exec(line);
  if (!match) return undefined;
  const start = Number.parseInt(match[1]!, 16);
  return { start, end: start + Number.parseInt(match[2]!, 16), line };
}

/** Index of the first range that begins at or after `start`. */
function lowerBound(ranges: readonly Range[], start: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The map without the lines that a later line overlaps, in the order of addresses. */
export function withoutStaleNames(map: string): string {
  const kept: Range[] = [];
  for (const line of map.split('\n').reverse()) {
    const range = parse(line);
    if (!range) continue;
    const at = lowerBound(kept, range.start);
    const overlapsNext = at < kept.length && kept[at]!.start < range.end;
    const overlapsPrevious = at > 0 && kept[at - 1]!.end > range.start;
    if (!overlapsNext && !overlapsPrevious) kept.splice(at, 0, range);
  }
  return kept.map(({ line }) => `${line}\n`).join('');
}
