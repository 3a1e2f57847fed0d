/**
 * What a page loads first: found in its HTML when the file is read, and sent with it as a Link field, so that a browser
 * asks for it before it has read that far (HTML Standard section 4.6.7, RFC 8288). Off unless a site asks for `hints`.
 * The idea of pages and what they link as a group is Cheetah's (Kaashoek and others, 1996).
 *
 * Found are styles, scripts, modules, and what the page itself preloads, of the same site only. A script may be at the
 * end of a long page, so the page is read up to `MOST_PAGE_BYTES`.
 */
import type { Parser } from 'htmlparser2';
import { requirePackage } from '../../own-files.js';
import { MOST_HINT_BYTES } from './heads.js';

/** The parser is loaded by the first page that needs it, in the thread that reads it. It reads without waiting. */
let parser: typeof Parser | undefined;

function loadParser(): typeof Parser {
  parser ??= (requirePackage('htmlparser2') as { Parser: typeof Parser }).Parser;
  return parser;
}

/** The most of a page that is looked at. */
const MOST_PAGE_BYTES = 1_048_576;

const NAME = 'Link: ';
const LINE_END = '\r\n';
/** Pages of a site are resolved against it; what is elsewhere gets no hint. */
const ORIGIN = 'http://site.invalid';
/** What `as` may be in a hint that the page gives (Fetch standard, destinations that a preload may have). */
const DESTINATIONS = new Set(['audio', 'document', 'fetch', 'font', 'image', 'script', 'style', 'track', 'video']);

/**
 * The Link line of the page `html` with its CRLF; '' if it links nothing that helps.
 * @param name a path of the page, against which its links are resolved
 */
export function hintLine(html: Uint8Array, name: string): string {
  let line = '';
  for (const hint of findHints(html, name)) {
    const longer = line === '' ? `${NAME}${hint}` : `${line}, ${hint}`;
    if (longer.length + LINE_END.length > MOST_HINT_BYTES) break;
    line = longer;
  }
  return line === '' ? '' : line + LINE_END;
}

/** The paths that a head hints at, query left out, a character for each byte: names of the same site. */
export function hintedNames(head: string): string[] {
  const line = /^Link: (.*)\r$/m.exec(head)?.[1] ?? '';
  const paths = [...line.matchAll(/<(\/[^>?]*)[^>]*>; rel=(?:preload|modulepreload)/g)].map(([, path = '']) => path);
  return paths.flatMap((path) => {
    try {
      return [Buffer.from(decodeURIComponent(path), 'utf8').toString('latin1')];
    } catch {
      return []; // a % that begins no byte
    }
  });
}

/** Values of the field, in the order of the page, each once. */
function findHints(html: Uint8Array, name: string): Set<string> {
  const hints = new Set<string>();
  let base = ORIGIN + name;
  const reader = new (loadParser())({
    onopentag(tag, attributes) {
      if (tag === 'base' && attributes.href !== undefined) base = resolve(attributes.href, base)?.href ?? base;
      const hint = tag === 'script' ? scriptHint(attributes, base) : tag === 'link' ? linkHint(attributes, base) : '';
      if (hint !== '') hints.add(hint);
    },
  });
  reader.write(Buffer.from(html.buffer, html.byteOffset, Math.min(html.length, MOST_PAGE_BYTES)).toString('latin1'));
  reader.end();
  return hints;
}

type Attributes = Readonly<Record<string, string>>;

function scriptHint({ src, type = '', nomodule, crossorigin }: Attributes, base: string): string {
  if (nomodule !== undefined) return ''; // a browser that reads hints knows modules
  if (type === 'module') return hintOf(src, base, 'modulepreload', '', crossorigin);
  return type === '' || /javascript/.test(type) ? hintOf(src, base, 'preload', 'script', crossorigin) : '';
}

function linkHint({ rel = '', href, as = '', media, crossorigin, disabled }: Attributes, base: string): string {
  const kinds = rel.toLowerCase().split(/\s+/);
  if ((media !== undefined && media !== 'all' && media !== 'screen') || disabled !== undefined) return '';
  if (kinds.includes('stylesheet') && !kinds.includes('alternate')) {
    return hintOf(href, base, 'preload', 'style', crossorigin);
  }
  if (kinds.includes('modulepreload')) return hintOf(href, base, 'modulepreload', '', crossorigin);
  const isPreload = kinds.includes('preload') && DESTINATIONS.has(as);
  return isPreload ? hintOf(href, base, 'preload', as, crossorigin) : '';
}

/** A value of the field; '' if it is no address of this site. */
function hintOf(
  address: string | undefined,
  base: string,
  relation: 'preload' | 'modulepreload',
  destination: string,
  crossorigin: string | undefined,
): string {
  const target = address === undefined ? undefined : resolve(address, base);
  if (target?.origin !== ORIGIN) return '';
  const { pathname, search } = target;
  const as = destination === '' ? '' : `; as=${destination}`;
  const credentials = crossorigin === undefined ? '' : crossorigin === 'use-credentials' ? `; ${USE}` : '; crossorigin';
  return `<${pathname}${search}>; rel=${relation}${as}${credentials}`;
}

const USE = 'crossorigin="use-credentials"';

/** Undefined for what is no address or an empty one, and for characters that would need the page's charset. */
function resolve(address: string, base: string): URL | undefined {
  if (!/^[\x21-\x7e]+$/.test(address.trim()) || !URL.canParse(address, base)) return undefined;
  return new URL(address, base);
}
