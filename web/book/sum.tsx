/** Adds up bytes that the reader types, word by word. */
import { useId, useState } from 'preact/hooks';
import { bytesOfHex, type SumFigure, sumSteps } from '../../docs/book/figures/lib/sum.js';
import { hex16 } from '../figures/format.js';

/** More words than this would fill the page. */
const MOST_BYTES = 256;

export function SumApp({ figure }: { figure: SumFigure }) {
  const [text, setText] = useState(figure.bytes);
  const id = useId();
  const bytes = bytesOfHex(text);
  const problem =
    bytes === undefined
      ? 'Write bytes of two hexadecimal digits each.'
      : bytes.length > MOST_BYTES
        ? `Write ${MOST_BYTES} bytes at most.`
        : '';
  return (
    <section class="figure" aria-label={figure.title}>
      <p class="title">{figure.title}</p>
      <p class="hint">{figure.tells}</p>
      <label for={id}>Bytes in hexadecimal</label>
      <textarea
        id={id}
        rows={3}
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="bar">
        <button type="button" disabled={bytes === undefined} onClick={() => setText(reversed(text))}>
          Words in reverse order
        </button>
        <button type="button" disabled={text === figure.bytes} onClick={() => setText(figure.bytes)}>
          As it was
        </button>
      </div>
      {problem !== '' && (
        <p class="finding bad" role="alert">
          {problem}
        </p>
      )}
      {problem === '' && bytes !== undefined && <Steps bytes={bytes} />}
    </section>
  );
}

function Steps({ bytes }: { bytes: Uint8Array }) {
  const { steps, sum, field, swapped } = sumSteps(bytes);
  return (
    <div class="steps">
      <section class="scroll words" tabIndex={0} aria-label="The additions">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                Byte
              </th>
              <th scope="col" class="number">
                Word
              </th>
              <th scope="col" class="number">
                Sum so far
              </th>
              <th scope="col">Carry</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((step) => (
              <tr key={step.at}>
                <td class="number">{step.at}</td>
                <td class="number">{hex16(step.word)}</td>
                <td class="number">{hex16(step.sum)}</td>
                <td>{step.carried ? '+1' : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <dl aria-live="polite">
        <dt>sum</dt>
        <dd>{hex16(sum)}</dd>
        <dt>checksum field: all bits turned</dt>
        <dd>{hex16(field)}</dd>
        <dt>sum if the bytes begin at an odd place</dt>
        <dd>{hex16(swapped)}</dd>
      </dl>
    </div>
  );
}

/** The same words, the last one first. */
function reversed(text: string): string {
  const words = text.replace(/\s+/g, '').match(/.{1,4}/g) ?? [];
  return words
    .reverse()
    .map((word) => word.match(/../g)?.join(' ') ?? word)
    .join(' ');
}
