/** An item of `modules`: a protocol beside HTTP. docs/modules.md explains it. */
import { z } from 'zod';
import { key, required, section } from '../keys.js';

export const MODULE = section({
  use: required(z.string({ error: 'must be a file, such as ./finger.js, or the name of a package' }).min(1), {
    description: 'The file that exports the module, relative to this file, or the name of an npm package.',
    example: './finger.js',
  }),
  options: key(z.record(z.string(), z.unknown(), { error: 'must be a mapping of the options of the module' }), {
    description: 'The options of the module. Its own schema says which there are.',
    defaultText: 'those of the module',
    example: { port: 7979 },
  }),
});
