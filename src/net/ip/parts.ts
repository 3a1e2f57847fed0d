/** The parts of the internet layer that the early path for expected segments (expected/) works with. */
import type { InternetContext } from './context.js';
import type { HostAddresses } from './host-addresses.js';
import type { NeighborCache } from './neighbor-cache.js';
import type { Output } from './output.js';
import type { IpPacket } from './packet.js';
import type { Routes } from './routes.js';

export interface InternetParts {
  readonly context: InternetContext;
  readonly addresses: HostAddresses;
  readonly neighbors: NeighborCache;
  readonly routes: Routes;
  readonly output: Output;
  /** What is sent from now on answers `packet`, as while a transport looks at it; null: it answers nothing. */
  answering(packet: IpPacket | null): void;
}
