/**
 * A socket of a channel whose requests are answered without node:http, as long as all of them are plain: GET or HEAD,
 * HTTP/1.1, no body, nothing about the connection. The first other request, and all behind it, are node:http's.
 *
 *     begin, a head ──▶ LeanRequest ──▶ the cache, the proxy ──▶ ChannelResponse ──▶ blocks, answered
 *           └── not plain ──▶ the http server, from here on
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ChannelSocket } from '../../channel/index.js';
import { ChannelResponse } from './channel-response.js';
import { readLean } from './lean-request.js';

/** Who answers the requests of lanes. */
export interface LaneEnds {
  answer(upstream: string, req: IncomingMessage, res: ServerResponse): void;
  failed(req: IncomingMessage, error: unknown): void;
  /** Has node:http read what comes. The bytes of the request follow. */
  handOver(socket: ChannelSocket): void;
  /** A request for an upstream begins on a socket that was handed over, or is about to be. */
  begin(socket: ChannelSocket, upstream: string): void;
}

export class Lane {
  readonly #socket: ChannelSocket;
  readonly #ends: LaneEnds;
  #upstream = '';
  #response: ChannelResponse | null = null;
  #isLean = true;
  #hasPeerEnded = false;
  readonly #over = () => this.#answered();

  constructor(socket: ChannelSocket, ends: LaneEnds) {
    this.#socket = socket;
    this.#ends = ends;
    socket.intake = (bytes) => this.#take(bytes);
    socket.on('begin', (upstream: string) => {
      this.#upstream = upstream;
      if (!this.#isLean) ends.begin(socket, upstream);
    });
    socket.on('error', () => {}); // 'close' follows
    socket.on('drain', () => this.#response?.emit('drain'));
    socket.on('close', () => this.#response?.gone());
    socket.on('end', () => {
      this.#hasPeerEnded = true;
      if (this.#isLean && this.#response === null) socket.end();
    });
  }

  #take(bytes: Buffer): void {
    const socket = this.#socket;
    const request = this.#response === null ? readLean(bytes, socket as unknown as Socket) : undefined;
    if (request === undefined) {
      this.#isLean = false;
      socket.intake = undefined;
      this.#ends.begin(socket, this.#upstream);
      this.#ends.handOver(socket);
      socket.push(bytes);
      return;
    }
    const req = request.asMessage();
    const response = new ChannelResponse(req, socket, this.#over);
    this.#response = response;
    try {
      this.#ends.answer(this.#upstream, req, response.asResponse());
    } catch (error) {
      // A fault of ours. It is this client's alone.
      this.#ends.failed(req, error);
      response.destroy();
    }
  }

  #answered(): void {
    this.#response = null;
    if (this.#hasPeerEnded) this.#socket.end();
  }
}
