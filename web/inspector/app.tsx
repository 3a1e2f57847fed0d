/** The inspector: one page for a running server, a capture file, and a world in the browser. */
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import '../figures/style.css';
import { EVENT_TITLE, SideChoice, SpeedChoice } from '../figures/controls.js';
import { bytes, count, duration, many } from '../figures/format.js';
import type { Calls, Summary } from '../figures/protocol.js';
import { SourceProvider, useAnswer } from '../figures/source.js';
import { Cache } from '../figures/views/cache.js';
import { CurvesView } from '../figures/views/curves.js';
import { FrameView } from '../figures/views/frame.js';
import { Frames } from '../figures/views/frames.js';
import { Ladder } from '../figures/views/ladder.js';
import { States } from '../figures/views/states.js';
import { Tabs } from '../figures/views/tabs.js';
import { TimeSequence } from '../figures/views/time-sequence.js';
import { ask, onChange } from './client.js';
import { PRESETS, presetOf } from './presets.js';
import { Connections } from './views/connections.js';
import { RatesView } from './views/rates.js';

const TABS = [
  { key: 'ladder', title: 'Ladder' },
  { key: 'sequence', title: 'Time–sequence' },
  { key: 'curves', title: 'cwnd and RTT' },
  { key: 'states', title: 'States' },
  { key: 'frames', title: 'All frames' },
  { key: 'rates', title: 'Rates' },
  { key: 'cache', title: 'Cache' },
] as const;
type Tab = (typeof TABS)[number]['key'];
/** They show no single frame, and take the whole width. */
const OF_NO_FRAME: readonly Tab[] = ['rates', 'cache'];

/** What the address of the page asks for: #file, #server, or #world=NAME&seed=N; and &frame=N, which is shown first. */
const wishes = new URLSearchParams(location.hash.slice(1));
const token = new URLSearchParams(location.search).get('token') ?? '';
addEventListener('hashchange', () => location.reload()); // it asks for something else then

function App() {
  const [summary, setSummary] = useState<Summary | undefined>(undefined);
  const [error, setError] = useState('');
  const [connection, setConnection] = useState(0);
  const [frame, setFrame] = useState(0);
  const [tab, setTab] = useState<Tab>('ladder');
  /** Undefined: the side that has sent more. */
  const [side, setSide] = useState<boolean | undefined>(undefined);
  const show = (number: number) => {
    setConnection(number);
    setSide(undefined);
  };
  const open = (opening: Promise<void>, first = 0) => {
    setConnection(0);
    setFrame(first);
    setSide(undefined);
    opening.then(
      () => setError(''),
      (problem: Error) => setError(problem.message),
    );
  };
  useEffect(() => onChange(setSummary), []);
  useEffect(() => openWished((opening) => open(opening, Number(wishes.get('frame') ?? 0))), []);
  useEffect(() => {
    if (connection === 0 && (summary?.connections ?? 0) > 0) setConnection(1);
  }, [summary?.connections]);
  const { isDone = false, first = 0, text = '' } = summary?.filter ?? {};
  useEffect(() => {
    if (isDone && first > 0) void ask('connection', { number: connection }).then((row) => row?.isHidden && show(first));
  }, [isDone, first, text]);
  const hasFrame = frame > 0;
  useEffect(() => {
    const isNarrow = matchMedia('(max-width: 600px)').matches;
    if (hasFrame && isNarrow) document.getElementById('detail-panel')?.scrollIntoView({ block: 'start' });
  }, [hasFrame]);
  useDrop((file) => open(ask('openFile', { file, name: file.name })));
  return (
    <>
      <Header summary={summary} open={open} say={setError} />
      {error !== '' && (
        <p class="finding bad" role="alert">
          {error}
        </p>
      )}
      {summary === undefined || summary.kind === 'none' ? (
        <Welcome open={open} />
      ) : (
        <main>
          <Facts summary={summary} />
          {summary.world !== undefined && <WorldControls world={summary.world} open={open} />}
          <Connections version={summary.version} chosen={connection} choose={show} />
          <div class={OF_NO_FRAME.includes(tab) ? '' : 'split'}>
            <Detail {...{ summary, connection, frame, tab, setTab, side, setSide }} choose={setFrame} />
            {!OF_NO_FRAME.includes(tab) && (
              <aside aria-label="The chosen frame" class={frame > 0 ? 'has-frame' : ''}>
                {frame > 0 && (
                  <button type="button" class="narrow" onClick={() => setFrame(0)}>
                    Close the frame
                  </button>
                )}
                <FrameView frame={frame} version={summary.version} view={tab} />
              </aside>
            )}
          </div>
        </main>
      )}
    </>
  );
}

function openWished(open: (opening: Promise<void>) => void): void {
  const name = wishes.get('world');
  const query = `?token=${encodeURIComponent(token)}`;
  if (name !== null) open(ask('openWorld', { preset: name, seed: Number(wishes.get('seed') ?? 1) }));
  else if (wishes.has('server')) open(ask('openServer', { url: `events${query}` }));
  else if (wishes.has('file')) {
    const file = wishes.get('file') ?? '';
    open(ask('openUrl', { url: `capture${query}&file=${encodeURIComponent(file)}`, name: file || 'capture' }));
  }
}

/** A file that is dropped anywhere on the page. */
function useDrop(take: (file: File) => void): void {
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) take(file);
    };
    addEventListener('dragover', over);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('drop', drop);
    };
  }, []);
}

interface Opening {
  readonly open: (opening: Promise<void>) => void;
}

function Header({ summary, open, say }: Opening & { summary: Summary | undefined; say: (error: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const hasFilter = summary?.filter !== undefined;
  return (
    <header>
      <h1>fastpath inspector</h1>
      <button
        type="button"
        class="narrow"
        aria-expanded={isOpen}
        aria-controls="tools"
        onClick={() => setOpen(!isOpen)}
      >
        Open, filter{hasFilter ? ' (on)' : ''} {isOpen ? '▴' : '▾'}
      </button>
      <div id="tools" class={isOpen ? 'tools open' : 'tools'}>
        <Sources open={open} />
        {summary !== undefined && summary.kind !== 'none' && <Filter summary={summary} say={say} />}
        <Theme />
      </div>
    </header>
  );
}

function Sources({ open }: Opening) {
  return (
    <div class="sources">
      <CaptureChoice open={open} />
      <select
        aria-label="Open a world"
        value=""
        onChange={(event) => {
          const preset = event.currentTarget.value;
          if (preset !== '') open(ask('openWorld', { preset, seed: 1 }));
          event.currentTarget.value = '';
        }}
      >
        <option value="">Open a world …</option>
        {PRESETS.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </div>
  );
}

function CaptureChoice({ open }: Opening) {
  return (
    <label class="button">
      Open a capture …
      <input
        class="unseen"
        type="file"
        accept=".pcap,.pcapng,.cap,.gz,.zst"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) open(ask('openFile', { file, name: file.name }));
        }}
      />
    </label>
  );
}

function Filter({ summary, say }: { summary: Summary; say: (error: string) => void }) {
  const [text, setText] = useState('');
  const apply = async (wish: string) => {
    const { error } = await ask('filter', { text: wish });
    say(error === undefined ? '' : `${error} No filter is on.`);
  };
  const { filter } = summary;
  return (
    <form
      class="filter"
      aria-label="Display filter"
      onSubmit={(event) => {
        event.preventDefault();
        void apply(text);
      }}
    >
      <label>
        Filter{' '}
        <input
          type="search"
          value={text}
          placeholder="tcp.analysis.retransmission"
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Apply</button>
      {filter !== undefined && (
        <span role="status">
          {many(filter.matches, 'frame')}
          {filter.isDone ? '' : ' so far'}{' '}
          <button
            type="button"
            onClick={() => {
              setText('');
              void apply('');
            }}
          >
            Show all
          </button>
        </span>
      )}
    </form>
  );
}

const THEMES = ['auto', 'light', 'dark'] as const;

function Theme() {
  const [theme, setTheme] = useState<(typeof THEMES)[number]>('auto');
  useEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return (
    <label>
      Theme{' '}
      <select value={theme} onChange={(event) => setTheme(event.currentTarget.value as (typeof THEMES)[number])}>
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Welcome({ open }: Opening) {
  return (
    <main class="welcome">
      <p>
        Drop a capture file (pcap or pcapng, plain, gzip or zstd) anywhere on this page, or open a world: the real stack
        of fastpath, running here under virtual time. Nothing leaves this page.
      </p>
      <CaptureChoice open={open} />
      <ul>
        {PRESETS.map(({ name, title, tells }) => (
          <li key={name}>
            <button type="button" onClick={() => open(ask('openWorld', { preset: name, seed: 1 }))}>
              <strong>{title}</strong> <span>{tells}</span>
            </button>
          </li>
        ))}
      </ul>
    </main>
  );
}

function Facts({ summary }: { summary: Summary }) {
  const { name, frames, bytes: size, duration: time, progress, problems } = summary;
  return (
    <section class="facts" aria-label="Source">
      <p role="status">
        <strong>{name}</strong>: {many(frames, 'frame')}, {bytes(size)}, {duration(time)}
        {progress < 1 && (
          <>
            {' '}
            <progress value={progress} max={1} aria-label="Reading" /> {Math.floor(progress * 100)} %
          </>
        )}
      </p>
      {problems.map((problem) => (
        <p key={problem} class="finding bad">
          {problem}
        </p>
      ))}
    </section>
  );
}

function WorldControls({ world, open }: Opening & { world: NonNullable<Summary['world']> }) {
  const [speed, setSpeed] = useState(0.1);
  const [seed, setSeed] = useState(world.seed);
  const control = (what: Parameters<Calls['control']>[0]['what']) => ask('control', { what, speed });
  const button = (what: Parameters<Calls['control']>[0]['what'], title: string, disabled = false) => (
    <button type="button" disabled={disabled} title={EVENT_TITLE[what]} onClick={() => void control(what)}>
      {title}
    </button>
  );
  const save = async () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([(await ask('pcapng', {})) as Uint8Array<ArrayBuffer>]));
    link.download = `fastpath-${world.preset}-${world.seed}.pcapng`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const { title, tells } = presetOf(world.preset);
  return (
    <section class="controls" aria-label={`World: ${title}`}>
      <div class="bar">
        <span class={world.events === 0 ? 'hint' : 'hint wide'}>{tells}</span>
        <span role="status">
          clock at {duration(world.now)}, event {count(world.events)}
        </span>
      </div>
      <div class="bar row-of-tools">
        {world.isPlaying ? button('stop', 'Stop') : button('play', 'Play', world.isOver)}
        <SpeedChoice speed={speed} choose={setSpeed} />
        {button('backFrame', 'Frame back', world.events === 0)}
        {button('frame', 'Frame on', world.isOver)}
        {button('back', 'Event back', world.events === 0)}
        {button('step', 'Event on', world.isOver)}
        {button('end', 'To the end', world.isOver)}
        {button('restart', 'Begin again', world.events === 0)}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            open(ask('openWorld', { preset: world.preset, seed }));
          }}
        >
          <label>
            Seed{' '}
            <input type="number" value={seed} onInput={(event) => setSeed(Number(event.currentTarget.value) | 0)} />
          </label>
          <button type="submit">Set</button>
        </form>
        <button type="button" onClick={() => void save()}>
          Save as pcapng
        </button>
      </div>
    </section>
  );
}

interface DetailProps {
  readonly summary: Summary;
  readonly connection: number;
  readonly frame: number;
  readonly tab: Tab;
  readonly setTab: (tab: Tab) => void;
  readonly side: boolean | undefined;
  readonly setSide: (fromClient: boolean) => void;
  readonly choose: (frame: number) => void;
}

function Detail({ summary, connection, frame, tab, setTab, side, setSide, choose }: DetailProps) {
  const { version } = summary;
  const { answer } = useAnswer('connection', { number: connection }, [version]);
  const row = answer ?? undefined;
  const fromClient = side ?? (row !== undefined && row.clientBytes > row.serverBytes);
  const hasSides = tab === 'sequence' || tab === 'curves' || tab === 'states';
  const needsConnection = hasSides || tab === 'ladder';
  const isThere = connection > 0 && connection <= summary.connections;
  return (
    <section class="detail" aria-label={`Connection ${connection}`}>
      <Tabs id="detail" label="Views" tabs={TABS} chosen={tab} choose={setTab}>
        {hasSides && <SideChoice name="side" fromClient={fromClient} choose={setSide} />}
        {needsConnection && !isThere && <p class="hint">{noConnection(summary)}</p>}
        {needsConnection && isThere && row?.isHidden && (
          <p class="finding note" role="status">
            The filter hides this connection, {row.client} to {row.server}: none of its frames passes.
          </p>
        )}
        {tab === 'ladder' && isThere && (
          <Ladder
            {...{ connection, version, choose, frame }}
            client={row?.client ?? 'client'}
            server={row?.server ?? 'server'}
          />
        )}
        {tab === 'sequence' && isThere && row !== undefined && (
          <TimeSequence {...{ connection, version, fromClient, frame, choose }} begin={row.begin} end={row.end} />
        )}
        {tab === 'curves' && isThere && (
          <CurvesView {...{ connection, version, fromClient, choose }} isLive={summary.kind === 'server'} />
        )}
        {tab === 'states' && isThere && <States {...{ connection, version, fromClient, choose }} />}
        {tab === 'frames' && <Frames {...{ version, frame, choose }} />}
        {tab === 'rates' && <RatesView version={version} counters={summary.server} />}
        {tab === 'cache' && <Cache version={version} hasBytes={summary.kind !== 'file'} />}
      </Tabs>
    </section>
  );
}

function noConnection({ kind, progress }: Summary): string {
  const isOver = kind === 'file' && progress === 1;
  return isOver ? 'There is no TCP connection in this capture.' : 'There is no TCP connection yet.';
}

const root = document.getElementById('app');
if (root !== null) {
  render(
    <SourceProvider value={ask}>
      <App />
    </SourceProvider>,
    root,
  );
}
