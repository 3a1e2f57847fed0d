/**
 * The network of the comparison, in namespaces of its own:
 *
 *     client's namespace (the sandbox)            server's namespace
 *       cgc 10.210.0.1 ── TAP ── relay ── TAP ── cgs ┐
 *                                                    bridge cgb 10.210.0.2: Linux's own TCP
 *                                  TAP of fastpath ── cgf┘                   10.210.0.3: fastpath
 *
 * Both servers' frames go through the same relay. The interfaces towards it have no offload, so that it is given
 * segments and not super-segments, whoever cuts them.
 */
import { readlink } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run, Service, waitUntil } from '../../bench/processes.js';
import type { LaneCounts, LaneOptions } from './lane.js';
import type { ReaderJob, ReaderResult } from './reader.js';

export const LINUX = '10.210.0.2';
export const FASTPATH = '10.210.0.3';
export type Control = 'cubic' | 'reno';
const CLIENT = '10.210.0.1';
const PREFIX = '10.210.0.0/24';
/** Frames that may wait for the relay while it does not run: some 100 ms of all lanes together. */
const QUEUE_FRAMES = '10000';

export class Lab {
  readonly #services: Service[] = [];
  #control: Control = 'cubic';

  private constructor(private readonly holder: Service) {}

  /** The server's namespace and its bridge. */
  static async create(): Promise<Lab> {
    const holder = new Service(['unshare', '--net', 'sleep', 'infinity'], {});
    const own = await readlink('/proc/self/ns/net');
    await waitUntil('the server namespace', async () => {
      if (holder.failure) throw new Error(holder.failure);
      return (await readlink(`/proc/${holder.pid}/ns/net`).catch(() => own)) !== own;
    });
    const lab = new Lab(holder);
    await lab.#server('ip', 'link', 'add', 'cgb', 'type', 'bridge');
    await lab.#server('ip', 'address', 'add', `${LINUX}/24`, 'dev', 'cgb');
    await lab.#server('ip', 'link', 'set', 'cgb', 'up');
    // What one connection learns of the path must not help the next.
    await lab.#server('sysctl', '-qw', 'net.ipv4.tcp_no_metrics_save=1');
    return lab;
  }

  /** Starts relay and senders. `control` is for both, NewReno for reno. */
  async start(lanes: readonly LaneOptions[], control: Control): Promise<void> {
    this.#control = control;
    const ports = [`${lanes[0]!.port}`, `${lanes.length}`];
    await this.#program('./relay.js', ['cgc', 'cgs', JSON.stringify(lanes)], {});
    await run(['ip', 'link', 'set', 'cgs', 'netns', `${this.holder.pid}`]);
    await this.#server('ip', 'link', 'set', 'cgs', 'master', 'cgb', 'txqueuelen', QUEUE_FRAMES, 'up');
    await run(['ip', 'address', 'add', `${CLIENT}/24`, 'dev', 'cgc']);
    await run(['ip', 'link', 'set', 'cgc', 'txqueuelen', QUEUE_FRAMES, 'up']);
    // By the route and not by sysctl: a namespace may set only what the machine allows to all, and that leaves cubic
    // out.
    await this.#server('ip', 'route', 'change', PREFIX, 'dev', 'cgb', 'src', LINUX, 'congctl', control);
    const inServer = { networkOf: this.holder.pid };
    const ours = control === 'reno' ? 'newreno' : 'cubic';
    await this.#program('./linux-sender.js', [LINUX, ...ports], inServer);
    await this.#program('./fastpath-sender.js', ['cgf', `${FASTPATH}/24`, ...ports, ours], inServer);
    await this.#server('ip', 'link', 'set', 'cgf', 'master', 'cgb', 'txqueuelen', QUEUE_FRAMES, 'up');
  }

  /** Downloads from both for a while. */
  async read(job: ReaderJob): Promise<ReaderResult> {
    const file = fileURLToPath(new URL('./reader.js', import.meta.url));
    const argv = [process.execPath, file, JSON.stringify(job)];
    const reading = run(argv, {}, job.durationMs + 20_000);
    const [output] = await Promise.all([reading, this.#checkControl()]);
    return JSON.parse(output) as ReaderResult;
  }

  /** The route's wish is checked at the connections themselves: a comparison with bbr would be none. */
  async #checkControl(): Promise<void> {
    await setTimeout(1000);
    const report = await this.#server('ss', '-tinH', 'state', 'established');
    const wrong = report.split('\n').find((line) => /\bcwnd:/.test(line) && !line.includes(` ${this.#control} `));
    if (wrong !== undefined) throw new Error(`Linux does not use ${this.#control}: ${wrong.trim()}`);
  }

  /** A command in the server's namespace. */
  async #server(...argv: string[]): Promise<string> {
    return run(argv, { networkOf: this.holder.pid });
  }

  async #program(name: string, argv: readonly string[], place: { networkOf?: number }): Promise<void> {
    const file = fileURLToPath(new URL(name, import.meta.url));
    const service = new Service([process.execPath, '--enable-source-maps', file, ...argv], place);
    this.#services.push(service);
    await waitUntil(name, () => {
      if (service.failure) throw new Error(service.failure);
      return service.output.includes('ready');
    });
  }

  /** Ends relay and senders; their interfaces go with them. Returns what the lanes did, by port. */
  async stop(): Promise<Record<number, LaneCounts>> {
    let counts = '';
    const relay = this.#services[0];
    if (relay !== undefined) relay.onOutput = (text) => (counts += text);
    while (this.#services.length > 0) await this.#services.pop()!.stop();
    return counts === '' ? {} : (JSON.parse(counts) as Record<number, LaneCounts>);
  }

  async close(): Promise<void> {
    await this.stop();
    await this.holder.stop();
  }
}
