/** `capture`: frames for people who study them. */
import { z } from 'zod';
import { key, section, toggle } from '../keys.js';

export const CAPTURE = section({
  file: key(z.string({ error: 'must be the path of a file' }), {
    description: 'Every frame is written to this pcapng file; with several workers to one file each.',
    defaultText: 'none',
    example: './frames.pcapng',
  }),
  trace: key(toggle(), {
    description: 'Every frame is printed as a line on standard error, in the manner of tcpdump.',
    default: false,
  }),
});
