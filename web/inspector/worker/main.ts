/** The worker: holds the source, answers the page. See protocol.ts. */

import type { Host } from '../../../src/browser/host.js';
import { explainSum, prefixTable } from '../../../src/inspect/prefix-sums.js';
import type { AnswerMessage, CacheObject, CallMessage, Calls, Summary, SumView } from '../protocol.js';
import { openFile } from './file-source.js';
import { ServerSource } from './server-source.js';
import type { Session } from './session.js';
import { WorldSource } from './world-source.js';

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

type Answers = {
  [Name in keyof Calls]: (
    wish: Parameters<Calls[Name]>[0],
  ) => ReturnType<Calls[Name]> | Promise<ReturnType<Calls[Name]>>;
};

const ANSWERS: Answers = {
  openFile({ file, name }) {
    close();
    session = openFile(file, name, changed);
  },
  async openUrl({ url, name }) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`the capture cannot be fetched: ${answer.status} ${answer.statusText}`);
    const file = await answer.blob();
    close();
    session = openFile(file, name, changed);
  },
  openWorld({ preset, seed }) {
    close();
    world = new WorldSource(preset, seed, changed);
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
  connections: (wish) => here().connections(wish),
  rungs: (wish) => here().rungs(wish),
  timeSequence: (wish) => here().timeSequence(wish),
  curves: (wish) => here().curves(wish),
  states: (wish) => here().states(wish),
  frames: (wish) => here().frames(wish),
  frame: (wish) => here().frame(wish),
  filter: (wish) => here().filter(wish),
  rates: (wish) => here().rates(wish),
  cache: () => cacheObjects(),
  sum: (wish) => sumOf(wish),
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
  if (world === undefined) return server?.cache ?? [];
  return world.world.hosts.flatMap((host) => {
    const files = Object.keys(world?.world.options.hosts[host.name]?.files ?? {});
    return files.flatMap((path) => {
      const payload = payloadOf(host, path);
      return payload === undefined ? [] : [{ host: host.name, path, bytes: payload.length, hits: hitsOf(path) }];
    });
  });
}

/** Answers from the object: those that the clients of the world have got. */
function hitsOf(path: string): number {
  const names = path.endsWith('/index.html') ? [path, path.slice(0, -'index.html'.length)] : [path];
  const answers = world?.world.fetches.flatMap((fetch) => fetch.answers) ?? [];
  return answers.filter((answer) => names.includes(answer.path) && answer.status > 0).length;
}

function payloadOf(host: Host, path: string): Uint8Array | undefined {
  const entry = host.http?.library.find(new TextEncoder().encode(path));
  return entry?.bytes.bytes.subarray(entry.payloadFrom, entry.payloadFrom + entry.payloadLength);
}

const ENTRIES_AROUND = 3;

async function sumOf({ host, path, from, to }: Parameters<Calls['sum']>[0]): Promise<SumView> {
  const found = world?.world.hosts.find(({ name }) => name === host);
  const payload = found === undefined ? await server?.payload(path) : payloadOf(found, path);
  if (payload === undefined) throw new Error('the bytes of this object are not here');
  const table = prefixTable(payload);
  const steps = explainSum(payload, table, from, to);
  const near = new Set<number>();
  for (const { entry } of [steps.lower, steps.upper]) {
    for (let i = entry - ENTRIES_AROUND; i <= entry + ENTRIES_AROUND; i++) if (i >= 0 && i < table.length) near.add(i);
  }
  const rows = [...near]
    .sort((a, b) => a - b)
    .map((entry) => {
      const at = entry === table.length - 1 ? payload.length : entry * 32;
      return { entry, at, sum: table[entry] ?? 0 };
    });
  return { steps, table: rows };
}
