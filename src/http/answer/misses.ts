/**
 * What a request gets whose path has no object in the cache. In this order: a redirect by pattern, the object of a
 * rewritten path, the page of a single-page application, an error page.
 *
 * The last two have internal names in the cache. They do not begin with '/', so no request finds them by its path.
 */

import { redirectAnswer, VARY_LINE } from '../../cache/head/heads.js';
import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import type { Connection } from '../../net/tcp/handler.js';
import { latin1Bytes, latin1Text } from '../../net/wire/latin1.js';
import { ACCEPT, ACCEPT_ENCODING } from '../grammar/fields.js';
import { ascii, COMMA, DOT, equalsIgnoringCase, isSpace, SEMICOLON, SLASH } from '../grammar/grammar.js';
import { ALLOWED_METHODS, HEAD } from '../grammar/methods.js';
import { type HeadVariant, missed } from '../head/head-cache.js';
import type { RequestScanner } from '../request/scanner.js';
import type { Target } from '../request/target.js';
import type { AnswerSender } from '../sending/sender.js';
import type { PathAnswer } from '../sites/path-rules.js';
import type { HostChoice } from '../sites/sites.js';
import { type AcceptEncoding, selectVariant } from './negotiation.js';

/** The name of the page that a single-page application is sent for any of its addresses. */
const FALLBACK = ascii('fallback:');
/** `error:404` is the name of a site's page for 404. */
const ERROR_NAME = 'error:';

const TEXT_HTML = ascii('text/html');

/** Looks for what else a request may be answered with. One object for all connections of a stack. */
export class Misses {
  readonly #store: Store;
  readonly #sender: AnswerSender;
  readonly #acceptEncoding: AcceptEncoding;
  readonly #errorNames = new Map<number, Uint8Array>();

  constructor(store: Store, sender: AnswerSender, acceptEncoding: AcceptEncoding) {
    this.#store = store;
    this.#acceptEncoding = acceptEncoding;
    this.#sender = sender;
  }

  /** What the rules of the site make of the path; null if none fits. */
  rule({ own }: HostChoice, { path, pathFrom, pathTo }: Target): PathAnswer | null {
    return own.rules.apply(path, pathFrom, pathTo);
  }

  /** The object of a rewritten path. */
  findRewritten({ site }: HostChoice, path: string): Entry | undefined {
    const name = latin1Bytes(path);
    return this.#count(this.#store.find(name, 0, name.length, site), 'rewritten');
  }

  /**
   * The page of a single-page application. It is for people who open an address, not for a script or image that is
   * missing: the client must say that it takes text/html, and the last segment must not look like a file's name.
   */
  findFallback({ site }: HostChoice, head: RequestScanner, target: Target): Entry | undefined {
    const entry = this.#store.find(FALLBACK, 0, FALLBACK.length, site);
    if (entry === undefined || !takesHtml(head) || looksLikeFile(target)) return undefined;
    return this.#count(entry, 'fallbacks');
  }

  /** A redirect of any status. `location` is fit for a URI. */
  redirect(
    connection: Connection,
    head: RequestScanner,
    { own }: HostChoice,
    status: number,
    location: string,
    variant: HeadVariant,
  ): void {
    const { answer, payload } = redirectAnswer(location, status, own.fields);
    const rest = this.#sender.memory.write(head.method === HEAD ? answer.head : answer.head + payload);
    const { note } = this.#sender;
    if (note !== null && head.method !== HEAD) note.payloadBytes = payload.length;
    this.#sender.send(connection, status, missed(variant), rest);
  }

  /** The site's page for this error, or our own short text. */
  sendError(
    connection: Connection,
    head: RequestScanner,
    { site, own }: HostChoice,
    status: number,
    variant: HeadVariant,
  ): void {
    const timed = missed(variant);
    const name = this.#errorName(status);
    const page = this.#store.find(name, 0, name.length, site);
    const fields = status === 404 ? own.notFound : own.fields;
    // A page that is so large that it comes in pieces is no page for an error.
    if (page !== undefined && page.stream === 0) this.#sendPage(connection, head, page, status, timed);
    else if (fields === '') this.#sender.sendCanned(connection, status, head.method, timed);
    else this.#sender.sendCannedWith(connection, status, fields, head.method, timed);
  }

  /**
   * The payload of a page with the status of the error. It gets no validators: they would be those of the page, and
   * the answer is no representation of what was asked for. A page whose record has the status of the error was made
   * for it, and is sent as it is, with all its fields, in the content coding that the client likes best. A client that
   * takes none gets it without: it is better than another error.
   */
  #sendPage(connection: Connection, head: RequestScanner, page: Entry, status: number, variant: HeadVariant): void {
    const sender = this.#sender;
    const { method } = head;
    sender.statistics.errorPages++;
    if (page.status === status) {
      const isNegotiated = page.isNegotiated && head.has(ACCEPT_ENCODING);
      const selected = isNegotiated ? selectVariant(this.#store, this.#acceptEncoding, head, page) : page;
      sender.sendWhole(connection, selected ?? page, method, variant);
      return;
    }
    const more = status === 405 ? `Allow: ${ALLOWED_METHODS}\r\n` : status === 406 ? VARY_LINE : '';
    const { contentType, payloadFrom, payloadLength, bytes } = page;
    const type = contentType === '' ? '' : `Content-Type: ${contentType}\r\n`;
    const fields = `Content-Length: ${payloadLength}\r\n${type}${more}\r\n`;
    sender.send(connection, status, variant, sender.memory.write(fields));
    if (method === HEAD || payloadLength === 0) return;
    sender.countPayload(payloadLength);
    connection.send(bytes, payloadFrom, payloadFrom + payloadLength);
  }

  #errorName(status: number): Uint8Array {
    let name = this.#errorNames.get(status);
    if (name === undefined) {
      name = ascii(`${ERROR_NAME}${status}`);
      this.#errorNames.set(status, name);
    }
    return name;
  }

  #count(entry: Entry | undefined, counter: 'rewritten' | 'fallbacks'): Entry | undefined {
    if (entry !== undefined) this.#sender.statistics[counter]++;
    return entry;
  }
}

/** Whether one of the Accept lines names text/html (RFC 9110 section 12.5.1), with a weight other than 0. */
function takesHtml(head: RequestScanner): boolean {
  for (let row = head.findRow(ACCEPT); row >= 0; row = head.findRow(ACCEPT, row)) {
    if (namesHtml(head.bytes, head.valueFrom(row), head.valueTo(row))) return true;
  }
  return false;
}

function namesHtml(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    while (at < to && isSpace(bytes[at]!)) at++;
    let typeTo = at;
    while (typeTo < to && bytes[typeTo] !== COMMA && bytes[typeTo] !== SEMICOLON && !isSpace(bytes[typeTo]!)) typeTo++;
    const isHtml = equalsIgnoringCase(bytes, at, typeTo, TEXT_HTML);
    at = typeTo;
    while (at < to && bytes[at] !== COMMA) at++;
    if (isHtml) return !hasWeightOfZero(bytes, typeTo, at);
  }
  return false;
}

/** Whether the parameters `bytes[from, to)` are ";q=0" or ";q=0.000", and no more. */
function hasWeightOfZero(bytes: Uint8Array, from: number, to: number): boolean {
  const text = latin1Text(bytes, from, to);
  return /;[ \t]*q=0(\.0*)?[ \t]*$/i.test(text);
}

function looksLikeFile({ path, pathFrom, pathTo }: Target): boolean {
  for (let at = pathTo - 1; at >= pathFrom && path[at] !== SLASH; at--) if (path[at] === DOT) return true;
  return false;
}
