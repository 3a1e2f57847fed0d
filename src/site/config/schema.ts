/**
 * The whole configuration file: what stands at its top, and its sections. A part of the server that wants a section
 * has a file in sections/ and a line here; src/serve/configured.ts takes it from there.
 */
import { z } from 'zod';
import { parseFieldValue } from '../values.js';
import { choice, count, duration, key, list, pattern, section, text } from './keys.js';
import { ADMIN } from './sections/admin.js';
import { BANDWIDTH } from './sections/bandwidth.js';
import { CACHE } from './sections/cache.js';
import { CAPTURE } from './sections/capture.js';
import { LIMITS } from './sections/limits.js';
import { LOG } from './sections/log.js';
import { MODULE } from './sections/module.js';
import { NETWORK } from './sections/network.js';
import { RELOAD } from './sections/reload.js';
import { SITE, SITE_DEFAULTS } from './sections/site.js';
import { TCP } from './sections/tcp.js';
import { TLS } from './sections/tls.js';
import { UPSTREAMS } from './sections/upstreams.js';

const grace = z.union([z.literal('forever').transform(() => Number.POSITIVE_INFINITY), duration(0)], {
  error: 'must be a duration, such as 500ms, 15s or 2m, or forever',
});

/** The configuration file. */
export const CONFIGURATION = section({
  sites: key(list(SITE, 'sites').min(1, { error: 'must have at least one site' }), {
    description: 'What is served. A file without sites needs a folder on the command line.',
    defaultText: 'the folder of the command line',
    example: [{ folder: './public' }],
  }),
  defaults: key(SITE_DEFAULTS, { description: 'Rules for all sites that do not say otherwise.' }),
  unknownHost: key(choice('default', 'misdirected', 'close'), {
    description:
      'A host that no site names: the default site answers (`default`), the answer is 421 (`misdirected`), or the ' +
      'connection is closed (`close`).',
    default: 'default',
  }),
  port: key(count(1, 65_535), { description: 'The TCP port.', default: 80 }),
  serverHeader: key(text('printable ASCII on one line', parseFieldValue), {
    description: 'The Server field of responses; empty for none.',
    default: 'fastpath',
  }),
  workers: key(count(1, 64), {
    description: 'Threads, each a whole TCP/IP stack on a queue of its own.',
    default: 1,
  }),
  user: key(pattern('the name or number of a user', /^[^\s:]+$/).or(z.int().nonnegative().transform(String)), {
    description: 'As root: the user that the process becomes after the set-up.',
    defaultText: 'the one who called sudo, else `nobody`',
    example: 'www-data',
  }),
  grace: key(grace, {
    description: 'How long downloads may go on at the end. `forever` waits for all of them.',
    default: '3s',
  }),
  probe: key(choice('off', 'warn', 'require'), {
    description: 'After the start: look from this machine whether ARP, TCP and HTTP get through.',
    default: 'warn',
  }),
  network: key(NETWORK, { description: 'The interface, and the addresses of both ends.' }),
  cache: key(CACHE, { description: 'The memory for files, and the cache in front of the handler.' }),
  upstreams: key(UPSTREAMS, {
    description: 'Servers that answer what this one cannot, by a name for each group.',
    example: { app: { servers: ['http://127.0.0.1:3000'] } },
  }),
  limits: key(LIMITS, { description: 'The bounds of one HTTP connection.' }),
  tls: key(TLS, { description: 'HTTPS: certificates, and how it is spoken.' }),
  bandwidth: key(BANDWIDTH, { description: 'How fast the server sends at most, and how its sites share that.' }),
  tcp: key(TCP, { description: 'The settings of TCP.' }),
  log: key(LOG, { description: 'The access log: a line for each request.' }),
  admin: key(ADMIN, { description: 'A listener for metrics, health and control, on this machine itself.' }),
  handler: key(z.string({ error: 'must be a file, such as ./app.js' }).min(1), {
    description: 'The file whose default export answers what no file answers. docs/slow-path.md says what it may be.',
    defaultText: 'none',
    example: './app.js',
  }),
  modules: key(list(MODULE, 'modules'), {
    description: 'Other protocols beside HTTP. docs/modules.md builds one.',
    defaultText: 'none',
    example: [{ use: './finger.js', options: { port: 79 } }],
  }),
  capture: key(CAPTURE, { description: 'Frames, for people who study them.' }),
  reload: key(RELOAD, { description: 'What is done when files change, and this file itself.' }),
});

/** The values of a configuration file that is right. */
export type Configuration = z.output<typeof CONFIGURATION>;
