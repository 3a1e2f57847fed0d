/** A figure: a world that runs in the page, its controls, and its views. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Figure, runToStart, VIEWS, type View } from '../../docs/book/figures/lib/figure.js';
import { SideChoice } from '../figures/controls.js';
import { worldAnswers } from '../figures/session/answers.js';
import { WorldSource } from '../figures/session/world-source.js';
import type { Ask } from '../figures/source.js';
import { SourceProvider, useAnswer } from '../figures/source.js';
import { Cache } from '../figures/views/cache.js';
import { CurvesView } from '../figures/views/curves.js';
import { ExchangeView } from '../figures/views/exchange.js';
import { FrameView } from '../figures/views/frame.js';
import { Ladder } from '../figures/views/ladder.js';
import { States } from '../figures/views/states.js';
import { Tabs } from '../figures/views/tabs.js';
import { TimeSequence } from '../figures/views/time-sequence.js';
import { type Chosen, chosenIn, withChosen } from './address.js';
import { Player } from './player.js';
import { Settings } from './settings.js';

interface Props {
  readonly name: string;
  readonly figure: Figure;
}

export function FigureApp({ name, figure }: Props) {
  const [chosen, setChosen] = useState<Chosen>(() => chosenIn(location.search, name, figure));
  const [version, setVersion] = useState(0);
  const [view, setView] = useState<View>(figure.views[0] ?? 'exchange');
  const changed = useRef(() => setVersion((now) => now + 1));
  const source = useMemo(() => open(figure, name, chosen, changed.current), [chosen]);
  const ask = useMemo(() => askOf(source), [source]);
  useEffect(() => () => source.close(), [source]);
  const choose = (next: Chosen) => {
    setChosen(next);
    const search = withChosen(location.search, name, figure, next);
    history.replaceState(history.state, '', `${location.pathname}${search}${location.hash}`);
  };
  return (
    <SourceProvider value={ask}>
      <section class="figure" aria-label={figure.title}>
        <p class="title">{figure.title}</p>
        <p class="hint">{figure.tells}</p>
        <Settings figure={figure} chosen={chosen} choose={choose} />
        <Player {...{ source, name, figure, view, version }} />
        <Views {...{ figure, name, version, view, setView }} />
      </section>
    </SourceProvider>
  );
}

function open(figure: Figure, name: string, { seed, settings }: Chosen, changed: () => void): WorldSource {
  const preset = { name, title: figure.title, tells: figure.tells, options: figure.world(settings) };
  const source = new WorldSource(preset, seed, changed, figure.speed);
  runToStart(source.world, figure.start);
  return source;
}

/** Asks the world in this page. */
function askOf(source: WorldSource): Ask {
  const answers = worldAnswers(source) as Partial<Record<string, (wish: unknown) => unknown>>;
  return async (call, wish) => {
    const answer = answers[call];
    if (answer === undefined) throw new Error(`a figure has no ${call}`);
    return (await answer(wish)) as never;
  };
}

interface ViewsProps extends Props {
  readonly version: number;
  readonly view: View;
  readonly setView: (view: View) => void;
}

function Views({ figure, name, version, view, setView }: ViewsProps) {
  const [frame, setFrame] = useState(figure.frame);
  const [fromClient, setFromClient] = useState(figure.side === 'client');
  const { answer } = useAnswer('connections', { from: 0, count: 20, order: 'number' }, [version]);
  const [connection, setConnection] = useState(1);
  const row = answer?.rows[connection - 1];
  const props = { connection, version, fromClient, frame, choose: setFrame };
  const isOfTcp = view !== 'exchange' && view !== 'cache';
  const body = (
    <>
      {isOfTcp && (answer?.total ?? 0) > 1 && (
        <Which total={answer?.total ?? 0} chosen={connection} choose={setConnection} />
      )}
      {(view === 'sequence' || view === 'curves' || view === 'states') && (
        <SideChoice name={`${name}-side`} fromClient={fromClient} choose={setFromClient} />
      )}
      {view === 'exchange' && <ExchangeView {...props} hides={figure.hides} since={figure.since} />}
      {view === 'cache' && <Cache version={version} hasBytes={true} />}
      {isOfTcp && row === undefined && <p class="hint">There is no TCP connection yet.</p>}
      {view === 'ladder' && row !== undefined && <Ladder {...props} client={row.client} server={row.server} />}
      {view === 'sequence' && row !== undefined && <TimeSequence {...props} begin={row.begin} end={row.end} />}
      {view === 'curves' && row !== undefined && <CurvesView {...props} />}
      {view === 'states' && row !== undefined && <States {...props} />}
    </>
  );
  const tabs = figure.views.map((key) => ({ key, title: VIEWS[key] }));
  return (
    <div class="views">
      {tabs.length > 1 ? (
        <Tabs id={name} label="Views" tabs={tabs} chosen={view} choose={setView}>
          {body}
        </Tabs>
      ) : (
        body
      )}
      {view !== 'cache' && <FrameView {...{ frame, version, view }} />}
    </div>
  );
}

function Which({ total, chosen, choose }: { total: number; chosen: number; choose: (connection: number) => void }) {
  return (
    <label>
      Connection{' '}
      <select value={String(chosen)} onChange={(event) => choose(Number(event.currentTarget.value))}>
        {Array.from({ length: Math.min(total, 20) }, (_, index) => (
          <option key={index} value={String(index + 1)}>
            {index + 1}
          </option>
        ))}
      </select>
    </label>
  );
}
