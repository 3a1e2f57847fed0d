/**
 * The public API. What is exported here is what a program that embeds fastpath builds on; docs/embedding.md shows how
 * the pieces go together, and everything else in `src` may change without notice.
 *
 *     device (frames) ── driver (time) ── stack (TCP/IP) ── sockets, or an acceptor of your own, or the cached HTTP server
 */

// ── a host: device + clock + addresses ──────────────────────────────────────────────────────────────────────────

export { Clock, MILLISECOND, SECOND } from './net/clock.js';

// ── programs on a stack: sockets as Node knows them, or handlers called from inside the receive path ────────────

export type { ConnectionInfo } from './net/tcp/connection-info.js';
export type { Acceptor, CloseReason, Connection, ConnectionHandler, KeepAlive, Opener } from './net/tcp/handler.js';
export type { Listener, ListenOptions } from './net/tcp/listener.js';
export { DEFAULT_TCP_SETTINGS, type TcpSettings } from './net/tcp/settings.js';
export type { ConnectOptions as OpenOptions } from './net/tcp/tcp.js';
export { formatMac, IpAddress, IpNetwork, parseMac } from './net/wire/address.js';
export { describeFrame } from './net/wire/describe.js';
export { type PayloadAccount, SummedBytes } from './net/wire/summed-bytes.js';

// ── devices: where frames come from ─────────────────────────────────────────────────────────────────────────────

export { type Device, NO_OFFLOAD, type Offload } from './net/device/device.js';
export { DuplexDevice, type DuplexOptions } from './net/device/duplex.js';
export { IncomingFrame, OutgoingFrame } from './net/device/frame.js';
export { HostInterface } from './net/device/host-interface.js';
export { ImpairedDevice, type ImpairedOptions, type ImpairmentOptions } from './net/device/impaired.js';
export { createPair, type PairEnd, type PairOptions } from './net/device/pair.js';
export { createPersistentTap, type PersistentTapOptions, removePersistentTap } from './net/device/persistent-tap.js';
export { TapDevice, type TapHandle, type TapOptions } from './net/device/tap.js';
export { TapError, type TapErrorCode } from './net/device/tap-error.js';
export { TracedDevice, type TracedFrame, type TraceOptions } from './net/device/trace.js';

// ── drivers: who gives the stack its time ───────────────────────────────────────────────────────────────────────

export type { Driven, DrivenStack } from './net/driver/driven.js';
export { EventLoopDriver, type EventLoopOptions } from './net/driver/event-loop.js';
export { PollLoop, type PollLoopEnd, type PollLoopOptions } from './net/driver/poll-loop.js';
export { SystemRandom } from './net/driver/system-random.js';
export {
  type LinkOptions,
  VirtualNetwork,
  type VirtualNetworkOptions,
  VirtualTimeLimit,
} from './net/driver/virtual-network.js';
export { Wakeup } from './net/driver/wakeup.js';
export type { DuplicateDetection, InternetOptions } from './net/ip/context.js';
export { type ErrorCode, NetworkError } from './net/network-error.js';
export { type Random, SeededRandom } from './net/random.js';
export { createStack, Stack, type StackOptions, type StackStatistics } from './net/stack.js';

// ── captures: frames in files ───────────────────────────────────────────────────────────────────────────────────

export { CaptureReader } from './capture/format/capture-reader.js';
export { type FrameDirection, INBOUND, OUTBOUND } from './capture/format/pcapng-format.js';
export {
  type ByteSink,
  type CaptureInterface,
  PcapngWriter,
  type SectionOptions,
} from './capture/format/pcapng-writer.js';
export type { CaptureProblem, CaptureRecord, RecordedInterface } from './capture/format/record.js';

// ── HTTP from the cache, inside the receive path ────────────────────────────────────────────────────────────────

export { Library } from './cache/library.js';
export { FolderLoader, type LoadOptions, type LoadProgress } from './cache/loader.js';
export { Store } from './cache/store.js';
export {
  createHttpAcceptor,
  DerivedWallClock,
  type HttpLimits,
  type HttpOptions,
  HttpStatistics,
  type WallClock,
} from './http/index.js';

// ── all of it, as `fastpath serve` runs it: TAP, workers, cache, HTTP ───────────────────────────────────────────

export type { ServeOptions } from './serve/options.js';
export { ServeError } from './serve/serve-error.js';
export { FolderServer, type ServeEvents, type ServerInfo } from './serve/server.js';
export {
  type ConnectOptions,
  type ConnectTlsOptions,
  connect,
  connectTls,
  FastServer,
  FastSocket,
  listen,
  type ServerListenOptions,
  type SocketOptions,
} from './socket/index.js';
