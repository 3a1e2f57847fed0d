/**
 * The system calls of scripts. Each takes its arguments and returns an attempt: a function that has a result or has to
 * wait.
 */

import type { IpAddress } from '../../net/wire/address.js';
import type { SystemCall } from '../language/ast.js';
import { own } from '../own.js';
import { CallArguments, CallError, fieldOf, iovecLength, numberOf } from './call-arguments.js';
import { EventPoll, poll } from './readiness.js';
import type { SocketHost } from './socket-host.js';
import { getSocketOption, setSocketOption } from './socket-option-calls.js';
import { type SocketDefaults, SocketOptions } from './socket-options.js';
import { SYMBOLS } from './symbols.js';
import { type Attempt, BLOCKS, fail, type Outcome, success, TcpSocket } from './tcp-socket.js';

const DONT_WAIT = SYMBOLS.MSG_DONTWAIT;
const PEEK = SYMBOLS.MSG_PEEK;
const MORE = SYMBOLS.MSG_MORE;
const WAIT_FOR_ALL = SYMBOLS.MSG_WAITALL;
/** Flags that calls know; MSG_NOSIGNAL changes nothing here, because there are no signals. */
const READ_FLAGS = DONT_WAIT | PEEK | WAIT_FOR_ALL | SYMBOLS.MSG_NOSIGNAL;
const WRITE_FLAGS = DONT_WAIT | MORE | SYMBOLS.MSG_NOSIGNAL;

/** Where `bind` and `connect` go when a script leaves that open (`...`). */
export interface DefaultEnds {
  /** The one address of the stack. */
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly bindPort: number;
  readonly connectPort: number;
}

/** What the calls work on. */
export interface SystemCallOptions {
  readonly host: SocketHost;
  readonly ends: DefaultEnds;
  /** What a socket made now begins with. */
  readonly defaults: () => SocketDefaults;
  /** The script's time in microseconds. */
  readonly now: () => number;
}

export class SystemCalls {
  readonly #sockets = new Map<number, TcpSocket>();
  readonly #eventPolls = new Map<number, EventPoll>();
  readonly #host: SocketHost;
  readonly #ends: DefaultEnds;
  readonly #defaults: () => SocketDefaults;
  readonly #now: () => number;
  readonly #calls: Readonly<Record<string, (args: CallArguments) => Attempt>>;

  constructor({ host, ends, defaults, now }: SystemCallOptions) {
    this.#host = host;
    this.#ends = ends;
    this.#defaults = defaults;
    this.#now = now;
    this.#calls = {
      socket: (args) => this.#socket(args),
      bind: (args) => this.#bind(args),
      listen: (args) => once(() => this.#fd(args).listen(args.integer(1))),
      accept: (args) => this.#accept(args),
      accept4: (args) => this.#accept(args),
      connect: (args) => this.#connect(args),
      read: (args) => this.#receive(args, args.integer(2), 0),
      recv: (args) => this.#receive(args, args.integer(2), args.integer(3)),
      recvfrom: (args) => this.#receive(args, args.integer(2), args.integer(3)),
      readv: (args) => this.#receive(args, iovecLength(args.get(1)), 0),
      recvmsg: (args) => this.#receive(args, messageLength(args), args.integer(2)),
      write: (args) => this.#send(args, args.integer(2), 0, 1),
      send: (args) => this.#send(args, args.integer(2), args.integer(3), 1),
      sendto: (args) => this.#send(args, args.integer(2), args.integer(3), 1),
      writev: (args) => this.#send(args, iovecLength(args.get(1)), 0, -1),
      sendmsg: (args) => this.#send(args, messageLength(args), args.integer(2), -1),
      shutdown: (args) => once(() => this.#fd(args).shutdown(args.integer(1))),
      close: (args) => this.#close(args),
      fcntl: (args) => this.#control(args),
      ioctl: (args) => this.#deviceControl(args),
      setsockopt: (args) => once(() => setSocketOption(this.#fd(args), args)),
      getsockopt: (args) => once(() => getSocketOption(this.#fd(args), args)),
      poll: (args) => poll(args, (fd) => this.#sockets.get(fd), this.#now),
      epoll_create: (args) => this.#createPoll(args),
      epoll_create1: (args) => this.#createPoll(args),
      epoll_ctl: (args) =>
        once(() => this.#poll(args).control(args.integer(1), args.integer(2), args.call.arguments[3])),
      epoll_wait: (args) => this.#poll(args).wait(args, (fd) => this.#sockets.get(fd), this.#now),
    };
  }

  /** Begins a call. @throws {CallError} if the call is unknown or its arguments make no sense. */
  begin(call: SystemCall): Attempt {
    const found = own(this.#calls, call.name);
    if (found === undefined) throw new CallError(`the system call ${call.name}() is not supported`, call.at, true);
    return found(new CallArguments(call));
  }

  /** True if a call on this socket waits instead of failing. */
  #waits(socket: TcpSocket, flags = 0): boolean {
    return !socket.nonBlocking && (flags & DONT_WAIT) === 0;
  }

  #fd(args: CallArguments): TcpSocket {
    const fd = args.integer(0);
    const socket = this.#sockets.get(fd);
    if (socket === undefined) throw new CallError(`there is no socket ${fd}`, args.get(0).at);
    return socket;
  }

  #poll(args: CallArguments): EventPoll {
    const found = this.#eventPolls.get(args.integer(0));
    if (found === undefined) throw new CallError(`${args.integer(0)} is no epoll descriptor`, args.get(0).at);
    return found;
  }

  /** The script gets the descriptor that it expects. */
  #newDescriptor(args: CallArguments): number {
    return numberOf(args.call.result);
  }

  #socket(args: CallArguments): Attempt {
    const type = args.integer(1);
    const protocol = args.integer(2);
    if ((type & 0xf) !== SYMBOLS.SOCK_STREAM || (protocol !== SYMBOLS.IPPROTO_TCP && protocol !== 0)) {
      throw new CallError('only TCP has sockets here', args.call.at, true);
    }
    return once(() => {
      const socket = new TcpSocket(this.#host, new SocketOptions(this.#defaults()));
      socket.nonBlocking = (type & SYMBOLS.SOCK_NONBLOCK) !== 0;
      this.#sockets.set(this.#newDescriptor(args), socket);
      return success(this.#newDescriptor(args));
    });
  }

  #bind(args: CallArguments): Attempt {
    const target = args.isAny(1) ? undefined : args.address(1);
    const address = target?.address;
    const isOurs = address === undefined || address.isUnspecified || address.equals(this.#ends.local);
    return once(() => {
      const socket = this.#fd(args);
      return isOurs ? socket.bind(target?.port ?? this.#ends.bindPort, address) : fail('EADDRNOTAVAIL');
    });
  }

  #accept(args: CallArguments): Attempt {
    const listener = this.#fd(args);
    return () => {
      if (listener.state !== 'listening') return fail('EINVAL');
      const socket = listener.accept();
      if (socket === undefined) return this.#waits(listener) ? BLOCKS : fail('EAGAIN');
      socket.nonBlocking = args.count > 3 && (args.integer(3) & SYMBOLS.SOCK_NONBLOCK) !== 0;
      const fd = this.#newDescriptor(args);
      this.#sockets.set(fd, socket);
      return success(fd);
    };
  }

  #connect(args: CallArguments): Attempt {
    const socket = this.#fd(args);
    const target = args.isAny(1) ? undefined : args.address(1);
    const remote = target?.address ?? this.#ends.remote;
    const port = target?.port ?? this.#ends.connectPort;
    const before = socket.state;
    return () => {
      const outcome = socket.connect(remote, port);
      if (outcome !== BLOCKS || this.#waits(socket)) return outcome;
      return fail(before === 'connecting' ? 'EALREADY' : 'EINPROGRESS');
    };
  }

  /** Reads what there is. A call that waits goes on to SO_RCVLOWAT bytes, and with MSG_WAITALL to all it asks for. */
  #receive(args: CallArguments, length: number, flags: number): Attempt {
    const socket = this.#fd(args);
    rejectFlags(args, flags, READ_FLAGS);
    const isPeek = (flags & PEEK) !== 0;
    let done = 0;
    return () => {
      const wait = this.#waits(socket, flags);
      const target = flags & WAIT_FOR_ALL ? length : Math.min(length, Math.max(1, socket.options.lowWater));
      for (;;) {
        const outcome = socket.read(length - done, isPeek);
        const isOver = outcome === BLOCKS || outcome.value <= 0;
        if (isOver && done > 0 && !(outcome === BLOCKS && wait)) return success(done);
        if (outcome === BLOCKS) return wait ? BLOCKS : fail('EAGAIN');
        if (isOver || isPeek || outcome.difference !== undefined) return outcome;
        done += outcome.value;
        if (done >= target) return success(done);
      }
    };
  }

  /** Writes everything, and waits for room in between. A call that does not wait writes what there is room for. */
  #send(args: CallArguments, length: number, flags: number, textIndex: number): Attempt {
    const socket = this.#fd(args);
    rejectFlags(args, flags, WRITE_FLAGS);
    const text = textIndex < 0 ? undefined : args.text(textIndex, length);
    let done = 0;
    return () => {
      const wait = this.#waits(socket, flags);
      while (done < length || length === 0) {
        // A program that waits is woken when a third of the buffer is free (Linux: sk_stream_is_writeable).
        if (done > 0 && !socket.writable) return wait ? BLOCKS : success(done);
        const outcome = socket.write(length - done, text?.slice(done), (flags & MORE) !== 0);
        if (outcome.value < 0) return done > 0 ? success(done) : outcome;
        if (length === 0) return success(0);
        if (outcome.value === 0) return wait ? BLOCKS : done > 0 ? success(done) : fail('EAGAIN');
        done += outcome.value;
      }
      return success(done);
    };
  }

  #close(args: CallArguments): Attempt {
    const fd = args.integer(0);
    if (this.#eventPolls.delete(fd)) return once(() => success());
    const socket = this.#fd(args);
    return once(() => {
      this.#sockets.delete(fd);
      return socket.close();
    });
  }

  #control(args: CallArguments): Attempt {
    const socket = this.#fd(args);
    const command = args.integer(1);
    if (command === SYMBOLS.F_GETFL) {
      return once(() => success(SYMBOLS.O_RDWR | (socket.nonBlocking ? SYMBOLS.O_NONBLOCK : 0)));
    }
    if (command !== SYMBOLS.F_SETFL)
      throw new CallError('only F_GETFL and F_SETFL are supported', args.get(1).at, true);
    return once(() => {
      socket.nonBlocking = (args.integer(2) & SYMBOLS.O_NONBLOCK) !== 0;
      return success();
    });
  }

  /** `ioctl(fd, SIOCINQ, [1000])`. */
  #deviceControl(args: CallArguments): Attempt {
    const socket = this.#fd(args);
    const request = args.integer(1);
    const expected = args.count > 2 && !args.isAny(2) ? args.list(2)[0] : undefined;
    return once((): Outcome => {
      if (socket.state === 'listening') return fail('EINVAL');
      const actual = queueLength(socket, request);
      if (actual === undefined) throw new CallError('this request is not supported', args.get(1).at, true);
      const differs = expected !== undefined && expected.kind !== 'any' && numberOf(expected) !== actual;
      return differs ? { value: 0, difference: `${args.word(1)} gives ${actual}` } : success();
    });
  }

  #createPoll(args: CallArguments): Attempt {
    const fd = this.#newDescriptor(args);
    return once(() => {
      this.#eventPolls.set(fd, new EventPoll());
      return success(fd);
    });
  }
}

/** How many bytes are received and not read, written and not acknowledged, or written and not sent. */
function queueLength(socket: TcpSocket, request: number): number | undefined {
  if (request === SYMBOLS.SIOCINQ) return socket.unread;
  if (request === SYMBOLS.SIOCOUTQ) return socket.connection?.queuedBytes ?? 0;
  if (request === SYMBOLS.SIOCOUTQNSD) return socket.connection?.info().unsentBytes ?? 0;
  return undefined;
}

/** The length of all buffers of a `msghdr`. */
function messageLength(args: CallArguments): number {
  rejectControl(args);
  const message = args.get(1);
  return message.kind === 'struct' ? iovecLength(fieldOf(message.fields, 'msg_iov')) : 0;
}

/** @throws {CallError} if a flag is none of those that the call knows. */
function rejectFlags({ call }: CallArguments, flags: number, known: number): void {
  if (flags & ~known) throw new CallError('these flags are not supported', call.at, true);
}

/** No control message or flag is ever made here. A script that gives one wants it compared, so it is unsupported. */
function rejectControl(args: CallArguments): void {
  const message = args.get(1);
  if (message.kind !== 'struct') return;
  const control = fieldOf(message.fields, 'msg_control');
  if (control !== undefined && control.kind !== 'any' && !(control.kind === 'list' && control.items.length === 0)) {
    throw new CallError('control messages are not supported', control.at, true);
  }
  const flags = fieldOf(message.fields, 'msg_flags');
  if (flags !== undefined && flags.kind !== 'any' && numberOf(flags) !== 0) {
    throw new CallError('flags in a message are not supported', flags.at, true);
  }
}

/** Makes an attempt of a call that never waits. */
function once(act: () => Outcome): Attempt {
  return act;
}
