import { expect } from 'chai';
import { serveCommand, serveOptions } from '../../src/cli/serve.js';
import { DEFAULT_LIMITS } from '../../src/http/limits.js';
import { LOG_DEFAULTS } from '../../src/log/log-handle.js';
import { optionsOf as optionsOfFile, overlay } from '../../src/serve/configured.js';
import { backlogOf, DEFAULTS, type ServeOptions, sitesOf } from '../../src/serve/options.js';
import { parseConfiguration } from '../../src/site/config/load.js';

/** What the words of a command line become. */
function optionsOf(...words: string[]) {
  const command = serveCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  command.parseOptions(words);
  return serveOptions('site', command.opts());
}

const NO_NETWORK = {
  interfaceName: undefined,
  host: undefined,
  addresses: undefined,
  hostName: undefined,
  bridge: undefined,
  gateway: undefined,
  gateway6: undefined,
};

/** Options of a log need a log. */
const LOGGED = {
  accessLog: { target: { kind: 'stdout' } },
  admin: { listen: { kind: 'unix', path: '/run/admin.sock' } },
} as const;

/** Addresses as text. */
function plain({ network = {}, ...rest }: ServeOptions): object {
  return { ...rest, network: Object.entries(network).map(([name, value]) => [name, String(value)]) };
}

describe('the options of serve', () => {
  it('show the defaults of the server in the help', () => {
    const { network, limits, graceMs, ...rest } = optionsOf();
    expect(Object.values(network ?? {}).every((value) => value === undefined)).to.equal(true);
    expect(DEFAULT_LIMITS).to.include(limits);
    const { backlog, unknownHost, watchQuietMs, watchPollMs, ...defaults } = DEFAULTS; // these in a file alone
    const accessLog = LOG_DEFAULTS;
    expect({ graceMs, ...rest }).to.deep.equal({ folder: 'site', accessLog, ...defaults });
    expect(backlogOf(optionsOf())).to.equal(backlog);
  });

  it('that nobody gave are left out, so that a configuration file decides', () => {
    expect(serveOptions('site', {})).to.deep.equal({ folder: 'site', network: NO_NETWORK, limits: {} });
    expect(serveOptions(undefined, { port: 81 })).to.deep.equal({ port: 81, network: NO_NETWORK, limits: {} });
  });

  it('for the rules of a site hold for the folder, and for all sites of a file', () => {
    const { rules } = optionsOf(
      '--spa',
      '--clean-urls',
      'keep',
      '--browse',
      '--cors',
      'https://a.example',
      '--no-etag',
    );
    const expected = { spa: true, cleanUrls: 'keep', browse: true, cors: 'https://a.example', etag: false };
    expect(rules).to.deep.equal(expected);
    const more = ['--spa', '/app.html', '--clean-urls', '--trailing-slash', 'remove', '--no-last-modified', '--cors'];
    expect(optionsOf(...more, '--server-timing').rules).to.deep.equal({
      ...{ spa: '/app.html', cleanUrls: true, trailingSlash: 'remove', cors: true },
      ...{ lastModified: false, serverTiming: true },
    });
    const [site] = sitesOf({ folder: 'site', rules: { browse: true } });
    expect(site).to.include({ folder: 'site', browse: true, compress: 'load' });
    const { values } = parseConfiguration('sites: [{folder: ., browse: false, spa: true}]', '/site.yaml', {});
    const joined = overlay(optionsOfFile({ values }), { rules: { browse: true } });
    expect(sitesOf(joined)[0]).to.include({ browse: true, spa: true });
    for (const wrong of [
      ['--spa', 'app'],
      ['--cors', 'example.org'],
      ['--clean-urls', 'x'],
    ]) {
      expect(() => optionsOf(...wrong), wrong.join(' ')).to.throw();
    }
  });

  /** Options that the file has in another form, or that are for the one who starts the server. */
  const ELSEWHERE = [
    'module',
    'dns',
    ...['tlsKey', 'tlsPort', 'tlsThreads', 'tlsMinVersion', 'http2', 'httpsRedirect', 'hsts'], // with a certificate alone
    'proxy',
    'config',
    'json',
    'quiet',
    'inspect',
    'backlog',
    'tcp',
    'user',
    'dotfiles',
    'symlinks',
    'charset',
    'compress',
    ...['spa', 'cleanUrls', 'trailingSlash', 'browse', 'cors', 'etag', 'lastModified', 'serverTiming'],
  ];

  it('can all stand in a configuration file', () => {
    const file: Readonly<Record<string, string>> = {
      interface: 'network: {interface: fp7}',
      host: 'network: {host: 10.9.0.1/30}',
      address: 'network: {address: 10.9.0.2}',
      hostname: 'network: {hostname: web1}',
      bridge: 'network: {bridge: br0}',
      gateway: 'network: {gateway: 10.9.0.9}',
      gateway6: 'network: {gateway6: "fe80::9"}',
      mac: 'network: {mac: "02:00:00:00:00:01"}',
      vlan: 'network: {vlan: 7}',
      handler: 'handler: /app.js',
      mtu: 'network: {mtu: 1400}',
      offload: 'network: {offload: false}',
      frames: 'network: {frames: plain}',
      superSegment: 'network: {superSegment: 64k}',
      workers: 'workers: 2',
      port: 'port: 81',
      tls: 'tls: {certificates: [{certificate: /c.pem, key: /c.pem}]}',
      bandwidth: 'bandwidth: {total: 1M}',
      connectionBandwidth: 'bandwidth: {connection: 64k}',
      cacheSize: 'cache: {size: 1G}',
      cacheAnswers: 'cache: {handler: true}',
      maxObject: 'cache: {maxObject: 1M}',
      maxRequestLine: 'limits: {requestLine: 4k}',
      maxHeader: 'limits: {header: 4k}',
      maxFields: 'limits: {fields: 9}',
      maxBody: 'limits: {body: 4k}',
      maxRequests: 'limits: {requests: 9}',
      idleTimeout: 'limits: {idleTimeout: 9s}',
      requestTimeout: 'limits: {requestTimeout: 9s}',
      stallTimeout: 'limits: {stallTimeout: 9s}',
      headTimeout: 'limits: {headTimeout: 9s}',
      minRequestRate: 'limits: {minRequestRate: 1k}',
      minAnswerRate: 'limits: {minAnswerRate: 1k}',
      maxConnectionsPerClient: 'limits: {connectionsPerClient: 9}',
      maxUnfinishedPerClient: 'limits: {unfinishedPerClient: 9}',
      maxRequestRate: 'limits: {requestsPerSecond: 9}',
      requestBurst: 'limits: {requestBurst: 9}',
      serverHeader: 'serverHeader: me',
      pcap: 'capture: {file: /x.pcapng}',
      watch: 'reload: {files: poll}',
      trace: 'capture: {trace: true}',
      accessLog: 'log: {to: /a.log}',
      admin: 'admin: {listen: "127.0.0.1:9464"}',
      adminTokenFile: 'admin: {tokenFile: /t}',
      logFormat: 'log: {format: w3c}',
      logRotateSize: 'log: {rotateSize: 1M}',
      logKeep: 'log: {keep: 9}',
      logRing: 'log: {ring: 9}',
      logFull: 'log: {whenFull: wait}',
      probe: 'probe: off',
      grace: 'grace: forever',
    };
    const words: Readonly<Record<string, string>> = {
      interface: 'fp7',
      host: '10.9.0.1/30',
      address: '10.9.0.2',
      hostname: 'web1',
      bridge: 'br0',
      gateway: '10.9.0.9',
      gateway6: 'fe80::9',
      mac: '02:00:00:00:00:01',
      vlan: '7',
      handler: '/app.js',
      mtu: '1400',
      frames: 'plain',
      superSegment: '64k',
      workers: '2',
      port: '81',
      tls: '/c.pem',
      bandwidth: '1M',
      connectionBandwidth: '64k',
      cacheSize: '1G',
      maxObject: '1M',
      maxRequestLine: '4k',
      maxHeader: '4k',
      maxFields: '9',
      maxBody: '4k',
      maxRequests: '9',
      idleTimeout: '9s',
      requestTimeout: '9s',
      stallTimeout: '9s',
      headTimeout: '9s',
      minRequestRate: '1k',
      minAnswerRate: '1k',
      maxConnectionsPerClient: '9',
      maxUnfinishedPerClient: '9',
      maxRequestRate: '9',
      requestBurst: '9',
      serverHeader: 'me',
      accessLog: '/a.log',
      admin: '127.0.0.1:9464',
      adminTokenFile: '/t',
      logFormat: 'w3c',
      logRotateSize: '1M',
      logKeep: '9',
      logRing: '9',
      logFull: 'wait',
      pcap: '/x.pcapng',
      watch: 'poll',
      probe: 'off',
      grace: 'forever',
    };
    for (const option of serveCommand().options) {
      const name = option.attributeName();
      if (ELSEWHERE.includes(name)) continue;
      const word = words[name];
      const command = serveCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => {} });
      command.parseOptions([option.long ?? '', ...(word === undefined ? [] : [word])]);
      const fromFlag = serveOptions(undefined, { [name]: command.opts()[name] });
      const fromFile = optionsOfFile(parseConfiguration(file[name] ?? `${name}: ?`, '/site.yaml', {}));
      expect(plain(overlay(LOGGED, fromFlag)), name).to.deep.equal(plain(overlay(LOGGED, fromFile)));
    }
  });

  it('of HTTPS can stand in a configuration file too, and win over it', () => {
    const flags = {
      tls: '/c.pem',
      tlsKey: '/k.pem',
      tlsPort: 444,
      tlsThreads: 2,
      tlsMinVersion: '1.3' as const,
      http2: false,
      httpsRedirect: true,
      hsts: 3_600_000,
    };
    const text =
      'tls: {certificates: [{certificate: /c.pem, key: /k.pem}], port: 444, threads: 2, minVersion: "1.3", ' +
      'http2: false, redirect: true, hsts: 1h}';
    const file = optionsOfFile(parseConfiguration(text, '/site.yaml', {}));
    expect(overlay(serveOptions('/site', flags), {}).tls).to.deep.equal(overlay({ folder: '/site', ...file }, {}).tls);
    const both = overlay({ folder: '/site', ...file }, serveOptions(undefined, { tls: '/other.pem' }));
    const other = { certificate: '/other.pem', key: '/other.pem' };
    expect(both.tls).to.deep.equal({ ...file.tls, certificates: [other] });
    expect(() => overlay({ folder: '/site' }, serveOptions(undefined, { tlsPort: 444 }))).to.throw(
      'options of HTTPS, and no certificate',
    );
  });

  it('--proxy makes an upstream and a route to it behind the files', () => {
    const parsed = (...words: string[]) => {
      const command = serveCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => {} });
      command.parseOptions(words.flatMap((word) => ['--proxy', word]));
      return serveOptions('/www', { proxy: command.opts().proxy, spa: true });
    };
    const { upstreams, rules } = parsed('http://127.0.0.1:3000', 'unix:/run/app.sock');
    expect(upstreams).to.deep.equal({
      proxy: { servers: [{ url: 'http://127.0.0.1:3000' }, { url: 'unix:/run/app.sock' }] },
    });
    expect(rules).to.deep.equal({ spa: true, routes: [{ path: '/', to: ['file', { upstream: 'proxy' }] }] });
    expect(() => parsed('127.0.0.1:3000')).to.throw('must be the URL of a server');
    expect(() => parsed('http://a', 'http://a')).to.throw('given twice');
  });

  it('that take one value are refused when they are given twice; those that collect are not', () => {
    const twice = (...words: string[]) => {
      const command = serveCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => {} });
      return () => command.parseOptions(words);
    };
    expect(twice('--host', '10.99.0.1/24', '--host', '10.98.0.1/24')).to.throw('--host <address/length>');
    expect(twice('-p', '80', '--port', '81')).to.throw('was given twice');
    expect(twice('--spa', '--spa=/app.html'), 'a value that may be missing').to.throw('was given twice');
    expect(twice('-a', '10.77.0.2', '-a', 'fd77::2', '--tcp', 'backlog=5', '--tcp', 'delayedAck=40ms')).not.to.throw();
  });

  it('name routers of either family, and no other', () => {
    const { gateway, gateway6 } = optionsOf('--gateway', '10.77.0.9', '--gateway6', 'fe80::9').network ?? {};
    expect([String(gateway), String(gateway6)]).to.deep.equal(['10.77.0.9', 'fe80::9']);
    const parse =
      (...words: string[]) =>
      () =>
        serveCommand()
          .exitOverride()
          .configureOutput({ writeErr: () => {} })
          .parseOptions(words);
    expect(parse('--gateway', 'fe80::9')).to.throw('Not an IPv4 address');
    expect(parse('--gateway6', '10.77.0.9')).to.throw('Not an IPv6 address');
  });

  it('wait for ever for downloads if that is asked for', () => {
    expect(optionsOf('--grace', 'forever').graceMs).to.equal(Number.POSITIVE_INFINITY);
    expect(optionsOf('--grace', '2m').graceMs).to.equal(120_000);
  });

  it('say the backlog in two ways; --backlog goes before', () => {
    expect(backlogOf(optionsOf('--tcp', 'backlog=5'))).to.equal(5);
    expect(backlogOf(optionsOf('--backlog', '7'))).to.equal(7);
    expect(backlogOf(optionsOf('--tcp', 'backlog=5', '--backlog', '7'))).to.equal(7);
  });

  it('become numbers in the units of the server', () => {
    const options = optionsOf(
      '--idle-timeout',
      '5s',
      '--max-fields',
      '7',
      '--max-header',
      '1k',
      '--grace',
      '2m',
      '--cache-size',
      '1G',
    );
    expect(options.limits).to.include({ idleTimeoutMs: 5_000, headerFields: 7, headerBytes: 1_024 });
    expect(options).to.include({ graceMs: 120_000, cacheBytes: 2 ** 30 });
  });

  it('need a cache that can hold something', () => {
    for (const size of ['0', '1k', '1048575']) {
      expect(() => optionsOf('--cache-size', size)).to.throw('Too small: the cache needs at least 1 MiB.');
    }
    expect(optionsOf('--cache-size', '1M').cacheBytes).to.equal(2 ** 20);
  });

  it('become networks and addresses', () => {
    const { network, mac } = optionsOf(
      '-i',
      'fp7',
      '--host',
      '10.9.0.1/30',
      '-a',
      '10.9.0.2',
      '-a',
      'fd77::2',
      '--mac',
      '02:00:00:00:00:01',
    );
    expect(network?.interfaceName).to.equal('fp7');
    expect(String(network?.host)).to.equal('10.9.0.1/30');
    expect(network?.addresses?.map(String)).to.deep.equal(['10.9.0.2/24', 'fd77::2/64']);
    expect(mac).to.equal('02:00:00:00:00:01');
  });

  it('say what of the folder is served, and how', () => {
    expect(optionsOf())
      .to.include({ symlinks: 'inside', charset: 'auto', compress: 'load' })
      .and.not.have.property('dotfiles');
    const options = optionsOf(
      '--dotfiles',
      '--symlinks',
      'all',
      '--charset',
      'Shift_JIS',
      '--max-object',
      '1G',
      '--compress',
      'off',
    );
    expect(options).to.include({
      dotfiles: true,
      symlinks: 'all',
      charset: 'Shift_JIS',
      compress: 'off',
      maxObjectBytes: 2 ** 30,
    });
  });

  it('name a VLAN', () => {
    expect(optionsOf('--vlan', '4094').vlan).to.equal(4094);
    expect(optionsOf().vlan).to.equal(undefined);
  });

  it('turn offload off, and bound it', () => {
    expect(optionsOf('--no-offload').offload).to.equal(false);
    expect(optionsOf('--super-segment', '64k').superSegmentBytes).to.equal(65_536);
  });

  it('have a limit that is nothing refused', () => {
    for (const words of [
      ['--idle-timeout', '0'],
      ['--max-header', '0'],
      ['--max-requests', '0'],
      ['--probe', 'maybe'],
      ['--max-object', '0'],
      ['--symlinks', 'some'],
      ['--charset', 'utf-9'],
      ['--compress', 'gzip'],
      ['--vlan', '0'],
      ['--vlan', '4095'],
    ]) {
      const command = serveCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => {} });
      expect(() => command.parse(['site', ...words], { from: 'user' }), words.join(' ')).to.throw();
    }
  });
});
