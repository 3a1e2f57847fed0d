/** A packet script that the reader can change and run. */
import { useState } from 'preact/hooks';
import { describeResult } from '../../src/packetdrill/run/report.js';
import type { ScriptResult, TimelineEntry } from '../../src/packetdrill/run/result.js';
import { runText } from '../../src/packetdrill/run/script-text.js';
import { seconds } from '../figures/format.js';

const ARROWS: Readonly<Record<TimelineEntry['kind'], string>> = { in: '→', out: '←', call: '·', check: '?' };

export function ScriptApp({ source, name }: { source: string; name: string }) {
  const [text, setText] = useState(source);
  const [result, setResult] = useState<ScriptResult | undefined>(undefined);
  const rows = Math.min(30, text.split('\n').length + 1);
  return (
    <section class="figure" aria-label="Packet script">
      <p class="title">A packet script</p>
      <p class="hint">
        The lines with &lt; are what the peer sends, the lines with &gt; what the stack must answer. Change it and run
        it again: the stack runs in this page.
      </p>
      <textarea
        aria-label="Script"
        spellcheck={false}
        rows={rows}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="bar">
        <button type="button" onClick={() => setResult(run(name, text))}>
          Run
        </button>
        <button type="button" disabled={text === source} onClick={() => setText(source)}>
          As it was
        </button>
      </div>
      <div role="status">{result !== undefined && <Result result={result} />}</div>
    </section>
  );
}

/** Runs a script over IPv4, unless it names another version. */
export function run(name: string, text: string): ScriptResult {
  return runText(name, text, 'ipv4', {
    profile: 'linux',
    definitions: new Map(),
    overrides: {},
    seed: 1,
  });
}

function Result({ result }: { result: ScriptResult }) {
  const { verdict, timeline } = result;
  return (
    <>
      <p class={verdict === 'passed' ? 'verdict good' : 'verdict bad'}>
        <strong>{verdict}</strong>
      </p>
      {verdict !== 'passed' && (
        <section class="scroll" tabIndex={0} aria-label="What went wrong">
          <pre>{describeResult(result)}</pre>
        </section>
      )}
      {timeline.length > 0 && (
        <ol class="timeline" tabIndex={0} aria-label="What happened">
          {timeline.map(({ time, kind, text }, index) => (
            <li key={`${index} ${time}`}>
              <span class="offset">{seconds(time)}</span> {ARROWS[kind]} <code>{text}</code>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
