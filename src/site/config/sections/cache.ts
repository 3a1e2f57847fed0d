/** `cache`: the memory for files, and what else is kept there. */
import { LEAST_CACHE_BYTES } from '../../../cache/library/limits.js';
import { key, section, size } from '../keys.js';
import { kept } from './kept.js';

export const CACHE = section({
  size: key(size(LEAST_CACHE_BYTES, undefined, 'a size of at least 1M, such as 64M or 2G'), {
    description: 'The most memory for files with their names, heads and checksum tables. The rest is read on demand.',
    defaultText: '512M, or half of the memory there is',
    example: '2G',
  }),
  maxObject: key(size(1), {
    description: 'A larger file is kept and sent in pieces, so that a part of it may be in memory.',
    defaultText: 'none if all files fit into the cache, else 512K',
    example: '64M',
  }),
  handler: key(kept(), {
    description:
      'Answers of the handler are kept, and sent to others as long as they are fresh: `true`, or a mapping with the ' +
      'keys of `upstreams.cache`.',
    default: false,
  }),
});
