/** Which files get variants in content codings. */
import type { NamedType } from './content-type.js';

/**
 * `off`: none. `sidecar`: those that lie beside the files (`app.js.br`). `load`: those, and else they are made when the
 * folder is loaded.
 * @see {@link LoadOptions}
 */
export type CompressMode = 'off' | 'sidecar' | 'load';

/** Below this a variant saves less than a segment: the answer is one frame in either case. */
export const SMALLEST_BYTES = 1024;
/** Above this the memory of a compressing thread would be more than a hundred MiB. */
export const LARGEST_BYTES = 32 * 1024 * 1024;
/** A variant is kept if it has at most so much of its file's bytes: nine tenths. */
export const KEPT_FROM = 0.9;

/** Types besides text that shrink. Pictures, films, sound, archives and WOFF are compressed already. */
const COMPRESSIBLE = new Set([
  'application/dash+xml',
  'application/javascript',
  'application/json',
  'application/manifest+json',
  'application/msgpack',
  'application/n-triples',
  'application/postscript',
  'application/rtf',
  'application/sql',
  'application/toml',
  'application/trig',
  'application/vnd.apple.mpegurl',
  'application/vnd.ms-fontobject',
  'application/wasm',
  'application/x-javascript',
  'application/x-ndjson',
  'application/x-sh',
  'application/x-tar',
  'application/x-tex',
  'application/xml',
  'application/xml-dtd',
  'application/yaml',
  'font/collection',
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/svg+xml',
  'image/vnd.microsoft.icon',
  'image/x-icon',
  'model/gltf-binary',
  'model/obj',
  'model/stl',
]);

/** Whether files of this type usually shrink by a tenth and more. */
export function isCompressible(type: string): boolean {
  const [plain = ''] = type.split(';', 1); // without parameters
  return plain.startsWith('text/') || /\+(json|xml|text)$/.test(plain) || COMPRESSIBLE.has(plain);
}

/** A file as far as this decision goes. `codings`: a bit for each coding in which a sidecar lies beside it. */
export interface Candidate {
  readonly size: number;
  readonly codings?: number | undefined;
}

/**
 * Whether Accept-Encoding chooses between the file and its variants, so that its heads have Vary: it has a sidecar, or
 * variants of it will be made. Whether they are kept does not matter: Vary must not come and go.
 *
 * A file that has a content coding already (.svgz) is left alone.
 */
export function isNegotiated({ size, codings = 0 }: Candidate, named: NamedType, mode: CompressMode): boolean {
  if (mode === 'off' || named.encoding !== '') return false;
  return codings !== 0 || (mode === 'load' && isWorthMaking(size, named.type));
}

/** Whether variants are made of a file of this size and type. */
export function isWorthMaking(size: number, type: string): boolean {
  return size >= SMALLEST_BYTES && size <= LARGEST_BYTES && isCompressible(type);
}
