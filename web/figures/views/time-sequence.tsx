/** The time-sequence graph, after Stevens and tcptrace: what one side sends, and how far it is acknowledged. */
import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { useEffect, useRef, useState } from 'preact/hooks';
import { bytes, count, duration, many, tickLabels } from '../format.js';
import type { Calls, SegmentPlace } from '../protocol.js';
import { useAnswer, useAsk } from '../source.js';
import { Canvas, type Palette, useTheme } from './canvas.js';

type Points = ReturnType<Calls['timeSequence']>;
type Scale = ScaleLinear<number, number>;

const MARGIN = { left: 64, right: 10, top: 10, bottom: 26 };
const HEIGHT = 420;
const COLUMNS = 1_600;
/** The clock of a capture stands still if so many segments share a time. */
const STILL = 10;
const KIND_COLOURS = ['data', 'again', 'gone'];

interface Props {
  readonly connection: number;
  readonly version: number;
  readonly begin: number;
  readonly end: number;
  readonly fromClient: boolean;
  /** The chosen frame, which is marked. */
  readonly frame: number;
  readonly choose: (frame: number) => void;
}

export function TimeSequence({ connection, version, begin, end, fromClient, frame, choose }: Props) {
  const ask = useAsk();
  const [zoom, setZoom] = useState<{ begin: number; end: number } | undefined>(undefined);
  const [byOrder, setByOrder] = useState(false);
  const [total, setTotal] = useState(0);
  useEffect(() => setZoom(undefined), [connection, fromClient, byOrder]);
  const whole = byOrder ? { begin: 0, end: Math.max(1, total - 1) } : { begin, end: Math.max(end, begin + 1) };
  const stretch = zoom ?? whole;
  const wish = { connection, fromClient, byOrder, ...stretch, columns: COLUMNS };
  const { answer } = useAnswer('timeSequence', wish, [version]);
  const { answer: place } = useAnswer('place', frame === 0 ? undefined : { frame, connection }, [version]);
  const chosen = frame === 0 ? undefined : (place ?? undefined);
  useEffect(() => setTotal(answer?.total ?? 0), [answer]);
  const theme = useTheme();
  const right = useRef(MARGIN.left + 1);
  const time = scaleLinear([stretch.begin, stretch.end], [MARGIN.left, right.current]);
  const narrower = (by: number) => {
    const middle = (stretch.begin + stretch.end) / 2;
    const half = Math.max(byOrder ? 2 : 50, ((stretch.end - stretch.begin) / 2) * by);
    setZoom({ begin: Math.max(whole.begin, middle - half), end: Math.min(whole.end, middle + half) });
  };
  const shift = (by: number) => {
    const width = stretch.end - stretch.begin;
    const from = Math.min(Math.max(whole.begin, stretch.begin + by * width), Math.max(whole.begin, whole.end - width));
    setZoom({ begin: from, end: from + width });
  };
  const pick = async (x: number, y: number) => {
    if (answer === undefined) return;
    const sequence = sequenceScale(answer, HEIGHT);
    const perPixel = (scale: Scale) => Math.abs(scale.invert(1) - scale.invert(0));
    const found = await ask('nearest', {
      ...{ connection, fromClient, byOrder, time: time.invert(x), timePerPixel: perPixel(time) },
      ...{ sequence: sequence.invert(y), sequencePerPixel: perPixel(sequence) },
    });
    if (found > 0) choose(found);
  };
  const text = answer === undefined ? 'Reading …' : spoken(answer, fromClient);
  return (
    <div>
      <fieldset class="bar row-of-tools">
        <legend class="unseen">Stretch of time</legend>
        <button type="button" onClick={() => narrower(0.5)}>
          Closer
        </button>
        <button type="button" onClick={() => narrower(2)}>
          Farther
        </button>
        <button type="button" onClick={() => shift(-0.5)}>
          Earlier
        </button>
        <button type="button" onClick={() => shift(0.5)}>
          Later
        </button>
        <button type="button" onClick={() => setZoom(undefined)}>
          All
        </button>
        <span>
          {byOrder
            ? `segments ${count(stretch.begin + 1)} to ${count(stretch.end + 1)}`
            : `${duration(stretch.begin)} to ${duration(stretch.end)}`}
        </span>
        <label>
          <input
            type="checkbox"
            checked={byOrder}
            onChange={(event) => {
              setZoom(undefined);
              setByOrder(event.currentTarget.checked);
            }}
          />{' '}
          segments at equal distances
        </label>
      </fieldset>
      <Canvas
        label={text}
        height={HEIGHT}
        keys={[answer, theme, chosen]}
        draw={(context, width, height, palette) => {
          right.current = width - MARGIN.right;
          time.range([MARGIN.left, right.current]);
          if (answer !== undefined) draw(context, answer, { time, height, palette, byOrder, chosen });
        }}
        onPick={(x, y) => void pick(x, y)}
        onDrag={(from, to) =>
          setZoom({
            begin: Math.max(whole.begin, time.invert(from)),
            end: Math.min(whole.end, time.invert(to)),
          })
        }
      />
      <ul class="legend">
        <li class="data">data sent</li>
        <li class="again">sent again</li>
        <li class="gone">lost on the link</li>
        <li class="ack">acknowledged up to here</li>
        <li class="window">window: no byte may pass this line</li>
        <li class="sack">SACK blocks</li>
      </ul>
      <p class="hint">
        {text} Upwards: bytes, counted from the SYN. Click a segment to see its frame; drag to look closer.
      </p>
      {!byOrder && answer !== undefined && answer.segments > STILL * answer.moments && (
        <p class="hint">
          The clock of this capture stands still most of the time: {many(answer.segments, 'segment')} at{' '}
          {many(answer.moments, 'time')}. "Segments at equal distances" shows them apart.
        </p>
      )}
    </div>
  );
}

function spoken({ data, acks, sacks, segments, highest }: Points, fromClient: boolean): string {
  let again = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 0) again++;
  const side = fromClient ? 'client' : 'server';
  return (
    `Time-sequence graph of the ${side}: ${many(segments, 'segment')}, up to byte ${count(highest)}, ` +
    `${many(again, 'bar')} sent again or lost, ${many(acks.length / 3, 'acknowledgment')}, ` +
    `${many(sacks.length / 3, 'SACK block')} in this stretch.`
  );
}

/** Where sequence numbers stand: from the lowest one that is shown to a little above the highest one. */
function sequenceScale(points: Points, height: number): Scale {
  const edges: number[] = [];
  for (let i = 1; i < points.acks.length; i += 3) edges.push(points.acks[i] ?? 0);
  for (let i = 1; i < points.data.length; i += 4) edges.push(points.data[i] ?? 0);
  const lowest = edges.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const low = Number.isFinite(lowest) ? lowest : 0;
  return scaleLinear([low, Math.max(points.highest * 1.05, low + 1)], [height - MARGIN.bottom, MARGIN.top]);
}

interface Drawing {
  readonly time: Scale;
  readonly height: number;
  readonly palette: Palette;
  readonly byOrder: boolean;
  /** Where the chosen segment stands; undefined: there is none in this connection. */
  readonly chosen: SegmentPlace | undefined;
}

function draw(context: CanvasRenderingContext2D, points: Points, drawing: Drawing): void {
  const { time, height, palette, byOrder, chosen } = drawing;
  const sequence = sequenceScale(points, height);
  axes(context, time, sequence, palette, byOrder);
  stairs(context, points.acks, 2, time, sequence, palette('window'));
  stairs(context, points.acks, 1, time, sequence, palette('ack'));
  bars(context, points.sacks, 3, time, sequence, () => palette('sack'));
  bars(context, points.data, 4, time, sequence, (kind) => palette(KIND_COLOURS[kind] ?? 'data'));
  if (chosen !== undefined) mark(context, time(byOrder ? chosen.row : chosen.time), time, sequence, palette);
}

/** A line through the chosen segment. */
function mark(context: CanvasRenderingContext2D, x: number, time: Scale, sequence: Scale, palette: Palette): void {
  const [left = 0, right = 0] = time.range();
  const [bottom = 0, top = 0] = sequence.range();
  if (x < left || x > right) return;
  context.save();
  context.strokeStyle = palette('text');
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, bottom);
  context.stroke();
  context.restore();
}

function axes(
  context: CanvasRenderingContext2D,
  time: Scale,
  sequence: Scale,
  palette: Palette,
  byOrder: boolean,
): void {
  const [bottom = 0, top = 0] = sequence.range();
  const [left = 0, right = 0] = time.range();
  context.font = '12px system-ui, sans-serif';
  context.fillStyle = palette('faint');
  context.strokeStyle = palette('grid');
  context.lineWidth = 1;
  context.textAlign = 'right';
  const levels = sequence.ticks(6);
  for (const [index, text] of tickLabels(levels, bytes).entries()) {
    const y = sequence(levels[index] ?? 0);
    line(context, left, y, right, y, text, true);
  }
  context.textAlign = 'center';
  const most = Math.max(2, Math.floor((right - left) / 90));
  const moments = time.ticks(most);
  for (const [index, text] of tickLabels(moments, byOrder ? segmentNumber : duration).entries()) {
    const x = time(moments[index] ?? 0);
    line(context, x, top, x, bottom, text, false);
  }
}

/** Rows count from 0, segments from 1. */
function segmentNumber(row: number, extra: number): string {
  return `# ${count(row + 1, extra)}`;
}

function line(
  context: CanvasRenderingContext2D,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  text: string,
  isLevel: boolean,
): void {
  context.beginPath();
  context.moveTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
  context.lineTo(Math.round(x2) + 0.5, Math.round(y2) + 0.5);
  context.stroke();
  if (isLevel) context.fillText(text, x1 - 5, y1 + 4);
  else context.fillText(text, x1, y2 + 16);
}

/** A line that goes right, then up: a number holds until the next one comes. */
function stairs(
  context: CanvasRenderingContext2D,
  points: Float64Array,
  place: 1 | 2,
  time: Scale,
  sequence: Scale,
  colour: string,
): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.beginPath();
  const top = sequence.range()[1] ?? 0;
  for (let i = 0; i < points.length; i += 3) {
    const x = time(points[i] ?? 0);
    const y = Math.max(top - 2, sequence(points[i + place] ?? 0));
    if (i === 0) context.moveTo(x, y);
    else {
      context.lineTo(x, Math.max(top - 2, sequence(points[i - 3 + place] ?? 0)));
      context.lineTo(x, y);
    }
  }
  context.stroke();
}

/** A bar from the first byte to the last; at least two pixels high, so that one byte can be seen. */
function bars(
  context: CanvasRenderingContext2D,
  points: Float64Array,
  stride: 3 | 4,
  time: Scale,
  sequence: Scale,
  colour: (kind: number) => string,
): void {
  for (let i = 0; i < points.length; i += stride) {
    const kind = stride === 4 ? (points[i + 3] ?? 0) : 0;
    const [low, high] = [sequence(points[i + 1] ?? 0), sequence(points[i + 2] ?? 0)];
    context.fillStyle = colour(kind);
    const width = kind === 0 ? 2 : 4;
    context.fillRect(time(points[i] ?? 0) - width / 2, high, width, Math.max(2, low - high));
  }
}
