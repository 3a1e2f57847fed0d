/** Tells by its first bytes how a file is compressed. It takes nothing from Node: the inspector's page uses it, too. */
import { isZstd } from './zstd-units.js';

/** Compressions that are known by their first bytes. `xz` and `bzip2` are known only so that an error can name them. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

const XZ_MAGIC = [0xfd, 0x37, 0x7a, 0x58];
const BZIP2_MAGIC = [0x42, 0x5a, 0x68];

/** Tells a compression by the first bytes of a file. */
export function detectCompression(start: Uint8Array): Compression {
  if (start.length >= 2 && start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  if (beginsWith(start, XZ_MAGIC)) return 'xz';
  if (beginsWith(start, BZIP2_MAGIC)) return 'bzip2';
  return isZstd(start) ? 'zstd' : 'none';
}

function beginsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** What to say of a compression that is known and not supported. */
export function unsupported(compression: Compression): string {
  return `${compression} is not supported: decompress it first`;
}
