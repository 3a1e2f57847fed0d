/**
 * `setsockopt` and `getsockopt`, by name.
 */
import { MILLISECOND } from '../../net/clock.js';
import type { Connection } from '../../net/tcp/handler.js';
import type { Expression } from '../language/ast.js';
import { own } from '../own.js';
import { type CallArguments, CallError, fieldOf, numberOf } from './call-arguments.js';
import type { SocketDefaults, SocketOptions } from './socket-options.js';
import { SYMBOLS, symbolValue } from './symbols.js';
import { fail, type Outcome, success, type TcpSocket } from './tcp-socket.js';

interface Option {
  get(socket: TcpSocket): number;
  set(socket: TcpSocket, value: number): Outcome | undefined;
}

/** An option that is a field of `SocketOptions`; `push` gives it to a connection that there is. */
function field<K extends keyof SocketOptions>(
  name: K,
  push?: (connection: Connection, socket: TcpSocket) => void,
): Option {
  return {
    get: (socket) => Number(socket.options[name]),
    set: (socket, value) => {
      const isFlag = typeof socket.options[name] === 'boolean';
      Object.assign(socket.options, { [name]: isFlag ? value !== 0 : value });
      if (socket.connection !== undefined) push?.(socket.connection, socket);
      return undefined;
    },
  };
}

/** What SO_RCVBUF reports, by the rules of the profile's host. */
function receiveBuffer({ options, connection }: TcpSocket): number {
  const { receiveBuffer: initial, bufferFactor, wholeSegments } = options.defaults;
  const bytes = options.receiveBuffer === 0 ? initial : options.receiveBuffer * bufferFactor;
  const info = wholeSegments ? connection?.info() : undefined;
  // The peer's MSS is known from its SYN on.
  const segment = info === undefined || info.state === 'SYN-SENT' ? 1 : info.peerMss;
  return Math.ceil(bytes / segment) * segment;
}

const keepAlive = (connection: Connection, { options }: TcpSocket) => options.applyKeepAlive(connection);
const trafficClass = field('trafficClass', (connection, { options }) => {
  connection.trafficClass = options.trafficClass;
});
const timeToLive = field('timeToLive', (connection, { options }) => {
  connection.timeToLive = options.timeToLive;
});
const cork = field('cork', (connection, { options }) => {
  connection.cork = options.cork;
});

const OPTIONS: Readonly<Record<string, Option>> = {
  SO_SNDBUF: {
    get: (socket) => socket.options.sendBuffer,
    set: (socket, value) => {
      socket.options.sendBuffer = value * socket.options.defaults.bufferFactor;
      return undefined;
    },
  },
  SO_RCVBUF: {
    get: receiveBuffer,
    set: (socket, value) => {
      socket.options.receiveBuffer = value;
      if (socket.connection !== undefined) socket.connection.receiveBuffer = value;
      return undefined;
    },
  },
  SO_ERROR: {
    get: (socket) => symbolValue(socket.takeError() ?? '') ?? 0,
    set: () => fail('ENOPROTOOPT'),
  },
  SO_KEEPALIVE: field('keepAlive', keepAlive),
  TCP_KEEPIDLE: field('keepAliveIdleSeconds', keepAlive),
  TCP_KEEPINTVL: field('keepAliveIntervalSeconds', keepAlive),
  TCP_KEEPCNT: field('keepAliveCount', keepAlive),
  TCP_NODELAY: field('noDelay', (connection, { options }) => {
    connection.noDelay = options.noDelay;
  }),
  TCP_CORK: cork,
  TCP_NOPUSH: cork,
  TCP_USER_TIMEOUT: field('userTimeoutMs', (connection, { options }) => {
    connection.userTimeout = options.userTimeoutMs * MILLISECOND;
  }),
  TCP_MAXSEG: {
    get: (socket) => socket.connection?.info().sendMss ?? socket.options.maxSegment,
    set: (socket, value) => {
      if (value !== 0 && (value < 88 || value > 32767)) return fail('EINVAL');
      socket.options.maxSegment = value;
      if (socket.connection !== undefined) socket.connection.maxSegment = value;
      return undefined;
    },
  },
  IP_TOS: trafficClass,
  IPV6_TCLASS: trafficClass,
  IP_TTL: timeToLive,
  IPV6_UNICAST_HOPS: timeToLive,
  SO_RCVLOWAT: field('lowWater'),
};
/** Options that change nothing on the wire and nothing that a call returns. Their values are kept, and no more. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'SO_REUSEADDR',
  'SO_REUSEPORT',
  'SO_PRIORITY',
  'SO_MARK',
  'SO_BUSY_POLL',
  'SO_TIMESTAMP',
  'IP_FREEBIND',
  'IPV6_V6ONLY',
]);

/** Options for which the stack has one value for all its connections. Any other value is unsupported. */
const FIXED: Readonly<Record<string, (defaults: SocketDefaults) => readonly number[]>> = {
  SO_OOBINLINE: () => [1],
  IP_MTU_DISCOVER: () => [SYMBOLS.IP_PMTUDISC_WANT, SYMBOLS.IP_PMTUDISC_DO],
  IPV6_MTU_DISCOVER: () => [SYMBOLS.IP_PMTUDISC_WANT, SYMBOLS.IP_PMTUDISC_DO],
  TCP_DEFER_ACCEPT: () => [0],
  TCP_SYNCNT: ({ synRetries }) => [synRetries],
  TCP_LINGER2: ({ finWait2Seconds }) => [finWait2Seconds],
};

/** `setsockopt(fd, level, name, [value], length)`. */
export function setSocketOption(socket: TcpSocket, args: CallArguments): Outcome {
  const name = args.word(2);
  if (name === 'SO_LINGER') return setLinger(socket, args.get(3));
  if (name === 'TCP_CONGESTION') return setCongestionControl(socket, args.get(3));
  const option = own(OPTIONS, name);
  const fixed = own(FIXED, name)?.(socket.options.defaults);
  if (option === undefined && fixed === undefined && !WITHOUT_EFFECT.has(name)) {
    throw new CallError(`the socket option ${name} is not supported`, args.get(2).at, true);
  }
  const value = optionValue(args.get(3));
  if (option !== undefined) {
    const outcome = option.set(socket, value) ?? success();
    socket.optionsChanged();
    return outcome;
  }
  if (fixed !== undefined && !fixed.includes(value)) {
    throw new CallError(`${name} of ${value} is not supported: here it is ${fixed.join(' or ')}`, args.get(3).at, true);
  }
  socket.options.others.set(name, value);
  return success();
}

function optionValue(expression: Expression): number {
  const item = expression.kind === 'list' ? expression.items[0] : expression;
  return item === undefined ? 0 : numberOf(item);
}

/** `{onoff=1, linger=0}`. */
function setLinger(socket: TcpSocket, expression: Expression): Outcome {
  const struct = expression.kind === 'list' ? expression.items[0] : expression;
  if (struct?.kind !== 'struct') throw new CallError('SO_LINGER wants {onoff=..., linger=...}', expression.at);
  const on = fieldOf(struct.fields, 'onoff');
  const seconds = fieldOf(struct.fields, 'linger');
  socket.options.lingerSeconds = on !== undefined && numberOf(on) !== 0 ? numberOf(seconds ?? on) : -1;
  return success();
}

function setCongestionControl(socket: TcpSocket, expression: Expression): Outcome {
  const item = expression.kind === 'list' ? expression.items[0] : expression;
  if (item?.kind !== 'string') throw new CallError('TCP_CONGESTION wants a name in quotes', expression.at);
  if (!['cubic', 'reno', 'newreno'].includes(item.text)) return fail('ENOENT');
  if (linuxName(item.text) === linuxName(socket.options.defaults.congestionControl)) return success();
  throw new CallError(
    'another congestion control than that of the whole stack (a sysctl) is not supported',
    item.at,
    true,
  );
}

/** `getsockopt(fd, level, name, [expected], [length])`: what comes back is compared with what the script says. */
export function getSocketOption(socket: TcpSocket, args: CallArguments): Outcome {
  const name = args.word(2);
  const expected = args.get(3);
  const item = expected.kind === 'list' ? expected.items[0] : expected;
  if (name === 'TCP_INFO' || item === undefined || item.kind === 'any') return success();
  if (name === 'SO_LINGER') return getLinger(socket, item);
  if (name === 'TCP_CONGESTION' && item.kind === 'string') return getCongestionControl(socket, item.text);
  const kept = socket.options.others.get(name);
  const option = own(OPTIONS, name);
  if (option === undefined && kept === undefined) {
    throw new CallError(`the socket option ${name} is not supported`, args.get(2).at, true);
  }
  const actual = option?.get(socket) ?? kept ?? 0;
  const wanted = numberOf(item);
  if (actual === wanted) return success();
  return { value: 0, difference: `${name} is ${nameOf(name, actual)}, expected ${nameOf(name, wanted)}` };
}

function getLinger(socket: TcpSocket, expected: Expression): Outcome {
  if (expected.kind !== 'struct') throw new CallError('SO_LINGER wants {onoff=..., linger=...}', expected.at);
  const seconds = socket.options.lingerSeconds;
  const actual: Readonly<Record<string, number>> = { onoff: Number(seconds >= 0), linger: Math.max(0, seconds) };
  for (const { name, value } of expected.fields) {
    if (value.kind === 'any' || numberOf(value) === actual[name]) continue;
    return { value: 0, difference: `${name} is ${actual[name]}, expected ${numberOf(value)}` };
  }
  return success();
}

function getCongestionControl({ options }: TcpSocket, expected: string): Outcome {
  const actual = linuxName(options.defaults.congestionControl);
  if (actual === linuxName(expected)) return success();
  return { value: 0, difference: `TCP_CONGESTION is ${actual}, expected ${expected}` };
}

/** Linux calls NewReno `reno`. */
function linuxName(congestionControl: string): string {
  return congestionControl === 'newreno' ? 'reno' : congestionControl;
}

/** An error number by its name, any other number as it is. */
function nameOf(option: string, value: number): string {
  if (option !== 'SO_ERROR' || value === 0) return String(value);
  return (
    Object.entries(SYMBOLS).find(([name, number]) => /^E[A-Z]+$/.test(name) && number === value)?.[0] ?? String(value)
  );
}
