/** A server as its reporters hear of it: the facts of its start, and its numbers. */

import { Supply } from '../../src/cache/demand/supply.js';
import { Library } from '../../src/cache/library/library.js';
import type { ServerInfo } from '../../src/serve/events.js';
import { COUNTER, type Snapshot } from '../../src/serve/snapshot.js';

export const INFO: ServerInfo = {
  url: 'http://10.77.0.2/',
  folder: 'site',
  sites: [{ name: 'site-1', folder: 'site' }],
  interfaceName: 'fp0',
  temporary: true,
  mac: '02:fa:57:00:00:01',
  addresses: ['10.77.0.2/24'],
  hostAddresses: ['10.77.0.1/24'],
  mtu: 1500,
  superSegmentBytes: 262_144,
  frames: { way: 'plain', callNanoseconds: 210, text: 'plain calls (0.21 µs each)' },
  workers: 1,
  gateways: ['10.77.0.1'],
  user: 'alice',
};

const library = new Library();

export const SNAPSHOT: Snapshot = {
  time: 0,
  sites: [],
  uptimeSeconds: 61,
  frames: { way: 'plain', callNanoseconds: 210, text: 'plain calls (0.21 µs each)' },
  workers: 1,
  counters: new Map([
    [COUNTER.requests, 12_345],
    [COUNTER.deliveredBytes, 2 ** 30],
  ]),
  cache: library.statistics,
  supply: Supply.of(library).statistics,
  conflicts: [],
  shares: [],
  tcp: {},
};
