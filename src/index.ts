/**
 * The public API. A program that embeds fastpath builds on what is exported here. docs/embedding.md shows how the
 * pieces go together, and `npm run api` writes the reference. Everything else in `src` may change without notice, and
 * so may members that are marked `@internal`.
 *
 *     device (frames) ── driver (time) ── stack (TCP/IP) ── sockets, a handler of your own, or the HTTP server
 *
 * Times of the stack are in microseconds, sizes in bytes, IP addresses and ports in host order, unless a docstring
 * says otherwise.
 *
 * @module fastpath
 */

// ── A host: its stack, its addresses, its counters ──

export { AddressProbe, type AddressProbeOptions } from './net/arp/address-probe.js';
export type { AddressConflict, DuplicateDetection, InternetOptions } from './net/ip/context.js';
export type { InternetStatistics } from './net/ip/statistics.js';
export { type ErrorCode, NetworkError } from './net/network-error.js';
export { createStack, Stack, type StackOptions, type StackStatistics } from './net/stack.js';
export type { GroupPlan, PacedTraffic, PacingPlan } from './net/tcp/pacing-plan.js';
export {
  DEFAULT_TCP_SETTINGS,
  type Setting,
  type SettingUnit,
  TCP_SETTINGS,
  type TcpSettings,
} from './net/tcp/settings.js';
export type { TcpStatistics } from './net/tcp/statistics.js';
export { formatMac, IpAddress, IpNetwork, parseMac } from './net/wire/address.js';

// ── What a stack is given: time and randomness ──

export { Clock, MILLISECOND, SECOND } from './net/clock.js';
export { SystemRandom } from './net/driver/system-random.js';
export { type Random, SeededRandom } from './net/random.js';

// ── Programs on a stack: handlers, called from inside the receive path ──

export { ICMP_ERROR, type IcmpError, type IcmpErrorKind } from './net/ip/icmp-error.js';
export type { IpChoices } from './net/ip/ip-choices.js';
export type { IpPacket } from './net/ip/packet.js';
export type { AccurateEcnInfo, ConnectionInfo } from './net/tcp/connection-info.js';
export type { Acceptor, CloseReason, Connection, ConnectionHandler, KeepAlive, Opener } from './net/tcp/handler.js';
export type { Listener, ListenOptions } from './net/tcp/listener.js';
export type { ConnectOptions as OpenOptions } from './net/tcp/tcp.js';
export type { Datagram } from './net/udp/datagram.js';
export type { BindOptions, DatagramHandler, Endpoint } from './net/udp/handler.js';
export type { Message } from './net/udp/message.js';
export type { UdpStatistics } from './net/udp/statistics.js';
export type { UdpPort } from './net/udp/udp-port.js';
export { type PayloadAccount, SummedBytes } from './net/wire/summed-bytes.js';

// ── Programs on a stack: sockets and servers as Node knows them ──

export {
  type ConnectOptions,
  type ConnectorCallback,
  type ConnectorOptions,
  type ConnectTlsOptions,
  connect,
  connector,
  connectTls,
  createDatagramSocket,
  type DatagramBindOptions,
  type DatagramPayload,
  type DatagramSocketEvents,
  type DatagramSocketOptions,
  FastDatagramSocket,
  FastServer,
  FastSocket,
  listen,
  type SendDone,
  type ServerEvents,
  type ServerListenOptions,
  type SocketOptions,
  type WriteDone,
} from './socket/index.js';

// ── Devices: where frames come from ──

export { type Device, NO_OFFLOAD, type Offload } from './net/device/device.js';
export { DuplexDevice, type DuplexOptions, type DuplexStatistics } from './net/device/duplex.js';
export { IncomingFrame, OutgoingFrame } from './net/device/frame.js';
export { HostInterface, type InterfaceKind, type InterfaceUser } from './net/device/host-interface.js';
export { ImpairedDevice, type ImpairedOptions, type ImpairmentOptions } from './net/device/impaired.js';
export type { ImpairmentStatistics } from './net/device/impairment.js';
export { createPair, type PairEnd, type PairOptions, type PairStatistics } from './net/device/pair.js';
export { createPersistentTap, type PersistentTapOptions, removePersistentTap } from './net/device/persistent-tap.js';
export { TapDevice, type TapHandle, type TapOptions, type TapStatistics } from './net/device/tap.js';
export { TapError, type TapErrorCode } from './net/device/tap-error.js';
export { TracedDevice, type TracedFrame, type TraceOptions } from './net/device/trace.js';

// ── Drivers: who gives a stack its time ──

export type { Driven, DrivenStack } from './net/driver/driven.js';
export { EventLoopDriver, type EventLoopOptions } from './net/driver/event-loop.js';
export { PollLoop, type PollLoopEnd, type PollLoopOptions, type PollLoopStatistics } from './net/driver/poll-loop.js';
export {
  type LinkOptions,
  VirtualNetwork,
  type VirtualNetworkOptions,
  VirtualTimeLimit,
} from './net/driver/virtual-network.js';
export { Wakeup } from './net/driver/wakeup.js';

// ── Frames to look at: as a line, and in capture files ──

export { CaptureReader } from './capture/format/capture-reader.js';
export { type FrameDirection, INBOUND, OUTBOUND } from './capture/format/pcapng-format.js';
export {
  type ByteSink,
  type CaptureInterface,
  PcapngWriter,
  type SectionOptions,
} from './capture/format/pcapng-writer.js';
export { type CaptureProblem, CaptureRecord, type RecordedInterface } from './capture/format/record.js';
export { describeFrame } from './net/wire/describe.js';
export type { SequenceBase } from './net/wire/describe-tcp.js';

// ── HTTP from the cache, inside the receive path ──

export type { SymlinkRule } from './cache/folder/folder.js';
export type { LoadWarning, WarningReason, WarningSink } from './cache/folder/warnings.js';
export type { CompressMode } from './cache/head/compressible.js';
export type { CharsetRule } from './cache/head/content-type.js';
export { Library } from './cache/library/library.js';
export type { CacheMessage } from './cache/library/published.js';
export type { LibraryStatistics, VariantCounts } from './cache/library/statistics.js';
export { Store } from './cache/library/store.js';
export type { Subscriber } from './cache/library/subscribers.js';
export type {
  LoaderStatistics,
  LoadOptions,
  LoadProgress,
  Refreshed,
  RefreshOptions,
} from './cache/loading/load-options.js';
export { FolderLoader } from './cache/loading/loader.js';
export type { CompressProgress } from './cache/variants/variant-maker.js';
export {
  createHttpAcceptor,
  DerivedWallClock,
  type HttpLimits,
  type HttpOptions,
  HttpStatistics,
  type WallClock,
} from './http/index.js';

// ── A shared cache in front of handlers and upstreams ──

export {
  type Fields,
  type Handler,
  type HeuristicOptions,
  handlerOrigin,
  type KeyOptions,
  LibraryPublisher,
  type Origin,
  type OriginAnswer,
  type OriginExchange,
  type OriginRequest,
  type Place,
  type PublishedAnswer,
  type Publisher,
  type Purge,
  type PurgedAnswers,
  type PurgeKind,
  type QueryOptions,
  type Scheme,
  type Settings,
  SharedCache,
  type SharedCacheContext,
  type SharedCacheOptions,
  type SharedCacheSize,
  SharedCacheStatistics,
} from './shared-cache/index.js';

// ── All of it, as `fastpath serve` runs it: TAP, workers, cache, HTTP ──

export type { AcmeOptions } from './acme/options.js';
export type { SupplyStatistics } from './cache/demand/supply.js';
export type { LeaseRecord } from './dhcp/record.js';
export type { DhcpState } from './dhcp/states.js';
export type { Handler as ServeHandler } from './handler/index.js';
export type { Route, RouteStep } from './http/routes/route.js';
export type { UnknownHost } from './http/sites/sites.js';
export type { LogFormat } from './log/format/formats.js';
export type { AccessLogOptions } from './log/log-handle.js';
export type { SyslogTarget } from './log/sink/syslog.js';
export type { LogTarget } from './log/target.js';
export type { OnFailure } from './log/writer.js';
export type {
  Balance,
  CheckOptions,
  ForwardedFields,
  HashKey,
  PassiveOptions,
  RetryOptions,
  RetryReason,
  ServerOptions,
  UpstreamOptions,
  Upstreams,
} from './proxy/options.js';
export type { ServerStatistics, UpstreamReading, UpstreamStatistics } from './proxy/statistics.js';
export type { AdminHandlers } from './serve/admin.js';
export type { SiteShare } from './serve/bandwidth.js';
export type { RivalHost, ServeEvents, ServerInfo } from './serve/events.js';
export type { SiteChanges } from './serve/folders/site-folders.js';
export type { ModuleInfo } from './serve/modules/served.js';
export type { ModuleWish } from './serve/modules/wishes.js';
export type { AutomaticAddress, AutomaticView } from './serve/network/automatic-addresses.js';
export type { LeaseView } from './serve/network/lease-desk.js';
export type { NetworkWish } from './serve/network/network-plan.js';
export type { ProbeLayer, ProbeStep } from './serve/network/self-probe.js';
export type {
  AdminOptions,
  BandwidthOptions,
  ProbeMode,
  ServeOptions,
  TlsOptions,
  WatchMode,
} from './serve/options.js';
export type { ServeUser } from './serve/process/privileges.js';
export type { ReloadResult } from './serve/reload.js';
export { ServeError, type ServeErrorCode } from './serve/serve-error.js';
export { FolderServer } from './serve/server.js';
export type { ConflictRecord, Snapshot } from './serve/snapshot.js';
export type { FramesChoice, FramesWay, FramesWish } from './serve/worker/frames.js';
export type { CacheCounters, CacheReading } from './shared-cache/thread/messages.js';
export type { AdminAddress } from './site/admin-address.js';
export type { Finding } from './site/config/checks.js';
export type {
  HeaderRule,
  RedirectRule,
  RedirectStatus,
  RewriteRule,
  SiteDefaults,
  SiteOptions,
  TrailingSlash,
} from './site/options.js';
export type { AddressWish, DynamicAddress } from './site/values.js';
export type { CertificateFiles } from './tls/certificate.js';
export type { TlsVersion } from './tls/settings.js';
