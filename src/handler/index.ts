/** Where ordinary Node code answers what the cache cannot. docs/slow-path.md has the picture. */
export { askServer, prepareServer, serveSocket } from './handler-server.js';
export { createHandlerThread, setupOf, tryHandler } from './handler-thread.js';
export { noteInterim } from './interim.js';
export { type Candidate, type KeptCounters, KeptThread, type ThreadOwner } from './kept-thread.js';
export {
  type BeatingSetup,
  beginToBeat,
  type LifeMessage,
  type ServeMessage,
  type StopMessage,
} from './life-messages.js';
export { loadingFault } from './loading-fault.js';
export type { ThreadKind } from './thread-life.js';
export { type Handler, serverOf } from './to-server.js';
export { Troubles } from './troubles.js';
