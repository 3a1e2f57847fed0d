/** One frame: its layers, their fields, and its bytes. The bytes of the field in question are marked. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { many, seconds } from '../format.js';
import type { FieldView, FrameDetail, LayerView } from '../protocol.js';
import { useAnswer } from '../source.js';

const BYTES_A_ROW = 16;
/** Of a super-segment no more bytes are shown. */
const MOST_BYTES = 4_096;

/** By view: how a frame is chosen there. */
const WAYS: Readonly<Record<string, string>> = {
  sequence: 'Click a segment in the graph',
  curves: 'Click a moment in a curve: the segment that was sent then is chosen',
  states: 'Choose a step in the list below the diagram',
  frames: 'Choose a frame',
  exchange: 'Choose a frame',
};

/** `view`: where the reader chooses a frame. */
export function FrameView({ frame, version, view }: { frame: number; version: number; view: string }) {
  // A frame does not change, so it is asked for again only while it is not there.
  const isMissing = useRef(false);
  const wish = frame === 0 ? undefined : { number: frame };
  const { answer, error } = useAnswer('frame', wish, [isMissing.current ? version : 0]);
  isMissing.current = error !== '';
  const [field, setField] = useState<FieldView | undefined>(undefined);
  useEffect(() => setField(undefined), [frame]);
  if (frame === 0) {
    const way = WAYS[view] ?? 'Choose a segment';
    return <p class="hint">{way}. Its frame is shown here: the bytes, each field, and where it is defined.</p>;
  }
  if (error !== '') return <p class="hint">{error}</p>;
  if (answer === undefined) return <p class="hint">Reading frame {frame} …</p>;
  return (
    <article class="frame" aria-label={`Frame ${answer.number}`}>
      <h2>Frame {answer.number}</h2>
      <p class="line">
        <code>{answer.line}</code>
      </p>
      {answer.numbers !== '' && (
        <p class="hint">
          In the ladder: {answer.numbers}. Numbers count from the SYN, and the window is in bytes, scaled.
        </p>
      )}
      <p>
        {seconds(answer.time)} s, {many(answer.length, 'byte')}
        {answer.bytes.length < answer.length && `, of which ${answer.bytes.length} were kept`}
      </p>
      {answer.findings.map(({ label, explanation, section, weight }) => (
        <p key={label} class={`finding ${weight}`}>
          <strong>{label}.</strong> {explanation} <cite>{section}</cite>
        </p>
      ))}
      {answer.layers.map((layer, index) => (
        <Layer key={`${frame} ${index} ${layer.label}`} layer={layer} chosen={field} choose={setField} />
      ))}
      <Hex detail={answer} field={field} />
    </article>
  );
}

function Layer({
  layer,
  chosen,
  choose,
}: {
  layer: LayerView;
  chosen: FieldView | undefined;
  choose: (field: FieldView) => void;
}) {
  return (
    <details open>
      <summary>
        {layer.label} <cite>{layer.section}</cite>
      </summary>
      {layer.problems.map((problem) => (
        <p key={problem} class="finding bad">
          {problem}
        </p>
      ))}
      <ul class="fields">
        {layer.fields.map((field) => (
          <li key={`${field.name} ${field.from} ${field.label}`}>
            <button
              type="button"
              aria-pressed={field === chosen}
              onClick={() => choose(field)}
              onMouseEnter={() => choose(field)}
            >
              <span class="label">{field.label}</span>
              <span class="value">{field.value}</span>
              <span class="meaning">{field.meaning}</span>
              <span class="source">
                <code>{field.name}</code> <cite>{field.section}</cite>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Hex({ detail: { bytes }, field }: { detail: FrameDetail; field: FieldView | undefined }) {
  const shown = bytes.subarray(0, MOST_BYTES);
  const rows = Array.from({ length: Math.ceil(shown.length / BYTES_A_ROW) }, (_, row) => row * BYTES_A_ROW);
  const isMarked = (at: number) => field !== undefined && at >= field.from && at < field.to;
  return (
    <section aria-label="Bytes">
      <h3>Bytes{field === undefined ? '' : ` ${field.from} to ${field.to - 1}: ${field.label}`}</h3>
      <section class="hex scroll" tabIndex={0} aria-label="Bytes in hexadecimal">
        {rows.map((from) => (
          <div key={from}>
            <span class="offset">{from.toString(16).padStart(4, '0')}</span>
            <span class="digits">
              {[...shown.subarray(from, from + BYTES_A_ROW)].map((byte, i) => (
                <span key={from + i} class={isMarked(from + i) ? 'marked' : ''}>
                  {byte.toString(16).padStart(2, '0')}
                </span>
              ))}
            </span>
            <span class="characters">
              {[...shown.subarray(from, from + BYTES_A_ROW)].map((byte, i) => (
                <span key={from + i} class={isMarked(from + i) ? 'marked' : ''}>
                  {byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'}
                </span>
              ))}
            </span>
          </div>
        ))}
      </section>
      {bytes.length > MOST_BYTES && <p class="hint">The first {MOST_BYTES} bytes are shown.</p>}
    </section>
  );
}
