/**
 * Content-Type by a name's extension, and the charset that goes with it. RFC 9110 section 8.3, RFC 2046 section 4.1.2.
 *
 * The types are those of the `mime` package (the data of mime-db), corrected by the few of `OUR_TYPES`. They agree
 * with Chromium: each extension in Chromium's own table (net/base/mime_util.cc) has the same type here, or an alias
 * that Chromium treats in the same way. test/cache/head/content-type.test.ts compares them.
 */
import { isUtf8 } from 'node:buffer';
import { Mime } from 'mime';
import otherTypes from 'mime/types/other.js';
import standardTypes from 'mime/types/standard.js';
import { latin1Text } from '../../net/wire/latin1.js';
import { requirePackage } from '../../own-files.js';

/**
 * The charset of text in Content-Type: 'auto', 'none', or the name of a charset for all text.
 * @see {@link LoadOptions}
 */
export type CharsetRule = 'auto' | 'none' | (string & {});

const DEFAULT_TYPE = 'application/octet-stream';

/** Types that the table does not have, and extensions for which it has a type that is rarer than the common one. */
const OUR_TYPES: Readonly<Record<string, readonly string[]>> = {
  'text/javascript': ['js', 'mjs', 'cjs'],
  'text/html': ['html', 'htm', 'shtml', 'shtm', 'ehtml'],
  'text/xml': ['xml', 'xsl', 'xslt', 'xbl'],
  'text/plain': ['txt', 'text', 'log', 'conf', 'ini', 'rs', 'go', 'py', 'rb', 'scm', 'tsx', 'diff', 'patch'],
  'application/xhtml+xml': ['xhtml', 'xht', 'xhtm'],
  'application/gzip': ['gz', 'tgz'],
  'application/zstd': ['zst'],
  'application/rtf': ['rtf'],
  'audio/flac': ['flac'],
  'audio/ogg': ['oga', 'ogg', 'opus', 'spx'],
  'audio/x-m4a': ['m4a'],
  'audio/webm': ['weba'],
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif', 'pjpeg', 'pjp'],
  'image/vnd.microsoft.icon': ['ico', 'cur'],
  'image/svg+xml': ['svg', 'svgz'],
  'image/x-xbitmap': ['xbm'],
  'multipart/related': ['mht', 'mhtml'],
  'video/mp4': ['mp4', 'm4v', 'mp4v', 'mpg4'],
  'video/ogg': ['ogv', 'ogm'],
};

/** What a name says about its content. */
export interface NamedType {
  readonly type: string;
  /** Value of Content-Encoding: a `.svgz` is an SVG image in the gzip coding. '' for none. */
  readonly encoding: string;
}

/** Two thousand entries, made when a name is asked for: most threads ask for none. */
let mime: Mime | undefined;

function madeMime(): Mime {
  return new Mime(standardTypes, otherTypes).define(OUR_TYPES as Record<string, string[]>, true);
}

const UNKNOWN: NamedType = { type: DEFAULT_TYPE, encoding: '' };
/** By extension, in lower case. A folder has few extensions, and many files with each of them. */
const known = new Map<string, NamedType>();
/** Bound of that table. Extensions such as ".1", ".2" … must not fill the memory. */
const MAX_KNOWN = 1024;

/** The type of a file by its name: by what follows the last dot of the last part, in either case. */
export function typeOfName(name: string): NamedType {
  const dot = name.lastIndexOf('.');
  if (dot <= name.lastIndexOf('/') + 1) return UNKNOWN; // no extension: "README", or ".profile"
  const extension = name.slice(dot + 1).toLowerCase();
  const there = known.get(extension);
  if (there !== undefined) return there;
  mime ??= madeMime();
  const type = mime.getType(extension) ?? DEFAULT_TYPE;
  const found = { type, encoding: extension === 'svgz' ? 'gzip' : '' };
  if (known.size < MAX_KNOWN) known.set(extension, found);
  return found;
}

/** Bytes that `; charset=` and its value add at most. */
export function charsetRoom(type: string, rule: CharsetRule): number {
  if (rule === 'none' || !mayHaveCharset(type)) return 0;
  return parameter(rule === 'auto' ? 'utf-8' : rule).length;
}

/**
 * The whole value of Content-Type.
 *
 * - `auto`: text gets UTF-8 if its bytes are valid UTF-8 and it declares no other charset. The declaration of an HTML
 *   page is found as browsers find it (the HTML standard, section 13.2.3.2). XML gets no charset, since XML is UTF-8
 *   unless it declares another (RFC 7303 section 3). Text with escape sequences gets none either, since it may be
 *   ISO-2022-JP.
 * - `none`: no charset.
 * - any other: this charset for all text, HTML and XML.
 *
 * A charset here overrides what a page declares, so it must not be a guess.
 */
export function contentTypeOf(type: string, rule: CharsetRule, bytes: Uint8Array): string {
  if (rule === 'none' || !mayHaveCharset(type)) return type;
  if (rule !== 'auto') return type + parameter(rule);
  return isText(type) && !isXml(type) && saysUtf8(type, bytes) ? type + parameter('utf-8') : type;
}

/** The standard name of a charset that browsers know. @throws {RangeError} for any other. */
export function parseCharset(text: string): CharsetRule {
  if (text === 'auto' || text === 'none') return text;
  // The labels of the Encoding standard, which TextDecoder has.
  if (!/^[\w.:+-]+$/.test(text)) throw new RangeError(`not the name of a charset: ${text}`);
  new TextDecoder(text);
  return text;
}

const ESCAPE = 0x1b;
/** How far browsers look for the declaration of a page. */
const PRESCAN_BYTES = 1024;
const CSS_CHARSET = '@charset "';

function saysUtf8(type: string, bytes: Uint8Array): boolean {
  if (!isUtf8(bytes) || bytes.includes(ESCAPE)) return false;
  if (type === 'text/html') return htmlDeclaresNothingElse(bytes);
  return type !== 'text/css' || cssDeclaresNothingElse(bytes);
}

type Sniffer = (bytes: Uint8Array, options: { defaultEncoding: string }) => string;
/** It takes 40 ms to load, and most threads that know types by their names never look into a page. */
let sniffer: Sniffer | undefined;

/** The encoding of an HTML page: by its byte order mark, by what it declares in its first 1,024 bytes, or UTF-8. */
function encodingOf(page: Uint8Array): string {
  sniffer ??= requirePackage('html-encoding-sniffer') as Sniffer;
  return sniffer(page, { defaultEncoding: 'UTF-8' });
}

/** What may be a declaration, and one that says UTF-8. */
const DECLARATION = /charset|encoding/gi;
const DECLARES_UTF8 = /charset\s*=\s*["']?utf-8(?=["'\s;/>])/gi;

/**
 * The `meta` elements of a page's first 1,024 bytes. If all that may be a declaration says UTF-8, none says anything
 * else. That is so in most pages, and spares them the prescan (3 µs) and its package.
 */
function htmlDeclaresNothingElse(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PRESCAN_BYTES)).toString('latin1');
  const declarations = start.match(DECLARATION)?.length ?? 0;
  return declarations === (start.match(DECLARES_UTF8)?.length ?? 0) || encodingOf(bytes) === 'UTF-8';
}

/** The @charset rule of a style sheet (CSS Syntax, section 3.2). */
function cssDeclaresNothingElse(bytes: Uint8Array): boolean {
  const start = latin1Text(bytes.subarray(0, CSS_CHARSET.length + 6)).toLowerCase();
  return !start.startsWith(CSS_CHARSET) || start.slice(CSS_CHARSET.length) === 'utf-8"';
}

/** A type of the configuration may have its parameters already. */
function mayHaveCharset(type: string): boolean {
  return !type.includes(';') && (isText(type) || isXml(type));
}

function isText(type: string): boolean {
  return type.startsWith('text/');
}

/** SVG is left out: it is an image, and has no charset in practice. */
function isXml(type: string): boolean {
  if (type === 'image/svg+xml') return false;
  return type === 'text/xml' || type === 'application/xml' || type.endsWith('+xml');
}

function parameter(charset: string): string {
  return `; charset=${charset}`;
}
