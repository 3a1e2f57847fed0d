/**
 * From a name and a port to an established connection: the name is looked up, and each of its addresses that the stack
 * has a route to is tried, in the order given, until one answers. (Node's net also races the two families, RFC 8305;
 * here the next address waits for the failure of the one before.)
 */
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { IpChoices } from '../net/ip/ip-choices.js';
import { type ErrorCode, NetworkError } from '../net/network-error.js';
import type { Stack } from '../net/stack.js';
import type { CloseReason, Connection, ConnectionHandler, Opener } from '../net/tcp/handler.js';
import { IpAddress } from '../net/wire/address.js';
import { connectErrorCode, type SocketErrorCode, socketError } from './errors.js';

/** The two ends of a connection to be opened. */
export interface Target {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /** 4 or 6: only addresses of this family. */
  readonly family?: number | undefined;
  /** Values of the IP header, from the SYN on. */
  readonly choices?: IpChoices | undefined;
  /** Default: `dns.lookup`, that is, the machine's own resolver and not the stack. */
  readonly lookup?: LookupFunction | undefined;
}

/** The part that a `Dial` reports to. */
export interface Caller {
  lookedUp(error: Error | null, address: string | undefined, family: number | undefined): void;
  connected(connection: Connection): ConnectionHandler;
  failed(error: Error): void;
}

export class Dial implements Opener {
  readonly #stack: Stack;
  readonly #target: Target;
  readonly #caller: Caller;
  readonly #candidates: IpAddress[] = [];
  #trying: IpAddress | null = null;
  #connection: Connection | null = null;
  #over = false;

  constructor(stack: Stack, target: Target, caller: Caller) {
    this.#stack = stack;
    this.#target = target;
    this.#caller = caller;
  }

  /** Begins. Nothing is reported before it returns. */
  start(): void {
    const literal = parseAddress(this.#target.host);
    if (literal !== undefined) {
      this.#candidates.push(literal);
      this.#tryNext(undefined);
      return;
    }
    const { host, family = 0, lookup = dnsLookup as LookupFunction } = this.#target;
    lookup(host, { all: true, family }, (error, address, found) => this.#lookedUp(error, address, found));
  }

  /** Gives up; nothing is reported any more. */
  cancel(): void {
    this.#over = true;
    this.#connection?.detach();
  }

  connected(connection: Connection): ConnectionHandler {
    this.#over = true;
    return this.#caller.connected(connection);
  }

  failed(reason: CloseReason, code?: ErrorCode): void {
    this.#connection = null;
    const error = connectErrorCode(reason, code);
    if (error !== undefined) this.#tryNext(this.#error(error));
  }

  #lookedUp(error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family: number | undefined): void {
    if (this.#over) return;
    if (error !== null) {
      this.#caller.lookedUp(error, undefined, undefined);
      this.#fail(error);
      return;
    }
    const all = typeof address === 'string' ? [{ address, family: family ?? 0 }] : address;
    for (const found of all) {
      this.#caller.lookedUp(null, found.address, found.family);
      const parsed = parseAddress(found.address);
      if (parsed !== undefined) this.#candidates.push(parsed);
    }
    this.#tryNext(undefined);
  }

  /** Tries the next address; `error` is why the one before failed. */
  #tryNext(error: Error | undefined): void {
    if (this.#over) return;
    const address = this.#candidates.shift();
    if (address === undefined) this.#fail(error ?? this.#error('ENETUNREACH'));
    else this.#try(address);
  }

  #try(address: IpAddress): void {
    this.#trying = address;
    const local = this.#target.localAddress === undefined ? undefined : parseAddress(this.#target.localAddress);
    if (this.#target.localAddress !== undefined && local === undefined) {
      this.#tryNext(this.#error('EADDRNOTAVAIL'));
      return;
    }
    const { port, localPort, choices } = this.#target;
    const to = { address, port, ...choices, ...(local && { localAddress: local }), ...(localPort && { localPort }) };
    try {
      this.#connection = this.#stack.connect(to, this);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.#tryNext(this.#error(error.code));
    }
  }

  #error(code: SocketErrorCode): Error {
    const address = this.#trying?.toString() ?? this.#target.host;
    return socketError('connect', code, { address, port: this.#target.port });
  }

  #fail(error: Error): void {
    this.#over = true;
    process.nextTick(() => this.#caller.failed(error));
  }
}

/** An address in text, if it is one; a scope (`fe80::1%eth0`) is left out: a stack has one interface. */
function parseAddress(text: string): IpAddress | undefined {
  try {
    return IpAddress.parse(text.replace(/%.*$/, ''));
  } catch {
    return undefined;
  }
}
