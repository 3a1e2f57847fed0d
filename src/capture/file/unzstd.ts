/** Decompresses zstd. It takes nothing from Node: the inspector's page uses it, too. */
import { Decompress } from 'fzstd';
import { ZstdUnits } from './zstd-units.js';

/**
 * The plain bytes of a zstd file, which may have several frames.
 * @throws {Error} at a damaged place, after all blocks before it were handed out; the message names the compression
 */
export async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const units = new ZstdUnits();
  let output: Uint8Array | undefined;
  let frame = new Decompress((chunk) => (output = chunk));
  function* decoded(): Generator<Uint8Array> {
    for (let unit = units.next(); unit !== undefined; unit = units.next()) {
      if (unit.first) frame = new Decompress((bytes) => bytes.length > 0 && (output = bytes));
      frame.push(unit.bytes.slice(), unit.last); // it may keep what it is given; ours is used again
      if (output !== undefined) yield output;
      output = undefined;
    }
  }
  try {
    for await (const chunk of chunks) {
      units.push(chunk);
      yield* decoded();
    }
    units.end();
    yield* decoded();
  } catch (error) {
    throw new Error(`zstd: ${(error as Error).message}`);
  }
  const rest = units.rawRest();
  if (rest !== undefined) yield rest;
  if (!units.complete) throw new Error('zstd: unexpected end of file');
}
