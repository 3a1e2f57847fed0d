/** `admin`: the listener for metrics, health and control. docs/metrics.md explains it. */
import { z } from 'zod';
import { parseAdminAddress } from '../../admin-address.js';
import { key, section, text } from '../keys.js';

export const ADMIN = section({
  listen: key(text('an address with a port, such as 127.0.0.1:9464, or the path of a socket', parseAdminAddress), {
    description: 'Where administrators ask, on the stack of this machine: an address, or the path of a Unix socket.',
    defaultText: 'nowhere',
    example: '127.0.0.1:9464',
  }),
  tokenFile: key(z.string({ error: 'must be the path of a file' }), {
    description: 'A file with the token that changes need, and every question to an address that is not loopback.',
    defaultText: '$FASTPATH_ADMIN_TOKEN, else none',
    example: '/etc/fastpath/admin.token',
  }),
});
