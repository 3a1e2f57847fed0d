/** `log`: the access log. docs/logging.md explains it. */
import { LOG_FORMATS } from '../../../log/format/formats.js';
import { parseLogTarget } from '../../../log/target.js';
import { choice, count, key, section, size, text } from '../keys.js';

const TARGETS = 'a file, - (standard output), none, syslog:, syslog:192.0.2.1:514 or syslog:[2001:db8::1]:514';

export const LOG = section({
  to: key(text(TARGETS, parseLogTarget), {
    description:
      'Where a line for each request goes: a file, `-` (standard output), or a syslog daemon; `none`: only to watchers.',
    defaultText: 'no log',
    example: '/var/log/fastpath/access.log',
  }),
  format: key(choice(...LOG_FORMATS), {
    description: 'How a line looks; json has everything.',
    default: 'combined',
  }),
  rotateSize: key(size(1_024), {
    description: 'The file is moved away before it grows beyond this.',
    defaultText: 'never',
    example: '100M',
  }),
  keep: key(count(0, 1_000), { description: 'How many files that were moved away stay.', default: 5 }),
  ring: key(count(1, 65_536), {
    description: 'Records of each worker that may wait to be written; then its connections wait.',
    default: 16_384,
  }),
  whenFull: key(choice('drop', 'wait'), {
    description:
      'What happens when the log cannot be written and the ring is full: old records are dropped, or all wait.',
    default: 'drop',
  }),
});
