/** The worker: holds the source, answers the page. See protocol.ts. */
import type { AnswerMessage, CacheObject, CallMessage, Calls, Summary, SumView } from '../../figures/protocol.js';
import { type Answers, sessionAnswers } from '../../figures/session/answers.js';
import { openFile } from '../../figures/session/file-source.js';
import type { Session } from '../../figures/session/session.js';
import { exchangeOf, objectsOf, sumIn, sumOf } from '../../figures/session/world-answers.js';
import { WorldSource } from '../../figures/session/world-source.js';
import { presetOf } from '../presets.js';
import { ServerSource } from './server-source.js';

const scope = self as unknown as DedicatedWorkerGlobalScope;
/** The page hears of changes no more often than this. */
const NEWS_MS = 100;

let session: Session | undefined;
let world: WorldSource | undefined;
let server: ServerSource | undefined;
let version = 0;
let isNewsDue = false;

const NOTHING: Summary = {
  kind: 'none',
  name: '',
  frames: 0,
  bytes: 0,
  duration: 0,
  begin: Number.NaN,
  connections: 0,
  progress: 1,
  problems: [],
  version: 0,
};

const ANSWERS: Answers = {
  openFile({ file, name }) {
    close();
    session = openFile(file, name, changed);
  },
  async openUrl({ url, name }) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`The capture can't be fetched: ${(await answer.text()).trim()}`);
    const file = await answer.blob();
    close();
    session = openFile(file, name, changed);
  },
  openWorld({ preset, seed }) {
    close();
    world = new WorldSource(presetOf(preset), seed, changed);
    session = world.session;
    changed();
  },
  openServer({ url }) {
    close();
    server = new ServerSource(url, changed);
    session = server.session;
    changed();
  },
  control: (wish) => world?.control(wish),
  summary: () => summary(),
  ...sessionAnswers(here),
  rates(wish) {
    const rates = here().rates(wish);
    return server === undefined ? rates : { ...rates, requests: server.requests.curve() };
  },
  cache: () => cacheObjects(),
  sum,
  exchange(wish) {
    if (world === undefined) throw new Error('only a world knows who sends a frame to whom');
    return exchangeOf(world, wish);
  },
  pcapng() {
    if (world === undefined) throw new Error('only a world gives its frames as a capture');
    return world.world.pcapng();
  },
};

scope.onmessage = async ({ data }: MessageEvent<CallMessage>) => {
  const { id, call, wish } = data;
  try {
    const answer = await (ANSWERS[call] as (wish: unknown) => unknown)(wish);
    post({ id, answer });
  } catch (error) {
    post({ id, error: error instanceof Error ? error.message : String(error) });
  }
};

function post(message: AnswerMessage): void {
  scope.postMessage(message);
}

function here(): Session {
  if (session === undefined) throw new Error('nothing is open');
  return session;
}

function close(): void {
  world?.close();
  server?.close();
  world = server = session = undefined;
}

function summary(): Summary {
  if (session === undefined) return { ...NOTHING, version };
  const base = session.summary(version);
  if (world !== undefined) return { ...base, world: world.state };
  return server === undefined ? base : { ...base, server: server.counters };
}

function changed(): void {
  version++;
  if (isNewsDue) return;
  isNewsDue = true;
  setTimeout(() => {
    isNewsDue = false;
    post({ changed: summary() });
  }, NEWS_MS);
}

/** The objects in the caches of a world, or those that a server tells of. */
function cacheObjects(): readonly CacheObject[] {
  return world === undefined ? (server?.cache ?? []) : objectsOf(world.world);
}

async function sum(wish: Parameters<Calls['sum']>[0]): Promise<SumView> {
  return world === undefined ? sumOf(await server?.payload(wish.host, wish.path), wish) : sumIn(world.world, wish);
}
