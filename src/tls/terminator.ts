/**
 * TLS 1.2 and 1.3 (RFC 5246, RFC 8446) in front of HTTP, by node:tls and node:http2. It takes any duplex stream for a
 * connection, so it does not matter where the bytes come from.
 *
 *     duplex ── node:tls ──┬─ http/1.1 ── StreamConnection ──────────────────────────┬── HttpConnection
 *                          └─ h2 ── node:http2 ── lanes: a few StreamConnections ────┘
 *
 * Renegotiation is off (it is not in TLS 1.3; RFC 5746 is not enough against floods), OCSP is not stapled, and old
 * protocols are not offered.
 */
import { constants as crypto } from 'node:crypto';
import { performServerHandshake, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls';
import type { Acceptor } from '../net/tcp/handler.js';
import { AnswerHeads } from './answer-heads.js';
import { credentialFor } from './certificate.js';
import { Http2Lanes } from './http2-lanes.js';
import { SocketOutlet } from './outlet.js';
import type { TlsSettings, TlsStatistics } from './settings.js';
import { type Endpoints, StreamConnection } from './stream-connection.js';

/** From the first byte to the end of the handshake, ms. */
const HANDSHAKE_TIMEOUT_MS = 20_000;
/**
 * An HTTP/2 session without a request is closed, ms. So is one that nghttp2 has given up, after too many resets for
 * example: node:http2 says nothing of it, and reads no more.
 */
const IDLE_SESSION_MS = 75_000;
/** How long a client of HTTP/2 that has closed its side may still take answers, ms. It can open no window any more. */
const HALF_CLOSED_MS = 5_000;
/** Requests of one session at a time (RFC 9113 section 5.1.2: not below 100). */
const MAX_STREAMS = 100;
/** What a client may send of one body, and of all of a session, before the handler has taken any of it, bytes. */
const STREAM_WINDOW = 262_144;
const SESSION_WINDOW = 1_048_576;
/** Bytes of body that a session may be behind with: the browser sends no more until they are read. */
const SESSION_MEMORY_MB = 10;

/** What a terminator works with. */
export interface TerminatorParts {
  readonly settings: TlsSettings;
  readonly statistics: TlsStatistics;
  /** Makes the handler of a connection of HTTP/1.1, or of a lane of HTTP/2 (http2-lanes.ts). */
  readonly accept: Acceptor;
  /** Sets the clock. */
  readonly tick: () => void;
  /** The keys of session tickets, 48 bytes that all threads share. */
  readonly ticketKeys: Buffer;
  /** Defaults: `HALF_CLOSED_MS`, `IDLE_SESSION_MS`. */
  readonly halfClosedMs?: number;
  readonly idleSessionMs?: number;
}

export class TlsTerminator {
  readonly #parts: TerminatorParts;
  readonly #connections = new Set<StreamConnection>();
  readonly #sessions = new Map<TLSSocket, ServerHttp2Session>();
  readonly #heads = new AnswerHeads();
  #settings: TlsSettings;
  #ticketKeys: Buffer;
  /** In the order of the settings' credentials. */
  #contexts: readonly SecureContext[];

  constructor(parts: TerminatorParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#ticketKeys = parts.ticketKeys;
    this.#contexts = contextsOf(this.#settings, this.#ticketKeys);
  }

  /** Connections and requests that are open. */
  get size(): number {
    return this.#connections.size + this.#sessions.size;
  }

  /** Takes a connection: `raw` carries what the client sends. */
  take(raw: Duplex, endpoints: Endpoints): void {
    const { statistics } = this.#parts;
    statistics.connections++;
    statistics.openConnections++;
    const socket = this.#wrap(raw);
    let isSecure = false;
    const patience = setTimeout(() => {
      statistics.timeouts++;
      raw.destroy();
    }, HANDSHAKE_TIMEOUT_MS);
    socket.on('secure', () => {
      if (isSecure) return;
      isSecure = true;
      clearTimeout(patience);
      // node:tls's own server sets this; without it node:http2 waits for an event that has come already.
      Object.assign(socket, { secureConnecting: false });
      this.#secured(socket, endpoints);
    });
    socket.on('error', () => {}); // 'close' follows
    // As tls.Server listens: when 'error' comes, the connection below has been destroyed.
    socket.on('_tlsError', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ERR_SSL_HTTP_REQUEST') raw.write(PLAIN_HTTP_ANSWER);
    });
    socket.on('close', () => {
      clearTimeout(patience);
      statistics.openConnections--;
      if (!isSecure) statistics.failed++;
      raw.destroy();
    });
    // Half-open connections are for HTTP/1.1: node:tls would wait for the rest of a handshake, and node:http2 for ever.
    const ended = () => {
      if (!isSecure) socket.destroy();
      else this.#clientEnded(this.#sessions.get(socket));
    };
    raw.on('end', ended);
    socket.on('end', ended);
    raw.on('error', () => socket.destroy());
    raw.on('close', () => socket.destroy());
  }

  /** The server's end of a handshake on `raw`. */
  #wrap(raw: Duplex): TLSSocket {
    const { http2 } = this.#settings;
    return new TLSSocket(
      raw as Socket,
      {
        isServer: true,
        allowHalfOpen: true,
        secureContext: this.#contexts[0],
        ALPNProtocols: http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
        SNICallback: (name, done) => done(null, this.#contextFor(name)),
      } as TLSSocketOptions,
    );
  }

  /** Other certificates and settings, from the next handshake on. Open connections go on. */
  use(settings: TlsSettings): void {
    this.#contexts = contextsOf(settings, this.#ticketKeys);
    this.#settings = settings;
  }

  /** Other keys for session tickets. A client with an older ticket has a whole handshake. */
  setTicketKeys(keys: Buffer): void {
    this.#ticketKeys = keys;
    this.use(this.#settings);
  }

  /** No new requests; those under way are answered. */
  stopping(isPatient: boolean): void {
    for (const session of this.#sessions.values()) session.close();
    for (const connection of [...this.#connections]) connection.stopping(isPatient);
  }

  /** Resets what is left. */
  abort(): void {
    for (const session of this.#sessions.values()) session.destroy();
    for (const connection of [...this.#connections]) connection.abort();
  }

  #clientEnded(session: ServerHttp2Session | undefined): void {
    if (session === undefined || session.destroyed) return;
    session.close();
    const late = setTimeout(() => session.destroy(), this.#parts.halfClosedMs ?? HALF_CLOSED_MS);
    session.on('close', () => clearTimeout(late));
  }

  #contextFor(name: string): SecureContext | undefined {
    return this.#contexts[Math.max(0, credentialFor(this.#settings.credentials, name))];
  }

  #secured(socket: TLSSocket, endpoints: Endpoints): void {
    const { statistics } = this.#parts;
    if (socket.getProtocol() === 'TLSv1.3') statistics.tls13++;
    else statistics.tls12++;
    if (socket.isSessionReused()) statistics.resumed++;
    if (socket.alpnProtocol === 'h2') this.#http2(socket, endpoints);
    else this.#http1(socket, endpoints);
  }

  #http1(socket: TLSSocket, endpoints: Endpoints): void {
    const { accept, tick } = this.#parts;
    const connection = new StreamConnection(new SocketOutlet(socket), endpoints, tick);
    this.#connections.add(connection);
    connection.onPause = (isPaused) => {
      if (isPaused) socket.pause();
      else socket.resume();
    };
    socket.on('data', (chunk: Buffer) => connection.deliver(chunk));
    socket.on('end', () => connection.end());
    socket.on('close', (hadError) => {
      this.#connections.delete(connection);
      connection.gone(hadError ? 'reset' : 'closed');
    });
    connection.use(accept);
  }

  #http2(socket: TLSSocket, endpoints: Endpoints): void {
    const { statistics, accept, tick, idleSessionMs = IDLE_SESSION_MS } = this.#parts;
    statistics.http2Sessions++;
    const session = performServerHandshake(socket, {
      settings: { maxConcurrentStreams: MAX_STREAMS, enablePush: false, initialWindowSize: STREAM_WINDOW },
      maxSessionMemory: SESSION_MEMORY_MB,
      unknownProtocolTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    session.setLocalWindowSize(SESSION_WINDOW);
    const connections = this.#connections;
    const lanes = new Http2Lanes({ endpoints, accept, tick, heads: this.#heads, connections });
    this.#sessions.set(socket, session);
    // A request under way has time-outs of its own.
    const idle = () => (lanes.isIdle ? session.close() : session.setTimeout(idleSessionMs, idle));
    session.setTimeout(idleSessionMs, idle);
    session.on('error', () => session.destroy());
    session.on('close', () => {
      this.#sessions.delete(socket);
      lanes.close();
    });
    session.on('stream', (stream, headers, flags) => {
      statistics.http2Streams++;
      lanes.answer(stream, headers, (flags & END_STREAM) !== 0);
    });
  }
}

const PLAIN_HTTP = 'The plain HTTP request was sent to the HTTPS port.\n';
/** What a client gets that speaks HTTP without TLS. */
const PLAIN_HTTP_ANSWER = Buffer.from(
  `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${PLAIN_HTTP.length}\r\n` +
    `Connection: close\r\n\r\n${PLAIN_HTTP}`,
  'latin1',
);

const END_STREAM = 1;

function optionsOf({ minVersion, ciphers }: TlsSettings) {
  return {
    minVersion: minVersion === '1.3' ? ('TLSv1.3' as const) : ('TLSv1.2' as const),
    ciphers,
    honorCipherOrder: false,
    secureOptions: crypto.SSL_OP_NO_RENEGOTIATION | crypto.SSL_OP_NO_COMPRESSION,
  };
}

function contextsOf(settings: TlsSettings, ticketKeys: Buffer): SecureContext[] {
  const common = { ...optionsOf(settings), ticketKeys, sessionIdContext: 'fastpath' };
  return settings.credentials.map(({ cert, key }) => createSecureContext({ ...common, cert, key }));
}
