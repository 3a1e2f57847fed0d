/** Names and values of header fields that a site may send (RFC 9110 sections 5.1 and 5.5). */

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible characters, with spaces and tabs between them. Bytes beyond ASCII have no agreed meaning in a field. */
const VALUE = /^([\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?)?$/;

/** Fields that depend on the connection or on the answer, and the option that decides about each, if there is one. */
const OURS: ReadonlyMap<string, string> = new Map([
  ['accept-ranges', ''],
  ['connection', ''],
  ['content-encoding', '"compress" decides about it'],
  ['content-length', ''],
  ['content-range', ''],
  ['content-type', '"types" and "charset" decide about it'],
  ['date', ''],
  ['etag', '"etag" decides about it'],
  ['keep-alive', ''],
  ['last-modified', '"lastModified" decides about it'],
  ['location', '"redirects" decides about it'],
  ['server', '"serverHeader" decides about it'],
  ['trailer', ''],
  ['transfer-encoding', ''],
  ['upgrade', ''],
]);

/** What is wrong with a field name; undefined: nothing. */
export function fieldNameProblem(name: string): string | undefined {
  if (!TOKEN.test(name)) return 'is no name of a header field: letters, digits and hyphens, such as Cache-Control';
  const decider = OURS.get(name.toLowerCase());
  if (decider === undefined) return undefined;
  return `is a field that the server itself makes${decider === '' ? '' : `; ${decider}`}`;
}

/** What is wrong with a field value; undefined: nothing. */
export function fieldValueProblem(value: string): string | undefined {
  if (/[\r\n]/.test(value))
    return 'must be one line: a header field has no line break (for a long one, write ">-" before it)';
  if (VALUE.test(value)) return undefined;
  return /^\s|\s$/.test(value)
    ? 'must not begin or end with white space'
    : 'must be printable ASCII: percent-encode other characters';
}
