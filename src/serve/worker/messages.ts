/**
 * The messages between the main thread and a data-path worker. All of them survive structured cloning.
 *
 * The main thread posts to the worker's port and rings its bell; the worker, which never returns to Node's event loop
 * while it runs, reads the port with receiveMessageOnPort when the bell has woken it from poll(2).
 */
import type { MessagePort } from 'node:worker_threads';
import type { Want } from '../../cache/library/asks.js';
import type { CacheMessage } from '../../cache/library/published.js';
import type { ChannelNews, WorkerLink } from '../../channel/index.js';
import type { LeaseRecord } from '../../dhcp/record.js';
import type { ConnectionName } from '../../inspect/tcb-view.js';
import type { LogMemory } from '../../log/log-handle.js';
import type { TapHandle } from '../../net/device/tap.js';
import type { ConnectionInfo } from '../../net/tcp/connection-info.js';
import type { TcpSettings } from '../../net/tcp/settings.js';
import type { ModulePlan } from '../modules/rows.js';
import type { AutomaticView } from '../network/automatic-addresses.js';
import type { DynamicPlan } from '../network/dynamic-plan.js';
import type { EarlyFrame } from './early-frames.js';
import type { FramesWay } from './frames.js';
import type { LeaseNews } from './lease.js';

/** The setup of a worker (`workerData`). */
export interface WorkerSetup {
  /** 0 for the first. */
  readonly index: number;
  readonly workers: number;
  /** This worker's queue of the TAP interface. */
  readonly tap: TapHandle;
  /** How frames cross to the kernel. */
  readonly frames: FramesWay;
  /** Our addresses with their prefix lengths, as text. */
  readonly addresses: readonly string[];
  /** Our default routers, as text. */
  readonly gateway: string | undefined;
  readonly gateway6: string | undefined;
  /** Addresses that the network gives us, beside `addresses`; undefined: none. */
  readonly dynamic: DynamicPlan | undefined;
  /** For interface identifiers of IPv6 that tell nothing of our Ethernet address (RFC 7217), 16 bytes. */
  readonly stableSecret: Uint8Array | undefined;
  /** The virtual LAN that our frames are tagged for; 0: none. */
  readonly vlan: number;
  /** The protocols that it serves. */
  readonly modules: readonly ModulePlan[];
  /** TCP's settings that differ from their defaults. */
  readonly tcp: Partial<TcpSettings>;
  /** Descriptor of the bell that wakes this worker. */
  readonly bellFd: number;
  readonly statistics: SharedArrayBuffer;
  /** Where the records of the access log go; absent: there is no log. */
  readonly log?: LogMemory | undefined;
  /** Channels to other threads, by name: 'handler' and 'upstreams' are for what the cache cannot answer. */
  readonly channels: Readonly<Record<string, WorkerLink>>;
  /** Writes every frame of this queue here, as pcapng. */
  readonly capturePath?: string | undefined;
  /** The capture begins with these. */
  readonly earlyFrames?: readonly EarlyFrame[] | undefined;
  /** Where the beginnings of frames go for the inspector (frame-tap.ts); absent: nobody may look. */
  readonly inspect?: SharedArrayBuffer | undefined;
  /** Prints each frame. */
  readonly trace: boolean;
  readonly control: MessagePort;
  /** The other workers, in ring order beginning with the next one. */
  readonly siblings: readonly SiblingSetup[];
  /** Where frames go that belong to the process before us (handover/); undefined: there was none. */
  readonly predecessorFd?: number | undefined;
}

/** A control block at one moment. */
export interface TcbSnapshot extends ConnectionName {
  readonly info: ConnectionInfo;
}

/** The connections that a worker has at one moment, microseconds since 1970. */
export interface LiveList {
  readonly time: number;
  /** See inspect/live-keys.ts; undefined: they are too many. */
  readonly keys: Uint32Array | undefined;
}

/** For the inspector: some control blocks as they are now, and now and then a list of all connections. */
export interface BlockNews {
  readonly blocks: readonly TcbSnapshot[];
  readonly list?: LiveList;
}

/** How to hand a frame to another worker (steering.ts). */
export interface SiblingSetup {
  readonly port: MessagePort;
  readonly bellFd: number;
  /** Int32: frames that this worker has posted there and the sibling has not yet taken. */
  readonly waiting: SharedArrayBuffer;
  /** Int32: frames that the sibling has posted here and this worker has not yet taken. */
  readonly waitingHere: SharedArrayBuffer;
}

/** A frame that one worker hands to another. */
export interface PassedFrame {
  readonly bytes: Uint8Array;
  readonly checksumGood: boolean;
  readonly segmentBytes: number;
  /** How many workers have already looked at it without finding its connection; Infinity: do not pass it on. */
  readonly hops: number;
}

export type MessageToWorker =
  | { readonly kind: 'cache'; readonly message: CacheMessage }
  /** For the module of that name. */
  | { readonly kind: 'module'; readonly module: string; readonly message: unknown }
  /** All is set up: begin to read frames, and announce our addresses. */
  | { readonly kind: 'start' }
  /** Read frames from this descriptor from now on: another process has the interface now (handover/). */
  | { readonly kind: 'hear-from'; readonly fd: number }
  /** The first worker has this lease now, or none: for the others. */
  | { readonly kind: 'lease'; readonly lease: LeaseRecord | null }
  /** News of the threads at the other ends of the channels. */
  | ChannelNews
  /** The server ends soon: each answer is the last of its connection. Connections stay until `stop`. */
  | { readonly kind: 'ends-soon' }
  /** Close all connections, and end once they are closed or the time is over. A second one sets a new time. */
  | { readonly kind: 'stop'; readonly graceMs: number }
  /** After `idle`: the others have no connection any more either, so end. */
  | { readonly kind: 'end' };

export type MessageFromWorker =
  /** The stack stands and listens; the names of the counters in the statistics block. */
  | { readonly kind: 'ready'; readonly counters: readonly string[] }
  /** Everything that was sent before `start` has been taken in: from now on frames are answered. */
  | { readonly kind: 'started' }
  /** Asked to stop, this worker has no connection any more, and waits for the others, which may need it. */
  | { readonly kind: 'idle' }
  /** `hear-from` was obeyed. */
  | { readonly kind: 'hears-from'; readonly fd: number }
  /** These names and pieces are wanted and not in memory. The answer is a message of the cache, `settled`. */
  | { readonly kind: 'want'; readonly wants: readonly Want[] }
  /** These retired cache entries are no longer sent by any connection here. */
  | { readonly kind: 'released'; readonly ids: readonly number[] }
  /** A module of somebody else cannot begin, and the thread ends. */
  | { readonly kind: 'module-failed'; readonly text: string; readonly path: readonly PropertyKey[] }
  /** From the module of that name, for its main part. */
  | { readonly kind: 'module'; readonly module: string; readonly message: unknown }
  /** While somebody looks with the inspector. */
  | { readonly kind: 'blocks'; readonly news: BlockNews }
  /** Something is wrong, but serving goes on. */
  | { readonly kind: 'warning'; readonly text: string }
  /** Another host uses our address (RFC 5227). `isLost`: it had it before us, so we stop using it. */
  | { readonly kind: 'conflict'; readonly address: string; readonly mac: string; readonly isLost: boolean }
  /** Of the first worker: the lease, or the state of the DHCP client, has changed. */
  | { readonly kind: 'lease'; readonly news: LeaseNews }
  /** Of the first worker: an address made of a router's prefix has come, changed or gone. */
  | { readonly kind: 'automatic'; readonly view: AutomaticView }
  /** Connections are being closed; this many still have an answer under way. */
  | { readonly kind: 'closing'; readonly unfinished: number }
  /** The loop has ended: asked to, or because the interface was removed. `cut` answers had not been taken whole. */
  | { readonly kind: 'ended'; readonly reason: 'stopped' | 'device-gone'; readonly cut: number };
