/** The picture of a figure: what its world shows, as SVG, for readers on a forge and before the page is alive. */
import { type AnyFigure, type Figure, worldOf } from '../../docs/book/figures/lib/figure.js';
import type { World } from '../../src/browser/world.js';
import { framesDrawing, framesOf } from '../../src/drawing/frames.js';
import { framed } from '../../src/drawing/page.js';
import { curvesPicture, sequencePicture } from './graph-picture.js';
import { sumDrawing } from './sum-picture.js';

/** Draws a figure as it is first seen. The same figure gives the same text. */
export function pictureOf(figure: AnyFigure): string {
  if (figure.kind === 'sum') return framed(sumDrawing(figure));
  const world = worldOf(figure);
  const [view] = figure.views;
  if (view === 'curves') return curvesPicture(figure, world);
  if (view === 'sequence') return sequencePicture(figure, world);
  return exchangePicture(figure, world);
}

function exchangePicture({ title, pictureFrames, hides, since }: Figure, world: World): string {
  return framed(framesDrawing(framesOf(title, world, pictureFrames, hides, since)));
}
