/**
 * The page of a single-page application, for any address of which there is no object. It has an internal name in the
 * cache, which does not begin with '/', so no request finds it by its path.
 */
import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import { latin1Text } from '../../net/wire/latin1.js';
import { ACCEPT } from '../grammar/fields.js';
import { ascii, COMMA, DOT, equalsIgnoringCase, isSpace, SEMICOLON, SLASH } from '../grammar/grammar.js';
import type { RequestScanner } from '../request/scanner.js';
import type { Target } from '../request/target.js';

const FALLBACK = ascii('fallback:');
const TEXT_HTML = ascii('text/html');

/**
 * The page, if the site has one and the request is for it. It is for people who open an address, not for a script or
 * image that is missing: the client must say that it takes text/html, and the last segment must not look like a file's
 * name.
 */
export function findFallback(store: Store, site: number, head: RequestScanner, target: Target): Entry | undefined {
  const entry = store.find(FALLBACK, 0, FALLBACK.length, site);
  return entry === undefined || !takesHtml(head) || looksLikeFile(target) ? undefined : entry;
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
