/** Where ordinary Node code answers what the cache cannot. docs/slow-path.md has the picture. */
export { prepareServer, serveSocket } from './handler-server.js';
export { HandlerThread } from './handler-thread.js';
export { endThread, RestartDelay, type ThreadOwner } from './thread-life.js';
export { type Handler, serverOf } from './to-server.js';
export { Troubles } from './troubles.js';
