/**
 * A server of Node's whose connections come from data-path workers. It gets sockets of channels, and tells the worker
 * how each request was answered, so that the worker can go on with the next one.
 *
 *     worker ── begin, bytes ──▶ ChannelSocket ──▶ http.Server ── 'request' ──▶ the program
 *     worker ◀── bytes, answered ── ChannelSocket ◀── res: 'finish' ◀──────────  its answer
 *     worker ◀── tunneled ───────── 'upgrade', 'connect'
 *
 * The server may be the program's own, with listeners of its own. So its `emit` is watched, and nothing of it is
 * replaced. A listener that throws, or whose promise is rejected, fails its request and nothing else.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ChannelSocket } from '../channel/index.js';
import { CacheResult } from '../http/index.js';
import { type Answering, faultOf, outcomeOf } from '../shared-cache/index.js';
import { countInterim, headBytesOf } from './interim.js';
import type { Troubles } from './troubles.js';

/** Node's own word on whether the connection ends after this answer; `shouldKeepAlive` does not hear of all reasons. */
type Ending = ServerResponse & { readonly _last: boolean };

/** What the server has to know of a socket between two events. */
interface Watch {
  /** `bytesWritten` when its request began. */
  beganAt: number;
}

const watches = new WeakMap<object, Watch>();

/**
 * Makes the server ready to take sockets of channels. Once for each server. `cache`: answers in front of it, and asks
 * `askServer` for what it has not got.
 */
export function prepareServer(server: Server, troubles: Troubles, cache?: Answering): void {
  // The worker has time-outs for clients and handlers. An idle socket costs little, and must stay.
  server.keepAliveTimeout = 0;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  server.timeout = 0;
  const emit = server.emit.bind(server) as (event: string | symbol, ...given: unknown[]) => boolean;
  server.emit = (event: string | symbol, ...given: unknown[]): boolean => {
    if (event === 'clientError' && server.listenerCount(event) === 0) refuseUnread(given[0], given[1] as Socket);
    if (!EXCHANGES.has(event) && !TUNNELS.has(event)) return emit(event, ...given);
    const [req, other] = given as [IncomingMessage, ServerResponse | Socket];
    if (!watches.has(req.socket)) return emit(event, ...given); // a connection that came another way
    if (TUNNELS.has(event)) return callAll(server, event, given, beginTunnel(req, troubles));
    const res = other as ServerResponse;
    const isNew = !begun.has(res);
    const fail = beginExchange(req, res, troubles);
    if (cache === undefined || !isNew) return callAll(server, event, given, fail);
    cache(req, res, event === 'checkContinue');
    return true;
  };
}

/** Has the program answer a request that no client waits for: a cache asks (`res` is its own). */
export function askServer(server: Server, troubles: Troubles): Answering {
  return (req, res, isExpecting) => {
    begun.add(res);
    const fail = failing(req, res, troubles);
    res.on('error', (error) => troubles.report(`${req.method} ${req.url}`, error));
    callAll(server, isExpecting ? 'checkContinue' : 'request', [req, res], fail);
  };
}

const EXCHANGES: ReadonlySet<string | symbol> = new Set(['request', 'checkContinue', 'checkExpectation']);
const TUNNELS: ReadonlySet<string | symbol> = new Set(['upgrade', 'connect']);

/** Gives the server a socket that carries requests. */
export function serveSocket(server: Server, socket: ChannelSocket): void {
  const watch: Watch = { beganAt: socket.bytesWritten };
  watches.set(socket, watch);
  socket.on('begin', () => {
    watch.beganAt = socket.bytesWritten;
  });
  server.emit('connection', socket as unknown as Socket);
}

/**
 * Node's parser does not understand a request that the worker has let through. Left alone, Node would write an answer
 * without a body and destroy the socket with an error, so that the client sees no more than a reset.
 */
function refuseUnread(error: unknown, socket: Socket): void {
  const watch = watches.get(socket);
  if (watch === undefined || !socket.writable || socket.bytesWritten > watch.beganAt) return;
  const channelSocket = socket as unknown as ChannelSocket;
  const { message } = error as Error;
  const body = `400 Bad Request: the handler cannot read this (${message})\n`;
  const head =
    'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n' +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  channelSocket.write(head + body);
  channelSocket.answered(400, head.length, false, CacheResult.none);
  channelSocket.end();
}

type Fail = (error: unknown) => void;

/** Calls the listeners as `emit` does, and sees what becomes of each. */
function callAll(server: Server, event: string | symbol, given: unknown[], fail: Fail): boolean {
  const listeners = server.rawListeners(event);
  for (const listener of listeners) {
    try {
      const result: unknown = Reflect.apply(listener, server, given);
      if (isPromise(result)) result.then(undefined, fail);
    } catch (error) {
      fail(error);
    }
  }
  return listeners.length > 0;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

const begun = new WeakSet<ServerResponse>();

function failing(req: IncomingMessage, res: ServerResponse, troubles: Troubles): Fail {
  return (error) => {
    troubles.report(`${req.method} ${req.url}`, error);
    failRequest(res);
  };
}

/** From here to its end, the worker hears of this exchange. */
function beginExchange(req: IncomingMessage, res: ServerResponse, troubles: Troubles): Fail {
  const fail = failing(req, res, troubles);
  if (begun.has(res)) return fail; // 'checkContinue' listeners may emit 'request' themselves
  begun.add(res);
  const socket = req.socket as unknown as ChannelSocket;
  countInterim(res, socket.bytesWritten - (watches.get(socket)?.beganAt ?? 0));
  // In front of Node's own listener, which may end the socket.
  res.prependListener('finish', () => {
    const persists = res.shouldKeepAlive && !(res as Ending)._last;
    socket.answered(res.statusCode, headBytesOf(res), persists, outcomeOf(res), faultOf(res));
  });
  // A write after the end, for example. Without a listener it would be thrown, and end the thread.
  res.on('error', (error) => troubles.report(`${req.method} ${req.url}`, error));
  return fail;
}

function beginTunnel(req: IncomingMessage, troubles: Troubles): Fail {
  const socket = req.socket as unknown as ChannelSocket;
  socket.tunneled();
  socket.on('error', () => {}); // of its client; who listens too, hears it too
  return (error) => {
    troubles.report(`${req.method} ${req.url}`, error);
    socket.destroy();
  };
}

/** 500, if there is no answer yet. One that has begun is broken off, so that nobody takes it for whole. */
function failRequest(res: ServerResponse): void {
  if (res.writableEnded) return;
  if (res.headersSent) {
    res.destroy();
    return;
  }
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.statusCode = 500;
  res.statusMessage = '';
  res.setHeader('Content-Type', 'text/plain; charset=utf-8');
  res.end('Internal Server Error\n');
}
