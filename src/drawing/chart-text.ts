/** A chart for a terminal: one letter for each series, axes of plain characters. */
import { type Chart, label, type Series } from './chart.js';

const COLUMNS = 64;
const ROWS = 14;
/** Letters of a number beside the axis. */
const NUMBER = 8;
/** By place in the chart. Later series stand in front of earlier ones. */
const LETTERS = ['.', '#', '-', '+', 'o', '~'];

/** The chart in about 75 columns and 20 rows. */
export function chartText(chart: Chart): string {
  const rows = Array.from({ length: ROWS }, () => Array.from({ length: COLUMNS }, () => ' '));
  for (const [index, series] of chart.series.entries()) plot(rows, chart, series, letterOf(index));
  const [bottom, top] = chart.yRange;
  const axis = (row: number) => {
    const isMarked = row === 0 || row === ROWS - 1 || row === Math.floor(ROWS / 2);
    return isMarked ? short(top - ((top - bottom) * row) / (ROWS - 1)) : '';
  };
  const [begin, end] = chart.xRange;
  const last = `${short(end)} ${chart.xLabel}`;
  return [
    chart.title,
    `${chart.yLabel.padStart(NUMBER)}   ${chart.series.map(({ name }, i) => `${letterOf(i)} ${name}`).join('   ')}`,
    ...rows.map((letters, row) => `${axis(row).padStart(NUMBER)} |${letters.join('')}`.trimEnd()),
    `${' '.repeat(NUMBER)} +${'-'.repeat(COLUMNS)}`,
    `${' '.repeat(NUMBER + 2)}${short(begin).padEnd(COLUMNS - last.length)}${last}`,
  ].join('\n');
}

function letterOf(index: number): string {
  return LETTERS[index % LETTERS.length] ?? '*';
}

/** One letter in each column, at the highest value that the series has there: a peak is not lost between columns. */
function plot(rows: string[][], { xRange, yRange }: Chart, { points }: Series, letter: string): void {
  const columnOf = (x: number) => Math.floor(((x - xRange[0]) / (xRange[1] - xRange[0])) * (COLUMNS - 1));
  const highest: (number | undefined)[] = [];
  const last: (number | undefined)[] = [];
  for (const [x, y] of points) {
    const column = columnOf(x);
    if (column < 0 || column >= COLUMNS) continue;
    highest[column] = Math.max(y, highest[column] ?? y);
    last[column] = y;
  }
  /** Where the line is at the end of a column: there it goes on. */
  let value: number | undefined;
  for (let column = 0; column < COLUMNS; column++) {
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
