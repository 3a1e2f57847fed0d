/**
 * A module hook that makes the private fields of src/net readable: `#field` becomes an ordinary property. So the oracle
 * can walk over a whole stack and compare everything that it remembers, a field that somebody adds tomorrow included.
 * The code stays the same otherwise.
 */
import type { InitializeHook, LoadHook } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Text that is left out of src/net/expected: the oracle has to notice. */
let leftOut: string | undefined;

export const initialize: InitializeHook<{ without?: string | undefined }> = ({ without }) => {
  leftOut = without;
};

/** No class of src/net has a private field of the same name as its base class, so one prefix serves all. */
const PREFIX = 'private_';

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (!url.startsWith('file:') || !fileURLToPath(url).includes('/src/net/')) return loaded;
  const source = String(loaded.source).replace(/#(?=[a-z]\w*)/g, PREFIX);
  return { ...loaded, source: url.includes('/src/net/expected/') ? spoiled(source) : source };
};

function spoiled(source: string): string {
  return leftOut === undefined ? source : source.replace(leftOut, '');
}
