/** One request of a client, from its arrival to the head of its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CacheResult } from '../http/index.js';
import { connectionFields, type Fields, fieldOf, has, valuesOf, without } from './fields.js';
import { type CacheKey, keyOf, type Place, type Scheme } from './match/key.js';
import type { Settings } from './options.js';
import { noteOutcome } from './outcome.js';
import { type Directives, readDirectives } from './says/directives.js';

/** Why a request went to the origin: the values of `fwd` in Cache-Status (RFC 9211 section 2.2). */
export type Forward = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale' | 'partial';

export class Visit implements Place {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly scheme: Scheme;
  /**
   * The request's fields without those of its connection. Key, variants and the origin all see these. So a client
   * cannot hide a field from one of them by naming it in Connection.
   */
  readonly fields: Fields;
  readonly key: CacheKey;
  /** Of its Cache-Control; empty where the operator does not let clients decide. */
  readonly directives: Directives;
  forward: Forward = 'uri-miss';
  /** The client wants no trace of this exchange to be kept (RFC 9111 section 5.2.1.5). */
  readonly isNoStore: boolean;
  readonly hasAuthorization: boolean;
  /** It waited for the answer to another request. */
  isCollapsed = false;

  constructor(request: IncomingMessage, response: ServerResponse, settings: Settings) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? 'GET';
    this.target = request.url ?? '/';
    [this.host = ''] = valuesOf(request.rawHeaders, 'host');
    this.fields = without(request.rawHeaders, connectionFields(request.rawHeaders));
    this.scheme = (request.socket as { encrypted?: boolean }).encrypted === true ? 'https' : 'http';
    this.key = keyOf(this, this.fields, settings);
    response.on('error', () => {}); // a write to a client that has gone: 'close' says so as well
    const directives = requestDirectives(this.fields);
    this.directives = settings.honorRequests ? directives : new Map();
    this.isNoStore = directives.has('no-store');
    this.hasAuthorization = has(this.fields, 'authorization');
  }

  get isHead(): boolean {
    return this.method === 'HEAD';
  }

  get hasBody(): boolean {
    return hasBody(this.request);
  }

  get hasRange(): boolean {
    return has(this.fields, 'range');
  }

  /** What the cache does with it, for the log. */
  set outcome(outcome: CacheResult) {
    noteOutcome(this.response, outcome);
  }

  /** Whether the client cannot be answered any more. */
  get isGone(): boolean {
    return this.response.destroyed || this.response.closed;
  }
}

/** Pragma counts only beside no Cache-Control (RFC 9111 section 5.4). */
function requestDirectives(fields: Fields): Directives {
  const value = fieldOf(fields, 'cache-control');
  if (value !== undefined) return readDirectives(value);
  const isNoCache = /\bno-cache\b/i.test(fieldOf(fields, 'pragma') ?? '');
  return new Map(isNoCache ? [['no-cache', '']] : []);
}

/** Whether a body comes with the request (RFC 9112 section 6.3). */
export function hasBody({ rawHeaders }: IncomingMessage): boolean {
  return has(rawHeaders, 'transfer-encoding') || Number(fieldOf(rawHeaders, 'content-length') ?? 0) > 0;
}
