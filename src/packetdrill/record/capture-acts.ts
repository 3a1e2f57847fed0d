/**
 * The events of a script that plays a recorded connection: the client's packets as they were, and the calls with which
 * the server's program must have caused what its TCP sent.
 */
import { describeEcn, describeFlagBits, describeOptions } from '../wire/describe.js';
import type { LiveTcp } from '../wire/live-packet.js';
import type { RecordedConnection, RecordedSegment } from './capture-connection.js';

export interface ScriptAct {
  /** Microseconds since the SYN. */
  readonly time: number;
  /** The event's text without its time. A result that only a run can tell is `...`. */
  readonly trial: string;
}

const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;
/** Reads ask for as much as a buffer may hold. */
const READ_BYTES = 1_000_000;
/** A recorder behind an offload shows segments of up to 64 KiB. On the wire they had this size or less. */
const WIRE_BYTES = 1460;

/** All acts of a connection, in order. */
export function actsOf(recorded: RecordedConnection): ScriptAct[] {
  const acts: ScriptAct[] = [];
  const server = new ServerProgram(recorded.serverInitial);
  let accepted = false;
  for (const segment of recorded.segments) {
    const tcp = segment.packet.tcp;
    if (segment.fromClient) {
      server.interrupted();
      acts.push(...clientActs(segment, recorded));
      if (!accepted && (tcp.flags & (SYN | RST | ACK)) === ACK) {
        accepted = true;
        acts.push({ time: segment.time, trial: 'accept(3, ..., ...) = 4' });
        // A read may find nothing, because the data is behind a gap or was there before.
        acts.push({ time: segment.time, trial: 'fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0' });
      }
      if (accepted && (tcp.payload.length > 0 || tcp.flags & FIN)) {
        acts.push({ time: segment.time, trial: `read(4, ..., ${READ_BYTES}) = ...` });
      }
    } else if (accepted) server.sent(segment, acts);
  }
  return acts;
}

/** A packet of the client, cut into pieces that fit a link. */
function clientActs({ time, packet }: RecordedSegment, recorded: RecordedConnection): ScriptAct[] {
  const tcp = relative(packet.tcp, recorded);
  const ecn = packet.ip.trafficClass & 3 ? `[${describeEcn(packet.ip.trafficClass)}] ` : '';
  const acts: ScriptAct[] = [];
  let from = 0;
  do {
    const length = Math.min(tcp.payload.length - from, WIRE_BYTES);
    const isLast = from + length === tcp.payload.length;
    acts.push({ time, trial: `< ${ecn}${segmentText(tcp, from, length, isLast)}` });
    from += length;
  } while (from < tcp.payload.length);
  return acts;
}

function segmentText(tcp: LiveTcp, from: number, length: number, isLast: boolean): string {
  const flags = isLast ? tcp.flags : tcp.flags & ~(FIN | PSH);
  const first = (tcp.sequence + from) >>> 0;
  const parts = [describeFlagBits(flags), `${first}:${(first + length) >>> 0}(${length})`];
  if (flags & ACK) parts.push(`ack ${tcp.acknowledgment}`);
  parts.push(`win ${tcp.window}`);
  if (flags & 0x20) parts.push(`urg ${tcp.urgentPointer}`);
  if (tcp.options.length > 0) parts.push(`<${describeOptions(tcp.options)}>`);
  return parts.join(' ');
}

/** Options that a SYN offers, and that are used only if the SYN-ACK has them too. */
const NEGOTIATED: readonly string[] = ['TS', 'sackOK', 'wscale'];

/**
 * Leaves out of the client's SYN what the recorded server declined. Our stack would agree to it, and the recorded
 * client would not keep to that.
 */
function offers(tcp: LiveTcp, { agreed }: RecordedConnection): LiveTcp['options'] {
  return tcp.options.filter(({ kind }) => (tcp.flags & SYN) === 0 || !NEGOTIATED.includes(kind) || agreed.has(kind));
}

/** The client's numbers counted from the two initial sequence numbers. */
function relative(tcp: LiveTcp, recorded: RecordedConnection): LiveTcp {
  const { clientInitial, serverInitial } = recorded;
  return {
    ...tcp,
    sequence: (tcp.sequence - clientInitial) >>> 0,
    acknowledgment: (tcp.acknowledgment - serverInitial) >>> 0,
    options: offers(tcp, recorded).map((option) =>
      option.kind === 'sack'
        ? {
            ...option,
            blocks: option.blocks.map(
              ([left, right]) => [(left - serverInitial) >>> 0, (right - serverInitial) >>> 0] as const,
            ),
          }
        : option,
    ),
  };
}

/**
 * Guesses what the recorded server's program did from its segments. New bytes up to a PSH were one write, a FIN was a
 * shutdown, and a RST was a close that does not linger.
 */
class ServerProgram {
  readonly #initial: number;
  #written = 0;
  #shut = false;
  /** The write that has not come to its PSH yet: its place among the acts, and its length. */
  #open: { readonly place: number; length: number } | undefined;

  constructor(initial: number) {
    this.#initial = initial;
  }

  /** The client has sent something, so what the server sends next is another write. */
  interrupted(): void {
    this.#open = undefined;
  }

  /** Adds to `acts` the call that must have made the server send this. */
  sent({ time, packet }: RecordedSegment, acts: ScriptAct[]): void {
    const tcp = packet.tcp;
    if (this.#shut) return;
    if (tcp.flags & RST) {
      this.#shut = true;
      acts.push({ time, trial: 'setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0' });
      acts.push({ time, trial: 'close(4) = 0' });
      return;
    }
    const end = ((tcp.sequence - this.#initial - 1) | 0) + tcp.payload.length;
    if (end > this.#written && (tcp.flags & SYN) === 0) {
      this.#write(time, end - this.#written, acts);
      this.#written = end;
    }
    if (tcp.flags & (FIN | PSH)) this.#open = undefined;
    if ((tcp.flags & FIN) === 0) return;
    this.#shut = true;
    acts.push({ time, trial: 'shutdown(4, SHUT_WR) = 0' });
  }

  #write(time: number, length: number, acts: ScriptAct[]): void {
    this.#open ??= { place: acts.push({ time, trial: '' }) - 1, length: 0 };
    const { place } = this.#open;
    this.#open.length += length;
    acts[place] = { time: acts[place]?.time ?? time, trial: `write(4, ..., ${this.#open.length}) = ...` };
  }
}
