/**
 * Watches the connections of one stack from outside. After each event of the stack, `look` compares every control
 * block with what it was. The stack itself has no hook for this, so a stack without a watch does no work for one.
 *
 * States that come and go within one frame are not seen: a SYN-ACK with FIN shows SYN-SENT, then CLOSE-WAIT.
 */

import type { Stack } from '../net/stack.js';
import type { ControlBlock } from '../net/tcp/block/control-block.js';
import type { TcpHost } from '../net/tcp/block/host.js';
import { toUnsigned } from '../net/tcp/sequence.js';
import { STATE_NAMES } from '../net/tcp/state.js';
import { TIMER_KINDS, type TimerKind } from '../net/tcp/timers.js';
import type { Observer } from './events.js';
import { type ConnectionName, nameOf, TIMER_NAMES, viewOf } from './tcb-view.js';

/** What is remembered of a connection, to see whether it has changed. */
interface Known {
  readonly number: number;
  readonly name: ConnectionName;
  state: string;
  fingerprint: string;
}

/**
 * The connections of one stack, under the name of its host.
 *
 * @example
 * ```ts
 * import { type Stack, StackWatch } from 'fastpath/browser';
 *
 * // Prints each change of a connection. Call `look` after each turn of the stack.
 * export const watch = (stack: Stack) =>
 *   new StackWatch('me', stack, (event) => {
 *     if (event.kind === 'tcb') console.log(event.connection, `${event.before} to ${event.view.info.state}`);
 *   });
 * ```
 */
export class StackWatch {
  readonly #known = new Map<ControlBlock, Known>();
  #count = 0;

  /** @internal */
  readonly tcp: TcpHost;

  /** @param host the name that the events have; @param observer is told of each change */
  constructor(
    readonly host: string,
    stack: Stack,
    readonly observer: Observer,
  ) {
    this.tcp = stack.tcp.host;
  }

  /** The number of a connection, from 1; undefined before it has been looked at. @internal */
  numberOf(tcb: ControlBlock): number | undefined {
    return this.#known.get(tcb)?.number;
  }

  /** Tells of the timers that are due now. Call it before they run. Returns how many there are. */
  lookAtTimers(): number {
    const { timers, connections, clock } = this.tcp;
    if (timers.next() > clock.now) return 0;
    let due = 0;
    for (const tcb of connections.values()) {
      for (let kind = 0; kind < TIMER_KINDS; kind++) {
        if (timers.deadline(tcb, kind as TimerKind) > clock.now) continue;
        due++;
        const timer = TIMER_NAMES[kind as TimerKind];
        this.observer({
          kind: 'timer',
          time: clock.now,
          host: this.host,
          connection: this.#knownOf(tcb).number,
          timer,
        });
      }
    }
    return due;
  }

  /** Tells of all control blocks that have changed since the last time, and of those that are gone. */
  look(): void {
    const live = new Set<ControlBlock>();
    for (const tcb of this.tcp.connections.values()) {
      live.add(tcb);
      this.#lookAt(tcb);
    }
    if (live.size === this.#known.size) return;
    for (const [tcb, known] of this.#known) if (!live.has(tcb)) this.#gone(tcb, known);
  }

  #lookAt(tcb: ControlBlock): void {
    const known = this.#knownOf(tcb);
    const fingerprint = fingerprintOf(tcb);
    if (fingerprint === known.fingerprint) return;
    known.fingerprint = fingerprint;
    const before = known.state;
    known.state = STATE_NAMES[tcb.state] ?? '';
    const { number: connection } = known;
    this.observer({ kind: 'tcb', time: this.tcp.clock.now, host: this.host, connection, before, view: viewOf(tcb) });
  }

  #knownOf(tcb: ControlBlock): Known {
    const found = this.#known.get(tcb);
    if (found !== undefined) return found;
    const known = { number: ++this.#count, name: nameOf(tcb), state: '', fingerprint: '' };
    this.#known.set(tcb, known);
    return known;
  }

  #gone(tcb: ControlBlock, { number: connection, name, state: before }: Known): void {
    this.#known.delete(tcb);
    const { route, localPort, remotePort } = tcb;
    const waits = this.tcp.timeWaits.findTuple(route.local, localPort, route.remote, remotePort) !== null;
    const state = waits ? 'TIME-WAIT' : 'CLOSED';
    this.observer({ kind: 'gone', time: this.tcp.clock.now, host: this.host, connection, before, state, name });
  }
}

/** Two moments with the same text look alike to a person. */
function fingerprintOf(tcb: ControlBlock): string {
  const { snd, rcv, flight, congestion, roundTrip, recovery, queue } = tcb;
  const numbers = [snd.una, snd.nxt, queue.tail, rcv.nxt, rcv.edge, rcv.lastAckSent].map(toUnsigned);
  const send = [snd.wnd, snd.mss, snd.probesSent, flight.outstanding, flight.sackedBytes, flight.lostBytes];
  const receive = [tcb.unread, tcb.reassembly?.bytes ?? 0];
  const windows = [congestion?.cwnd, congestion?.ssthresh, roundTrip.rto, roundTrip.latest];
  const loss = [recovery.phase, recovery.duplicateAcks, recovery.totalResends];
  return [tcb.state, ...numbers, ...send, ...receive, ...windows, ...loss].join(' ');
}
