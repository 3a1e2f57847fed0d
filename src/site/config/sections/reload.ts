/** `reload`: what is done when the configuration file changes. */
import { key, section, toggle } from '../keys.js';

export const RELOAD = section({
  config: key(toggle(), {
    description: 'Read this file again when it changes. SIGHUP does it in any case.',
    default: false,
  }),
});
