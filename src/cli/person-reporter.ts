/**
 * The reporter for a person at a terminal: a progress bar while the folder is read, where to point a browser, then one
 * line of live numbers that is written over itself. Without a terminal it writes only the lines that belong in a log.
 */
import { SingleBar } from 'cli-progress';
import pc from 'picocolors';
import type { LoadProgress } from '../cache/loading/load-options.js';
import type { CompressProgress } from '../cache/variants/variant-maker.js';
import type { RivalHost, ServerInfo } from '../serve/events.js';
import type { ProbeStep } from '../serve/network/self-probe.js';
import type { ReloadResult } from '../serve/reload.js';
import { COUNTER, type Rates, type Snapshot } from '../serve/snapshot.js';
import { countOf, formatBytes, formatCount, formatDuration, formatPercent } from '../words/numbers.js';
import { describeFailure } from './probe-failure.js';
import type { Reporter } from './reporter.js';

/** A folder that is read faster than this needs no bar, ms. */
const BAR_AFTER_MS = 300;
/** Between two lines about a folder that is being read, ms. */
const LOG_EVERY_MS = 5_000;
const CLEAR_LINE = '\r\x1b[K';

export interface PersonReporterOptions {
  /** Only warnings and the URL. */
  readonly quiet?: boolean;
  /** Progress and numbers that are written over themselves, on a terminal. */
  readonly live?: boolean;
  /** Milliseconds of a clock; a test gives its own. */
  readonly now?: () => number;
}

export class PersonReporter implements Reporter {
  readonly #out: NodeJS.WriteStream;
  readonly #isLive: boolean;
  readonly #quiet: boolean;
  readonly #now: () => number;
  readonly #begin: number;
  #loggedAt: number;
  #bar: SingleBar | undefined;
  #hasStatusLine = false;
  /** What is said last of what the server made. */
  #farewell = 'All removed.';
  /** What bounds the time of the last answers, in brackets. */
  #bound = ' (--grace says how long)';
  /** Part of the line of live numbers while variants are made. */
  #compressing = '';

  constructor(
    out: NodeJS.WriteStream = process.stdout,
    { quiet = false, live = true, now = () => performance.now() }: PersonReporterOptions = {},
  ) {
    this.#out = out;
    this.#now = now;
    this.#begin = now();
    this.#loggedAt = this.#begin;
    this.#isLive = live && out.isTTY === true && !quiet;
    this.#quiet = quiet;
  }

  handedOver(pid: number): void {
    this.#farewell = '';
    this.#bound = '';
    this.#line(`process ${pid} serves now; this one ends when its last connection is over`);
  }

  note(text: string): void {
    if (!this.#quiet) this.#line(pc.dim(text));
  }

  warn(text: string): void {
    this.#clearStatus();
    process.stderr.write(`${pc.yellow('warning:')} ${text}\n`);
  }

  loading(progress: LoadProgress): void {
    if (this.#isLive) this.#showBar(progress);
    else if (!this.#quiet) this.#logProgress(progress);
  }

  compressing({ files, totalFiles }: CompressProgress): void {
    const isDone = files >= totalFiles;
    this.#compressing = isDone ? '' : `compressing ${formatCount(files)} of ${formatCount(totalFiles)} files`;
  }

  conflict({ address, mac }: RivalHost): void {
    this.warn(`another host (${mac}) uses our address ${address}; clients may reach it instead of us`);
  }

  /** Without a terminal: a line now and then, so that a log shows why nothing is answered yet. */
  #logProgress({ bytes, totalBytes, files, totalFiles }: LoadProgress): void {
    const now = this.#now();
    if (now - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = now;
    const amount = `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`;
    this.#line(`reading ${amount}, ${formatCount(files)} of ${formatCount(totalFiles)} files`);
  }

  #showBar({ bytes, totalBytes, files, totalFiles }: LoadProgress): void {
    if (this.#bar === undefined) {
      if (this.#now() - this.#begin < BAR_AFTER_MS) return;
      this.#bar = createBar(this.#out);
      this.#bar.start(totalBytes, bytes, { files, totalFiles, done: '', total: formatBytes(totalBytes) });
    }
    this.#bar.setTotal(totalBytes); // the folder of the next site makes it more
    this.#bar.update(bytes, { files, totalFiles, done: formatBytes(bytes), total: formatBytes(totalBytes) });
  }

  ready(info: ServerInfo, { cache }: Snapshot): void {
    if (!info.temporary) this.#farewell = `${info.interfaceName} was there before and stays.`;
    this.#bar?.stop();
    if (this.#quiet) {
      this.#line(info.url);
      return;
    }
    const frames =
      info.superSegmentBytes > 0 ? `super-segments up to ${formatBytes(info.superSegmentBytes)}` : 'no offload';
    const ring = info.frames.way === 'ring' ? ', io_uring' : '';
    const workers = countOf(info.workers, 'worker');
    const payload = formatBytes(cache.payloadBytes);
    this.#line('');
    const field = info.hostField === undefined ? '' : `-H 'Host: ${info.hostField}' `;
    this.#line(`  ${pc.bold(pc.green(info.url))}   ${pc.dim('try:')} curl -i ${field}${info.url}`);
    this.#line('');
    const what = info.sites.length === 1 ? info.folder : `${info.sites.length} sites`;
    if (info.httpsUrl !== undefined) this.#line(`  https      ${info.httpsUrl}`);
    this.#line(`  serving    ${what} (${countOf(cache.files, 'file')}, ${payload} in memory)`);
    if (info.sites.length > 1) for (const { name, folder } of info.sites) this.#line(`             ${name}: ${folder}`);
    this.#line(`  interface  ${info.interfaceName}, MTU ${info.mtu}, ${frames}${ring}, ${workers}`);
    this.#line(`  we are     ${info.addresses.join(', ')} at ${info.mac}`);
    this.#line(`  this host  ${hostOf(info)}`);
    for (const { name, listeners } of info.modules ?? []) this.#line(`  module     ${name} on ${listeners.join(', ')}`);
    if (info.admin !== undefined) this.#line(`  admin      ${info.admin}`);
    if (info.inspector !== undefined) this.#line(`  inspector  ${info.inspector}`);
    this.#line(`  runs as    ${info.user}`);
    this.#line('');
    this.#line(`  ${farewellOf(info)}`);
    this.#line('');
  }

  probed(steps: readonly ProbeStep[]): void {
    const failed = steps.find(({ passed }) => !passed);
    if (failed !== undefined) this.warn(describeFailure(failed));
    else if (!this.#quiet) for (const line of describeSuccess(steps)) this.#line(`  ${pc.green('✓')} ${line}`);
  }

  status(snapshot: Snapshot, rates: Rates): void {
    if (!this.#isLive) return;
    const { requestsPerSecond, bytesPerSecond, connections, hitRatio, retransmits } = rates;
    const text = [
      `${countOf(requestsPerSecond, 'request')}/s`,
      `${formatBytes(bytesPerSecond)}/s`,
      countOf(connections, 'connection'),
      ...(hitRatio === undefined ? [] : [`${formatPercent(hitRatio)} cache hits`]),
      countOf(retransmits, 'retransmit'),
      `${countOf(snapshot.counters.get(COUNTER.requests) ?? 0, 'request')} so far`,
      ...(this.#compressing === '' ? [] : [this.#compressing]),
    ].join(' · ');
    this.#out.write(`${CLEAR_LINE}  ${text.slice(0, Math.max(20, (this.#out.columns || 80) - 3))}`);
    this.#hasStatusLine = true;
  }

  reloaded(result: ReloadResult | undefined): void {
    if (!this.#quiet) this.#line(pc.dim(describeReload(result)));
  }

  stopping(signal: string): void {
    if (!this.#quiet) this.#line(pc.dim(`${signal}: closing connections (once more: at once) …`));
  }

  closing(unfinished: number): void {
    if (this.#quiet || unfinished === 0) return;
    this.#line(pc.dim(`waiting for ${countOf(unfinished, 'answer')} to be taken${this.#bound} …`));
  }

  stopped(snapshot: Snapshot | undefined, cut: number, isHurried = false): void {
    const why = isHurried ? ' by the second signal' : ': the time for closing was over (--grace)';
    if (cut > 0) this.warn(`${countOf(cut, 'answer')} cut off${why}`);
    if (this.#quiet || snapshot === undefined) return;
    const requests = countOf(snapshot.counters.get(COUNTER.requests) ?? 0, 'request');
    const bytes = formatBytes(snapshot.counters.get(COUNTER.deliveredBytes) ?? 0);
    const sum = `${requests}, ${bytes} delivered in ${formatDuration(1_000 * snapshot.uptimeSeconds)}.`;
    this.#line(`${sum} ${this.#farewell}`.trimEnd());
  }

  /** `fastpath` prints errors itself, whatever the subcommand. */
  failed(): void {
    this.#bar?.stop();
    this.#clearStatus();
  }

  #line(text: string): void {
    this.#clearStatus();
    this.#out.write(`${text}\n`);
  }

  #clearStatus(): void {
    if (this.#hasStatusLine) this.#out.write(CLEAR_LINE);
    this.#hasStatusLine = false;
  }
}

/** `configuration read again: 1 site added (a.example); limits` */
function describeReload(result: ReloadResult | undefined): string {
  if (result === undefined) return 'the folder was looked at again';
  const { sites, changed, loadedAgain = [] } = result;
  const parts = (['added', 'changed', 'removed'] as const).flatMap((what) => {
    const names = sites[what];
    return names.length === 0 ? [] : [`${countOf(names.length, 'site')} ${what} (${names.join(', ')})`];
  });
  const all = [...parts];
  if (changed.length > 0) all.push(`changed: ${changed.join(', ')}`);
  if (loadedAgain.length > 0) all.push(`loaded again: ${loadedAgain.join(', ')}`);
  return `configuration read again: ${all.length === 0 ? 'nothing has changed' : all.join('; ')}`;
}

function createBar(stream: NodeJS.WriteStream): SingleBar {
  return new SingleBar({
    stream,
    format: '  reading {bar} {done} of {total}, {files} of {totalFiles} files',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
  });
}

function hostOf({ bridge, hostAddresses }: ServerInfo): string {
  const addresses = hostAddresses.length === 0 ? 'no address there' : hostAddresses.join(', ');
  return bridge === undefined ? addresses : `${addresses}, on the bridge ${bridge}`;
}

function farewellOf({ temporary }: ServerInfo): string {
  return temporary ? 'Ctrl-C removes it all.' : 'Ctrl-C ends it; the interface was there before and stays.';
}

/** One line for each address: `10.77.0.2 is reachable from this host: route, ARP, TCP, HTTP`. */
function describeSuccess(steps: readonly ProbeStep[]): string[] {
  return [...new Set(steps.map(({ address }) => address))].map((address) => {
    const layers = steps.filter((step) => step.address === address).map(({ layer }) => layer);
    return `${address} is reachable from this host: ${layers.join(', ')}`;
  });
}
