/**
 * `fastpath/browser`: the stack, its HTTP server and its cache for a web page, with nothing of Node. It bundles with
 * any bundler.
 *
 * Times are in microseconds, sizes in bytes, IP addresses and ports in host order, unless a docstring says otherwise.
 * What `fastpath` exports too has its examples there.
 *
 * @module fastpath/browser
 */

// ── Worlds: hosts on links, under virtual time ──

export type { Happening } from './engine.js';
export { bytesOf, pattern } from './files.js';
export { History } from './history.js';
export type { Host, HostHttp } from './host.js';
export type { Direction, Link } from './link.js';
export type { FileContent, HostOptions, Impairment, LinkOptions, RouterOptions } from './options.js';
export { type PcapngChoice, writePcapng } from './pcapng.js';
export { Player, type PlayerOptions } from './player.js';
export { type Answer, type FetchOptions, HttpFetch, Transfer, type TransferOptions } from './programs.js';
export { World, WorldTimeLimit } from './world.js';
export type { WorldOptions } from './world-options.js';

// ── What can be observed ──

export type {
  ArrivalEvent,
  Fate,
  FrameEvent,
  InspectEvent,
  Observer,
  TcbEvent,
  TcbGoneEvent,
  TimerEvent,
} from '../inspect/events.js';
export { explainSum, type PrefixStep, prefixTable, type Subtraction } from '../inspect/prefix-sums.js';
export { StackWatch } from '../inspect/stack-watch.js';
export {
  type ConnectionName,
  type FlightView,
  type RunningTimer,
  type TcbView,
  TIMER_NAMES,
  type TimerName,
} from '../inspect/tcb-view.js';

// ── The stack by itself ──

export { Library } from '../cache/library/library.js';
export { Store } from '../cache/library/store.js';
export { type FrameDirection, INBOUND, OUTBOUND } from '../capture/format/pcapng-format.js';
export { PcapngWriter } from '../capture/format/pcapng-writer.js';
export { HttpStatistics } from '../http/sending/statistics.js';
export { createHttpAcceptor, type HttpOptions } from '../http/server.js';
export { Clock, MILLISECOND, SECOND } from '../net/clock.js';
export type { Device } from '../net/device/device.js';
export { IncomingFrame, OutgoingFrame } from '../net/device/frame.js';
export { createPair } from '../net/device/pair.js';
export { VirtualNetwork } from '../net/driver/virtual-network.js';
export { NetworkError } from '../net/network-error.js';
export { type Random, SeededRandom } from '../net/random.js';
export { createStack, Stack, type StackOptions } from '../net/stack.js';
export type { ConnectionInfo } from '../net/tcp/connection-info.js';
export type { CloseReason, Connection, ConnectionHandler } from '../net/tcp/handler.js';
export { DEFAULT_TCP_SETTINGS, type TcpSettings } from '../net/tcp/settings.js';
export {
  EVENT_NAMES,
  type Event as TcpEvent,
  IMPOSSIBLE,
  nextState,
  STATE_NAMES,
  type State as TcpState,
} from '../net/tcp/state.js';
export { DerivedWallClock } from '../net/wall-clock.js';
export { formatMac, IpAddress, IpNetwork, parseMac } from '../net/wire/address.js';
export { describeFrame } from '../net/wire/describe.js';
export { SummedBytes } from '../net/wire/summed-bytes.js';
