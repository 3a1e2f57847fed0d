/**
 * Who the client is, told to the upstream: Forwarded (RFC 7239) and the X-Forwarded-* that came before it. What a
 * client says of itself in these fields is dropped; what a front proxy says that we trust is carried on.
 */

import { fieldOf } from '../../shared-cache/fields.js';
import type { ForwardedFields } from '../options.js';
import { pairs, type RawFields, TOKEN } from './hop-by-hop.js';
import { plainAddress } from './trust.js';

/** The connection that a request came on. */
export interface Peer {
  /** The address of its other end; undefined: not known. */
  readonly address: string | undefined;
  readonly isSecure: boolean;
  /** It is a front proxy whose word is believed. */
  readonly isTrusted: boolean;
}

/** Fields of which only a trusted peer may have a say, in lower case, with `-` for `_`. */
export function tellsOfClient(name: string): boolean {
  return name === 'forwarded' || name === 'x-real-ip' || name.startsWith('x-forwarded-');
}

const NOTHING: RawFields = [];

/** The fields to add: names and values. `host`: the Host field of the client. */
export function forwardedFields(which: ForwardedFields, peer: Peer, host: string, fields: RawFields): string[] {
  const added: string[] = [];
  const told = peer.isTrusted ? fields : NOTHING;
  const address = peer.address === undefined ? undefined : plainAddress(peer.address);
  const proto = peer.isSecure ? 'https' : 'http';
  if (which === 'both' || which === 'rfc7239') {
    added.push('Forwarded', joined(fieldOf(told, 'forwarded'), element(address, host, proto)));
  }
  if (which === 'both' || which === 'x-forwarded') {
    added.push('X-Forwarded-For', joined(fieldOf(told, 'x-forwarded-for'), address ?? 'unknown'));
    added.push('X-Forwarded-Proto', fieldOf(told, 'x-forwarded-proto') ?? proto);
    if (host !== '') added.push('X-Forwarded-Host', fieldOf(told, 'x-forwarded-host') ?? host);
  }
  return told.length === 0 ? added : [...added, ...othersOf(told)];
}

/** What a trusted peer says beyond the fields that we write, such as X-Forwarded-Port. */
function othersOf(told: RawFields): string[] {
  return [...pairs(told)].flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    return tellsOfClient(lower) && !WRITTEN.has(lower) ? [name, value] : [];
  });
}

const WRITTEN = new Set(['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']);

function joined(before: string | undefined, ours: string): string {
  return before === undefined || before === '' ? ours : `${before}, ${ours}`;
}

/** RFC 7239 section 4. An IPv6 address stands in brackets, and what is no token in quotes. */
function element(address: string | undefined, host: string, proto: string): string {
  const node = address === undefined ? 'unknown' : address.includes(':') ? `[${address}]` : address;
  const forHost = host === '' ? '' : `;host=${quoted(host)}`;
  return `for=${quoted(node)}${forHost};proto=${proto}`;
}

function quoted(value: string): string {
  return TOKEN.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
