/**
 * TLS as a module of the server. The worker does its TCP and looks at none of its bytes: each connection goes as a
 * whole to one of the TLS threads, which take turns.
 */
import { WholeConnection, type WorkerEnd } from '../channel/index.js';
import type { Module, ModuleDefinition, ModuleListener, ModuleWorker } from '../module/module.js';
import type { Connection, ConnectionHandler } from '../net/tcp/handler.js';

/** The options of the TLS module. */
export interface TlsModuleOptions {
  readonly port: number;
  readonly backlog: number;
  readonly threads: number;
}

/** A worker with channels to other threads. */
export interface TlsWorker extends ModuleWorker {
  readonly channels: ReadonlyMap<string, WorkerEnd>;
}

/** The name of the channel to this thread. */
export function tlsChannel(thread: number): string {
  return `tls-${thread}`;
}

/** When the server stops, the TLS thread ends the connection: with an answer's rest, GOAWAY and close_notify. */
class TlsConnection extends WholeConnection {
  stopping(): void {}
}

/** TLS, as the server's table of modules has it. */
export const tlsModule = {
  name: 'tls',
  listeners({ port, backlog }: TlsModuleOptions): readonly ModuleListener[] {
    return [{ transport: 'tcp', port, backlog }];
  },
  create({ channels, index }: TlsWorker, { threads }: TlsModuleOptions): Module {
    let next = index; // so that the first connections of the workers go to different threads
    return {
      accept(connection: Connection): ConnectionHandler {
        const channel = channels.get(tlsChannel(next++ % threads));
        if (channel === undefined) throw new Error('there is a channel to each TLS thread');
        return new TlsConnection(connection, channel);
      },
    };
  },
} satisfies ModuleDefinition<TlsModuleOptions>;
