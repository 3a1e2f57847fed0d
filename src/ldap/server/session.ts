/**
 * One LDAP connection: messages in, responses out. Operations wait their turn in a short queue; only Abandon and
 * Unbind overtake others (RFC 4511 section 3.1 allows a server to answer in order).
 */
import type { Connection, ConnectionHandler } from '../../net/tcp/handler.js';
import { SummedBytes } from '../../net/wire/summed-bytes.js';
import { BerError, elementLength, TAG } from '../ber/reader.js';
import { normalise, normaliseDn } from '../directory/match.js';
import { OID, OP, RESULT, SCOPE } from '../protocol/codes.js';
import { digestOf, messageNumber, operationAt, writeMessageHead } from '../protocol/message.js';
import {
  type BindRequest,
  type Operation,
  type Request,
  readRequest,
  type SearchRequest,
} from '../protocol/request.js';
import { pagingControls, type Result, resultOperation } from '../protocol/response.js';
import { isWanted, wantedOf } from './evaluate.js';
import { encodeOwn, GOES_ON, Search } from './search.js';
import type { LdapService } from './service.js';

/** While more than this is queued, a search waits: a client that does not read gets no more. */
const MOST_QUEUED_BYTES = 256 * 1024;
/** Attributes that a search looks at before other work has its turn: about a millisecond. */
const SLICE = 16_384;
/** A filter that may cost more than that for a single entry gets adminLimitExceeded: some 50 milliseconds. */
const MOST_PER_ENTRY = 16 * SLICE;
/** A search whose request is longer, or whose answer is, does not become a prebuilt answer. */
const MOST_KEY_BYTES = 512;
const MOST_ANSWER_BYTES = 64 * 1024;
const SECOND = 1_000_000;
/** derefAliases: derefAlways. */
const MOST_DEREF = 3;
/** The longest head of a response: SEQUENCE with its length, and a message's number. */
const MOST_HEAD_BYTES = 12;
const NO_CONTROLS = new Uint8Array(0);

interface Running {
  readonly id: number;
  readonly search: Search;
  readonly isPaged: boolean;
  /** The request's bytes, if its answer may be kept. */
  readonly key: Uint8Array | undefined;
  readonly answer: Uint8Array[];
  answerBytes: number;
}

interface Waiting {
  readonly request: Request;
  readonly key: Uint8Array;
}

export class Session implements ConnectionHandler {
  readonly #service: LdapService;
  readonly #connection: Connection;
  readonly #left: () => void;
  readonly #queue: Waiting[] = [];
  #running: Running | null = null;
  #isVerifying = false;
  /** The DN of the user; empty: nobody. */
  #user = '';
  #hasEnded = false;
  #isClosing = false;

  /** @param left told when the connection is gone */
  constructor(service: LdapService, connection: Connection, left: () => void) {
    this.#service = service;
    this.#connection = connection;
    this.#left = left;
    connection.noDelay = true;
    this.#restartTimer();
  }

  /** Something is under way that TCP does not know of. */
  get isBusy(): boolean {
    return this.#isVerifying || this.#running !== null;
  }

  received(bytes: Uint8Array, from: number, to: number): number {
    const { messageBytes, operations } = this.#service.settings;
    let at = from;
    while (at < to && !this.#isClosing && this.#queue.length < operations && this.#hasRoom) {
      const length = bytes[at] === TAG.sequence ? elementLength(bytes, at, to) : -1;
      if (length < 0 || length > messageBytes) {
        this.#disconnect('a message is no LDAP, or too long');
        return to - from;
      }
      if (length === 0 || length > to - at) break;
      this.#message(bytes, at, at + length);
      at += length;
    }
    return this.#isClosing ? to - from : at - from;
  }

  acknowledged(): void {
    this.#goOn();
    if (!this.#isClosing) this.#connection.resume();
    this.#closeIfDone();
  }

  ended(): void {
    this.#hasEnded = true;
    this.#closeIfDone();
  }

  stopping(): void {
    this.#hasEnded = true;
    this.#closeIfDone();
  }

  timedOut(): void {
    if (this.#running !== null && this.#hasRoom) {
      this.#goOn();
      if (!this.#isClosing) this.#connection.resume();
      this.#connection.flush();
    } else if (this.#isVerifying) this.#restartTimer();
    else if (this.#connection.queuedBytes > 0) this.#connection.abort();
    else this.#close();
  }

  closed(): void {
    this.#isClosing = true;
    this.#running = null;
    this.#queue.length = 0;
    this.#left();
  }

  get #hasRoom(): boolean {
    return this.#connection.queuedBytes < MOST_QUEUED_BYTES;
  }

  #restartTimer(): void {
    this.#connection.setTimeout(this.#service.settings.idleSeconds * SECOND);
  }

  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#connection.close();
  }

  #closeIfDone(): void {
    if (this.#hasEnded && !this.isBusy && this.#queue.length === 0) this.#close();
  }

  /** Notice of Disconnection (RFC 4511 section 4.4.1). */
  #disconnect(message: string): void {
    this.#service.counters.malformed++;
    const result = { code: RESULT.protocolError, message };
    this.#send(0, resultOperation(OP.extendedResponse, result, OID.noticeOfDisconnection));
    this.#running = null;
    this.#queue.length = 0;
    this.#close();
  }

  #message(bytes: Uint8Array, from: number, to: number): void {
    this.#restartTimer();
    try {
      if (this.#answerPrebuilt(bytes, from, to)) return;
      const request = readRequest(bytes, from, to);
      const { operation } = request;
      if (operation.kind === 'unbind') this.#unbind();
      else if (operation.kind === 'abandon') this.#abandon(operation.id);
      else {
        const key = operation.kind === 'search' ? Uint8Array.from(bytes.subarray(from, to)) : NO_CONTROLS;
        this.#queue.push({ request, key });
        this.#next();
      }
    } catch (error) {
      if (!(error instanceof BerError)) throw error;
      this.#disconnect(error.message);
    }
  }

  /** A search that was answered before: no entry is looked at, and none is copied. */
  #answerPrebuilt(bytes: Uint8Array, from: number, to: number): boolean {
    const { answers, settings, counters } = this.#service;
    if (this.isBusy || this.#queue.length > 0 || (!settings.anonymous && this.#user === '')) return false;
    if (to - from > MOST_KEY_BYTES) return false;
    const op = operationAt(bytes, from, to);
    if (op < 0 || bytes[op] !== OP.searchRequest) return false;
    const answer = answers.find(bytes, op, to);
    if (answer === null) return false;
    counters.searches++;
    counters.searchesPrebuilt++;
    this.#sendAll(messageNumber(bytes, from), answer);
    return true;
  }

  #unbind(): void {
    this.#running = null;
    this.#queue.length = 0;
    this.#close();
  }

  #abandon(id: number): void {
    if (this.#running?.id === id) {
      this.#running = null;
      this.#next();
      return;
    }
    const index = this.#queue.findIndex(({ request }) => request.id === id && request.operation.kind !== 'bind');
    if (index >= 0) this.#queue.splice(index, 1);
  }

  /** Begins what waits, as long as nothing is under way. */
  #next(): void {
    while (!this.isBusy && !this.#isClosing) {
      const waiting = this.#queue.shift();
      if (waiting === undefined) {
        this.#closeIfDone();
        return;
      }
      this.#begin(waiting);
    }
  }

  #begin({ request, key }: Waiting): void {
    const { id, operation, unknownControl } = request;
    if (unknownControl !== undefined) {
      const code = RESULT.unavailableCriticalExtension;
      this.#answer(id, responseTagOf(operation), { code, message: `there is no control ${unknownControl}` });
      return;
    }
    switch (operation.kind) {
      case 'bind':
        this.#bind(id, operation);
        return;
      case 'search':
        this.#search(request, operation, key);
        return;
      case 'compare':
        this.#answer(id, OP.compareResponse, this.#compare(operation));
        return;
      case 'extended':
        this.#extended(id, operation.name);
        return;
      case 'write':
        this.#service.counters.refused++;
        this.#answer(id, operation.responseTag, {
          code: RESULT.unwillingToPerform,
          message: 'the directory is read-only',
        });
        return;
    }
  }

  #answer(id: number, tag: number, result: Result): void {
    this.#send(id, resultOperation(tag, result));
  }

  /** RFC 4513 section 5.1. A bind makes the connection anonymous first. */
  #bind(id: number, { version, name, password }: BindRequest): void {
    const { counters } = this.#service;
    counters.binds++;
    this.#user = '';
    const key = normaliseDn(name);
    const refuse = (result: Result) => {
      counters.bindsFailed++;
      this.#answer(id, OP.bindResponse, result);
    };
    const fault = bindFault(version, password, key);
    if (fault !== undefined || key === undefined || password === undefined) {
      refuse(fault ?? { code: RESULT.protocolError });
      return;
    }
    if (password.length === 0) {
      this.#answer(id, OP.bindResponse, { code: RESULT.success });
      return;
    }
    this.#isVerifying = this.#service.verify(key, password, (isRight) => {
      if (this.#isClosing) return;
      this.#isVerifying = false;
      this.#restartTimer();
      if (isRight === true) {
        this.#user = name;
        this.#answer(id, OP.bindResponse, { code: RESULT.success });
      } else if (isRight === false) refuse({ code: RESULT.invalidCredentials });
      else refuse({ code: RESULT.busy, message: 'the password was not looked at in time' });
      this.#next();
      if (!this.#isClosing) this.#connection.resume();
      this.#connection.flush();
    });
    if (!this.#isVerifying) refuse({ code: RESULT.busy, message: 'too many passwords are being looked at' });
  }

  #extended(id: number, name: string): void {
    if (name === OID.whoAmI) {
      const who = this.#user === '' ? '' : `dn:${this.#user}`;
      this.#send(id, resultOperation(OP.extendedResponse, { code: RESULT.success }, undefined, who));
      return;
    }
    this.#service.counters.refused++;
    const message = name === OID.startTls ? 'there is no TLS here' : 'there is no such operation';
    this.#send(id, resultOperation(OP.extendedResponse, { code: RESULT.protocolError, message }, name));
  }

  get #mayRead(): boolean {
    return this.#service.settings.anonymous || this.#user !== '';
  }

  #compare({ dn, attribute, value }: Extract<Operation, { kind: 'compare' }>): Result {
    const { directory, counters } = this.#service;
    counters.compares++;
    if (!this.#mayRead) return { code: RESULT.insufficientAccessRights };
    const key = normaliseDn(dn);
    if (key === undefined) return { code: RESULT.invalidDnSyntax };
    const number = directory.find(key);
    const entry = number === undefined ? this.#ownEntry(key) : directory.entries[number];
    if (entry === undefined) return this.#noSuchObject(key);
    const wanted = wantedOf(attribute, directory);
    if (wanted === undefined) return { code: RESULT.undefinedAttributeType };
    const there = entry.attributes.filter((each) => isWanted(each, wanted));
    if (there.length === 0) return { code: RESULT.noSuchAttribute };
    const { equality } = wanted.type;
    if (equality === undefined) return { code: RESULT.inappropriateMatching };
    const normalised = normalise(equality, value);
    if (normalised === undefined) return { code: RESULT.invalidAttributeSyntax };
    const isTrue = there.some((each) => each.normalised.includes(normalised));
    return { code: isTrue ? RESULT.compareTrue : RESULT.compareFalse };
  }

  #ownEntry(key: string) {
    const { root, subschema } = this.#service;
    if (key === '') return root;
    return key === subschema.key ? subschema : undefined;
  }

  #noSuchObject(key: string): Result {
    return { code: RESULT.noSuchObject, matchedDn: this.#service.directory.nearestAbove(key)?.dn ?? '' };
  }

  #search({ id, paging }: Request, request: SearchRequest, message: Uint8Array): void {
    this.#service.counters.searches++;
    const done = (result: Result) => this.#answer(id, OP.searchDone, result);
    // RFC 4511 section 4: an unknown value of an extensible enumeration is a protocol error, and has an answer.
    if (request.scope < 0 || request.scope > SCOPE.children || request.derefAliases > MOST_DEREF) {
      done({ code: RESULT.protocolError, message: 'the scope or what to do with aliases is unknown' });
      return;
    }
    const key = normaliseDn(request.base);
    if (key === undefined) {
      done({ code: RESULT.invalidDnSyntax });
      return;
    }
    const own = request.scope === SCOPE.base ? this.#ownEntry(key) : undefined;
    if (own !== undefined) {
      const entry = encodeOwn(own, request, this.#service.directory);
      if (entry !== undefined) this.#send(id, entry);
      done({ code: RESULT.success });
      return;
    }
    if (!this.#mayRead) {
      done({ code: RESULT.insufficientAccessRights, message: 'bind first' });
      return;
    }
    const base = this.#service.directory.find(key);
    if (base === undefined) done(this.#noSuchObject(key));
    else this.#searchFrom(base, { id, paging }, request, message);
  }

  /** Begins to look at the entries from `base` on. */
  #searchFrom(
    base: number,
    { id, paging }: Pick<Request, 'id' | 'paging'>,
    request: SearchRequest,
    message: Uint8Array,
  ): void {
    const { directory, settings, clock } = this.#service;
    const done = (result: Result) => this.#answer(id, OP.searchDone, result);
    const op = operationAt(message, 0, message.length);
    const digest = digestOf(message, op);
    if (paging !== undefined && !Search.fits(paging.cookie, directory, digest)) {
      done({ code: RESULT.unwillingToPerform, message: 'the cookie is of another search' });
      return;
    }
    if (paging !== undefined && paging.size <= 0) {
      this.#send(id, resultOperation(OP.searchDone, { code: RESULT.success }), pagingControls(NO_CONTROLS));
      return;
    }
    const limits = { entries: settings.sizeLimit, seconds: settings.timeLimit };
    const page = paging && { paging, digest };
    const search = new Search(request, directory, base, limits, clock.now, page);
    if (search.mostPerEntry > MOST_PER_ENTRY) {
      done({ code: RESULT.adminLimitExceeded, message: 'the filter is too long for an entry with so many values' });
      return;
    }
    const mayKeep = paging === undefined && message.length <= MOST_KEY_BYTES;
    const kept = mayKeep ? message.subarray(op) : undefined;
    this.#running = { id, search, isPaged: page !== undefined, key: kept, answer: [], answerBytes: 0 };
    this.#slice();
  }

  /** Goes on with what is under way, and then with what waits. */
  #goOn(): void {
    if (this.#running !== null && this.#hasRoom) this.#slice();
    this.#next();
  }

  #slice(): void {
    const running = this.#running;
    if (running === null) return;
    const isLate = this.#service.clock.now >= running.search.deadline;
    const code = isLate ? RESULT.timeLimitExceeded : running.search.run(SLICE, (entry) => this.#give(running, entry));
    if (code !== GOES_ON) this.#finish(running, code);
    // The connection's own timer continues the search, after other frames. A full queue waits for acknowledgements.
    else if (this.#hasRoom) this.#connection.setTimeout(1);
    else this.#restartTimer();
  }

  #give(running: Running, entry: Uint8Array): boolean {
    this.#service.counters.entries++;
    this.#send(running.id, entry);
    running.answerBytes += entry.length;
    if (running.key !== undefined && running.answerBytes <= MOST_ANSWER_BYTES) running.answer.push(entry);
    else running.answer.length = 0;
    return this.#hasRoom;
  }

  #finish(running: Running, code: number): void {
    this.#running = null;
    this.#restartTimer();
    const { id, search, isPaged, key, answer, answerBytes } = running;
    const done = resultOperation(OP.searchDone, { code });
    const isComplete = code !== RESULT.success || search.isComplete;
    this.#send(id, done, isPaged ? pagingControls(search.cookie(isComplete)) : NO_CONTROLS);
    if (key === undefined || code === RESULT.timeLimitExceeded || answerBytes > MOST_ANSWER_BYTES) return;
    const { answers } = this.#service;
    const whole = Buffer.concat([...answer, done]);
    if (!answers.put(key, whole)) answers.clear(); // strangers choose what they search for: begin again
  }

  /** One response: the head is made for it, the operation goes by reference. */
  #send(id: number, operation: Uint8Array, controls: Uint8Array = NO_CONTROLS): void {
    if (this.#isClosing) return;
    const head = new Uint8Array(MOST_HEAD_BYTES);
    const headEnd = writeMessageHead(head, 0, id, operation.length + controls.length);
    this.#connection.send(SummedBytes.plain(head), 0, headEnd, true);
    this.#connection.send(SummedBytes.plain(operation), 0, operation.length, controls.length > 0);
    if (controls.length > 0) this.#connection.send(SummedBytes.plain(controls), 0, controls.length);
  }

  /** The responses of a prebuilt answer, which stand one behind the other. */
  #sendAll(id: number, answer: SummedBytes): void {
    const { bytes, length } = answer;
    let count = 0;
    for (let at = 0; at < length; at += elementLength(bytes, at, length)) count++;
    const heads = new Uint8Array(count * MOST_HEAD_BYTES);
    const own = SummedBytes.plain(heads);
    let headAt = 0;
    for (let at = 0; at < length; ) {
      const operation = elementLength(bytes, at, length);
      const headEnd = writeMessageHead(heads, headAt, id, operation);
      this.#connection.send(own, headAt, headEnd, true);
      this.#connection.send(answer, at, at + operation, at + operation < length);
      headAt = headEnd;
      at += operation;
    }
    this.#service.counters.entries += count - 1;
  }
}

/** What is wrong with a bind before its password is looked at. `key`: the name, normalised. */
function bindFault(version: number, password: Uint8Array | undefined, key: string | undefined): Result | undefined {
  if (version !== 3) return { code: RESULT.protocolError, message: 'the version of LDAP is 3' };
  if (password === undefined) {
    return { code: RESULT.authMethodNotSupported, message: 'there are only simple binds' };
  }
  if (key === undefined) return { code: RESULT.invalidDnSyntax };
  const isUnauthenticated = password.length === 0 && key !== ''; // RFC 4513 section 5.1.2
  return isUnauthenticated ? { code: RESULT.unwillingToPerform, message: 'a name needs a password' } : undefined;
}

function responseTagOf(operation: Operation): number {
  switch (operation.kind) {
    case 'bind':
      return OP.bindResponse;
    case 'search':
      return OP.searchDone;
    case 'compare':
      return OP.compareResponse;
    case 'write':
      return operation.responseTag;
    default:
      return OP.extendedResponse;
  }
}
