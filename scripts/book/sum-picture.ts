/** The picture of a figure that adds up bytes: its words and the sums after them. */
import { bytesOfHex, type SumFigure, sumSteps } from '../../docs/book/figures/lib/sum.js';
import type { Drawing } from '../../src/drawing/page.js';

/** Words in a column. */
const ROWS = 10;
const [COLUMN, ROW, TOP, LEFT] = [250, 20, 62, 16];

/** Draws the additions in columns. */
export function sumDrawing({ title, bytes: text }: SumFigure): Drawing {
  const { steps, sum, field } = sumSteps(bytesOfHex(text) ?? new Uint8Array(0));
  const columns = Math.ceil(steps.length / ROWS);
  const lines = [`<text class="name" x="${LEFT}" y="24">byte   + word  = sum</text>`];
  for (const [index, step] of steps.entries()) {
    const x = LEFT + Math.floor(index / ROWS) * COLUMN;
    const y = TOP + (index % ROWS) * ROW;
    const carry = step.carried ? ' carry' : '';
    lines.push(
      `<text x="${x}" y="${y}">${String(step.at).padStart(3, '\u2007')}  + ${hex(step.word)} = ${hex(step.sum)}${carry}</text>`,
    );
  }
  const bottom = TOP + Math.min(ROWS, steps.length) * ROW + 8;
  lines.push(`<text class="name" x="${LEFT}" y="${bottom + 8}">sum ${hex(sum)}, checksum field ${hex(field)}</text>`);
  return { title, width: Math.max(520, LEFT + columns * COLUMN), height: bottom + 24, lines };
}

function hex(value: number): string {
  return value.toString(16).padStart(4, '0');
}
