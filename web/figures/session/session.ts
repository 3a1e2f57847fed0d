/** What is kept of one source, and the answers that the page gets from it. */
import { linkText } from '../../../src/capture/format/link-layer.js';
import type { CaptureRecord, RecordedInterface } from '../../../src/capture/format/record.js';
import { Dissector } from '../../../src/dissect/dissector.js';
import type { Dissection } from '../../../src/dissect/field.js';
import { type Predicate, parseFilter } from '../../../src/dissect/filter/parser.js';
import { FrameClock } from '../../../src/dissect/frame-info.js';
import { FrameView } from '../../../src/dissect/frame-view.js';
import { placeName } from '../../../src/dissect/place-name.js';
import { windowMeaning } from '../../../src/dissect/tcp/side.js';
import { Analyzer, type ConnectionRow, type FramePlace, recordOf } from '../../../src/inspect/trace/analyzer.js';
import { EndedConnections, isSeenOver } from '../../../src/inspect/trace/ended.js';
import { BAD, findingsOf, REPEATS } from '../../../src/inspect/trace/findings.js';
import { nearestSegment } from '../../../src/inspect/trace/nearest.js';
import { answerTimes, sendCurves, timeSequence } from '../../../src/inspect/trace/plot.js';
import type { SegmentRow } from '../../../src/inspect/trace/segments.js';
import { statesOf } from '../../../src/inspect/trace/states.js';
import { type TcbCurve, TcbCurves } from '../../../src/inspect/trace/tcb-curves.js';
import { ACK, SYN } from '../../../src/net/wire/tcp.js';
import { count, ladderNumbers } from '../format.js';
import type {
  Calls,
  ConnectionView,
  Curves,
  FieldView,
  FilterState,
  FrameDetail,
  FrameLine,
  Rates,
  Rung,
  SegmentPlace,
  Summary,
} from '../protocol.js';

/** Where the frames of a session are. */
export interface FrameStore {
  /** The bytes of a frame; empty: they are gone. */
  read(offset: number, length: number, number: number): Promise<Uint8Array>;
  /** Shows every frame again, in order. */
  replay(visit: (record: CaptureRecord) => boolean): Promise<void>;
  /** Those of a capture, as far as it was read. */
  readonly interfaces: readonly RecordedInterface[];
}

/** The state of a filter: which frames pass. */
interface Filter {
  readonly text: string;
  readonly predicate: Predicate;
  readonly frames: number[];
  readonly connections: Set<number>;
  isDone: boolean;
}

/** Matches that are kept. */
const MOST_MATCHES = 1_000_000;
const FLAG_LETTERS = 'FSRP.UEW';
const NO_CURVE = { times: new Float64Array(0), values: new Float64Array(0) };

export class Session {
  analyzer: Analyzer;
  readonly tcbs = new TcbCurves();
  readonly ended = new EndedConnections();
  readonly problems: string[] = [];
  progress = 1;
  #filter: Filter | undefined;
  #wanted = 0;

  constructor(
    readonly kind: Summary['kind'],
    readonly name: string,
    readonly store: FrameStore,
    readonly changed: () => void,
  ) {
    this.analyzer = this.#newAnalyzer();
  }

  /** All is forgotten: a world has gone back. */
  reset(): void {
    this.analyzer = this.#newAnalyzer();
    this.tcbs.clear();
    this.ended.clear();
  }

  /** The clock of a world begins at 0, whenever its first frame is sent. */
  #newAnalyzer(): Analyzer {
    return this.kind === 'world' ? new Analyzer(0) : new Analyzer();
  }

  summary(version: number): Summary {
    const { analyzer } = this;
    return {
      kind: this.kind,
      name: this.name,
      frames: analyzer.frames,
      bytes: analyzer.bytes,
      duration: analyzer.duration,
      begin: analyzer.begin / 1000,
      connections: analyzer.connections.length,
      progress: this.progress,
      problems: this.#allProblems(),
      version,
      ...(this.#filter !== undefined && { filter: this.#filterState(this.#filter) }),
    };
  }

  connections({ from, count, order }: Parameters<Calls['connections']>[0]) {
    const filter = this.#filter;
    const all = this.analyzer.connections.filter(
      ({ number }) => filter === undefined || filter.connections.has(number),
    );
    if (order === 'bytes') all.sort((a, b) => b.clientBytes + b.serverBytes - a.clientBytes - a.serverBytes);
    else if (order === 'troubles') all.sort((a, b) => b.troubles - a.troubles);
    else if (order === 'end') all.sort((a, b) => b.end - a.end);
    return { rows: all.slice(from, from + count).map((row) => this.#viewOf(row)), total: all.length };
  }

  connection({ number }: Parameters<Calls['connection']>[0]): ConnectionView | null {
    const row = this.analyzer.connection(number);
    return row === undefined ? null : this.#viewOf(row);
  }

  rungs({ connection, from, count, onlyTroubles }: Parameters<Calls['rungs']>[0]) {
    const segments = this.analyzer.segmentsOf(connection);
    if (!onlyTroubles) {
      const rungs = [...segments.rows(from, from + count)].map((row, index) =>
        this.#rungOf(connection, row, from + index),
      );
      return { rungs, total: segments.count };
    }
    const rungs: Rung[] = [];
    let total = 0;
    let index = 0;
    for (const row of segments.rows()) {
      if (row.findings & BAD) {
        if (total >= from && total < from + count) rungs.push(this.#rungOf(connection, row, index));
        total++;
      }
      index++;
    }
    return { rungs, total };
  }

  timeSequence({ connection, ...wish }: Parameters<Calls['timeSequence']>[0]) {
    return timeSequence(this.analyzer.segmentsOf(connection), wish);
  }

  curves({ connection, fromClient, columns }: Parameters<Calls['curves']>[0]): Curves {
    const row = this.analyzer.connection(connection);
    const segments = this.analyzer.segmentsOf(connection);
    const sent = sendCurves(segments, fromClient, columns);
    const [local, remote] = fromClient ? [row?.client, row?.server] : [row?.server, row?.client];
    const known = this.tcbs.of(local ?? '', remote ?? '');
    if (known === undefined) return { ...sent, cwnd: NO_CURVE, ssthresh: NO_CURVE, rto: NO_CURVE };
    return known.upTo(row?.end ?? 0);
  }

  nearest({ connection, ...wish }: Parameters<Calls['nearest']>[0]): number {
    return nearestSegment(this.analyzer.segmentsOf(connection), wish);
  }

  place({ frame, connection }: Parameters<Calls['place']>[0]): SegmentPlace | null {
    if (frame > this.analyzer.rows || this.analyzer.frame(frame).connection !== connection) return null;
    const row = this.analyzer.segmentOfFrame(frame);
    return row < 0 ? null : { row, time: this.analyzer.segmentsOf(connection).at(row).time };
  }

  states({ connection }: Parameters<Calls['states']>[0]) {
    return statesOf(this.analyzer.segmentsOf(connection).rows());
  }

  async frames({ from, count }: Parameters<Calls['frames']>[0]) {
    const { analyzer } = this;
    const matches = this.#filter?.frames;
    const total = matches?.length ?? analyzer.rows;
    const lines: FrameLine[] = [];
    for (let index = from; index < Math.min(total, from + count); index++) {
      lines.push(await this.#lineOf(matches?.[index] ?? index + 1));
    }
    return { lines, total };
  }

  async frame({ number }: Parameters<Calls['frame']>[0]): Promise<FrameDetail> {
    this.#mustHave(number);
    const place = this.analyzer.frame(number);
    const { time, length, connection } = place;
    const { bytes, layers, summary } = await this.#dissect(place);
    const row = this.analyzer.segmentOfFrame(number);
    const segment = row < 0 ? undefined : this.analyzer.segmentsOf(connection).at(row);
    const shift = segment && this.#shiftOf(connection, segment);
    const numbers = segment === undefined ? [] : ladderNumbers(rungOf(segment, row, shift));
    const tcp = segment && layers.find(({ protocol }) => protocol === 'tcp');
    return {
      number,
      time,
      length,
      bytes: bytes.slice(),
      line: summary,
      numbers: numbers.slice(1).join(', '),
      findings: findingsOf(segment?.findings ?? 0),
      layers: layers.map((layer) => layerView(layer, layer === tcp ? segment : undefined, shift)),
    };
  }

  /** @throws {Error} that says why a frame cannot be looked at */
  #mustHave(number: number): void {
    const { frames, rows } = this.analyzer;
    if (number <= rows) return;
    if (number <= frames) throw new Error(`Frame ${number} is one of those that are only counted.`);
    if (this.kind === 'world') throw new Error(`Frame ${number} has not been sent yet. Let the time go on.`);
    if (this.progress < 1) throw new Error(`Frame ${number} has not been read yet.`);
    throw new Error(`There is no frame ${number}: the last one is ${frames}.`);
  }

  /** Which frames pass. An empty text shows all. The frames are read again; `changed` tells how far that is. */
  filter({ text }: Parameters<Calls['filter']>[0]): { error?: string } {
    const wanted = ++this.#wanted;
    if (text.trim() === '') {
      this.#filter = undefined;
      this.changed();
      return {};
    }
    let predicate: Predicate;
    try {
      predicate = parseFilter(text);
    } catch (error) {
      this.#filter = undefined; // what stands in the field is no filter: the one before it does not go on in secret
      this.changed();
      return { error: error instanceof Error ? error.message : String(error) };
    }
    const filter: Filter = { text, predicate, frames: [], connections: new Set(), isDone: false };
    this.#filter = filter;
    this.#run(filter, () => wanted === this.#wanted).catch((error: unknown) => this.problems.push(String(error)));
    return {};
  }

  rates({ columns }: Parameters<Calls['rates']>[0]): Rates {
    const { analyzer } = this;
    const count = Math.max(1, Math.min(columns, analyzer.rows));
    const seconds = Math.max(analyzer.duration / 1e6, 1e-6) / count;
    const times = Float64Array.from({ length: count }, (_, index) => (index + 0.5) * seconds);
    const [frames, bits, again] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
    const bin = (time: number) => Math.max(0, Math.min(count - 1, Math.floor(time / 1e6 / seconds)));
    for (let number = 1; number <= analyzer.rows; number++) {
      const { time, length } = analyzer.frame(number);
      const at = bin(time);
      frames[at] = (frames[at] ?? 0) + 1 / seconds;
      bits[at] = (bits[at] ?? 0) + (length * 8) / seconds;
    }
    const answer = new Float64Array(count).fill(Number.NaN);
    for (const { number, retransmissions } of analyzer.connections) {
      const points = answerTimes(analyzer.segmentsOf(number));
      for (let i = 0; i + 1 < points.length; i += 2) {
        const at = bin(points[i] ?? 0);
        const longest = answer[at] ?? Number.NaN;
        answer[at] = Number.isNaN(longest) ? (points[i + 1] ?? 0) : Math.max(longest, points[i + 1] ?? 0);
      }
      if (retransmissions === 0) continue;
      for (const { time, findings } of analyzer.segmentsOf(number).rows()) {
        if (findings & REPEATS) again[bin(time)] = (again[bin(time)] ?? 0) + 1 / seconds;
      }
    }
    return { times, frames, bits, again, answer };
  }

  async #run(filter: Filter, isWanted: () => boolean): Promise<void> {
    const dissector = new Dissector();
    const clock = new FrameClock();
    let number = 0;
    await this.store.replay((record) => {
      record.number = ++number;
      const info = clock.info(record, this.store.interfaces[record.interfaceIndex]);
      const dissection = dissector.dissect(record);
      if (filter.predicate(new FrameView(info, dissection)) && filter.frames.length < MOST_MATCHES) {
        filter.frames.push(number);
        if (dissection.connection !== undefined) filter.connections.add(dissection.connection);
        clock.show(info);
      }
      return isWanted();
    });
    if (!isWanted()) return;
    filter.isDone = true;
    this.changed();
  }

  /** Takes a frame apart by itself. */
  async #dissect({ number, time, offset, captured, length, linkType }: FramePlace) {
    const bytes = await this.store.read(offset, captured, number);
    const record = recordOf(bytes, this.analyzer.begin + time, length);
    record.linkType = linkType;
    record.number = number;
    return { bytes, ...new Dissector({ absolute: true }).dissect(record) };
  }

  async #lineOf(number: number): Promise<FrameLine> {
    const place = this.analyzer.frame(number);
    const { time, length, connection } = place;
    const { summary } = await this.#dissect(place);
    return { number, time, length, connection, line: summary };
  }

  #rungOf(connection: number, row: SegmentRow, index: number): Rung {
    return rungOf(row, index, this.#shiftOf(connection, row));
  }

  /** By how much the window of a segment is shifted; undefined: that is not known. */
  #shiftOf(connection: number, { isFromClient, flags }: SegmentRow): number | undefined {
    const row = this.analyzer.connection(connection);
    return flags & SYN ? 0 : isFromClient ? row?.clientShift : row?.serverShift;
  }

  #viewOf(row: ConnectionRow): ConnectionView {
    const known = this.tcbs.of(row.server, row.client) ?? this.tcbs.of(row.client, row.server);
    const name = this.store.interfaces[Number.parseInt(row.seenAt, 10)]?.name;
    const place = this.analyzer.hasManyInterfaces ? placeName(row.seenAt, name) : '';
    return {
      ...row,
      state: this.#stateOf(row, known),
      isHidden: this.#filter?.connections.has(row.number) === false,
      place,
      rtt: known?.rtt.last ?? row.initialRtt,
      cwnd: known?.cwnd.last,
    };
  }

  /** Of a server: it tells the states of some connections now and then, so what it has told may be an old state. */
  #stateOf(row: ConnectionRow, known: TcbCurve | undefined): string {
    if (this.ended.has(row)) return 'ended, its last frames were not seen';
    const isOld = this.kind === 'server' && isSeenOver(row);
    return known === undefined || isOld ? stateOf(row) : known.state;
  }

  #filterState({ text, frames, isDone, connections }: Filter): FilterState {
    const [first = 0] = connections;
    return { text, matches: frames.length, isDone, first };
  }

  #allProblems(): string[] {
    const { rows, frames, damagedTimes, unknownLinks } = this.analyzer;
    const problems = [...this.problems];
    if (rows < frames) problems.push(`Only the first ${rows} frames can be looked at; all of them are counted.`);
    for (const [linkType, count] of unknownLinks) {
      const which = count === frames ? 'the frames' : `${count} of ${frames} frames`;
      problems.push(`The link of ${which} is not understood: ${linkText(linkType)}. Nothing in them is shown.`);
    }
    if (damagedTimes.frames > 0) problems.push(damagedText(damagedTimes));
    return problems;
  }
}

function damagedText({ frames, first }: Analyzer['damagedTimes']): string {
  const which = frames === 1 ? `Frame ${first} does` : `${frames} frames, the first of them ${first}, do`;
  return (
    `${which} not follow in time on the frame before: the recorded time is damaged, the clock was set, or nothing ` +
    'was sent for a day. Here time goes on without a break.'
  );
}

/**
 * `segment`: the one that a TCP layer carries, whose connection is known. `shift`: by how much its window is shifted.
 */
function layerView(
  { label, section, problems, fields }: Dissection['layers'][number],
  segment: SegmentRow | undefined,
  shift: number | undefined,
) {
  const edges = segment?.sack[Symbol.iterator]();
  const isEdge = (name: string) => name === 'tcp.options.sack_le' || name === 'tcp.options.sack_re';
  const views = fields.map(({ name, label, value, display, meaning, section, from, to }): FieldView => {
    const known = segment && (isEdge(name) ? edges?.next().value : countedValue(name, segment));
    const own = display ?? (typeof value === 'boolean' ? String(Number(value)) : String(value));
    const isRaw = known !== undefined && isEdge(name);
    const shown = known === undefined ? own : isRaw ? `${own} (${count(known)} from the SYN)` : count(known);
    const means = segment !== undefined && name === 'tcp.window_size' ? windowMeaning(shift) : meaning;
    return { name, label, value: shown, meaning: means, section, from, to };
  });
  return { label, section, problems: [...problems], fields: views };
}

/** The value of a field of TCP that only the whole connection tells; its raw value stands in a field beside it. */
function countedValue(name: string, { sequence, acknowledgment, window, flags }: SegmentRow): number | undefined {
  if (name === 'tcp.seq') return sequence;
  if (name === 'tcp.ack' && (flags & ACK) !== 0) return acknowledgment;
  return name === 'tcp.window_size' ? window : undefined;
}

function rungOf(segment: SegmentRow, row: number, shift: number | undefined): Rung {
  let flags = '';
  for (let bit = 0; bit < 8; bit++) if (segment.flags & (1 << bit)) flags += FLAG_LETTERS[bit];
  const hasAck = (segment.flags & ACK) !== 0;
  return { ...segment, row, flags, hasAck, hasScale: shift !== undefined, findings: findingsOf(segment.findings) };
}

/** The state of a connection as far as a capture tells. */
function stateOf({ wasReset, clientFinished, serverFinished, established }: ConnectionRow): string {
  if (wasReset) return 'reset';
  if (clientFinished && serverFinished) return 'closed';
  if (clientFinished || serverFinished) return 'closing';
  return established ? 'established' : 'opening';
}
