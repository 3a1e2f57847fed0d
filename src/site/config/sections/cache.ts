/** `cache`: the memory for files. */
import { LARGEST_OBJECT_BYTES } from '../../../cache/library.js';
import { key, section, size } from '../keys.js';

export const CACHE = section({
  size: key(size(), {
    description: 'The most memory for files with their names, heads and checksum tables.',
    defaultText: '512M, or half of the memory there is',
    example: '2G',
  }),
  maxObject: key(size(1, LARGEST_OBJECT_BYTES), {
    description: 'A larger file is answered with 503.',
    defaultText: 'the most that TCP can number in one answer, about 2G',
    example: '64M',
  }),
});
