/** `fastpath status`: which servers run on this machine, and their numbers. */
import { accessSync, constants } from 'node:fs';
import type { Command } from 'commander';
import { cacheLabel } from '../admin/cache-label.js';
import type { TcpSettings } from '../net/tcp/settings.js';
import type { UpstreamReading } from '../proxy/statistics.js';
import type { SiteShare } from '../serve/bandwidth.js';
import type { ModuleInfo } from '../serve/modules/served.js';
import type { RuntimeState } from '../serve/process/runtime-state.js';
import { ServeError } from '../serve/serve-error.js';
import type { ConflictRecord } from '../serve/snapshot.js';
import type { FramesChoice } from '../serve/worker/frames.js';
import type { CacheReading } from '../shared-cache/thread/messages.js';
import { countOf, formatBytes, formatCount, formatDuration } from '../words/numbers.js';
import { registeredServers } from './registered-servers.js';
import { describeAddresses, type GivenAddresses } from './status-addresses.js';
import { describeReasons, describeThreads } from './status-reasons.js';
import { subcommand } from './subcommand.js';
import { describeTcpSettings } from './tcp-settings.js';

const EXAMPLES = [
  { line: 'status', meaning: 'one line for each server that this user may see' },
  { line: 'status --json', meaning: 'every counter, one JSON object for each server' },
  {
    line: 'status --verbose',
    meaning: 'every setting of TCP too, with its meaning and source; without a server, the defaults',
  },
];

/** So many sites have a line. */
const MOST_SITES = 20;

/** What a running server answers (src/serve/snapshot.ts), as far as the line needs it. */
interface Numbers extends GivenAddresses {
  readonly uptimeSeconds?: number;
  readonly sites?: readonly { readonly name: string; readonly folder: string }[];
  readonly counters?: Readonly<Record<string, number>>;
  readonly frames?: FramesChoice;
  readonly tcp?: Partial<TcpSettings>;
  readonly conflicts?: readonly ConflictRecord[];
  readonly shares?: readonly SiteShare[];
  readonly upstreams?: readonly UpstreamReading[];
  readonly caches?: readonly CacheReading[];
  readonly modules?: readonly ModuleInfo[];
}

interface Flags {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly interface?: string;
}

/** The subcommand `status`. */
export function statusCommand(): Command {
  return subcommand('status', 'List the servers that run on this machine.', EXAMPLES)
    .option('--json', 'one JSON object for each server, with all its counters')
    .option('-i, --interface <name>', 'the server on this interface alone')
    .option('-v, --verbose', 'every setting of TCP as well: value, default, meaning, RFC')
    .addHelpText(
      'after',
      "\nAn ordinary user sees the own servers and the names of root's; root sees those of all users.\n",
    )
    .action(async (flags: Flags) => {
      const servers = await listServers(flags.interface);
      if (servers.length === 0 && flags.interface !== undefined) {
        throw new ServeError('failure', `no server is running on ${flags.interface}`, '"fastpath status" lists all.');
      }
      if (servers.length === 0 && !flags.json) console.log('no server is running');
      if (servers.length === 0 && flags.verbose && !flags.json) printSettings({});
      for (const server of servers) {
        const { state, alive, numbers } = server;
        const text = () => describe(server);
        console.log(flags.json ? JSON.stringify({ ...state, alive, ...numbers }) : text());
        if (flags.verbose && !flags.json && alive) printSettings(numbers?.tcp ?? {});
      }
    });
}

/** A server, as its files tell of it and as it tells of itself. */
interface Listed {
  readonly state: RuntimeState;
  readonly alive: boolean;
  /** Where it runs, if that is not the network namespace of this command. */
  readonly place: string | undefined;
  /** Undefined: it does not answer. */
  readonly numbers: Numbers | undefined;
  /** This user may ask it. */
  readonly isOpen: boolean;
}

/** @param only the interface; undefined: all servers */
async function listServers(only: string | undefined): Promise<Listed[]> {
  const { describeProcess, namespaceName } = await import('../serve/process/runtime-state.js');
  const { networkNamespace: here } = describeProcess();
  const nameOf = (namespace: string) => namespaceName(namespace) ?? namespace;
  const all = await registeredServers('all');
  return all
    .filter(({ state }) => only === undefined || state.interfaceName === only)
    .map(({ state, alive, answer, sock }) => ({
      state,
      alive,
      place: state.networkNamespace === here ? undefined : nameOf(state.networkNamespace),
      numbers: answer as Numbers | undefined,
      isOpen: isOpenToUs(sock),
    }));
}

function printSettings(changed: Partial<TcpSettings>): void {
  console.log("  TCP's settings; change one with `fastpath serve --tcp name=value`:");
  for (const line of describeTcpSettings(changed)) console.log(line);
}

/** A socket can be connected to by those who may write to it: unix(7). One that is not there is closed to nobody. */
function isOpenToUs(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EACCES';
  }
}

/** How frames cross to the kernel; a ring may have failed since. */
function describeFrames({ frames, counters = {} }: Numbers): string[] {
  if (frames === undefined) return [];
  const failed = (counters['ring.failed'] ?? 0) > 0 ? '; it has failed, and frames move by plain calls since' : '';
  return [`  frames move by ${frames.text}${failed}`];
}

/** `  module finger on tcp/79: connections 12, queries 3`; counters that are 0 are left out. */
function describeModules({ modules = [], counters = {} }: Numbers): string[] {
  return modules.map(({ name, listeners }) => {
    const own = Object.entries(counters).filter(([counter, value]) => counter.startsWith(`${name}.`) && value > 0);
    const shown = own.map(([counter, value]) => `${counter.slice(name.length + 1)} ${formatCount(value)}`);
    return `  module ${name} on ${listeners.join(', ')}: ${shown.length === 0 ? 'not asked yet' : shown.join(', ')}`;
  });
}

function describe({ state, alive, place, numbers, isOpen }: Listed): string {
  const name = place === undefined ? state.interfaceName : `${state.interfaceName} in netns ${place}`;
  const { sites = [] } = numbers ?? {};
  const what = sites.length > 1 ? countOf(sites.length, 'site') : (sites[0]?.folder ?? state.folder);
  const head = `${name.padEnd(15)} ${state.url}  ${what}  process ${state.pid}`;
  if (!alive) return `${head}  ended without cleaning up; the next start on ${state.interfaceName} does`;
  if (numbers === undefined) return `${head}  does not answer${isOpen ? '' : ' this user'}`;
  const { uptimeSeconds, counters = {}, conflicts = [] } = numbers;
  if (uptimeSeconds === undefined) return `${head}  is starting`;
  const requests = countOf(counters['http.requests'] ?? 0, 'request');
  const connections = countOf(counters['connections.open'] ?? 0, 'connection');
  const uptime = formatDuration(1_000 * uptimeSeconds);
  const line = `${head}  up ${uptime}, ${requests}, ${connections} open`;
  const rivals = conflicts.map(
    ({ address, mac, last }) => `  another host (${mac}) uses ${address}, heard last at ${last}`,
  );
  return [
    line,
    ...describeSites(sites),
    ...describeAddresses(numbers, Date.now()),
    ...describeReasons(counters),
    ...describeThreads(counters),
    ...describeModules(numbers),
    ...describeFrames(numbers),
    ...describeShares(numbers),
    ...describeUpstreams(numbers),
    ...describeCaches(numbers),
    ...rivals,
  ].join('\n');
}

/** The folder of each site, if there are several. */
export function describeSites(sites: NonNullable<Numbers['sites']>): string[] {
  if (sites.length < 2) return [];
  const shown = sites.slice(0, MOST_SITES).map(({ name, folder }) => `  ${name}: ${folder}`);
  const rest = sites.length - shown.length;
  return rest === 0 ? shown : [...shown, `  and ${countOf(rest, 'site')} more; --json has them all`];
}

/** How each server of an upstream is. */
function describeUpstreams({ upstreams = [] }: Numbers): string[] {
  return upstreams.flatMap(({ name, servers }) =>
    servers.map(({ url, counters }) => {
      const { health, requests, active, heads, headMs, connectFailures, resets, timeouts, badAnswers } = counters;
      const state = health === 1 ? 'up' : health === 0 ? 'down' : 'paused';
      const failed = formatCount(connectFailures + resets + timeouts + badAnswers);
      const mean = heads === 0 ? '' : `, ${formatDuration(Math.round(headMs / heads))} to the answer`;
      return `  upstream ${name}: ${url} is ${state}, ${countOf(requests, 'request')}, ${failed} failed, ${active} now${mean}`;
    }),
  );
}

/** What each cache in front of the handler or an upstream has done. */
function describeCaches({ caches = [] }: Numbers): string[] {
  return caches.map(({ name, counters }) => {
    const { answers, bytes, limitBytes, hits, staleHits, revalidated, collapsed, misses, expired, fetches } = counters;
    const kept = hits + staleHits + revalidated + collapsed;
    const all = hits + staleHits + misses + expired;
    return (
      `  cache of ${cacheLabel(name)}: ${countOf(answers, 'answer')}, ${formatBytes(bytes)} of ` +
      `${formatBytes(limitBytes)}; ${formatCount(kept)} of ${countOf(all, 'request')} behind the fast path ` +
      `answered from it, ${countOf(fetches, 'request')} to the origin`
    );
  });
}

/** What each site has sent, while the bandwidth is bounded. */
function describeShares({ shares = [] }: Numbers): string[] {
  const all = shares.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  return shares.map(({ site, sentBytes, delayedBytes }) => {
    const part = (bytes: number, of: number) => `${of === 0 ? 0 : Math.round((100 * bytes) / of)} %`;
    return `  ${site} has sent ${formatBytes(sentBytes)}, ${part(sentBytes, all)} of all; ${part(delayedBytes, sentBytes)} of it had to wait`;
  });
}
