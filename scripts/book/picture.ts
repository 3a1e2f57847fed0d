/** The picture of a figure: what its world shows, as SVG, for readers on a forge and before the page is alive. */
import { type AnyFigure, type Figure, worldOf } from '../../docs/book/figures/lib/figure.js';
import type { World } from '../../src/browser/world.js';
import { arrowsOf, headOf, lanesOf, type PlacedArrow, place } from '../../src/inspect/trace/exchange.js';
import { curvesPicture, sequencePicture } from './graph-picture.js';
import { type Drawing, sumDrawing } from './sum-picture.js';

const WIDTH = 760;
const STYLE = `
  text { font: 12px ui-monospace, monospace; fill: #1b1f24; paint-order: stroke; stroke: #fff; stroke-width: 3px }
  .page { fill: #fff }
  .lane { stroke: #c9d1d9; stroke-width: 2 }
  .name { font: 600 14px system-ui, sans-serif }
  .time { fill: #59636e }
  .way { stroke: #0a53b8; stroke-width: 1.6; fill: none }
  .head { fill: #0a53b8 }
  .lost .way { stroke: #b42318 }
  .lost text { fill: #b42318 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; stroke: #12161c }
    .page { fill: #12161c }
    .lane { stroke: #3a434e }
    .time { fill: #a3adb8 }
    .way { stroke: #6db0ff }
    .head { fill: #6db0ff }
    .lost .way { stroke: #ff8078 }
    .lost text { fill: #ff9187 }
  }
`;

/** Draws a figure as it is first seen. The same figure gives the same text. */
export function pictureOf(figure: AnyFigure): string {
  if (figure.kind === 'sum') return framed(sumDrawing(figure));
  const world = worldOf(figure);
  const [view] = figure.views;
  if (view === 'curves') return curvesPicture(figure, world);
  if (view === 'sequence') return sequencePicture(figure, world);
  return exchangePicture(figure, world);
}

function exchangePicture({ title, pictureFrames, hides }: Figure, world: World): string {
  const all = arrowsOf(world.history.events, hides);
  const names = lanesOf(
    world.hosts.map(({ name }) => name),
    world.links.flatMap(({ ends }) => ends),
  );
  const { width, height, lanes, arrows } = place(all.slice(0, pictureFrames), names, WIDTH);
  const left = all.length - arrows.length;
  return framed({
    title,
    width,
    height: left > 0 ? height + 22 : height,
    lines: [
      ...lanes.flatMap(({ name, x }) => [
        `<line class="lane" x1="${x}" y1="34" x2="${x}" y2="${height}"/>`,
        `<text class="name" x="${x}" y="22" text-anchor="middle">${escaped(name)}</text>`,
      ]),
      ...arrows.map(arrowText),
      ...(left > 0 ? [`<text class="time" x="6" y="${height + 12}">… and ${left} more frames</text>`] : []),
    ],
  });
}

/** A drawing as a whole file, for light and dark pages. */
function framed({ title, width, height, lines }: Drawing): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

function arrowText(arrow: PlacedArrow): string {
  const { x1, y1, x2, y2, textX, textAnchor, time, text, fate } = arrow;
  const isLost = fate !== 'delivered';
  const at = (value: number) => String(Math.round(value * 10) / 10);
  const line = `<path class="way" d="M${at(x1)} ${at(y1)}L${at(x2)} ${at(y2)}"/>`;
  const end = isLost
    ? `<path class="way" d="M${at(x2 - 5)} ${at(y2 - 5)}l10 10m0 -10l-10 10"/>`
    : `<path class="head" d="${headOf(arrow)}"/>`;
  const words = escaped(isLost ? `${text} (${fate})` : text);
  return [
    `<g${isLost ? ' class="lost"' : ''}>`,
    `<text class="time" x="6" y="${at(y1 - 2)}">${(time / 1e6).toFixed(6)}</text>`,
    line,
    end,
    `<text x="${at(textX)}" y="${at(y1 - 4)}" text-anchor="${textAnchor}">${words}</text>`,
    '</g>',
  ].join('');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
