/** `bandwidth`: how fast the server sends at most. Each site may have a rate and a weight of its own. */
import { key, section } from '../keys.js';
import { rate } from './rate.js';

export const BANDWIDTH = section({
  total: key(rate(), {
    description: 'All connections together send at most so many bytes a second. The sites share it by their `weight`.',
    defaultText: 'no bound',
    example: '12M',
  }),
  connection: key(rate(), {
    description: 'Each connection sends at most so many bytes a second.',
    defaultText: 'no bound',
    example: '1M',
  }),
});
