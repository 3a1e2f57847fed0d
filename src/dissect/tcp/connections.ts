/**
 * Follows the TCP connections of a capture. Each segment gets its connection's number, the start of its sequence
 * numbers, and what it is in the conversation: a retransmission, say.
 *
 * A capture may begin in the middle and have holes. So the tracker makes notes and rejects nothing. A capture of
 * several interfaces may have each segment several times. So a connection is followed at each interface by itself.
 */
import { add, type Sequence, toWord, ZERO } from '../../net/tcp/sequence.js';
import { ABSOLUTE, type SequenceBase } from '../../net/wire/describe-tcp.js';
import { ACK, FIN, RST, SYN } from '../../net/wire/tcp.js';
import { type Analysis, analyse } from './analysis.js';
import { FtpTransfers } from './ftp-transfers.js';
import { HeldParts } from './held-parts.js';
import { Side, windowShift } from './side.js';

/** The tracker remembers this many connections. The one that has been idle longest is forgotten first. */
export const MAX_CONNECTIONS = 65_536;

const MAX_TITLE = 80;

/** One TCP segment, as far as it matters here. */
export interface Segment {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly flags: number;
  readonly sequence: Sequence;
  readonly acknowledgment: Sequence;
  /** Bytes of data. */
  readonly length: number;
  readonly window: number;
  /** The shift of the window scale option in a SYN; `NO_SCALE` without one. */
  readonly scale: number;
  /** The frame's number and time in microseconds. */
  readonly frame: number;
  /** The interface, as text. */
  readonly seenAt: string;
  readonly time: number;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What is known of a segment in its connection. */
export interface Place {
  readonly connection: Connection;
  /** What the line takes off the numbers; 0 for a SYN, whose true number is shown. */
  readonly base: SequenceBase;
  /** What the fields take off the numbers: the number of each side's SYN. */
  readonly start: SequenceBase;
  readonly analysis: Analysis;
  /** The segment's window in bytes, scaled if the factor is known. */
  readonly window: number;
  /** How far it was shifted for that; undefined: the capture does not tell, and `window` is that of the header. */
  readonly windowShift: number | undefined;
  readonly side: Side;
  /** The sender is the side that opened the connection, as far as the capture shows. */
  readonly isFromClient: boolean;
}

export class Connection {
  /** The client is the sender of the SYN or, without one, of the first segment seen. */
  readonly clientSide = new Side();
  readonly serverSide = new Side();
  wasReset = false;
  /** The time of the last segment, in microseconds. */
  lastTime: number;
  /** When the SYN was seen, and microseconds from there to the ACK that ends the handshake. */
  synTime: number | undefined;
  initialRtt: number | undefined;
  /** The host that the client asks for, by SNI or Host; empty if it has not said. */
  title = '';

  constructor(
    /** From 1, in the order in which connections begin in the capture. */
    readonly number: number,
    readonly client: Endpoint,
    readonly server: Endpoint,
    readonly firstTime: number,
    /** The interface: its number in the capture, with `.n` for the n-th device of a cooked capture. */
    readonly seenAt: string,
  ) {
    this.lastTime = firstTime;
  }

  /** Notes the host that the client asks for. The first one stays. */
  name(host: string): void {
    if (this.title === '') this.title = host.slice(0, MAX_TITLE);
  }

  isClient({ address, port }: Endpoint): boolean {
    return this.client.port === port && this.client.address === address;
  }
}

export class ConnectionTracker {
  readonly #known = new Map<string, Connection>();
  readonly #onForgotten: ((connection: Connection) => void) | undefined;
  readonly #limit: number;
  #newest: Connection | undefined;
  /** Connections seen so far. */
  count = 0;
  /** A hello fits into one record. */
  readonly hellos = new HeldParts(16_384);
  readonly messages = new HeldParts(65_536);
  readonly transfers = new FtpTransfers();

  /** @param onForgotten called with each connection that makes room for a newer one, or whose ports are used again */
  constructor(onForgotten?: (connection: Connection) => void, limit = MAX_CONNECTIONS) {
    this.#onForgotten = onForgotten;
    this.#limit = limit;
  }

  /** The connections that are remembered, in the order of their last segments. */
  get connections(): Iterable<Connection> {
    return this.#known.values();
  }

  /** Takes note of a segment and says where it stands. Segments come in the order of the capture. */
  observe(segment: Segment): Place {
    const key = keyOf(segment);
    const found = this.#known.get(key);
    const isNew = found === undefined || beginsAnew(segment, found);
    const connection = isNew ? this.#make(key, segment) : found;
    this.#touch(key, connection);
    const isFromClient = connection.isClient(segment.source);
    const side = isFromClient ? connection.clientSide : connection.serverSide;
    const other = isFromClient ? connection.serverSide : connection.clientSide;
    noteHandshake(segment, connection, side, isFromClient);
    const analysis = analyse(segment, side, other, connection.initialRtt);
    analysis.reusedPorts = isNew && found !== undefined;
    advance(segment, connection, side, other);
    if (analysis.retransmission !== undefined && analysis.retransmission !== 'out of order') side.retransmissions++;
    // The window of a SYN itself is never scaled.
    const shift = segment.flags & SYN ? 0 : windowShift(side, other);
    const start = { sequence: toWord(side.base ?? ZERO), acknowledgment: toWord(other.base ?? ZERO) };
    return {
      connection,
      // As tcpdump does: only in the SYN can the true number be seen.
      base: segment.flags & SYN ? ABSOLUTE : { ...start, windowShift: shift ?? 'unknown' },
      start,
      analysis,
      window: segment.window * 2 ** (shift ?? 0),
      windowShift: shift,
      side,
      isFromClient,
    };
  }

  #make(key: string, segment: Segment): Connection {
    const replaced = this.#known.get(key);
    if (replaced !== undefined) this.#forget(key, replaced);
    const isAnswer = (segment.flags & (SYN | ACK)) === (SYN | ACK);
    const [client, server] = isAnswer ? [segment.destination, segment.source] : [segment.source, segment.destination];
    return new Connection(++this.count, client, server, segment.time, segment.seenAt);
  }

  /** Makes it the newest, and room for it. */
  #touch(key: string, connection: Connection): void {
    if (this.#newest === connection) return;
    this.#newest = connection;
    this.#known.delete(key);
    this.#known.set(key, connection);
    if (this.#known.size <= this.#limit) return;
    for (const [oldKey, oldest] of this.#known) {
      this.#forget(oldKey, oldest);
      return;
    }
  }

  #forget(key: string, connection: Connection): void {
    this.#known.delete(key);
    this.#onForgotten?.(connection);
  }
}

function keyOf({ source, destination, seenAt }: Segment): string {
  const one = `${source.address} ${source.port}`;
  const two = `${destination.address} ${destination.port}`;
  return one < two ? `${one} ${two} ${seenAt}` : `${two} ${one} ${seenAt}`;
}

/** The same ports used again: a SYN with another number, when the old connection was over or had begun otherwise. */
function beginsAnew(segment: Segment, known: Connection): boolean {
  if ((segment.flags & (SYN | ACK)) !== SYN) return false;
  const isClient = known.isClient(segment.source);
  const { base } = isClient ? known.clientSide : known.serverSide;
  const other = isClient ? known.serverSide : known.clientSide;
  if (base === undefined) return known.wasReset || other.finished;
  return base !== segment.sequence;
}

/** The handshake gives the scale of windows, and a first round-trip time: from the SYN to the client's ACK. */
function noteHandshake(segment: Segment, connection: Connection, side: Side, isFromClient: boolean): void {
  const { flags, time } = segment;
  if (flags & SYN) {
    side.scale = segment.scale;
    side.knowsScale = true;
    if (isFromClient && !(flags & ACK)) connection.synTime = time;
  } else if (connection.initialRtt === undefined && connection.synTime !== undefined && isFromClient && flags & ACK) {
    if (connection.serverSide.frames > 0) connection.initialRtt = time - connection.synTime;
  }
}

function advance(segment: Segment, connection: Connection, side: Side, other: Side): void {
  const { flags, sequence, acknowledgment } = segment;
  if (side.base === undefined && !(flags & RST)) side.base = flags & SYN ? sequence : add(sequence, -1);
  if (flags & ACK && other.base === undefined) other.base = add(acknowledgment, -1);
  if (flags & FIN) side.finished = true;
  if (flags & RST) connection.wasReset = true;
  connection.lastTime = segment.time;
  side.frames++;
  side.bytes += segment.length;
}
