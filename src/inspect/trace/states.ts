/**
 * The states that both ends of a connection pass through, as far as its segments tell. The events go into the state
 * table of the stack itself (net/tcp/state.ts). A capture does not show what a program calls: a FIN that goes out says
 * that it has closed.
 */
import {
  ABORT_CALL,
  ACTIVE_OPEN,
  CLOSE_CALL,
  CLOSED,
  ESTABLISHED,
  EVENT_NAMES,
  type Event,
  FIN_ACKNOWLEDGED,
  FIN_ARRIVES,
  IMPOSSIBLE,
  LISTEN,
  nextState,
  PASSIVE_OPEN,
  RESET_ARRIVES,
  STATE_NAMES,
  type State,
  SYN_ACKNOWLEDGED,
  SYN_ARRIVES,
  SYN_SENT,
} from '../../net/tcp/state.js';
import { ACK, FIN, RST, SYN } from '../../net/wire/tcp.js';
import { NEVER_ARRIVES } from './findings.js';
import type { SegmentRow } from './segments.js';

/** One step of one end. */
export interface StateStep {
  readonly from: string;
  readonly to: string;
  readonly event: string;
  /** The frame that shows it, and when that was sent or, if the step is its receiver's, when it arrived. */
  readonly frame: number;
  readonly time: number;
}

/** The ways that both ends have taken. */
export interface StateWays {
  readonly client: readonly StateStep[];
  readonly server: readonly StateStep[];
}

/** One end: its state, and the number behind its FIN. */
class End {
  state: State = CLOSED;
  readonly steps: StateStep[] = [];
  finNumber = -1;
  hasFinished = false;

  take(event: Event, { frame }: SegmentRow, time: number): void {
    const next = nextState(this.state, event);
    if (next === IMPOSSIBLE || next === this.state) return;
    const [from = '', to = '', name = ''] = [STATE_NAMES[this.state], STATE_NAMES[next], EVENT_NAMES[event]];
    this.steps.push({ from, to, event: name, frame, time });
    this.state = next;
  }

  /** The capture begins in the middle: this end is as if it had been established before. */
  assume(): void {
    if (this.state === CLOSED && this.steps.length === 0) this.state = ESTABLISHED;
  }
}

/** A segment leaves, or arrives. */
interface Happening {
  readonly row: SegmentRow;
  readonly isArrival: boolean;
  readonly time: number;
}

/** Follows the segments of a connection. */
export function statesOf(rows: Iterable<SegmentRow>): StateWays {
  const [client, server] = [new End(), new End()];
  for (const { row, isArrival, time } of happenings([...rows])) {
    const [sender, receiver] = row.isFromClient ? [client, server] : [server, client];
    if (client.state === CLOSED && client.steps.length === 0) begin(row, client, server);
    if (isArrival) arrives(receiver, row, sender, time);
    else sends(sender, row);
  }
  return { client: client.steps, server: server.steps };
}

/**
 * What happens to the segments, in the order of time. A capture shows no arrivals, so each segment counts as arrived
 * when it was seen. If arrivals are known, a segment without one is still on its way.
 */
function happenings(rows: readonly SegmentRow[]): Happening[] {
  const knowsArrivals = rows.some(({ arrival }) => Number.isFinite(arrival));
  const list = rows.flatMap((row): Happening[] => {
    const arrival = knowsArrivals ? row.arrival : row.time;
    const sending = { row, isArrival: false, time: row.time };
    if (row.findings & NEVER_ARRIVES || !Number.isFinite(arrival)) return [sending];
    return [sending, { row, isArrival: true, time: arrival }];
  });
  // The sort is stable: what arrives at the moment of another sending was sent before it, and comes first.
  return knowsArrivals ? list.sort((a, b) => a.time - b.time) : list;
}

function begin(row: SegmentRow, client: End, server: End): void {
  const isSyn = (row.flags & SYN) !== 0;
  if (isSyn) {
    client.take(ACTIVE_OPEN, row, row.time);
    server.take(PASSIVE_OPEN, row, row.time);
  } else {
    client.assume();
    server.assume();
  }
}

/** What an outgoing segment tells of its sender. */
function sends(end: End, row: SegmentRow): void {
  if (row.flags & FIN) {
    end.finNumber = row.sequence + row.length + 1;
    if (!end.hasFinished) end.take(CLOSE_CALL, row, row.time);
    end.hasFinished = true;
  }
  if (row.flags & RST && end.state !== LISTEN) end.take(ABORT_CALL, row, row.time);
}

/** What an arriving segment does to its receiver: RFC 9293 section 3.10.7, as far as it concerns states. */
function arrives(end: End, row: SegmentRow, sender: End, time: number): void {
  const { flags, acknowledgment } = row;
  const isSynAck = end.state === SYN_SENT && (flags & SYN) !== 0 && (flags & ACK) !== 0;
  if (flags & RST) end.take(RESET_ARRIVES, row, time);
  else if (flags & SYN) end.take(isSynAck ? SYN_ACKNOWLEDGED : SYN_ARRIVES, row, time);
  if (flags & (RST | SYN)) return;
  if (flags & ACK && acknowledgment > 0) end.take(SYN_ACKNOWLEDGED, row, time);
  if (flags & ACK && end.finNumber >= 0 && acknowledgment >= end.finNumber) end.take(FIN_ACKNOWLEDGED, row, time);
  if (flags & FIN && sender.hasFinished) end.take(FIN_ARRIVES, row, time);
}
