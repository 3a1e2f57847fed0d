/** The handler of a connection that was refused at once: TCP has forgotten the connection, and nothing more comes. */
import type { Connection, ConnectionHandler } from '../../net/tcp/handler.js';

const REFUSED: ConnectionHandler = {
  received: (_bytes, from, to) => to - from,
  acknowledged() {},
  ended() {},
  timedOut() {},
  closed() {},
};

/** Resets a connection that has just been established. */
export function refuseConnection(connection: Connection): ConnectionHandler {
  connection.abort();
  return REFUSED;
}
