/**
 * The four forms of a request-target (RFC 9112 section 3.2), for those that are not plain paths.
 *
 *     /where?q=now                 origin-form
 *     http://example.org/where     absolute-form: its authority replaces the Host field
 *     example.org:80               authority-form, of CONNECT alone
 *     *                            asterisk-form, of OPTIONS alone
 */
import { ASTERISK, ascii, equalsIgnoringCase, isHost, QUESTION, SLASH } from '../grammar/grammar.js';
import { CONNECT, OPTIONS } from '../grammar/methods.js';
import { BAD_PATH, NO_SUCH_PATH, normalizePath } from '../grammar/path.js';
import type { RequestScanner } from './scanner.js';

const SCHEMES = [ascii('http://'), ascii('https://')];
const ROOT = Uint8Array.of(SLASH);

/** The target of one request, taken apart. One object is used again for every request. */
export class Target {
  /** The normal form of the path is `path[pathFrom, pathTo)`. */
  path: Uint8Array = ROOT;
  pathFrom = 0;
  pathTo = 1;
  /** The query with its "?" is `bytes[queryFrom, queryTo)` of the request; empty when there is none. */
  queryFrom = 0;
  queryTo = 0;
  /** The authority of an absolute-form target is `bytes[hostFrom, hostTo)`; empty for the other forms. */
  hostFrom = 0;
  hostTo = 0;
  /** Where the path begins as the client wrote it; an absolute-form target may have none. */
  rawFrom = 0;
  /** The target is "*": the server itself, not a resource. */
  isServer = false;

  readonly #normal: Uint8Array;

  /** `longestBytes`: of a target. */
  constructor(longestBytes: number) {
    this.#normal = new Uint8Array(longestBytes);
  }

  /** Takes the target of `head` apart; returns 0, or the status of the error: 400 or 404. */
  read(head: RequestScanner): number {
    const { bytes, targetFrom, targetTo } = head;
    this.isServer = false;
    this.hostFrom = this.hostTo = 0;
    this.rawFrom = targetFrom;
    this.queryFrom = this.queryTo = targetTo;
    if (head.targetIsPlainPath) return this.#setPath(bytes, targetFrom, targetTo);
    if (bytes[targetFrom] === SLASH) return this.#readPath(bytes, targetFrom, targetTo);
    if (targetTo - targetFrom === 1 && bytes[targetFrom] === ASTERISK && head.method === OPTIONS) {
      this.isServer = true;
      return this.#setPath(ROOT, 0, 1);
    }
    if (head.method === CONNECT) return isHost(bytes, targetFrom, targetTo) ? this.#setPath(ROOT, 0, 1) : 400;
    return this.#readAbsolute(bytes, targetFrom, targetTo);
  }

  #setPath(path: Uint8Array, from: number, to: number): number {
    this.path = path;
    this.pathFrom = from;
    this.pathTo = to;
    return 0;
  }

  /** absolute-path [ "?" query ]. The query has no effect on which file is served. */
  #readPath(bytes: Uint8Array, from: number, to: number): number {
    let end = from;
    while (end < to && bytes[end] !== QUESTION) end++;
    this.queryFrom = end;
    const length = normalizePath(bytes, from, end, this.#normal);
    if (length === NO_SUCH_PATH) return this.#readEscapedSlash(bytes, from, end);
    return length === BAD_PATH ? 400 : this.#setPath(this.#normal, 0, length);
  }

  /** No object has this path, but a handler may know it: for its route, the escaped slash stays in the path. */
  #readEscapedSlash(bytes: Uint8Array, from: number, end: number): number {
    const length = normalizePath(bytes, from, end, this.#normal, true);
    if (length === BAD_PATH) return 400;
    this.#setPath(this.#normal, 0, length);
    return 404;
  }

  /** scheme "://" authority path-abempty [ "?" query ] (RFC 9110 section 4.2). User information is refused. */
  #readAbsolute(bytes: Uint8Array, from: number, to: number): number {
    for (const scheme of SCHEMES) {
      const authorityFrom = from + scheme.length;
      if (authorityFrom >= to || !equalsIgnoringCase(bytes, from, authorityFrom, scheme)) continue;
      let at = authorityFrom;
      while (at < to && bytes[at] !== SLASH && bytes[at] !== QUESTION) at++;
      if (!isHost(bytes, authorityFrom, at)) return 400;
      this.hostFrom = authorityFrom;
      this.hostTo = this.rawFrom = at;
      if (at < to && bytes[at] === SLASH) return this.#readPath(bytes, at, to);
      this.queryFrom = at;
      return this.#setPath(ROOT, 0, 1); // an empty path is "/" (RFC 9110 section 4.2.3)
    }
    return 400;
  }
}
