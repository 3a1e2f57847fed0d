/** `fastpath serve <folder>`: the options, and what each becomes. The work is in src/serve. */
import { statSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SymlinkRule } from '../cache/folder/folder.js';
import type { CompressMode } from '../cache/head/compressible.js';
import { type CharsetRule, parseCharset } from '../cache/head/content-type.js';
import { DEFAULT_CACHE_BYTES, LEAST_CACHE_BYTES } from '../cache/library/limits.js';
import { LARGEST_READ_WHOLE } from '../cache/object/pieces.js';
import { DEFAULT_LIMITS, type HttpLimits, MAY_BE_ZERO } from '../http/limits.js';
import { LEAST_RATE } from '../net/tcp/pacing-plan.js';
import type { TcpSettings } from '../net/tcp/settings.js';
import type { IpAddress, IpNetwork } from '../net/wire/address.js';
import { MAX_VLAN } from '../net/wire/ethernet.js';
import { defined, type PartialOptions } from '../serve/configured.js';
import type { ModuleWish } from '../serve/modules/wishes.js';
import { DEFAULT_INTERFACE } from '../serve/network/plan.js';
import { DEFAULTS, MAX_MTU, MAX_WORKERS, MIN_MTU, type ProbeMode, type WatchMode } from '../serve/options.js';
import { ServeError } from '../serve/serve-error.js';
import type { FramesWish } from '../serve/worker/frames.js';
import type { AddressWish } from '../site/values.js';
import { formatBytes, formatDuration } from '../words/numbers.js';
import { type AdminFlags, addAdminOptions, adminOptionsOf } from './admin-options.js';
import { ExitCode } from './exit-codes.js';
import { addLogOptions, type LogFlags, logOptionsOf } from './log-options.js';
import {
  collect,
  collectAddresses,
  parseCount,
  parseDuration,
  parseFieldValue,
  parseGrace,
  parseHostName,
  parseInterfaceName,
  parseNetwork,
  parseRouter,
  parseSize,
  parseUnicastMac,
} from './option-values.js';
import { addProxyOption, proxyOptionsOf, withProxyRoute } from './proxy-options.js';
import type { Reporter } from './reporter.js';
import { addSiteOptions, type SiteFlags, siteRulesOf } from './site-options.js';
import { refuseRepeats, subcommand } from './subcommand.js';
import { collectTcpSettings } from './tcp-settings.js';
import { addTlsOptions, type TlsFlags, tlsOptionsOf } from './tls-options.js';

const EXAMPLES = [
  { line: 'serve ./site', meaning: 'serve a folder on a new interface; then: curl http://10.77.0.2/' },
  { line: 'serve site.yaml', meaning: 'several sites, with hosts and rules: docs/configuration.md lists the keys' },
  { line: 'serve ./dist --spa', meaning: 'a single-page application: unknown addresses get its index.html' },
  { line: 'serve ./site --proxy http://127.0.0.1:3000', meaning: 'another server answers what no file does' },
  { line: 'serve ./site --proxy http://127.0.0.1:3000 --cache-answers', meaning: 'and what it answers is kept' },
  { line: 'serve ./site --port 8080 --json', meaning: 'another port, and a line of JSON a second for a program' },
  { line: 'serve ./site --pcap out.pcapng', meaning: 'write every frame to a file for Wireshark' },
  { line: 'serve ./site --access-log access.log', meaning: 'a line for each request; watch it with: fastpath log' },
  { line: 'serve ./site --admin 127.0.0.1:9464', meaning: 'metrics for Prometheus: curl 127.0.0.1:9464/metrics' },
  { line: 'serve ./site --handler ./app.js', meaning: 'an app of Express, Fastify, Hono … answers what no file does' },
  { line: 'serve ./site --module ./finger.js', meaning: 'another protocol beside HTTP (docs/modules.md)' },
  {
    line: 'serve ./site --dns example.org=./example.org.zone',
    meaning: 'a DNS server for that zone too (docs/dns.md)',
  },
  { line: 'serve ./site --trace', meaning: 'watch every frame go by, as lines' },
  { line: 'serve ./site --no-offload --mtu 1500', meaning: 'every frame as on a wire, checksums included' },
  { line: 'serve ./site --workers 2', meaning: 'two threads, each a whole TCP/IP stack on a queue of its own' },
  { line: 'serve ./site --bridge br0', meaning: 'join the network of a bridge, at a free address of it' },
  { line: 'serve ./site --bridge br0 --address dhcp', meaning: 'the same, at an address that a DHCP server gives' },
  { line: 'serve ./site -i fp7 --host 10.99.0.1/24 --address 10.99.0.2', meaning: 'choose names and addresses' },
];

const NOTES = `
Without root: once, let root make an interface that is yours; it is found by its name.
  sudo ip tuntap add ${DEFAULT_INTERFACE} mode tap user "$USER"
  sudo ip address add 10.77.0.1/24 dev ${DEFAULT_INTERFACE}
  sudo ip link set ${DEFAULT_INTERFACE} up

As root, the process becomes an ordinary user when the interface is there: the one who called sudo, or nobody.

Exit status: 0 ended by Ctrl-C; 2 options; 3 no /dev/net/tun; 4 not allowed; 5 interface taken; 6 address taken;
7 folder unreadable; 8 the data path died; 9 self-probe failed (with --probe require); 130 second Ctrl-C; 1 other.
"fastpath doctor" looks at all that serving needs, and says how to mend what is missing.
`;

/** What commander hands over: one property for each option, named after it. */
interface Flags extends LogFlags, AdminFlags, SiteFlags, TlsFlags {
  readonly interface?: string;
  readonly host?: IpNetwork;
  readonly address?: AddressWish[];
  readonly hostname?: string;
  readonly bridge?: string;
  readonly gateway?: IpAddress;
  readonly gateway6?: IpAddress;
  readonly mac?: string;
  readonly vlan?: number;
  readonly mtu?: number;
  readonly handler?: string;
  readonly proxy?: string[];
  readonly cacheAnswers?: boolean;
  readonly module?: readonly string[];
  readonly dns?: readonly ZoneFlag[];
  readonly config?: string;
  readonly offload: boolean;
  readonly superSegment?: number;
  readonly frames: FramesWish;
  readonly workers: number;
  readonly port: number;
  readonly backlog?: number;
  readonly cacheSize?: number;
  readonly maxObject?: number;
  readonly dotfiles?: boolean;
  readonly symlinks: SymlinkRule;
  readonly charset: CharsetRule;
  readonly compress: CompressMode;
  readonly watch: WatchMode;
  readonly serverHeader: string;
  readonly tcp?: Partial<TcpSettings>;
  readonly bandwidth?: number;
  readonly connectionBandwidth?: number;
  readonly user?: string;
  readonly grace: number;
  readonly probe: ProbeMode;
  readonly pcap?: string;
  readonly inspect?: number | true;
  readonly trace?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The subcommand `serve`, with all its options. */
export function serveCommand(): Command {
  const command = subcommand('serve', 'Serve a folder over a TAP interface, until Ctrl-C.', EXAMPLES);
  command.argument('[folder]', 'the folder with the files, or a configuration file; index.html answers for a folder');
  command.option('-c, --config <file>', 'the configuration file (YAML); options of the command line win over it');
  addNetworkOptions(command);
  addServiceOptions(command);
  addProxyOption(command);
  addCacheOptions(command);
  addSiteOptions(command);
  addLimitOptions(command);
  addTlsOptions(command);
  addLogOptions(command);
  addAdminOptions(command);
  addOutputOptions(command);
  command.addHelpText('after', NOTES);
  refuseRepeats(command, ['address', 'tcp', 'proxy', 'module', 'dns']);
  return command.action(async (target: string | undefined, flags: Flags) => {
    const { ConfigSource } = await import('./config-source.js');
    const { runServer } = await import('./run-server.js');
    const { folder, config } = targetOf(target, flags.config);
    if ([folder, config, flags.handler, flags.proxy].every((given) => given === undefined)) {
      command.error("error: missing required argument 'folder', and no --config, --handler or --proxy either", {
        exitCode: ExitCode.usage,
      });
    }
    if (flags.cacheAnswers && flags.handler === undefined && flags.proxy === undefined) {
      command.error(
        'error: --cache-answers is for --proxy and --handler; in a file, write "cache: true" to an upstream',
      );
    }
    const source = await ConfigSource.of(config, serveOptions(folder, givenOf(command, flags)), flags.user);
    if (flags.json && source.logsToStdout) {
      command.error('error: --json and an access log both want standard output: log to a file');
    }
    const reporter = await createReporter(flags, source.logsToStdout);
    await runServer(source, reporter);
  });
}

/** Names of configuration files. Any other file as the argument is a mistake for a folder. */
const CONFIG_NAME = /\.(ya?ml|json)$/i;

/** The one argument is a folder, or a configuration file if it has such a name and no folder has it. */
function targetOf(target: string | undefined, config: string | undefined) {
  const isFile =
    target !== undefined && CONFIG_NAME.test(target) && !statSync(target, { throwIfNoEntry: false })?.isDirectory();
  if (!isFile) return { folder: target, config };
  if (config === undefined) return { folder: undefined, config: target };
  const advice = 'Name one of them. The argument beside --config is a folder.';
  throw new ServeError('bad-option', `two configuration files: ${target} and ${config}`, advice);
}

/** The flags that somebody gave, without defaults: those win over a configuration file. */
function givenOf(command: Command, flags: Flags): Partial<Flags> {
  const isGiven = (name: string) => ['cli', 'env'].includes(command.getOptionValueSource(name) ?? '');
  return Object.fromEntries(Object.entries(flags).filter(([name]) => isGiven(name)));
}

function addNetworkOptions(command: Command): void {
  command.optionsGroup('Network:');
  addAddressOptions(command);
  addFrameOptions(command);
}

/** Where we are on the network. */
function addAddressOptions(command: Command): void {
  command
    .option(
      '-i, --interface <name>',
      `the interface to make, or to use if it is there (default: ${DEFAULT_INTERFACE})`,
      parseInterfaceName,
    )
    .option(
      '--host <address/length>',
      "this machine's end of the link (default: 10.77.0.1/24, or another free one)",
      parseNetwork,
    )
    .option(
      '-a, --address <address>',
      'our own address, "dhcp" or "auto" (IPv6 from a router); may be given again (default: the next one after --host)',
      collectAddresses,
    )
    .option('--hostname <name>', 'our name, for the tables of the DHCP server', parseHostName)
    .option('--bridge <name>', 'the bridge of which our interface becomes a port', parseInterfaceName)
    .option(
      '--gateway <address>',
      "our default router (default: this machine; on a bridge: the machine's own router there)",
      parseRouter('IPv4'),
    )
    .option('--gateway6 <address>', 'the same for IPv6', parseRouter('IPv6'))
    .option('--mac <address>', "our Ethernet address (default: one made of the interface's name)", parseMacText);
}

/** What our frames are, and how they cross to the kernel. */
function addFrameOptions(command: Command): void {
  command
    .option(
      '--vlan <id>',
      'the VLAN that our frames are tagged for (802.1Q): the other side must be in it too',
      parseCount(1, MAX_VLAN),
    )
    .option('--mtu <bytes>', 'the largest IP packet (default: 1500)', parseCount(MIN_MTU, MAX_MTU))
    .option(
      '--no-offload',
      'whole frames with real checksums, for captures and textbooks (default: let the kernel cut and sum)',
    )
    .option(
      '--super-segment <size>',
      'the most payload in one frame with offload (default: what the kernel takes)',
      parseSize,
    )
    .addOption(
      new Option(
        '--frames <way>',
        'how frames cross to the kernel: plain system calls, io_uring (ring), or what is faster here',
      )
        .choices(['auto', 'plain', 'ring'])
        .env('FASTPATH_FRAMES')
        .default(DEFAULTS.frames),
    );
}

function addServiceOptions(command: Command): void {
  command
    .option(
      '-w, --workers <count>',
      'threads, each a whole stack on a queue of its own',
      parseCount(1, MAX_WORKERS),
      DEFAULTS.workers,
    )
    .option('-p, --port <number>', 'the TCP port', parseCount(1, 65_535), DEFAULTS.port)
    .option('--handler <file>', 'a file that exports (req, res) => …, or an app: answers what no file answers')
    .option(
      '--module <file>',
      'another protocol beside HTTP: a file such as ./finger.js, or a package; may be given again',
      collect(String),
    )
    .option(
      '--dns <zone=file>',
      'answers for a DNS zone from its master file, such as example.org=./example.org.zone; may be given again',
      collect(parseZone),
    )
    .option(
      '--backlog <count>',
      `connections that may wait for their handshake to end (default: ${DEFAULTS.backlog})`,
      parseCount(1, 65_535),
    )
    .option('--bandwidth <size>', 'all connections together send at most so many bytes a second', parseRate)
    .option('--connection-bandwidth <size>', 'each connection sends at most so many bytes a second', parseRate)
    .option(
      '--tcp <name=value>',
      'a setting of TCP, such as congestionControl=newreno or delayedAck=100ms; may be given again ' +
        '("fastpath status --verbose" lists them all)',
      collectTcpSettings,
    );
}

function addCacheOptions(command: Command): void {
  command
    .optionsGroup('Folder and cache:')
    .option(
      '--cache-size <size>',
      'the most memory for files with their names, heads and checksum tables; the rest is read when it is asked for ' +
        `(default: ${formatBytes(DEFAULT_CACHE_BYTES)}, or half of what there is; the least is ${formatBytes(LEAST_CACHE_BYTES)})`,
      parseCacheSize,
    )
    .option(
      '--max-object <size>',
      'a larger file is kept and sent in pieces ' +
        `(default: none if all files fit into the cache, else ${formatBytes(LARGEST_READ_WHOLE)})`,
      positive(parseSize),
    )
    .option('--dotfiles', 'serve names that begin with "." too; .well-known always is, and a link is what it leads to')
    .addOption(
      new Option('--symlinks <which>', 'symbolic links to follow: those that stay inside the folder, all, or none')
        .choices(['inside', 'all', 'none'])
        .default(DEFAULTS.symlinks),
    )
    .option(
      '--charset <name>',
      'charset of text: auto (UTF-8 where it is valid and nothing else is declared), none, or a name',
      parseCharsetName,
      DEFAULTS.charset,
    )
    .addOption(
      new Option(
        '--compress <which>',
        'answers in br, gzip and zstd: off, sidecar (from app.js.br beside app.js), or load (made too, beside serving)',
      )
        .choices(['off', 'sidecar', 'load'])
        .default(DEFAULTS.compress),
    )
    .addOption(
      new Option(
        '--watch <how>',
        'changed files are served anew: as the kernel tells (notify), by a look at each file every 2 s (poll: for ' +
          'network file systems), or after SIGHUP (off)',
      )
        .choices(['off', 'notify', 'poll'])
        .default(DEFAULTS.watch),
    );
}

function parseCharsetName(text: string): CharsetRule {
  try {
    return parseCharset(text);
  } catch {
    throw new InvalidArgumentError('Not auto, none or a charset that browsers know, such as utf-8 or windows-1252.');
  }
}

/** The options for `HttpLimits`: name on the command line, what it bounds, and how it is read. */
const LIMIT_OPTIONS: readonly (readonly [keyof HttpLimits, string, string])[] = [
  ['requestLineBytes', '--max-request-line <size>', 'longest request line, else 414'],
  ['headerBytes', '--max-header <size>', 'longest header section, else 431'],
  ['headerFields', '--max-fields <count>', 'most header fields, else 431'],
  ['bodyBytes', '--max-body <size>', 'longest request body that is read past, else 413'],
  ['requestsPerConnection', '--max-requests <count>', 'requests on one connection before it is closed'],
  ['idleTimeoutMs', '--idle-timeout <time>', 'silence between two requests before the connection is closed'],
  ['headTimeoutMs', '--head-timeout <time>', 'from the first byte of a request to the end of its head, else 408'],
  ['requestTimeoutMs', '--request-timeout <time>', 'from the first to the last byte of a request, else 408'],
  ['stallTimeoutMs', '--stall-timeout <time>', 'an answer that is not taken this long ends its connection'],
  ['requestRateBytes', '--min-request-rate <size>', 'a request that comes slower, per second, gets 408; 0: any'],
  ['answerRateBytes', '--min-answer-rate <size>', 'an answer that is taken slower, per second, is reset; 0: any'],
  ['connectionsPerClient', '--max-connections-per-client <count>', 'more of one address or IPv6 /64 are reset; 0: any'],
  ['unfinishedPerClient', '--max-unfinished-per-client <count>', 'half-sent requests of one client, else 429; 0: any'],
  ['requestRate', '--max-request-rate <count>', 'requests a second of one client, else 429; 0: any'],
  ['requestBurst', '--request-burst <count>', 'requests that a client may send at once before its rate counts'],
];

function addLimitOptions(command: Command): void {
  command.optionsGroup('HTTP limits:');
  for (const [name, flags, meaning] of LIMIT_OPTIONS) command.addOption(limitOption(name, flags, meaning));
  command.option(
    '--server-header <text>',
    'the Server field of responses; empty for none',
    parseFieldValue,
    DEFAULTS.serverHeader,
  );
}

function limitOption(name: keyof HttpLimits, flags: string, meaning: string): Option {
  const value = DEFAULT_LIMITS[name];
  const option = new Option(flags, meaning);
  const least = MAY_BE_ZERO.has(name) ? 0 : 1;
  if (flags.endsWith('<size>')) {
    return option.argParser(least === 0 ? parseSize : positive(parseSize)).default(value, formatBytes(value));
  }
  if (flags.endsWith('<time>')) return option.argParser(positive(parseDuration)).default(value, formatDuration(value));
  return option.argParser(parseCount(least, 2 ** 31 - 1)).default(value);
}

function addOutputOptions(command: Command): void {
  command
    .optionsGroup('Running:')
    .option('--pcap <file>', 'write every frame to this pcapng file (with several workers: one file each)')
    .option(
      '--inspect [port]',
      'let the inspector look: prints an address of 127.0.0.1 for a browser, with a token (port: a free one)',
      parseCount(0, 65_535),
    )
    .option('--trace', 'print every frame as a line, in the manner of tcpdump (on standard error)')
    .addOption(
      new Option('--probe <mode>', 'after the start, see from this machine whether ARP, TCP and HTTP get through')
        .choices(['off', 'warn', 'require'])
        .default(DEFAULTS.probe),
    )
    .addOption(
      new Option('--grace <time>', 'how long downloads may take to end at the end; "forever" waits for all')
        .argParser(parseGrace)
        .default(DEFAULTS.graceMs, formatDuration(DEFAULTS.graceMs)),
    )
    .option(
      '--user <name>',
      'as root: the user to become after the set-up (default: the one who called sudo, else nobody)',
    )
    .option('--json', 'events and a status line a second as JSON, for programs')
    .option('-q, --quiet', 'only the URL and warnings');
}

/** The options of a server from the flags of the command line. What is not among them is left out. */
export function serveOptions(folder: string | undefined, flags: Partial<Flags>): PartialOptions {
  const given = flags as unknown as Readonly<Record<string, number>>;
  const limits = LIMIT_OPTIONS.map(([name, text]) => [name, given[new Option(text).attributeName()]]);
  return defined({
    folder,
    network: {
      interfaceName: flags.interface,
      host: flags.host,
      addresses: flags.address,
      hostName: flags.hostname,
      bridge: flags.bridge,
      gateway: flags.gateway,
      gateway6: flags.gateway6,
    },
    offload: flags.offload,
    frames: flags.frames,
    workers: flags.workers,
    handler: flags.handler,
    ...proxyOptionsOf(flags.proxy, flags.cacheAnswers),
    modules: moduleWishes(flags),
    port: flags.port,
    limits: defined(Object.fromEntries(limits) as Partial<HttpLimits>),
    serverHeader: flags.serverHeader,
    tcp: flags.tcp,
    tls: tlsOptionsOf(flags),
    bandwidth: bandwidthOf(flags),
    probe: flags.probe,
    graceMs: flags.grace,
    cacheBytes: flags.cacheSize,
    backlog: flags.backlog,
    mac: flags.mac,
    vlan: flags.vlan,
    mtu: flags.mtu,
    superSegmentBytes: flags.superSegment,
    maxObjectBytes: flags.maxObject,
    symlinks: flags.symlinks,
    charset: flags.charset,
    compress: flags.compress,
    watch: flags.watch,
    dotfiles: flags.dotfiles,
    rules: withProxyRoute(flags.proxy, siteRulesOf(flags)),
    capturePath: flags.pcap,
    inspectPort: flags.inspect === true ? 0 : flags.inspect,
    trace: flags.trace,
    ...logOptionsOf(flags),
    ...adminOptionsOf(flags),
  });
}

async function createReporter(flags: Flags, isStdoutTaken: boolean): Promise<Reporter> {
  const reporter = await ownReporter(flags, isStdoutTaken);
  const { ServiceManager } = await import('../serve/process/service-manager.js');
  const manager = ServiceManager.fromEnvironment();
  if (manager === undefined) return reporter;
  return new (await import('./service-reporter.js')).ServiceReporter(reporter, manager);
}

async function ownReporter(flags: Flags, isStdoutTaken: boolean): Promise<Reporter> {
  if (flags.json) return new (await import('./json-reporter.js')).JsonReporter();
  const { PersonReporter } = await import('./person-reporter.js');
  const out = isStdoutTaken ? process.stderr : process.stdout; // the log has it for itself
  return new PersonReporter(out, { quiet: flags.quiet ?? false, live: flags.trace !== true });
}

function bandwidthOf({ bandwidth: total, connectionBandwidth: connection }: Partial<Flags>) {
  return total === undefined && connection === undefined ? undefined : defined({ total, connection });
}

function parseRate(text: string): number {
  const bytes = parseSize(text);
  if (bytes >= LEAST_RATE) return bytes;
  throw new InvalidArgumentError(`Too small: the least rate is ${LEAST_RATE} bytes a second.`);
}

function parseMacText(text: string): string {
  parseUnicastMac(text);
  return text;
}

function parseCacheSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes >= LEAST_CACHE_BYTES) return bytes;
  throw new InvalidArgumentError(`Too small: the cache needs at least ${formatBytes(LEAST_CACHE_BYTES)}.`);
}

function positive(parse: (text: string) => number): (text: string) => number {
  return (text) => {
    const value = parse(text);
    if (value < 1) throw new InvalidArgumentError('Must be more than nothing.');
    return value;
  };
}

/** A zone to answer for, and its file. */
interface ZoneFlag {
  readonly zone: string;
  readonly file: string;
}

function parseZone(text: string): ZoneFlag {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return { zone: text.slice(0, at), file: text.slice(at + 1) };
  throw new InvalidArgumentError('It is a name and a file, such as example.org=./example.org.zone.');
}

function moduleWishes({ module: uses, dns: zones }: Partial<Flags>): ModuleWish[] | undefined {
  if (uses === undefined && zones === undefined) return undefined;
  const dns = zones === undefined ? [] : [{ use: 'dns', options: { zones } }];
  return [...(uses ?? []).map((use) => ({ use })), ...dns];
}
