/** Unix sockets beside the state file that only one user (and root) may open: control-socket.ts, log-socket.ts. */
import { chownSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';

/** The socket is made with mode 0600, so at no moment can others connect. */
const OWNER_ONLY = 0o177;

/** The user who may connect. */
export interface SocketOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Lets `server` listen at `path`. What lies there is replaced. An error is the server's event.
 * @param owner undefined: this process's user
 */
export function listenForOwner(server: Server, path: string, owner: SocketOwner | undefined): void {
  rmSync(path, { force: true });
  const umask = process.umask(OWNER_ONLY);
  server.listen(path); // binds before it returns
  process.umask(umask);
  if (owner !== undefined && server.listening) chownSync(path, owner.uid, owner.gid);
  server.unref();
}
