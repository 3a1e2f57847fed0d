/**
 * Redirects and errors. A site may have a page of its own for an error. It has an internal name in the cache, which
 * does not begin with '/', so no request finds it by its path.
 */

import { redirectAnswer, VARY_LINE } from '../../cache/head/heads.js';
import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import type { Connection } from '../../net/tcp/handler.js';
import { ACCEPT_ENCODING } from '../grammar/fields.js';
import { ascii } from '../grammar/grammar.js';
import { ALLOWED_METHODS, HEAD } from '../grammar/methods.js';
import { type HeadVariant, missed } from '../head/head-cache.js';
import type { RequestScanner } from '../request/scanner.js';
import type { AnswerSender } from '../sending/sender.js';
import type { HostChoice } from '../sites/sites.js';
import { type AcceptEncoding, selectVariant } from './negotiation.js';

/** `error:404` is the name of a site's page for 404. */
const ERROR_NAME = 'error:';

/** Sends redirects and errors. One object for all connections of a stack. */
export class ShortAnswers {
  readonly #store: Store;
  readonly #sender: AnswerSender;
  readonly #acceptEncoding: AcceptEncoding;
  readonly #errorNames = new Map<number, Uint8Array>();

  constructor(store: Store, sender: AnswerSender, acceptEncoding: AcceptEncoding) {
    this.#store = store;
    this.#acceptEncoding = acceptEncoding;
    this.#sender = sender;
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
    const page = this.#pageFor(status, site);
    const fields = status === 404 ? own.notFound : own.fields;
    if (page !== undefined) this.#sendPage(connection, head, page, status, timed);
    else if (fields === '') this.#sender.sendCanned(connection, status, head.method, timed);
    else this.#sender.sendCannedWith(connection, status, fields, head.method, timed);
  }

  /** A short text that stands for an error, 403 or 410: the site's page for it comes first. */
  sendStandIn(
    connection: Connection,
    head: RequestScanner,
    { site }: HostChoice,
    entry: Entry,
    variant: HeadVariant,
  ): void {
    const page = this.#pageFor(entry.status, site);
    if (page === undefined) this.#sender.sendWhole(connection, entry, head.method, variant);
    else this.#sendPage(connection, head, page, entry.status, variant);
  }

  /** The site's page for this error. One that is so large that it comes in pieces is none. */
  #pageFor(status: number, site: number): Entry | undefined {
    const name = this.#errorName(status);
    const page = this.#store.find(name, 0, name.length, site);
    return page?.stream === 0 ? page : undefined;
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
}
