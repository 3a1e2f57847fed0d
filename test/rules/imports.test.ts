/**
 * Imports point one way. Each room of src may import the rooms that stand beside it in this table, and itself; the
 * table is the map of docs/architecture.md. A room is the longest name here that a path begins with.
 */
import { expect } from 'chai';
import { code, filesBehind, type Import, importsOf, sourceImports, valueCycles } from './import-graph.js';

/** What the world outside gives to all of net: time and randomness. */
const GIVEN = ['net/clock.ts', 'net/wall-clock.ts', 'net/random.ts', 'net/network-error.ts'];
/** What TCP sees of the layer below. */
const BELOW_TCP = [...GIVEN, 'net/wire', 'net/device', 'net/ip'];
/** The rooms of TCP, from the values up to the events. Each may import those in front of it. */
const TCP = ['', 'congestion', 'parts', 'block', 'loss', 'send', 'life', 'arrives'].map((name) => `net/tcp/${name}`);
/** What a program on top of TCP sees of it. */
const TCP_FOR_PROGRAMS = [
  'net/tcp/handler.ts',
  'net/tcp/listener.ts',
  'net/tcp/settings.ts',
  'net/tcp/connection-info.ts',
  'net/ip/ip-choices.ts',
];

/** The rooms of the cache, from the values up to what fills it. Each may import those in front of it. */
const CACHE = ['head', 'object', 'folder', 'library', 'reading', 'variants', 'demand', 'loading'].map(
  (name) => `cache/${name}`,
);

/** The rooms of HTTP, from the bytes of a request up to its connection. Each may import those in front of it. */
const HTTP = [
  'grammar',
  'routes',
  'sites',
  'request',
  'head',
  'sending',
  'answer',
  'service',
  'slow',
  'connection',
].map((name) => `http/${name}`);
/** What HTTP sees of the rest. */
const BELOW_HTTP = [
  ...['module', 'cache', 'net/clock.ts', 'net/wall-clock.ts', 'net/wire', 'net/tcp/handler.ts'],
  'net/tcp/pacing-plan.ts',
];

/** The rooms that a packet script goes through before it runs. */
const SCRIPT_ROOMS = ['own.ts', 'language', 'code', 'wire', 'sockets'].map((name) => `packetdrill/${name}`);

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'own-files.ts': [],
  words: [],
  'net/clock.ts': [],
  'net/wall-clock.ts': ['net/clock.ts'],
  'net/random.ts': [],
  'net/network-error.ts': [],
  'net/wire': [],
  'net/device': [...GIVEN, 'net/wire'],
  'net/driver': [...GIVEN, 'net/device'],
  'net/ip': [...GIVEN, 'net/wire', 'net/device'],
  'net/icmp': [...GIVEN, 'net/wire', 'net/device', 'net/ip'],
  'net/arp': [...GIVEN, 'net/wire', 'net/device', 'net/ip'],
  'net/ndp': [...GIVEN, 'net/wire', 'net/device', 'net/ip', 'net/icmp'],
  'net/igmp': [...GIVEN, 'net/wire', 'net/device', 'net/ip'],
  'net/internet.ts': [...GIVEN, 'net/wire', 'net/device', 'net/ip', 'net/icmp', 'net/arp', 'net/ndp', 'net/igmp'],
  ...Object.fromEntries(TCP.map((room, i) => [room, [...BELOW_TCP, ...TCP.slice(0, i)]])),
  'net/tcp/tcp.ts': [...BELOW_TCP, ...TCP],
  'net/udp': BELOW_TCP,
  'net/expected': [...BELOW_TCP, ...TCP],
  'net/stack.ts': [...BELOW_TCP, 'net/internet.ts', 'net/tcp/', 'net/tcp/tcp.ts', 'net/udp', 'net/expected'],

  dhcp: [...GIVEN, 'net/stack.ts', 'net/wire', 'net/udp'],
  capture: ['net/wire', 'net/device'],
  'later.ts': [],
  ...Object.fromEntries(
    CACHE.map((room, i) => [room, ['own-files.ts', 'later.ts', 'words', 'net/wire', ...CACHE.slice(0, i)]]),
  ),
  module: [...GIVEN, 'own-files.ts', 'cache', 'net/wire', 'net/stack.ts', 'net/udp', 'net/tcp/handler.ts'],
  'dns/wire': ['net/wire'],
  dns: [
    ...GIVEN,
    'dns/wire',
    'later.ts',
    'module',
    'net/stack.ts',
    'net/wire',
    'net/udp',
    'net/ip/packet.ts',
    'net/tcp/handler.ts',
  ],
  'http/limits.ts': [],
  ...Object.fromEntries(HTTP.map((room, i) => [room, [...BELOW_HTTP, 'http/limits.ts', ...HTTP.slice(0, i)]])),
  http: [...BELOW_HTTP, 'http/limits.ts', ...HTTP],
  proxy: ['own-files.ts', 'words', 'channel', 'handler', 'http', 'shared-cache'],
  'shared-cache': ['cache', 'http', 'net/wall-clock.ts', 'net/wire'],
  admin: ['log', 'proxy/statistics.ts', 'shared-cache', 'site/admin-address.ts', 'site/values.ts'],
  acme: [],
  tls: ['words', 'channel', 'module', 'net/wire', 'net/tcp/handler.ts', 'net/tcp/connection-info.ts'],
  site: [
    'words',
    'cache',
    'http',
    'shared-cache',
    'proxy',
    'log',
    'net/wire',
    'net/tcp/settings.ts',
    'net/tcp/pacing-plan.ts',
  ],
  filter: [],
  log: [
    'own-files.ts',
    'filter',
    'http',
    'dissect/run.ts',
    'net/clock.ts',
    'net/wall-clock.ts',
    'net/tcp/sequence.ts',
    'net/wire',
    'net/device',
    'net/tcp/handler.ts',
  ],
  socket: [...GIVEN, 'net/stack.ts', 'net/wire', 'net/udp', ...TCP_FOR_PROGRAMS],
  channel: ['http', 'socket', 'net/wire', 'net/device', 'net/driver', 'net/tcp/handler.ts'],
  dissect: ['words', 'capture', 'dns/wire', 'ldap/ber', 'ldap/protocol', 'filter', 'net/wire', 'net/tcp/sequence.ts'],
  replay: ['capture', 'cache', 'http', 'net/'],
  'packetdrill/own.ts': [],
  'packetdrill/language': ['packetdrill/own.ts'],
  'packetdrill/code': ['packetdrill/own.ts', ...TCP_FOR_PROGRAMS],
  'packetdrill/wire': ['packetdrill/own.ts', 'packetdrill/language', 'net/'],
  'packetdrill/sockets': ['packetdrill/own.ts', 'packetdrill/language', 'net/'],
  'packetdrill/run': [...SCRIPT_ROOMS, 'capture', 'net/'],
  'packetdrill/record': [...SCRIPT_ROOMS, 'packetdrill/run', 'capture', 'net/'],
  inspect: ['net/', 'capture/format', 'dissect'],
  inspector: ['own-files.ts', 'inspect'],
  drawing: ['inspect', 'net/'],
  browser: ['inspect', 'capture/format', 'cache', 'http', 'net/'],
  lab: ['own-files.ts', 'words', 'browser', 'packetdrill', 'http', 'net/'],
  experiment: ['drawing', 'browser', 'inspect', 'net/'],
  handler: ['own-files.ts', 'channel', 'module', 'http', 'shared-cache'],
  ftp: ['module', 'http', 'cache', 'net/'],
  'ldap/ber': [],
  'ldap/protocol': ['ldap/ber'],
  ldap: ['ldap/ber', 'ldap/protocol', 'module', 'net/'],
  serve: [
    'own-files.ts',
    'words',
    'inspect',
    'inspector',
    'capture',
    'cache',
    'channel',
    'handler',
    'module',
    'http',
    'dhcp',
    'dns',
    'ftp',
    'ldap',
    'proxy',
    'shared-cache',
    'log',
    'site',
    'admin',
    'tls',
    'acme',
    'net/',
  ],
  cli: [
    'own-files.ts',
    'words',
    'serve',
    'proxy/statistics.ts',
    'proxy/server-url.ts',
    'shared-cache',
    'inspector',
    'admin',
    'log',
    'site',
    'capture',
    'cache',
    'http',
    'dissect',
    'filter',
    'replay',
    'packetdrill',
    'lab',
    'drawing',
    'experiment',
    'net/wire',
    'net/tcp/settings.ts',
    'net/tcp/pacing-plan.ts',
  ],
  'cli.ts': ['cli', 'serve'],
  'index.ts': [
    ...['serve', 'site', 'admin', 'handler', 'socket', 'capture', 'cache', 'module', 'http', 'shared-cache', 'log'],
    'net/',
    // Types that options and statistics of the server mention.
    ...['acme/options.ts', 'dhcp/record.ts', 'dhcp/states.ts', 'proxy/options.ts', 'proxy/statistics.ts'],
    ...['tls/certificate.ts', 'tls/settings.ts'],
  ],
};

/** Modules of Node that src/net takes, and where. */
const NODE_IN_NET = ['net/device/', 'net/driver/'];

const isIn = (path: string, room: string) => path === room || path.startsWith(room.endsWith('/') ? room : `${room}/`);
const ROOMS = Object.keys(MAY_IMPORT).sort((a, b) => b.length - a.length);

function roomOf(path: string): string {
  const room = ROOMS.find((name) => isIn(path, name));
  if (room === undefined) throw new Error(`${path} is in no room: give its folder a row in test/rules/imports.test.ts`);
  return room;
}

/** The room of a target, or for a row that names one file of another room, that file. */
function allows(from: string, to: string): boolean {
  const room = roomOf(from);
  return roomOf(to) === room || (MAY_IMPORT[room] ?? []).some((allowed) => permits(allowed, to));
}

/** `net/tcp/` as a value room means the files of that folder alone; `net/` all that is below it. */
function permits(allowed: string, to: string): boolean {
  return allowed === 'net/tcp/' ? roomOf(to) === 'net/tcp/' : isIn(to, allowed);
}

const isSource = ({ to }: Import) => to.endsWith('.ts');

describe('imports', () => {
  const imports = sourceImports();

  it('are found in all their forms', () => {
    const text = [
      "import type { A } from './a.js';",
      "import { type B, type C } from '../b.js';",
      "import {\n  type D,\n  e,\n} from 'node:fs';",
      "import './f.js';",
      "const g = await import('./g.js');",
    ].join('\n');
    expect(importsOf('net/x.ts', text)).to.have.deep.members([
      { from: 'net/x.ts', to: 'net/a.ts', typeOnly: true, isLater: false },
      { from: 'net/x.ts', to: 'b.ts', typeOnly: true, isLater: false },
      { from: 'net/x.ts', to: 'node:fs', typeOnly: false, isLater: false },
      { from: 'net/x.ts', to: 'net/f.ts', typeOnly: false, isLater: false },
      { from: 'net/x.ts', to: 'net/g.ts', typeOnly: false, isLater: true },
    ]);
    expect(imports.length, 'imports in src').to.be.greaterThan(1000);
  });

  it('point one way between the rooms of src', () => {
    const wrong = imports.filter(isSource).filter(({ from, to }) => !allows(from, to));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).to.deep.equal([]);
  });

  it('make no ring of files at run time', () => {
    const ring = [
      { from: 'a', to: 'b', typeOnly: false },
      { from: 'b', to: 'a', typeOnly: false },
      { from: 'c', to: 'a', typeOnly: false },
    ];
    expect(valueCycles(ring)).to.deep.equal([['a', 'b']]);
    expect(valueCycles(ring.map((edge) => ({ ...edge, typeOnly: edge.from === 'b' })))).to.deep.equal([]);
    expect(valueCycles(imports)).to.deep.equal([]);
  });

  it('take nothing of Node or of a package into src/net, but for its devices and drivers', () => {
    const wrong = imports.filter((entry) => isIn(entry.from, 'net') && !isSource(entry));
    const outside = wrong.filter(({ from }) => !NODE_IN_NET.some((folder) => from.startsWith(folder)));
    expect(outside.map(({ from, to }) => `${from} imports ${to}`)).to.deep.equal([]);
  });

  it('need nothing of Node for a stack, its HTTP and a cache in memory, so that they run in a browser', () => {
    const roots = [
      'net/stack.ts',
      'net/driver/virtual-network.ts',
      'http/server.ts',
      'cache/library/store.ts',
      'cache/library/library.ts',
      'browser/index.ts',
      'packetdrill/run/script-text.ts',
    ];
    const files = filesBehind(roots, imports);
    expect(files).to.include('http/slow/pending-answer.ts').and.not.include('cache/loading/loader.ts');
    const outside = files.filter(
      (file) => !file.endsWith('.ts') || /\b(Buffer|process|setImmediate)\b[.(]/.test(code(file)),
    );
    expect(outside).to.deep.equal([]);
  });

  it('leave no row of this table without a file', () => {
    const files = imports.flatMap(({ from, to }) => [from, to]);
    expect(ROOMS.filter((room) => !files.some((file) => isIn(file, room)))).to.deep.equal([]);
  });
});
