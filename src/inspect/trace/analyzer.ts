/**
 * Reads a capture once, frame by frame, and keeps of it what pictures need: a row of numbers for each frame and for
 * each TCP segment, and a row of text for each connection. The frames themselves stay where they are (a file, say).
 * Memory is bounded: from `MOST_ROWS` frames on only the counters of the connections go on.
 */
import { CaptureRecord } from '../../capture/format/record.js';
import { Dissector, type TrackedDissection } from '../../dissect/dissector.js';
import { isLinkUnderstood } from '../../dissect/layers/link/link.js';
import type { Connection } from '../../dissect/tcp/connections.js';
import { windowShift } from '../../dissect/tcp/side.js';
import { doubles, halves, words } from './columns.js';
import { BAD, bitsOf, NEVER_ARRIVES, REPEATS } from './findings.js';
import { type Correction, PlotClock } from './plot-clock.js';
import { Segments } from './segments.js';

/** Frames whose rows are kept: 2 million rows take about 150 MB. */
export const MOST_ROWS = 2_000_000;

/** What is known of one connection. Times are microseconds since the capture began. */
export interface ConnectionRow {
  /** From 1, in the order in which they begin. */
  readonly number: number;
  readonly client: string;
  readonly server: string;
  /** The interface where it was seen: see `Connection.seenAt`. */
  readonly seenAt: string;
  /** The host that the client asks for; ''. */
  title: string;
  begin: number;
  end: number;
  frames: number;
  /** Bytes of data from the client, and from the server. */
  clientBytes: number;
  serverBytes: number;
  retransmissions: number;
  /** Segments with something that a reader looks for. */
  troubles: number;
  /** From the SYN to the ACK of the SYN-ACK; undefined if the capture has no handshake. */
  initialRtt: number | undefined;
  /** The last flags that say how it stands. */
  wasReset: boolean;
  clientFinished: boolean;
  serverFinished: boolean;
  established: boolean;
  /** By how much the windows of each side are shifted; undefined: the capture has no handshake that tells it. */
  clientShift: number | undefined;
  serverShift: number | undefined;
}

/** Where a frame is. */
export interface FramePlace {
  readonly number: number;
  readonly time: number;
  readonly offset: number;
  readonly captured: number;
  readonly length: number;
  /** 0: it belongs to no TCP connection. */
  readonly connection: number;
  readonly linkType: number;
}

/** What a link did to a frame, for those who know. */
export interface LinkFacts {
  /** Bits of findings.ts. */
  readonly findings: number;
}

const NO_FACTS: LinkFacts = { findings: 0 };

interface Tracked {
  readonly row: ConnectionRow;
  readonly segments: Segments;
}

export class Analyzer {
  readonly #dissector: Dissector;
  readonly #connections: Tracked[] = [];
  readonly #time = doubles();
  readonly #offset = doubles();
  readonly #captured = words();
  readonly #length = words();
  readonly #connection = words();
  readonly #linkType = halves();
  /** By frame, for those whose arrival may be told: the row in its connection. */
  readonly #segmentOf = words();
  /** The interfaces with connections. */
  readonly #places = new Set<string>();
  /** How many frames each link has that nobody here understands, by its type. */
  readonly unknownLinks = new Map<number, number>();
  #frames = 0;
  #bytes = 0;
  #first: number;
  #last = 0;
  readonly #clock = new PlotClock();
  /** Of a world: its times need no repair. */
  readonly #isOwnClock: boolean;

  /** @param begin microseconds from which times count; NaN: those of the first frame */
  constructor(begin = Number.NaN) {
    this.#first = begin;
    this.#isOwnClock = !Number.isNaN(begin);
    this.#dissector = new Dissector();
  }

  get frames(): number {
    return this.#frames;
  }

  /** Frames whose rows are kept. */
  get rows(): number {
    return this.#time.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Microseconds since 1970 from which times count: those of the first frame. NaN before it. */
  get begin(): number {
    return this.#first;
  }

  /** Frames whose time in the capture is damaged, and the first of them. Their times here are guessed. */
  get damagedTimes(): { readonly frames: number; readonly first: number } {
    return { frames: this.#clock.damaged, first: this.#clock.firstDamaged };
  }

  /** Microseconds from the first frame to the last. */
  get duration(): number {
    return this.#last;
  }

  get connections(): ConnectionRow[] {
    return this.#connections.map(({ row }) => row);
  }

  /** A connection by its number; undefined: there is none of it. */
  connection(number: number): ConnectionRow | undefined {
    return this.#connections[number - 1]?.row;
  }

  /** Whether connections were seen at several interfaces: then there may be copies of one. */
  get hasManyInterfaces(): boolean {
    return this.#places.size > 1;
  }

  /** @throws {RangeError} if there is no such connection */
  segmentsOf(connection: number): Segments {
    const tracked = this.#connections[connection - 1];
    if (tracked === undefined) throw new RangeError(`there is no connection ${connection}`);
    return tracked.segments;
  }

  /** @throws {RangeError} if there is no such frame, or its row is not kept */
  frame(number: number): FramePlace {
    const row = number - 1;
    return {
      number,
      time: this.#time.at(row),
      offset: this.#offset.at(row),
      captured: this.#captured.at(row),
      length: this.#length.at(row),
      connection: this.#connection.at(row),
      linkType: this.#linkType.at(row),
    };
  }

  /** The row of a frame in the segments of its connection; -1: it has none. */
  segmentOfFrame(number: number): number {
    return this.#segmentOf.at(number - 1) - 1;
  }

  /** Takes the next frame. Frames count from 1, whatever the record says. */
  add(record: CaptureRecord, facts = NO_FACTS): void {
    record.number = ++this.#frames;
    const time = this.#timeOf(record);
    this.#last = Math.max(this.#last, time);
    this.#bytes += record.originalLength;
    const { linkType } = record;
    if (!isLinkUnderstood(linkType)) this.unknownLinks.set(linkType, (this.unknownLinks.get(linkType) ?? 0) + 1);
    const dissection = this.#dissector.dissect(record);
    const { place } = dissection;
    const tracked = place === undefined ? undefined : this.#trackedOf(place.connection, time);
    const isKept = this.rows < MOST_ROWS;
    const segment = tracked === undefined ? -1 : this.#addSegment(tracked, dissection, time, facts, isKept);
    if (!isKept) return;
    this.#time.push(time);
    this.#offset.push(record.frameOffset);
    this.#captured.push(record.to - record.from);
    this.#length.push(record.originalLength);
    this.#connection.push(dissection.connection ?? 0);
    this.#linkType.push(record.linkType);
    this.#segmentOf.push(segment + 1);
  }

  /** A frame has arrived at the other end of its link, `time` microseconds since the capture began. */
  arrived(number: number, time: number): void {
    if (number < 1 || number > this.rows) return;
    const segment = this.segmentOfFrame(number);
    if (segment >= 0) this.segmentsOf(this.#connection.at(number - 1)).arrived(segment, time);
  }

  /** The time of a frame in the pictures. */
  #timeOf({ microseconds, nanoseconds }: CaptureRecord): number {
    if (this.#isOwnClock) return microseconds - this.#first;
    if (Number.isNaN(this.#first)) this.#first = microseconds;
    const time = this.#clock.take(microseconds - this.#first + nanoseconds / 1000, this.#frames);
    if (this.#clock.correction !== undefined) this.#correct(this.#clock.correction);
    return time;
  }

  /** The times of the last frames were damaged. */
  #correct({ from, time }: Correction): void {
    this.#last = time;
    for (let number = from; number < this.#frames && number <= this.rows; number++) {
      this.#time.set(number - 1, time);
      const tracked = this.#connections[this.#connection.at(number - 1) - 1];
      if (tracked === undefined) continue;
      tracked.segments.setTime(this.segmentOfFrame(number), time);
      tracked.row.begin = Math.min(tracked.row.begin, time);
      tracked.row.end = Math.min(tracked.row.end, time);
    }
  }

  #trackedOf(connection: Connection, begin: number): Tracked {
    const known = this.#connections[connection.number - 1];
    if (known !== undefined) return known;
    this.#places.add(connection.seenAt);
    const tracked = { row: newRow(connection, begin), segments: new Segments() };
    this.#connections.push(tracked);
    return tracked;
  }

  /** Takes note of a segment; returns its row, -1 if it is not kept. */
  #addSegment(
    { row, segments }: Tracked,
    dissection: TrackedDissection,
    time: number,
    facts: LinkFacts,
    isKept: boolean,
  ): number {
    const { place } = dissection;
    if (place === undefined) return -1;
    const { connection, isFromClient } = place;
    const findings = bitsOf(place.analysis) | facts.findings;
    const header = headerOf(dissection);
    row.title = connection.title;
    row.end = Math.max(row.end, time);
    row.frames++;
    if (isFromClient) row.clientBytes += header.length;
    else row.serverBytes += header.length;
    if (findings & REPEATS) row.retransmissions++;
    if (findings & BAD) row.troubles++;
    row.initialRtt = plausible(connection.initialRtt, row.end - row.begin);
    row.wasReset = connection.wasReset;
    row.clientFinished = connection.clientSide.finished;
    row.serverFinished = connection.serverSide.finished;
    row.clientShift = windowShift(connection.clientSide, connection.serverSide);
    row.serverShift = windowShift(connection.serverSide, connection.clientSide);
    row.established ||= connection.clientSide.frames > 1 && connection.serverSide.frames > 0;
    if (!isKept) return -1;
    const arrival = findings & NEVER_ARRIVES ? Number.POSITIVE_INFINITY : Number.NaN;
    segments.push({ ...header, frame: this.#frames, time, arrival, isFromClient, window: place.window, findings });
    return segments.count - 1;
  }
}

/** The row of a connection of which no segment has been noted yet. */
export function newRow(
  { number, client, server, seenAt }: Pick<Connection, 'number' | 'client' | 'server' | 'seenAt'>,
  begin: number,
): ConnectionRow {
  return {
    number,
    client: `${client.address} port ${client.port}`,
    server: `${server.address} port ${server.port}`,
    seenAt,
    title: '',
    begin,
    end: begin,
    frames: 0,
    clientBytes: 0,
    serverBytes: 0,
    retransmissions: 0,
    troubles: 0,
    initialRtt: undefined,
    wasReset: false,
    clientFinished: false,
    serverFinished: false,
    established: false,
    clientShift: undefined,
    serverShift: undefined,
  };
}

/**
 * A handshake lasts no longer than its connection has. If it does, the times of the capture are damaged. One that takes
 * no time at all was recorded by a clock that stood still, or is too coarse.
 */
function plausible(rtt: number | undefined, longest: number): number | undefined {
  return rtt !== undefined && rtt > 0 && rtt <= longest + 1 ? rtt : undefined;
}

/** The numbers of a segment, from the fields of its TCP layer: the outermost that has a place. */
function headerOf({ layers }: TrackedDissection) {
  const header = { flags: 0, sequence: 0, acknowledgment: 0, length: 0, sack: [] as number[] };
  const tcp = layers.find(({ protocol }) => protocol === 'tcp');
  for (const { name, value } of tcp?.fields ?? []) {
    const number = Number(value);
    if (name === 'tcp.flags') header.flags = number & 0xff;
    else if (name === 'tcp.seq') header.sequence = number;
    else if (name === 'tcp.ack') header.acknowledgment = number;
    else if (name === 'tcp.len') header.length = number;
    else if (name === 'tcp.options.sack_le' || name === 'tcp.options.sack_re') header.sack.push(number);
  }
  return header;
}

/** A record for a frame that lies in memory, `microseconds` being the time of its clock. */
export function recordOf(bytes: Uint8Array, microseconds: number, length = bytes.length): CaptureRecord {
  const record = new CaptureRecord();
  record.bytes = bytes;
  record.to = bytes.length;
  record.originalLength = length;
  record.microseconds = microseconds;
  return record;
}
