/** A capture of the book: to be downloaded, and to be looked at here, frame by frame. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { seconds } from '../figures/format.js';
import { sessionAnswers } from '../figures/session/answers.js';
import { openFile } from '../figures/session/file-source.js';
import { type Ask, SourceProvider, useAnswer } from '../figures/source.js';
import { FrameView } from '../figures/views/frame.js';

/** More frames than this belong into the inspector. */
const MOST_FRAMES = 200;

export function CaptureApp({ url, file }: { url: string; file: Blob }) {
  const name = url.slice(url.lastIndexOf('/') + 1);
  const [version, setVersion] = useState(0);
  const session = useMemo(() => openFile(file, name, () => setVersion((now) => now + 1)), [file]);
  const ask = useMemo((): Ask => {
    const answers = sessionAnswers(() => session) as Partial<Record<string, (wish: unknown) => unknown>>;
    return async (call, wish) => {
      const answer = answers[call];
      if (answer === undefined) throw new Error(`a capture has no ${call}`);
      return (await answer(wish)) as never;
    };
  }, [session]);
  return (
    <SourceProvider value={ask}>
      <section class="figure" aria-label={`Capture ${name}`}>
        <p class="title">
          A capture:{' '}
          <a href={url} download={name}>
            {name}
          </a>
        </p>
        <p class="hint">Download it for Wireshark or fastpath dissect, or replay it here frame by frame.</p>
        <Replay version={version} />
      </section>
    </SourceProvider>
  );
}

function Replay({ version }: { version: number }) {
  const { answer } = useAnswer('frames', { from: 0, count: MOST_FRAMES }, [version]);
  const [shown, setShown] = useState(1);
  const lines = answer?.lines ?? [];
  useEffect(() => setShown((now) => Math.min(now, Math.max(1, lines.length))), [lines.length]);
  if (lines.length === 0) return <p class="hint">Reading …</p>;
  return (
    <>
      <fieldset class="bar">
        <legend class="unseen">Replay</legend>
        <button type="button" disabled={shown <= 1} onClick={() => setShown(shown - 1)}>
          Frame back
        </button>
        <button type="button" disabled={shown >= lines.length} onClick={() => setShown(shown + 1)}>
          Frame on
        </button>
        <button type="button" disabled={shown >= lines.length} onClick={() => setShown(lines.length)}>
          To the end
        </button>
        <span role="status">
          frame {shown} of {answer?.total ?? 0}
        </span>
      </fieldset>
      <ol class="timeline scroll" tabIndex={0} aria-label="Frames so far">
        {lines.slice(0, shown).map(({ number, time, line }) => (
          <li key={number} class={number === shown ? 'chosen' : ''}>
            <span class="offset">{seconds(time)}</span> <code>{line}</code>
          </li>
        ))}
      </ol>
      <FrameView frame={shown} version={version} view="ladder" />
    </>
  );
}
