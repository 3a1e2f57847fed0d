import { expect } from 'chai';
import { optionsOf } from '../../../src/serve/configured.js';
import { ConfigFolder } from './support.js';

describe('the upstreams of a configuration', () => {
  let folder: ConfigFolder;
  before(() => {
    folder = new ConfigFolder();
  });
  after(() => folder.remove());

  it('become options of the proxy', () => {
    const text = `
upstreams:
  app:
    servers:
      - http://127.0.0.1:3000
      - {url: "unix:/run/app.sock", weight: 2, backup: true}
    balance: hash
    hash: cookie sid
    host: upstream
    trust: [10.0.0.0/8, "::1"]
    connectTimeout: 500ms
    header: 64k
    retry: {attempts: 2, on: [connect, unavailable], body: 1M}
    passive: {failures: 5, within: 1m}
    check: {path: /healthz, status: 200-204, every: 1s}
    slowStart: 30s
`;
    expect(optionsOf(folder.load(text)).upstreams).to.deep.equal({
      app: {
        servers: [{ url: 'http://127.0.0.1:3000' }, { url: 'unix:/run/app.sock', weight: 2, backup: true }],
        balance: 'hash',
        hashKey: { of: 'cookie', name: 'sid' },
        host: 'upstream',
        trust: ['10.0.0.0/8', '::1'],
        connectTimeoutMs: 500,
        headerBytes: 65_536,
        retry: { attempts: 2, on: ['connect', 'unavailable'], bodyBytes: 1_048_576 },
        passive: { failures: 5, withinMs: 60_000 },
        check: { path: '/healthz', statuses: [200, 204], everyMs: 1_000 },
        slowStartMs: 30_000,
      },
    });
  });

  it('may have a cache: a switch, or a mapping', () => {
    const text = `
handler: ./app.js
cache: {handler: true}
upstreams:
  on: {servers: [http://127.0.0.1:1], cache: true}
  off: {servers: [http://127.0.0.1:1], cache: false}
  shaped:
    servers: [http://127.0.0.1:1]
    cache:
      name: edge-1
      size: 1M
      maxObject: 64k
      variants: 4
      key: {host: false, query: {drop: [utm_*], sort: true}, headers: [X-Tenant], cookies: [theme]}
      lifetimes: {200: 1m, 404: 10s}
      heuristic: 0.2
      heuristicMost: 1h
      staleWhileRevalidate: 5s
      staleIfUnreachable: 10m
      setCookie: strip
      honorRequests: true
      targets: [CDN-Cache-Control]
      tags: [xkey]
`;
    const { handlerCache, upstreams } = optionsOf(folder.load(text));
    expect(handlerCache).to.deep.equal({});
    expect(upstreams?.on?.cache).to.deep.equal({});
    expect(upstreams?.off?.cache).to.equal(undefined);
    expect(upstreams?.shaped?.cache).to.deep.equal({
      name: 'edge-1',
      memoryBytes: 1_048_576,
      objectBytes: 65_536,
      variants: 4,
      key: { host: false, query: { drop: ['utm_*'], sort: true }, headers: ['X-Tenant'], cookies: ['theme'] },
      lifetimes: { 200: 60, 404: 10 },
      heuristic: { fraction: 0.2, mostSeconds: 3_600 },
      staleWhileRevalidate: 5,
      staleIfUnreachable: 600,
      setCookie: 'strip',
      honorRequests: true,
      targets: ['CDN-Cache-Control'],
      tagFields: ['xkey'],
    });
  });

  const url = 'the URL of a server, such as http://127.0.0.1:3000, or unix:/run/app.sock';
  const rows: readonly (readonly [what: string, text: string, problems: readonly string[]])[] = [
    [
      'a list in place of a mapping',
      'upstreams: [a]\n',
      [
        '1:12 upstreams: must be a mapping of names to upstreams, such as "app: {servers: [http://127.0.0.1:3000]}", ' +
          'not a list',
      ],
    ],
    [
      'a cache with a slip of the pen, and one with words that YAML 1.2 does not know',
      'upstreams: {a: {servers: [http://b], cache: {sise: 1M}}, b: {servers: [http://b], cache: on}}\n',
      [
        '1:46 upstreams.a.cache.sise: there is no such key; did you mean "size"?',
        '1:90 upstreams.b.cache: must be true, false or a mapping with options of the cache, not "on"; write true',
      ],
    ],
    [
      'query parameters both kept and dropped',
      'upstreams: {a: {servers: [http://b], cache: {key: {query: {keep: [a], drop: [b]}}}}}\n',
      ['1:77 upstreams.a.cache.key.query.drop: cannot stand beside "keep", which drops all others'],
    ],
    [
      'no servers',
      'upstreams: {app: {balance: hash}}\n',
      [
        '1:18 upstreams.app.servers: is missing (The servers: each a URL, or a mapping with `url`, `weight` (1 to ' +
          '1000) and `backup` (true or false))',
      ],
    ],
    [
      'a key that was misspelt',
      'upstreams:\n  app:\n    servers: [http://a]\n    balanse: hash\n',
      ['4:5 upstreams.app.balanse: there is no such key; did you mean "balance"?'],
    ],
    [
      'a server with a path',
      'upstreams: {app: {servers: ["http://a/b"]}}\n',
      [
        '1:29 upstreams.app.servers[0]: must be a URL without a path: the path of each request is sent as it came, not ' +
          '"http://a/b"',
      ],
    ],
    [
      'a server without a scheme',
      'upstreams: {app: {servers: [{url: "127.0.0.1:3000"}]}}\n',
      [`1:35 upstreams.app.servers[0].url: must be ${url}, not "127.0.0.1:3000"`],
    ],
    [
      'a server twice, and a hash that has no effect',
      'upstreams: {app: {servers: [http://a, http://a], hash: path}}\n',
      [
        '1:39 upstreams.app.servers[1]: stands here twice: give it a weight',
        '1:56 upstreams.app.hash: has no effect without "balance: hash"',
      ],
    ],
    [
      'a name that is none',
      'upstreams: {"my app": {servers: [http://a]}}\n',
      ['1:13 upstreams."my app": is no name of an upstream: letters, digits, "-", "_" and ".", a letter first'],
    ],
    [
      'no server, and ports that are none',
      'upstreams:\n  a: {servers: []}\n  b: {servers: ["http://h:99999", "http://h:0", "http://[::1]:x"]}\n',
      [
        '2:16 upstreams.a.servers: must have at least one server, not an empty list',
        '3:17 upstreams.b.servers[0]: must have a port from 1 to 65535 after the host, not "http://h:99999"',
        '3:35 upstreams.b.servers[1]: must have a port from 1 to 65535 after the host, not "http://h:0"',
        '3:49 upstreams.b.servers[2]: must have a port from 1 to 65535 after the host, not "http://[::1]:x"',
      ],
    ],
    [
      'a hash of something else',
      'upstreams: {app: {servers: [http://a], balance: hash, hash: header}}\n',
      ['1:61 upstreams.app.hash: must be target, path, address, header NAME, cookie NAME or query NAME, not "header"'],
    ],
  ];
  for (const [what, text, problems] of rows) {
    it(`are refused: ${what}`, () => {
      expect(folder.problems(text)).to.deep.equal(problems);
    });
  }
});
