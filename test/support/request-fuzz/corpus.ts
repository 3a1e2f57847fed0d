/**
 * Forms of request smuggling, from the literature: Linhart et al. (2005), Kettle's "HTTP Desync Attacks" (2019) and
 * "Browser-Powered Desync Attacks" (2022), "T-Reqs" (Jabiyev et al., 2021), and the security sections of RFC 9112. Each
 * is a request on whose end, or whose meaning, two parsers may differ. `status` is our answer, and the connection ends
 * after it.
 *
 * A different host in Host and in an absolute-form target is not among them. RFC 9112 section 3.2.2 says which counts.
 */

export interface SmugglingForm {
  readonly what: string;
  readonly text: string;
  /** 400 where it is left out. */
  readonly status?: number;
}

const post = (...lines: string[]) => `POST / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
const chunked = (body: string) => `${post('Transfer-Encoding: chunked')}${body}`;
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';

const lengths: readonly (readonly [what: string, value: string])[] = [
  ['a plus sign', '+5'],
  ['a minus sign', '-5'],
  ['minus zero', '-0'],
  ['hexadecimal digits', '0x5'],
  ['an exponent', '5e0'],
  ['a fraction', '5.0'],
  ['an underscore', '0_5'],
  ['a space within', '0 5'],
  ['a tab within', '0\t5'],
  ['two values', '5, 5'],
  ['two values that differ', '0, 5'],
  ['a comma behind it', '5,'],
  ['a comma in front of it', ',5'],
  ['a semicolon', '5;'],
  ['quotes', '"5"'],
  ['no value', ''],
  ['a letter behind it', '5a'],
  ['NUL behind it', '5\0'],
  ['VT in front of it', '\v5'],
  ['FF behind it', '5\f'],
  ['a no-break space', '\xa05'],
  ['a superscript digit', '\xb2'],
  ['a CR within', '5\r5'],
  ['more digits and a letter', '00000000000000000000005x'],
];

const codings: readonly (readonly [what: string, value: string, status?: number])[] = [
  ['an unknown coding', 'xchunked'],
  ['a letter too many', 'chunkedd'],
  ['a letter too few', 'chunke'],
  ['identity', 'identity'],
  ['gzip alone', 'gzip'],
  ['chunked in front of another', 'chunked, gzip'],
  ['chunked in front of identity', 'chunked, identity'],
  ['chunked twice', 'chunked, chunked'],
  ['an unknown one in front of chunked', 'cow, chunked'],
  ['a known one in front of chunked', 'gzip, chunked', 501],
  ['an empty member in front', ', chunked'],
  ['an empty member behind', 'chunked,'],
  ['two codings without a comma', 'identity chunked'],
  ['quotes', '"chunked"'],
  ['single quotes', "'chunked'"],
  ['a parameter', 'chunked;q=1'],
  ['a semicolon', 'chunked;'],
  ['no value', ''],
  ['VT in front of it', '\vchunked'],
  ['FF in front of it', '\fchunked'],
  ['NUL behind it', 'chunked\0'],
  ['CR within', 'chun\rked'],
  ['a backspace', '\bchunked'],
  ['a no-break space', '\xa0chunked'],
  ['a long s', 'chunked\xff'],
  ['a colon', ': chunked'],
];

const headers: readonly (readonly [what: string, lines: readonly string[], status?: number])[] = [
  ['CL.TE: Content-Length in front of Transfer-Encoding', ['Content-Length: 6', 'Transfer-Encoding: chunked']],
  ['TE.CL: Transfer-Encoding in front of Content-Length', ['Transfer-Encoding: chunked', 'Content-Length: 4']],
  ['CL.0 with an encoding', ['Content-Length: 0', 'Transfer-Encoding: chunked']],
  ['TE.TE: chunked and another in a line of its own', ['Transfer-Encoding: chunked', 'Transfer-Encoding: cow']],
  ['TE.TE: another and chunked', ['Transfer-Encoding: cow', 'Transfer-Encoding: chunked']],
  ['TE.TE: identity and chunked', ['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'], 501],
  ['TE.TE: chunked in two lines', ['Transfer-Encoding: chunked', 'transfer-encoding: chunked']],
  ['two Content-Lengths that differ', ['Content-Length: 0', 'Content-Length: 5']],
  ['two Content-Lengths that are equal', ['Content-Length: 5', 'content-length: 5']],
  ['a space in front of the colon of Transfer-Encoding', ['Transfer-Encoding : chunked']],
  ['a space in front of the colon of Content-Length', ['Content-Length : 5']],
  ['a tab in front of the colon', ['Transfer-Encoding\t: chunked']],
  ['NUL in front of the colon', ['Transfer-Encoding\0: chunked']],
  ['VT in front of the colon', ['Transfer-Encoding\v: chunked']],
  ['a no-break space in front of the colon', ['Transfer-Encoding\xa0: chunked']],
  ['a name that begins with a space', [' Transfer-Encoding: chunked']],
  ['a name that begins with a tab', ['\tTransfer-Encoding: chunked']],
  ['a name that begins with NUL', ['\0Transfer-Encoding: chunked']],
  ['a line without a colon', ['Transfer-Encoding chunked']],
  ['a line that is only a colon', [':']],
  ['a line without a name', [': chunked']],
  ['obs-fold of Transfer-Encoding', ['Transfer-Encoding:', ' chunked']],
  ['obs-fold by a tab', ['Transfer-Encoding:', '\tchunked']],
  ['obs-fold of another field that hides one', ['X: y', ' Transfer-Encoding: chunked']],
  ['obs-fold of Content-Length', ['Content-Length: 1', ' 0']],
  ['a field behind bare LF', ['X: y\nTransfer-Encoding: chunked']],
  ['a field behind bare CR', ['X: y\rTransfer-Encoding: chunked']],
  ['a field behind CR CR LF', ['X: y\r\r\nTransfer-Encoding: chunked']],
  ['a field behind LF CR', ['X: y\n\rTransfer-Encoding: chunked']],
  ['an empty line of bare LF', ['X: y\n\nGET /smuggled HTTP/1.1', 'Host: a']],
  ['an empty line of bare CR', ['X: y\r\rGET /smuggled HTTP/1.1', 'Host: a']],
  ['NUL in a value', ['X: \0']],
  ['DEL in a value', ['X: \x7f']],
  ['a name in brackets', ['[Transfer-Encoding]: chunked']],
  ['a name in quotes', ['"Transfer-Encoding": chunked']],
  ['two Hosts', ['Host: b']],
  ['two equal Hosts', ['host: a']],
  ['a Host behind a fold', ['X:', ' Host: b']],
];

const bodies: readonly (readonly [what: string, body: string, status?: number])[] = [
  ['a chunk size that is too large for 32 bits', `100000005\r\nhello\r\n0\r\n\r\n${SMUGGLED}`, 413],
  ['a chunk size that is too large for 64 bits', `10000000000000005\r\nhello\r\n0\r\n\r\n${SMUGGLED}`, 413],
  ['a chunk size that is too large for a double', `${'f'.repeat(300)}\r\nhello\r\n0\r\n\r\n${SMUGGLED}`, 413],
  ['a chunk size with a sign', '+5\r\nhello\r\n0\r\n\r\n'],
  ['a negative chunk size', '-5\r\nhello\r\n0\r\n\r\n'],
  ['a chunk size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['a chunk size with an underscore', '0_5\r\nhello\r\n0\r\n\r\n'],
  ['a chunk size behind a space', ' 5\r\nhello\r\n0\r\n\r\n'],
  ['no chunk size', '\r\nhello\r\n0\r\n\r\n'],
  ['no chunk size but an extension', ';a=b\r\nhello\r\n0\r\n\r\n'],
  ['a chunk size of letters', 'xyz\r\nhello\r\n0\r\n\r\n'],
  ['a chunk size that ends in bare LF', '5\nhello\r\n0\r\n\r\n'],
  ['a chunk size that ends in bare CR', '5\rhello\r\n0\r\n\r\n'],
  ['a chunk size that ends in CR CR LF', '5\r\r\nhello\r\n0\r\n\r\n'],
  ['a chunk extension with bare LF', '5;a\nhello\r\n0\r\n\r\n'],
  ['a chunk extension with bare CR', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
  ['a chunk extension with NUL', '5;a\0\r\nhello\r\n0\r\n\r\n'],
  ['a chunk extension without a semicolon', '5 a=b\r\nhello\r\n0\r\n\r\n'],
  ['a chunk extension in open quotes', '5;a="b\r\nhello\r\n0\r\n\r\n'],
  ['a chunk that is longer than its size', '5\r\nhello!\r\n0\r\n\r\n'],
  ['a chunk that is shorter than its size', '6\r\nhello\r\n0\r\n\r\n'],
  ['chunk data that end in bare LF', '5\r\nhello\n0\r\n\r\n'],
  ['chunk data that end in two other octets', '5\r\nhelloXX0\r\n\r\n'],
  ['a last chunk that ends in bare LF', '0\n\r\n'],
  ['a trailer that ends in bare LF', '0\r\nX: y\n\r\n'],
  ['a trailer with a space in front of the colon', '0\r\nX : y\r\n\r\n'],
  ['a trailer that is folded', '0\r\nX: y\r\n z\r\n\r\n'],
  ['an end of bare LF', '0\r\n\n'],
  ['an end of CR and another octet', '0\r\n\rX'],
  ['a second request instead of the end', `0\r\n${SMUGGLED}`],
];

const lines: readonly (readonly [what: string, line: string, status?: number])[] = [
  ['HTTP/0.9', 'GET /\r\n'],
  ['HTTP/0.9 with a Host', 'GET /\r\nHost: a\r\n\r\n'],
  ['a version in small letters', 'GET / http/1.1\r\nHost: a\r\n\r\n'],
  ['a version of one digit', 'GET / HTTP/1\r\nHost: a\r\n\r\n'],
  ['a version of three digits', 'GET / HTTP/1.10\r\nHost: a\r\n\r\n'],
  ['a version with a comma', 'GET / HTTP/1,1\r\nHost: a\r\n\r\n'],
  ['a version with a space behind it', 'GET / HTTP/1.1 \r\nHost: a\r\n\r\n'],
  ['a version that is doubled', 'GET / HTTP/1.1 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['HTTP/0.9 that is written out', 'GET / HTTP/0.9\r\nHost: a\r\n\r\n', 505],
  ['HTTP/2', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['another protocol', 'GET / HTTPS/1.1\r\nHost: a\r\n\r\n'],
  ['two spaces behind the method', 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['two spaces behind the target', 'GET /  HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['tabs instead of spaces', 'GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['NUL in the target', 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an escaped NUL in the target', 'GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['CR in the target', 'GET /\rX HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['LF behind the target', 'GET / HTTP/1.1\nHost: a\r\n\r\n'],
  ['CR behind the version', 'GET / HTTP/1.1\rHost: a\r\n\r\n'],
  ['a fragment in the target', 'GET /#a HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a backslash as target', 'GET \\ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a target without a slash', 'GET a HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['the target "*" for GET', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a target of another scheme', 'GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a target with user information', 'GET http://me@a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a target without a host', 'GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an escape that is none', 'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['no target', 'GET HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['no method', ' / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a space in front of the method', ' GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['NUL in front of the method', '\0GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['bare LF in front of the method', '\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['bare CR in front of the method', '\rGET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a method with a control character', 'G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a field in front of the request line', 'Host: a\r\nGET / HTTP/1.1\r\n\r\n'],
  ['an answer instead of a request', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['a Host of another name', 'GET / HTTP/1.1\r\nHostt: a\r\n\r\n'],
  ['a folded first field', 'GET / HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n'],
  ['a folded Host', 'GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n'],
  ['a Host with a list', 'GET / HTTP/1.1\r\nHost: a,b\r\n\r\n'],
  ['a Host with a space', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
  ['a Host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  ['a Host with user information', 'GET / HTTP/1.1\r\nHost: me@a\r\n\r\n'],
  ['a Host with NUL', 'GET / HTTP/1.1\r\nHost: a\0\r\n\r\n'],
  ['a Host with two ports', 'GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n'],
  ['a Host with a port of letters', 'GET / HTTP/1.1\r\nHost: a:http\r\n\r\n'],
  ['chunked from HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  [
    'chunked from HTTP/1.0 that persists',
    'POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n',
  ],
];

/** All forms. Behind the head of most of them stands a body that one parser would see and the other would not. */
export const SMUGGLING_FORMS: readonly SmugglingForm[] = [
  ...lengths.map(([what, value]) => form(`Content-Length with ${what}`, `${post(`Content-Length: ${value}`)}hello`)),
  ...codings.map(([what, value, status]) =>
    form(`Transfer-Encoding with ${what}`, `${post(`Transfer-Encoding: ${value}`)}0\r\n\r\n`, status),
  ),
  ...headers.map(([what, fields, status]) => form(what, `${post(...fields)}0\r\n\r\n`, status)),
  ...bodies.map(([what, body, status]) => form(what, chunked(body), status)),
  ...lines.map(([what, text, status]) => form(what, text, status)),
];

function form(what: string, text: string, status?: number): SmugglingForm {
  return status === undefined ? { what, text } : { what, text, status };
}
