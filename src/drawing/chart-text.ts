/** A chart for a terminal: one letter for each series, axes of plain characters. */
import { type Chart, label, type Series } from './chart.js';
import { wrapped } from './wrap.js';

/** Of the plot itself. */
const [FEWEST_COLUMNS, MOST_COLUMNS] = [20, 64];
const ROWS = 14;
/** Letters of a number beside the axis. */
const NUMBER = 8;
/** By place in the chart. Later series stand in front of earlier ones, and dashed ones behind all others. */
const LETTERS = ['.', '#', '-', '+', 'o', '~'];

/** The chart in 20 rows and at most 75 columns. @param width the columns of the terminal */
export function chartText(chart: Chart, width = 80): string {
  const columns = Math.max(FEWEST_COLUMNS, Math.min(MOST_COLUMNS, width - NUMBER - 4));
  const rows = Array.from({ length: ROWS }, () => Array.from({ length: columns }, () => ' '));
  const order = [...chart.series.entries()].sort(
    ([, a], [, b]) => Number(b.dashed ?? false) - Number(a.dashed ?? false),
  );
  for (const [index, series] of order) plot(rows, chart, series, letterOf(index));
  const [bottom, top] = chart.yRange;
  const axis = (row: number) => {
    const isMarked = row === 0 || row === ROWS - 1 || row === Math.floor(ROWS / 2);
    return isMarked ? short(top - ((top - bottom) * row) / (ROWS - 1)) : '';
  };
  const [begin, end] = chart.xRange;
  const last = `${short(end)} ${chart.xLabel}`;
  return [
    ...wrapped(chart.title, width),
    ...legend(chart, width),
    ...rows.map((letters, row) => `${axis(row).padStart(NUMBER)} |${letters.join('')}`.trimEnd()),
    `${' '.repeat(NUMBER)} +${'-'.repeat(columns)}`,
    `${' '.repeat(NUMBER + 2)}${short(begin).padEnd(columns - last.length)}${last}`,
  ].join('\n');
}

/** What each letter stands for: in one line, or in one for each where that is too long. */
function legend({ yLabel, series }: Chart, width: number): string[] {
  const names = series.map(({ name }, i) => `${letterOf(i)} ${name}`);
  const inOne = names.join('   ');
  const lines = NUMBER + 3 + inOne.length <= width ? [inOne] : names;
  return lines.map((line, i) => `${(i === 0 ? yLabel : '').padStart(NUMBER)}   ${line}`);
}

function letterOf(index: number): string {
  return LETTERS[index % LETTERS.length] ?? '*';
}

/** One letter in each column, at the highest value that the series has there: a peak is not lost between columns. */
function plot(rows: string[][], { xRange, yRange }: Chart, { points }: Series, letter: string): void {
  const columns = rows[0]?.length ?? 0;
  const columnOf = (x: number) => Math.floor(((x - xRange[0]) / (xRange[1] - xRange[0])) * (columns - 1));
  const highest: (number | undefined)[] = [];
  const last: (number | undefined)[] = [];
  for (const [x, y] of points) {
    const column = columnOf(x);
    if (column < 0 || column >= columns) continue;
    highest[column] = Math.max(y, highest[column] ?? y);
    last[column] = y;
  }
  /** Where the line is at the end of a column: there it goes on. */
  let value: number | undefined;
  for (let column = 0; column < columns; column++) {
    const shown = highest[column] ?? value;
    value = last[column] ?? value;
    if (shown === undefined) continue;
    const share = Math.min(1, Math.max(0, (shown - yRange[0]) / (yRange[1] - yRange[0])));
    const row = rows[Math.round((1 - share) * (ROWS - 1))];
    if (row !== undefined) row[column] = letter;
  }
}

/** Three digits that count. */
function short(value: number): string {
  return label(Number(value.toPrecision(3)));
}
