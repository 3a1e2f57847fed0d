/** `--statistics`: what a capture holds, in numbers. */
import type { FieldName, Protocol } from '../catalogue.js';
import { GROUPS } from '../catalogue.js';
import type { FrameInfo } from '../frame-info.js';
import type { FrameView } from '../frame-view.js';
import { secondsText, type Time, timeBetween, timestamp } from '../time.js';
import type { Print, Report } from './report.js';

interface Count {
  frames: number;
  bytes: number;
}

const FINDINGS: readonly FieldName[] = GROUPS['tcp.analysis.flags'] ?? [];
const CHECKSUMS: readonly FieldName[] = [
  'ip.checksum.status',
  'tcp.checksum.status',
  'udp.checksum.status',
  'icmp.checksum.status',
  'icmpv6.checksum.status',
];

export class StatisticsReport implements Report {
  readonly #print: Print;
  readonly #asJson: boolean;
  readonly #protocols = new Map<Protocol, Count>();
  readonly #findings = new Map<string, number>();
  readonly #checksums = new Map<string, number>();
  readonly #whole: Count = { frames: 0, bytes: 0 };
  #first: Time | undefined;
  #last: Time | undefined;
  #cut = 0;
  #withProblems = 0;
  #connections = 0;

  constructor(print: Print, asJson: boolean) {
    this.#print = print;
    this.#asJson = asJson;
  }

  frame: Report['frame'] = (view) => {
    const { info, dissection } = view;
    this.#first ??= info.time;
    this.#last = info.time;
    count(this.#whole, info);
    if (info.captured < info.length) this.#cut++;
    if (dissection.layers.some(({ problems }) => problems.length > 0)) this.#withProblems++;
    this.#connections = Math.max(this.#connections, dissection.connection ?? 0);
    for (const protocol of new Set(dissection.layers.map((layer) => layer.protocol))) {
      const entry = this.#protocols.get(protocol) ?? { frames: 0, bytes: 0 };
      this.#protocols.set(protocol, entry);
      count(entry, info);
    }
    this.#tally(view);
  };

  #tally(view: FrameView): void {
    for (const name of FINDINGS) {
      if (view.values(name).includes(true)) add(this.#findings, name.replace('tcp.analysis.', '').replaceAll('_', ' '));
    }
    for (const name of CHECKSUMS) {
      for (const verdict of view.values(name))
        add(this.#checksums, `${name.replace('.checksum.status', '')} ${verdict}`);
    }
  }

  end(): void {
    const object = this.numbers();
    if (this.#asJson) this.#print(JSON.stringify(object));
    else for (const line of lines(object)) this.#print(line);
  }

  /** Everything counted so far. */
  numbers() {
    const duration = timeBetween(this.#first ?? ZERO, this.#last ?? ZERO);
    const seconds = duration.microseconds / 1e6;
    const { frames, bytes } = this.#whole;
    return {
      frames,
      bytes,
      first: this.#first === undefined ? undefined : timestamp(this.#first),
      last: this.#last === undefined ? undefined : timestamp(this.#last),
      duration: secondsText(duration, 6),
      framesPerSecond: rate(frames, seconds),
      bitsPerSecond: rate(8 * bytes, seconds),
      cutFrames: this.#cut,
      framesWithProblems: this.#withProblems,
      connections: this.#connections,
      protocols: Object.fromEntries(this.#protocols),
      tcpFindings: Object.fromEntries(this.#findings),
      checksums: Object.fromEntries(this.#checksums),
    };
  }
}

type Numbers = ReturnType<StatisticsReport['numbers']>;
const ZERO: Time = { microseconds: 0, nanoseconds: 0 };

function count(entry: Count, { length }: FrameInfo): void {
  entry.frames++;
  entry.bytes += length;
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Units per second, rounded; undefined if no time has passed. */
function rate(units: number, seconds: number): number | undefined {
  return seconds > 0 ? Math.round(units / seconds) : undefined;
}

function lines(numbers: Numbers): string[] {
  const list = [
    `${numbers.frames} frames, ${numbers.bytes} bytes, ${numbers.duration} s`,
    `from ${numbers.first ?? '-'} to ${numbers.last ?? '-'}`,
  ];
  if (numbers.bitsPerSecond !== undefined)
    list.push(`${numbers.framesPerSecond} frames/s, ${numbers.bitsPerSecond} bit/s`);
  list.push(`TCP connections: ${numbers.connections}`);
  list.push(`${numbers.cutFrames} frames cut by the capture, ${numbers.framesWithProblems} with problems`);
  list.push('', `${'layer'.padEnd(12)}${'frames'.padStart(12)}${'bytes'.padStart(16)}`);
  for (const [protocol, { frames, bytes }] of Object.entries(numbers.protocols))
    list.push(`${protocol.padEnd(12)}${String(frames).padStart(12)}${String(bytes).padStart(16)}`);
  list.push(...section('TCP', numbers.tcpFindings), ...section('checksums', numbers.checksums));
  return list;
}

function section(title: string, counts: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (entries.length === 0) return [];
  return ['', title, ...entries.map(([name, value]) => `${name.padEnd(24)}${String(value).padStart(12)}`)];
}
