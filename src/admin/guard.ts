/**
 * Who may ask the admin listener for what. A listener on loopback is open to every process of the machine, and through
 * the machine's browser to every page that it shows. So:
 *
 * - A page of another site can send requests here, but not read answers (no CORS), nor set `Authorization`. What
 *   changes something needs POST and the token, and is refused to a browser: to requests with an Origin.
 * - A name that an attacker lets point here (DNS rebinding) would make us the page's own site. So on loopback the Host
 *   must be an address or localhost.
 * - A Unix socket has its mode: who may open it may do all. If there is a token, it is asked for all the same.
 */
import { isIP } from 'node:net';
import { type AdminAddress, isLocal } from '../site/admin-address.js';
import { carriesToken } from './token.js';

/** The part of a request that decides. Names of fields are in lower case. */
export interface GuardedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Why a request is refused. */
export interface Refusal {
  readonly status: 401 | 403 | 421;
  readonly error: string;
  readonly advice: string;
}

export class Guard {
  readonly #address: AdminAddress;
  readonly #token: string | undefined;

  constructor(address: AdminAddress, token: string | undefined) {
    this.#address = address;
    this.#token = token;
  }

  /** For what only tells something. `isOpen`: everybody who can connect may know it. */
  refuseReading(request: GuardedRequest, isOpen: boolean): Refusal | undefined {
    const refusal = this.#refuseHost(request);
    if (refusal !== undefined || isOpen || isLocal(this.#address)) return refusal;
    return this.#refuseToken(request);
  }

  /** For what changes something. */
  refuseChange(request: GuardedRequest): Refusal | undefined {
    const refusal = this.#refuseHost(request);
    if (refusal !== undefined) return refusal;
    if (request.headers.origin !== undefined) {
      return {
        status: 403,
        error: 'a request with an Origin comes from a web page, which may change nothing here',
        advice: 'Ask with curl, or with another program.',
      };
    }
    if (this.#token === undefined && this.#address.kind === 'unix') return undefined;
    return this.#refuseToken(request);
  }

  #refuseToken({ headers: { authorization } }: GuardedRequest): Refusal | undefined {
    if (this.#token === undefined) {
      return {
        status: 403,
        error: 'this server has no token, so nothing can be changed over TCP',
        advice: 'Start it with --admin-token-file FILE, or listen on a Unix socket.',
      };
    }
    const [field] = [authorization].flat();
    if (carriesToken(field, this.#token)) return undefined;
    const error = field === undefined ? 'a token is needed' : 'this is not the token';
    return { status: 401, error, advice: 'Send it: curl -H "Authorization: Bearer $TOKEN" …' };
  }

  #refuseHost({ headers: { host } }: GuardedRequest): Refusal | undefined {
    if (this.#address.kind === 'unix' || !isLocal(this.#address)) return undefined;
    if (typeof host === 'string' && isOwnHost(host)) return undefined;
    return {
      status: 421,
      error: 'the Host of a request to a loopback address is an address or localhost',
      advice: 'A web page may be behind this: see docs/metrics.md.',
    };
  }
}

/** An address, or localhost, with or without a port. */
function isOwnHost(field: string): boolean {
  const host = field.toLowerCase().replace(/:\d{1,5}$/, '');
  return host === 'localhost' || host.endsWith('.localhost') || isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
