/** Requests of LDAP (RFC 4511 section 4), from BER to plain objects. They keep nothing of the received bytes. */
import { BerError, BerReader, TAG } from '../ber/reader.js';
import { OID, OP } from './codes.js';
import { type Filter, readFilter } from './filter.js';

export interface SearchRequest {
  readonly kind: 'search';
  readonly base: string;
  /** Any number: one that is unknown gets an answer. */
  readonly scope: number;
  readonly derefAliases: number;
  readonly sizeLimit: number;
  readonly timeLimit: number;
  readonly typesOnly: boolean;
  readonly filter: Filter;
  readonly attributes: readonly string[];
}

export interface BindRequest {
  readonly kind: 'bind';
  readonly version: number;
  readonly name: string;
  /** Undefined: SASL, or what else there may be. */
  readonly password: Uint8Array | undefined;
}

export type Operation =
  | SearchRequest
  | BindRequest
  | { readonly kind: 'unbind' }
  | { readonly kind: 'abandon'; readonly id: number }
  | { readonly kind: 'compare'; readonly dn: string; readonly attribute: string; readonly value: Uint8Array }
  | { readonly kind: 'extended'; readonly name: string }
  | { readonly kind: 'write'; readonly responseTag: number };

export interface Paging {
  readonly size: number;
  readonly cookie: Uint8Array;
}

export interface Request {
  readonly id: number;
  readonly operation: Operation;
  readonly paging: Paging | undefined;
  /** The object identifier of a critical control that we do not know. */
  readonly unknownControl: string | undefined;
}

const MOST_ATTRIBUTES = 512;
const MOST_CONTROLS = 32;
const WRITES: readonly number[] = [OP.modifyRequest, OP.addRequest, OP.deleteRequest, OP.modifyDnRequest];

/** Reads one LDAPMessage, `bytes[from, to)`. @throws {BerError} */
export function readRequest(bytes: Uint8Array, from: number, to: number): Request {
  const message = new BerReader(bytes, from, to).enter(TAG.sequence);
  const id = message.integer();
  if (id < 0) throw new BerError('a message has a negative number');
  const operation = readOperation(message);
  if (id === 0 && operation.kind !== 'unbind') throw new BerError('a request has the number 0');
  const controls = message.isAtEnd ? undefined : message.enter(0xa0);
  return { id, operation, ...readControls(controls, operation.kind) };
}

function readOperation(message: BerReader): Operation {
  const { tag } = message;
  if (tag === OP.abandonRequest) return { kind: 'abandon', id: message.integer(tag) };
  if (WRITES.includes(tag)) {
    message.enter(tag);
    const responseTag = tag === OP.deleteRequest ? 0x6b : tag + 1;
    return { kind: 'write', responseTag };
  }
  const inner = message.enter(tag);
  switch (tag) {
    case OP.unbindRequest:
      return { kind: 'unbind' };
    case OP.bindRequest:
      return readBind(inner);
    case OP.searchRequest:
      return readSearch(inner);
    case OP.compareRequest: {
      const dn = inner.text();
      const assertion = inner.enter(TAG.sequence);
      return { kind: 'compare', dn, attribute: assertion.text(), value: assertion.octets() };
    }
    case OP.extendedRequest:
      return { kind: 'extended', name: inner.text(0x80) };
    default:
      throw new BerError(`no request has the tag ${tag}`);
  }
}

function readBind(reader: BerReader): BindRequest {
  const version = reader.integer();
  const name = reader.text();
  if (reader.isAtEnd) throw new BerError('a bind without authentication');
  return { kind: 'bind', version, name, password: reader.tag === 0x80 ? reader.octets(0x80) : undefined };
}

function readSearch(reader: BerReader): SearchRequest {
  const base = reader.text();
  const scope = reader.integer(TAG.enumerated);
  const derefAliases = reader.integer(TAG.enumerated);
  const sizeLimit = reader.integer();
  const timeLimit = reader.integer();
  if (derefAliases < 0 || sizeLimit < 0 || timeLimit < 0) throw new BerError('a number of a search is below 0');
  const typesOnly = reader.boolean();
  const filter = readFilter(reader);
  const list = reader.enter(TAG.sequence);
  const attributes: string[] = [];
  while (!list.isAtEnd) {
    if (attributes.length === MOST_ATTRIBUTES) throw new BerError('too many attributes');
    attributes.push(list.text());
  }
  return { kind: 'search', base, scope, derefAliases, sizeLimit, timeLimit, typesOnly, filter, attributes };
}

function readControls(controls: BerReader | undefined, kind: string): Pick<Request, 'paging' | 'unknownControl'> {
  let paging: Paging | undefined;
  let unknownControl: string | undefined;
  for (let count = 0; controls !== undefined && !controls.isAtEnd; count++) {
    if (count === MOST_CONTROLS) throw new BerError('too many controls');
    const control = controls.enter(TAG.sequence);
    const name = control.text();
    const isCritical = control.tag === TAG.boolean && control.boolean();
    const value = control.tag === TAG.octets ? control.enter(TAG.octets) : undefined;
    if (name === OID.paging && kind === 'search') {
      if (value === undefined || paging !== undefined) throw new BerError('paging is wrong');
      const inner = value.enter(TAG.sequence);
      paging = { size: inner.integer(), cookie: inner.octets() };
    } else if (name !== OID.manageDsaIt && isCritical) unknownControl ??= name;
  }
  return { paging, unknownControl };
}
