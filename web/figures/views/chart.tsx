/** Curves over time, by uPlot. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Curve } from '../../../src/inspect/trace/plot.js';
import { tickLabels } from '../format.js';
import { paletteOf, useTheme, useWidth } from './canvas.js';

/** One curve; times in microseconds. */
export interface Line {
  readonly label: string;
  /** The name of its colour in the style sheet. */
  readonly colour: string;
  readonly curve: Curve;
  readonly isStepped?: boolean;
  /** Samples: nothing is known between them, so no line joins them. */
  readonly isPoints?: boolean;
}

interface ChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  /** A value as text, with `extra` digits more than usual. */
  readonly show: (value: number, extra?: number) => string;
  readonly height?: number;
  /** Somebody points at a time, microseconds; `perPixel`: how many of them a pixel has. */
  readonly onPick?: (time: number, perPixel: number) => void;
}

const DEFAULT_HEIGHT = 210;

export function Chart({ title, lines, show, height = DEFAULT_HEIGHT, onPick }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const picked = useRef(onPick);
  picked.current = onPick;
  const width = useWidth(box);
  const theme = useTheme();
  const drawn = lines.filter(({ curve }) => curve.times.length > 0);
  useEffect(() => {
    if (box.current === null || width === 0 || drawn.length === 0) return;
    const colour = paletteOf(box.current);
    const lines = { stroke: colour('grid'), width: 1 };
    const axis = { stroke: colour('faint'), grid: lines, ticks: lines };
    const plot = new uPlot(
      {
        width,
        height,
        scales: { x: { time: false } },
        axes: [
          { ...axis, values: (_, ticks) => ticks.map((tick) => `${Number(tick.toFixed(6))} s`) },
          { ...axis, size: 92, values: (_, ticks) => tickLabels(ticks, show) },
        ],
        series: [
          { label: 'time', value: (_, value) => (value === null ? '' : `${value.toFixed(6)} s`) },
          ...drawn.map((line) => ({
            label: line.label,
            stroke: colour(line.colour),
            width: 2,
            spanGaps: true,
            points: { show: line.isPoints === true || line.curve.times.length < 30 },
            ...(line.isPoints === true && { paths: () => null }),
            value: (_: uPlot, value: number | null) => (value === null ? '' : show(value)),
            ...(line.isStepped === true &&
              uPlot.paths.stepped !== undefined && { paths: uPlot.paths.stepped({ align: 1 }) }),
          })),
        ],
      },
      aligned(drawn),
      box.current,
    );
    plot.over.addEventListener('click', ({ offsetX }) => {
      const seconds = (x: number) => plot.posToVal(x, 'x');
      picked.current?.(seconds(offsetX) * 1e6, (seconds(1) - seconds(0)) * 1e6);
    });
    return () => plot.destroy();
  }, [width, theme, height, ...lines.map(({ curve }) => curve)]);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      {drawn.length === 0 && <p class="hint">Nothing is known of it.</p>}
      <div
        ref={box}
        class="chart"
        role="img"
        aria-label={`${title}: ${drawn.map((line) => spoken(line, show)).join('; ')}`}
      />
    </figure>
  );
}

function spoken({ label, curve }: Line, show: ChartProps['show']): string {
  const [low, high] = curve.values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return `${label} from ${show(low)} to ${show(high)}, at the end ${show(curve.values.at(-1) ?? 0)}`;
}

/** One row of times for all curves, as uPlot wants it. */
function aligned(lines: readonly Line[]): uPlot.AlignedData {
  const tables = lines.map(
    ({ curve }): uPlot.AlignedData => [Array.from(curve.times, (time) => time / 1e6), Array.from(curve.values)],
  );
  return tables.length === 1 && tables[0] !== undefined ? tables[0] : uPlot.join(tables);
}
