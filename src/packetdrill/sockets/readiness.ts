/**
 * `poll` and `epoll`: they tell what a socket is ready for, by the rules of Linux's tcp_poll.
 */
import type { Expression } from '../language/ast.js';
import { type CallArguments, CallError, fieldOf, numberOf } from './call-arguments.js';
import { SYMBOLS } from './symbols.js';
import { type Attempt, BLOCKS, fail, type Outcome, success, type TcpSocket } from './tcp-socket.js';

const IN = SYMBOLS.POLLIN | SYMBOLS.POLLRDNORM;
const OUT = SYMBOLS.POLLOUT | SYMBOLS.POLLWRNORM;
const ERROR = SYMBOLS.POLLERR;
const HANG_UP = SYMBOLS.POLLHUP;
const READ_HANG_UP = SYMBOLS.POLLRDHUP;
const EDGE_TRIGGERED = SYMBOLS.EPOLLET;
const ONE_SHOT = SYMBOLS.EPOLLONESHOT;

export type FindSocket = (fd: number) => TcpSocket | undefined;
/** The script's time in microseconds. */
export type Now = () => number;

/** The events that a socket is ready for now. */
export function readyEvents(socket: TcpSocket): number {
  let events = 0;
  if (socket.readable) events |= IN;
  if (socket.writable) events |= OUT;
  if (socket.state !== 'listening' && socket.atEnd) events |= READ_HANG_UP;
  if (socket.pendingError !== undefined) events |= ERROR;
  if (socket.hungUp) events |= HANG_UP;
  return events;
}

/** `poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, timeoutMs)`. */
export function poll(args: CallArguments, find: FindSocket, now: Now): Attempt {
  const entries = args.list(0).map(parseEntry);
  const timeout = args.integer(2);
  const start = now();
  return () => {
    const found = entries.map(({ fd, events }) => {
      const socket = find(fd);
      return socket === undefined ? SYMBOLS.POLLNVAL : readyEvents(socket) & (events | ERROR | HANG_UP);
    });
    const count = found.filter((events) => events !== 0).length;
    if (count === 0 && (timeout < 0 || now() < start + timeout * 1000)) return BLOCKS;
    for (const [i, { fd, revents }] of entries.entries()) {
      const events = found[i] ?? 0;
      if (revents === undefined || revents === events) continue;
      return { value: count, difference: `revents of ${fd} are ${hex(events)}, expected ${hex(revents)}` };
    }
    return success(count);
  };
}

function parseEntry(item: Expression): { fd: number; events: number; revents: number | undefined } {
  if (item.kind !== 'struct') throw new CallError('expected {fd=..., events=...}', item.at);
  const number = (name: string) => {
    const value = fieldOf(item.fields, name);
    return value === undefined || value.kind === 'any' ? undefined : numberOf(value);
  };
  return { fd: number('fd') ?? -1, events: number('events') ?? 0, revents: number('revents') };
}

interface Watch {
  events: number;
  data: number | undefined;
  /** For edge-triggered mode: what was reported last, and how many edges there were by then. */
  reported: number;
  edges: number;
}

/** An epoll instance. */
export class EventPoll {
  readonly #watches = new Map<number, Watch>();

  /** `epoll_ctl(epfd, EPOLL_CTL_ADD, fd, {events=…, fd=4})`. */
  control(operation: number, fd: number, event: Expression | undefined): Outcome {
    if (operation === SYMBOLS.EPOLL_CTL_DEL) return this.#watches.delete(fd) ? success() : fail('ENOENT');
    const known = this.#watches.has(fd);
    if (operation === SYMBOLS.EPOLL_CTL_ADD && known) return fail('EEXIST');
    if (operation === SYMBOLS.EPOLL_CTL_MOD && !known) return fail('ENOENT');
    const { events, data } = parseEvent(event);
    this.#watches.set(fd, { events, data, reported: 0, edges: -1 });
    return success();
  }

  /** `epoll_wait(epfd, {events=…, fd=4}, max, timeoutMs)`: the first event is compared with the script's. */
  wait(args: CallArguments, find: FindSocket, now: Now): Attempt {
    const timeout = args.integer(3);
    const start = now();
    return () => {
      const ready = this.#ready(find);
      if (ready.length === 0 && (timeout < 0 || now() < start + timeout * 1000)) return BLOCKS;
      return { value: ready.length, difference: compareEvent(args.get(1), ready[0]) };
    };
  }

  #ready(find: FindSocket): { events: number; data: number | undefined }[] {
    const ready: { events: number; data: number | undefined }[] = [];
    for (const [fd, watch] of this.#watches) {
      const socket = find(fd);
      if (socket === undefined) continue;
      const events = readyEvents(socket) & (watch.events | ERROR | HANG_UP);
      const isOld = (watch.events & EDGE_TRIGGERED) !== 0 && watch.edges === socket.edges && watch.reported === events;
      watch.edges = socket.edges;
      watch.reported = events;
      if (events === 0 || isOld) continue;
      if (watch.events & ONE_SHOT) watch.events = 0;
      ready.push({ events, data: watch.data ?? fd });
    }
    return ready;
  }
}

function parseEvent(event: Expression | undefined): { events: number; data: number | undefined } {
  if (event?.kind !== 'struct') return { events: 0, data: undefined };
  const events = fieldOf(event.fields, 'events');
  const data = event.fields.find(({ name }) => name !== 'events')?.value;
  return {
    events: events === undefined ? 0 : numberOf(events),
    data: data === undefined ? undefined : numberOf(data),
  };
}

function compareEvent(
  expected: Expression,
  actual: { events: number; data: number | undefined } | undefined,
): string | undefined {
  if (expected.kind !== 'struct' || actual === undefined) return undefined;
  const { events, data } = parseEvent(expected);
  if (events !== actual.events) return `events are ${hex(actual.events)}, expected ${hex(events)}`;
  return data === undefined || data === actual.data ? undefined : `data is ${actual.data}, expected ${data}`;
}

function hex(value: number): string {
  const names = Object.entries(SYMBOLS)
    .filter(([name, bit]) => /^POLL(?!NVAL)/.test(name) && (value & bit) !== 0)
    .map(([name]) => name);
  return names.length === 0 ? `0x${value.toString(16)}` : names.join('|');
}
