/** A connection of a data-path worker as a socket in another thread. */
export { SlowFailure } from '../http/index.js';
export { type Before, type ChannelNews, ChannelSet, LEAVES } from './channel-set.js';
export { ChannelSocket } from './channel-socket.js';
export {
  attachThread,
  attachWorker,
  createLink,
  createLoopBell,
  discardThreadLink,
  type Link,
  type LoopBell,
  type ThreadAttachment,
  type ThreadLink,
  type WorkerLink,
  watchBell,
} from './link.js';
export { Purpose } from './records.js';
export { HANDLER, RequestPath, UPSTREAMS } from './request-path.js';
export type { SocketTaker, ThreadEnd } from './thread-end.js';
export { WholeConnection } from './whole.js';
export { ChannelStatistics, type ChannelUser, WorkerConnection, WorkerEnd } from './worker-end.js';
