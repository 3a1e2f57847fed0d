/**
 * A chart as SVG text: axes with round numbers, step lines, bars, a legend. Colours are classes, of which a style sheet
 * inside the file has two sets, so that it can be read on light and on dark pages. Nothing in it depends on time, place
 * or chance.
 */

import { escaped } from './page.js';

/** A line of a chart: points in the axes' units, drawn as steps; `shade` fills below it. */
export interface Series {
  readonly name: string;
  /** One of the style sheet's: a, b, c, d. */
  readonly color: 'a' | 'b' | 'c' | 'd';
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly shade?: boolean;
  readonly dashed?: boolean;
}

/** A remark at a place in the chart. */
export interface Note {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
  readonly series: readonly Series[];
  readonly notes?: readonly Note[];
}

const WIDTH = 900;
const HEIGHT = 340;
const LEFT = 64;
const RIGHT = 20;
const TOP = 58;
const BOTTOM = 48;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px }
  .page { fill: #ffffff }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .note { font-size: 12px; font-weight: 600 }
  .dot { fill: #ffffff; stroke: #1f2328; stroke-width: 1 }
  .line { fill: none; stroke-width: 1.6; stroke-linejoin: round }
  .dashed { stroke-dasharray: 6 4 }
  .shade { fill-opacity: 0.22; stroke: none }
  .a { stroke: #0b63c4 } .b { stroke: #b3400a } .c { stroke: #6b7280 } .d { stroke: #1a7f37 }
  .shade.a { fill: #0b63c4 } .shade.b { fill: #b3400a } .shade.c { fill: #6b7280 } .shade.d { fill: #1a7f37 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .page { fill: #0d1117 }
    .grid { stroke: #30363d }
    .dot { fill: #0d1117; stroke: #e6edf3 }
    .a { stroke: #58a6ff } .b { stroke: #ff9b57 } .c { stroke: #9aa4af } .d { stroke: #56d364 }
    .shade.a { fill: #58a6ff } .shade.b { fill: #ff9b57 } .shade.c { fill: #9aa4af } .shade.d { fill: #56d364 }
  }
`;

/** One or several charts below each other, as one SVG document. */
export function svg(charts: readonly Chart[]): string {
  const height = HEIGHT * charts.length;
  const parts = charts.map((chart, index) => `<g transform="translate(0 ${index * HEIGHT})">\n${draw(chart)}\n</g>`);
  const titles = charts.map((chart) => chart.title).join('; ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escaped(titles)}</title>
<style>${STYLE}</style>
<rect class="page" width="${WIDTH}" height="${height}"/>
${parts.join('\n')}
</svg>
`;
}

function draw(chart: Chart): string {
  const x = scale(chart.xRange, [LEFT, WIDTH - RIGHT]);
  const y = scale(chart.yRange, [HEIGHT - BOTTOM, TOP]);
  return [
    `<text class="title" x="${LEFT}" y="20">${escaped(chart.title)}</text>`,
    ...legend(chart.series),
    ...ticks(chart.xRange).map((value) => verticalTick(x(value), label(value))),
    ...ticks(chart.yRange).map((value) => horizontalTick(y(value), label(value))),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escaped(chart.xLabel)}</text>`,
    `<text x="16" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 16 ${HEIGHT / 2})">${escaped(chart.yLabel)}</text>`,
    ...chart.series.map((series) => line(series, chart, x, y)),
    ...(chart.notes ?? []).map((note) => marker(note, x, y)),
  ].join('\n');
}

type Scale = (value: number) => number;

function scale([from, to]: readonly [number, number], [low, high]: readonly [number, number]): Scale {
  return (value) => low + ((value - from) / (to - from)) * (high - low);
}

/** Round numbers from one end of the range to the other, five to ten of them. */
export function ticks([from, to]: readonly [number, number]): number[] {
  const rough = (to - from) / 8;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= rough)!;
  const values: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9) + 0; i * step <= to + 1e-9 * step; i++) values.push(i * step);
  return values;
}

/** A number of an axis, without the noise of floating point. */
export function label(value: number): string {
  return String(Math.round(value * 1e6) / 1e6);
}

function verticalTick(x: number, text: string): string {
  const at = coordinate(x);
  return `<path class="grid" d="M${at} ${TOP}V${HEIGHT - BOTTOM}"/><text x="${at}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${text}</text>`;
}

function horizontalTick(y: number, text: string): string {
  const at = coordinate(y);
  return `<path class="grid" d="M${LEFT} ${at}H${WIDTH - RIGHT}"/><text x="${LEFT - 8}" y="${coordinate(y + 4)}" text-anchor="end">${text}</text>`;
}

function legend(series: readonly Series[]): string[] {
  let at = LEFT;
  return series.map(({ name, color, shade, dashed }) => {
    const swatch = shade
      ? `<rect class="shade ${color}" x="${at}" y="32" width="26" height="12"/>`
      : `<path class="line ${color}${dashed ? ' dashed' : ''}" d="M${at} 38h26"/>`;
    const entry = `${swatch}<text x="${at + 32}" y="42">${escaped(name)}</text>`;
    at += 60 + name.length * 7;
    return entry;
  });
}

/**
 * A step line, cut at the chart's edges. Points that fall on the same fifth of a pixel as the one before are left out.
 */
function line(series: Series, chart: Chart, x: Scale, y: Scale): string {
  const { color, shade, dashed } = series;
  const steps = stepPoints(series.points, chart);
  let path = '';
  let lastX = '';
  let lastY = '';
  for (const [px, py] of steps) {
    const cx = coordinate(x(px));
    const cy = coordinate(y(py));
    if (path === '') path = `M${cx} ${cy}`;
    else {
      if (cx !== lastX) path += `H${cx}`;
      if (cy !== lastY) path += `V${cy}`;
    }
    lastX = cx;
    lastY = cy;
  }
  if (path === '') return '';
  if (!shade) return `<path class="line ${color}${dashed ? ' dashed' : ''}" d="${path}"/>`;
  const bottom = HEIGHT - BOTTOM;
  return `<path class="shade ${color}" d="${path}V${bottom}H${coordinate(x(Math.max(steps[0]![0], chart.xRange[0])))}Z"/>`;
}

function stepPoints(points: Series['points'], { xRange, yRange }: Chart): [number, number][] {
  const inside: [number, number][] = [];
  let before: number | undefined;
  for (const [x, y] of points) {
    const level = Math.min(y, yRange[1]);
    if (x > xRange[1]) break;
    if (x < xRange[0]) before = level;
    else {
      if (inside.length === 0 && before !== undefined) inside.push([xRange[0], before]);
      inside.push([x, level]);
    }
  }
  const last = inside.at(-1);
  if (last !== undefined) inside.push([xRange[1], last[1]]);
  return inside;
}

function marker(note: Note, x: Scale, y: Scale): string {
  const cx = coordinate(x(note.x));
  const cy = Math.max(y(note.y), TOP + 10);
  return `<circle class="dot" cx="${cx}" cy="${coordinate(cy)}" r="9"/><text class="note" x="${cx}" y="${coordinate(cy + 4)}" text-anchor="middle">${escaped(note.text)}</text>`;
}

/** A fifth of a pixel is fine enough, and keeps the files small. */
function coordinate(value: number): string {
  return String(Math.round(value * 5) / 5);
}
