/** `reload`: what is done when files change, and the configuration file itself. */
import { choice, duration, key, section, toggle } from '../keys.js';

export const RELOAD = section({
  config: key(toggle(), {
    description: 'Read this file again when it changes. SIGHUP does it in any case.',
    default: false,
  }),
  files: key(choice('off', 'notify', 'poll'), {
    description:
      'Changed files: served anew as the kernel tells of them (inotify), or by a look at each file now and then (for ' +
      'network file systems); off: as they were, until SIGHUP.',
    default: 'notify',
  }),
  quiet: key(duration(10, 60_000), {
    description: 'How long a changed file must be quiet before it is read: longer for slow uploads.',
    default: '100ms',
  }),
  pollEvery: key(duration(100, 3_600_000), {
    description: 'Between two looks at a file, with `files: poll`.',
    default: '2s',
  }),
});
