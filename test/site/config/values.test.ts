import { expect } from 'chai';
import { DEFAULT_LIMITS } from '../../../src/http/limits.js';
import { optionsOf, overlay } from '../../../src/serve/configured.js';
import { backlogOf, DEFAULTS } from '../../../src/serve/options.js';
import { ServeError } from '../../../src/serve/serve-error.js';
import { effective, toJson, toYaml } from '../../../src/site/config/effective.js';
import { LIMIT_NAMES } from '../../../src/site/config/limit-names.js';
import { CONFIGURATION } from '../../../src/site/config/schema.js';
import { siteName } from '../../../src/site/options.js';
import { ConfigFolder } from './support.js';

describe('a configuration', () => {
  let folder: ConfigFolder;
  before(() => {
    folder = new ConfigFolder();
  });
  after(() => folder.remove());

  const WHOLE = `
port: 8080
workers: 2
grace: forever
unknownHost: misdirected
network: {interface: fp7, host: 10.99.0.1/24, address: [10.99.0.2, "fd77::2"], offload: false, superSegment: 64k}
cache: {size: 1G, maxObject: 64M}
limits: {header: 32k, idleTimeout: 2m, fields: 50}
tcp: {congestionControl: newreno, delayedAck: 100ms, backlog: 5}
capture: {file: frames.pcapng, trace: true}
defaults:
  charset: utf-8
  etag: false
sites:
  - folder: www
    hosts: [Example.org, "*.example.org", bücher.example, 10.99.0.2, "fd77:0::2"]
    aliases: www.example.com
    etag: true
  - folder: ./docs
    headers: [{match: "*.html", set: {X-A: b, X-B: null}}]
`;

  it('becomes the options of a server, in its units, with paths from the folder of the file on', () => {
    const options = optionsOf(folder.load(WHOLE));
    const { network, sites, ...rest } = options;
    expect(rest).to.deep.equal({
      port: 8080,
      workers: 2,
      graceMs: Number.POSITIVE_INFINITY,
      unknownHost: 'misdirected',
      offload: false,
      superSegmentBytes: 65_536,
      cacheBytes: 2 ** 30,
      maxObjectBytes: 2 ** 26,
      limits: { headerBytes: 32_768, idleTimeoutMs: 120_000, headerFields: 50 },
      tcp: { congestionControl: 'newreno', delayedAck: 100_000, backlog: 5 },
      capturePath: folder.at('frames.pcapng'),
      trace: true,
    });
    expect([network?.interfaceName, String(network?.host), network?.addresses?.map(String)]).to.deep.equal([
      'fp7',
      '10.99.0.1/24',
      ['10.99.0.2/24', 'fd77::2/64'],
    ]);
    expect(sites).to.deep.equal([
      {
        folder: folder.at('www'),
        hosts: ['example.org', '*.example.org', 'xn--bcher-kva.example', '10.99.0.2', '[fd77::2]'],
        aliases: ['www.example.com'],
        charset: 'utf-8',
        etag: true,
      },
      {
        folder: folder.at('docs'),
        charset: 'utf-8',
        etag: false,
        headers: [{ match: '*.html', set: { 'X-A': 'b', 'X-B': null } }],
      },
    ]);
  });

  it('that says nothing but a folder leaves all else to the server', () => {
    expect(optionsOf(folder.load('sites: [{folder: www}]'))).to.deep.equal({ sites: [{ folder: folder.at('www') }] });
  });

  it('takes a key without a value as left out', () => {
    const text = 'limits:\n#  header: 3\nnetwork: {host: }\nsites:\n  - folder: www\n    hosts:\n';
    expect(optionsOf(folder.load(text))).to.deep.equal({ sites: [{ folder: folder.at('www') }] });
  });

  it('takes globs with ?, without a slash and in braces, and types with a parameter', () => {
    const globs = ['/assets/*.????????.js', 'index.html', 'app-*.{js,css}', '{/a,/b}/**'];
    const headers = globs.map((match) => `{match: "${match}", set: {A: b}}`).join(', ');
    const text = `sites: [{folder: www, headers: [${headers}], types: {txt: text/plain; charset=koi8-r}}]`;
    const [site] = optionsOf(folder.load(text)).sites ?? [];
    expect(site?.headers?.map(({ match }) => match)).to.deep.equal(globs);
    expect(site?.types).to.deep.equal({ txt: 'text/plain; charset=koi8-r' });
  });

  it('understands anchors and merge keys', () => {
    const text =
      'defaults: &d {etag: false}\nsites:\n  - {<<: *d, folder: &f www}\n  - folder: *f\n    hosts: a.example\n';
    const { sites } = optionsOf(folder.load(text));
    expect(sites?.map(({ etag }) => etag)).to.deep.equal([false, false]);
    expect(sites?.map((site) => site.folder)).to.deep.equal([folder.at('www'), folder.at('www')]);
  });

  it('is shown whole, defaults marked, and what is shown means the same again', () => {
    const loaded = folder.load(WHOLE);
    const shown = toYaml(effective(loaded));
    expect(shown).to.contain('port: 8080\n').and.contain('\nserverHeader: fastpath # default\n');
    expect(shown).to.contain('    etag: true\n').and.contain('    etag: false # from "defaults"\n');
    expect(shown).to.contain('  requestLine: 8k # default\n').and.contain('  header: 32k\n');
    const again = folder.load(shown);
    expect(again.values.sites).to.deep.equal(
      loaded.values.sites?.map((site, i) => ({
        ...defaultsOfSite(again.values.sites?.[0] ?? {}),
        name: siteName(site, i),
        ...site,
      })),
    );
    expect(toYaml(effective(again)).replaceAll(/ # .*$|^ *# .*\n/gm, '')).to.equal(
      shown.replaceAll(/ # .*$|^ *# .*\n/gm, ''),
    );
  });

  it('is shown with the names of the sites and with whole paths', () => {
    const sites = 'sites: [{folder: www, hosts: a.example}, {folder: docs}]\n';
    const paths = 'log: {to: a.log}\nadmin: {listen: ./run/a.sock, tokenFile: t}\nhandler: ./h.js\n';
    const shown = toYaml(effective(folder.load(`${sites}${paths}`)));
    expect(shown).to.contain('    name: a.example # default\n').and.contain('    name: site-2 # default\n');
    expect(shown)
      .to.contain(`\nhandler: ${folder.at('h.js')}\n`)
      .and.contain(`\n  to: ${folder.at('a.log')}\n`);
    expect(shown).to.contain(`  listen: ${folder.at('run/a.sock')}\n  tokenFile: ${folder.at('t')}\n`);
  });

  it('is shown to programs with the list of its defaults', () => {
    const { configuration, ...origins } = toJson(effective(folder.load('port: 8080\nsites: [{folder: www}]'))) as {
      configuration: { port: number; workers: number };
      default: string[];
      fromDefaults: string[];
    };
    expect([configuration.port, configuration.workers]).to.deep.equal([8080, 1]);
    expect(origins.default).to.include.members(['workers', 'limits.header', 'sites[0].etag']);
    expect(origins.default).not.to.include.members(['port']);
    expect(origins.fromDefaults).to.deep.equal([]);
  });

  it('tells the defaults that the server has', () => {
    const shown = CONFIGURATION.parse({});
    expect(shown).to.deep.equal({});
    const { values } = effective(folder.load('limits: {}'));
    const shownText = toYaml({ values, origins: new Map() });
    expect(shownText).to.match(/^# sites: the folder of the command line\n\nunknownHost: /);
    const loaded = folder.load(shownText);
    const options = optionsOf(loaded);
    expect(options.limits).to.deep.equal(
      Object.fromEntries(Object.keys(options.limits ?? {}).map((name) => [name, Reflect.get(DEFAULT_LIMITS, name)])),
    );
    expect(Object.keys(options.limits ?? {})).to.have.length(Object.keys(LIMIT_NAMES).length);
    const { port, workers, serverHeader, probe, graceMs, offload } = options;
    expect({ port, workers, serverHeader, probe, graceMs, offload }).to.deep.equal({
      port: DEFAULTS.port,
      workers: DEFAULTS.workers,
      serverHeader: DEFAULTS.serverHeader,
      probe: DEFAULTS.probe,
      graceMs: DEFAULTS.graceMs,
      offload: DEFAULTS.offload,
    });
    expect(backlogOf(options)).to.equal(DEFAULTS.backlog);
  });
});

/** The defaults of a site that `check` writes out. */
function defaultsOfSite(site: object): object {
  const names = ['dotfiles', 'symlinks', 'spa', 'cleanUrls', 'trailingSlash', 'browse', 'cors', 'compress'];
  return Object.fromEntries(
    [...names, 'acme', 'hints', 'lastModified', 'serverTiming', 'weight'].map((name) => [
      name,
      Reflect.get(site, name),
    ]),
  );
}

describe('options of the command line', () => {
  it('win over a configuration, group by group', () => {
    const file = { port: 80, limits: { headerBytes: 1, bodyBytes: 2 }, tcp: { backlog: 3 }, sites: [{ folder: 'a' }] };
    const options = overlay(file, { port: 81, limits: { bodyBytes: 9 }, network: { bridge: 'br0', host: undefined } });
    expect(options).to.deep.equal({
      port: 81,
      limits: { headerBytes: 1, bodyBytes: 9 },
      tcp: { backlog: 3 },
      network: { bridge: 'br0' },
      sites: [{ folder: 'a' }],
    });
  });

  it('hold for every site', () => {
    const { sites } = overlay({ sites: [{ folder: 'a' }, { folder: 'b', dotfiles: false }] }, { dotfiles: true });
    expect(sites).to.deep.equal([
      { folder: 'a', dotfiles: true },
      { folder: 'b', dotfiles: true },
    ]);
  });

  it('give the one site another folder, and do not choose among several', () => {
    expect(overlay({ sites: [{ folder: 'a', etag: false }] }, { folder: 'x' }).sites).to.deep.equal([
      { folder: 'x', etag: false },
    ]);
    expect(overlay({ port: 81 }, { folder: 'x' }).folder).to.equal('x');
    expect(() => overlay({ sites: [{ folder: 'a' }, { folder: 'b' }] }, { folder: 'x' })).to.throw(
      ServeError,
      'a folder on the command line, and 2 sites',
    );
  });
});
