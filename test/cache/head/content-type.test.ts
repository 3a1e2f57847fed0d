import { expect } from 'chai';
import { contentTypeOf, parseCharset, typeOfName } from '../../../src/cache/head/content-type.js';
import { utf8 } from '../support.js';

/** What Chromium 132 has in its own tables (net/base/mime_util.cc), primary before secondary, by extension. */
const CHROMIUM: Readonly<Record<string, string>> = {
  webm: 'video/webm',
  mp3: 'audio/mpeg',
  wasm: 'application/wasm',
  xhtml: 'application/xhtml+xml',
  xht: 'application/xhtml+xml',
  xhtm: 'application/xhtml+xml',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  wav: 'audio/wav',
  m4a: 'audio/x-m4a',
  avif: 'image/avif',
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  apng: 'image/apng',
  svg: 'image/svg+xml',
  svgz: 'image/svg+xml',
  webp: 'image/webp',
  mht: 'multipart/related',
  mhtml: 'multipart/related',
  css: 'text/css',
  html: 'text/html',
  htm: 'text/html',
  shtml: 'text/html',
  shtm: 'text/html',
  js: 'text/javascript',
  mjs: 'text/javascript',
  xml: 'text/xml',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  ogv: 'video/ogg',
  ogm: 'video/ogg',
  csv: 'text/csv',
  ico: 'image/x-icon',
  epub: 'application/epub+zip',
  woff: 'application/font-woff',
  gz: 'application/gzip',
  tgz: 'application/gzip',
  json: 'application/json',
  doc: 'application/msword',
  bin: 'application/octet-stream',
  exe: 'application/octet-stream',
  pdf: 'application/pdf',
  p7s: 'application/pkcs7-signature',
  ps: 'application/postscript',
  eps: 'application/postscript',
  rdf: 'application/rdf+xml',
  rss: 'application/rss+xml',
  rtf: 'application/rtf',
  apk: 'application/vnd.android.package-archive',
  xul: 'application/vnd.mozilla.xul+xml',
  xls: 'application/vnd.ms-excel',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  m3u8: 'application/x-mpegurl',
  swf: 'application/x-shockwave-flash',
  tar: 'application/x-tar',
  crt: 'application/x-x509-ca-cert',
  zip: 'application/zip',
  weba: 'audio/webm',
  bmp: 'image/bmp',
  jfif: 'image/jpeg',
  tiff: 'image/tiff',
  xbm: 'image/x-xbitmap',
  eml: 'message/rfc822',
  ics: 'text/calendar',
  ehtml: 'text/html',
  txt: 'text/plain',
  text: 'text/plain',
  vtt: 'text/vtt',
  sh: 'text/x-sh',
  xsl: 'text/xml',
  xslt: 'text/xml',
  mpeg: 'video/mpeg',
  mpg: 'video/mpeg',
};

/** Registered names of the same types, which Chromium treats alike. */
const ALIASES: Readonly<Record<string, string>> = {
  'image/vnd.microsoft.icon': 'image/x-icon',
  'font/woff': 'application/font-woff',
  'application/vnd.apple.mpegurl': 'application/x-mpegurl',
  'application/x-sh': 'text/x-sh',
};

describe('cache/head/content-type', () => {
  const type = (name: string) => typeOfName(name).type;

  it('names what Chromium names in its own table, as Chromium does', () => {
    for (const [extension, expected] of Object.entries(CHROMIUM)) {
      const ours = type(`/file.${extension}`);
      expect(ALIASES[ours] ?? ours, extension).to.equal(expected);
    }
  });

  it('knows the files that people have besides', () => {
    const expected: Record<string, string> = {
      '7z': 'application/x-7z-compressed',
      rar: 'application/vnd.rar',
      zst: 'application/zstd',
      avi: 'video/x-msvideo',
      mkv: 'video/x-matroska',
      srt: 'application/x-subrip',
      eot: 'application/vnd.ms-fontobject',
      woff2: 'font/woff2',
      odt: 'application/vnd.oasis.opendocument.text',
      cjs: 'text/javascript',
      rs: 'text/plain',
      md: 'text/markdown',
      map: 'application/json',
      webmanifest: 'application/manifest+json',
      jxl: 'image/jxl',
      ts: 'video/mp2t',
      unheardof: 'application/octet-stream',
    };
    for (const [extension, wanted] of Object.entries(expected)) {
      expect(type(`/a.b/file.${extension}`), extension).to.equal(wanted);
    }
  });

  it('looks at the last extension of the last part, in either case, and at nothing else', () => {
    expect(type('/a/PHOTO.JPG')).to.equal('image/jpeg');
    expect(type('/a/archive.tar.gz')).to.equal('application/gzip');
    for (const name of ['/README', '/html', '/a.html/file', '/.html', '/file.', '/a/.png']) {
      expect(type(name), name).to.equal('application/octet-stream');
    }
  });

  it('knows that a .svgz is in the gzip coding, and nothing else is', () => {
    expect(typeOfName('/a.svgz').encoding).to.equal('gzip');
    for (const name of ['/a.svg', '/a.gz', '/a.tgz', '/a.html.gz']) expect(typeOfName(name).encoding).to.equal('');
  });

  const html = 'text/html';
  const utf = '; charset=utf-8';
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  const pages: [string, string, Uint8Array, string][] = [
    ['UTF-8 that declares nothing', html, utf8('<p>grün'), utf],
    ['ASCII', html, bytes('<p>green'), utf],
    ['nothing at all', html, bytes(''), utf],
    ['UTF-8 that says so', html, utf8('<meta charset=utf-8>grün'), utf],
    [
      'UTF-8 that says so the long way',
      html,
      utf8('<META http-equiv=Content-Type content="text/html;charset=UTF8">'),
      utf,
    ],
    ['a byte order mark', html, utf8('\ufeff<p>x'), utf],
    ['Latin-1 that declares nothing', html, bytes('<p>gr\xfcn'), ''],
    ['windows-1251, declared', html, bytes('<meta charset="windows-1251"><p>\xcf\xf0'), ''],
    ['Shift_JIS, declared, in ASCII bytes alone', html, bytes('<meta charset=Shift_JIS><p>ok'), ''],
    ['ISO-2022-JP, which is ASCII with escapes', html, bytes('<p>\x1b$B$3\x1b(B'), ''],
    ['two declarations, of which the second is not UTF-8', html, bytes('<meta charset=utf-8><meta charset=big5>'), utf],
    ['a label that only begins like UTF-8, then another', html, bytes('<meta charset=utf-81><meta charset=big5>'), ''],
    ['a declaration in a comment, which is none', html, bytes('<!-- <meta charset=big5> --><p>x'), utf],
    ['a declaration too late to be found', html, bytes(`${' '.repeat(1024)}<meta charset=big5>`), utf],
    ['a text in UTF-8', 'text/plain', utf8('grün'), utf],
    ['a text in Latin-1', 'text/plain', bytes('gr\xfcn'), ''],
    ['a text in UTF-16', 'text/plain', Uint8Array.of(0xff, 0xfe, 0x41, 0x00), ''],
    ['a script', 'text/javascript', utf8('"ü"'), utf],
    ['a style sheet', 'text/css', utf8('a { content: "ü" }'), utf],
    ['a style sheet that says UTF-8', 'text/css', utf8('@charset "utf-8"; a { content: "ü" }'), utf],
    ['a style sheet that says something else', 'text/css', bytes('@charset "koi8-r"; a {}'), ''],
    ['XML, which says it itself', 'text/xml', utf8('<?xml version="1.0"?><a>ü</a>'), ''],
    ['XHTML', 'application/xhtml+xml', utf8('<html>ü</html>'), ''],
    ['JSON, which has no charset', 'application/json', utf8('"ü"'), ''],
    ['an image', 'image/svg+xml', utf8('<svg/>'), ''],
  ];
  for (const [what, mediaType, content, parameter] of pages) {
    it(`says "${parameter}" for ${what}`, () => {
      expect(contentTypeOf(mediaType, 'auto', content)).to.equal(mediaType + parameter);
    });
  }

  it('says what it is told for text and XML, and nothing if told so', () => {
    for (const mediaType of ['text/html', 'text/xml', 'application/rss+xml', 'text/css']) {
      expect(contentTypeOf(mediaType, 'koi8-r', bytes('\xff'))).to.equal(`${mediaType}; charset=koi8-r`);
      expect(contentTypeOf(mediaType, 'none', utf8('ü'))).to.equal(mediaType);
      const whole = `${mediaType}; charset=koi8-r`;
      expect(contentTypeOf(whole, 'utf-8', utf8('ü')), 'its own parameter').to.equal(whole);
    }
    for (const mediaType of ['image/png', 'application/json', 'image/svg+xml']) {
      expect(contentTypeOf(mediaType, 'koi8-r', bytes('x'))).to.equal(mediaType);
    }
  });

  it('takes the names of charsets that browsers know', () => {
    for (const name of ['auto', 'none', 'utf-8', 'Shift_JIS', 'windows-1251', 'iso-8859-15']) {
      expect(parseCharset(name)).to.equal(name);
    }
    for (const name of ['', 'utf-9', 'utf-8\r\nX: y', 'a b'])
      expect(() => parseCharset(name), name).to.throw(RangeError);
  });
});
