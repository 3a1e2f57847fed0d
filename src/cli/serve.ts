/** `fastpath serve <folder>`: the options, and what each becomes. The work is in src/serve. */
import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { defined, type PartialOptions } from '../serve/configured.js';
import { DEFAULT_INTERFACE } from '../serve/network/plan.js';
import { ServeError } from '../serve/serve-error.js';
import { ExitCode } from './exit-codes.js';
import type { Reporter } from './reporter.js';
import { type AdminFlags, addAdminOptions, adminOptionsOf } from './serve-options/admin-options.js';
import { addCacheOptions, type CacheFlags, cacheOptionsOf } from './serve-options/cache-options.js';
import { addLimitOptions, type LimitFlags, limitOptionsOf } from './serve-options/limit-options.js';
import { addLogOptions, type LogFlags, logOptionsOf } from './serve-options/log-options.js';
import { addNetworkOptions, type NetworkFlags, networkOptionsOf } from './serve-options/network-options.js';
import { addProxyOption, proxyOptionsOf, withProxyRoute } from './serve-options/proxy-options.js';
import { addRunningOptions, type RunningFlags, runningOptionsOf } from './serve-options/running-options.js';
import { addServiceOptions, type ServiceFlags, serviceOptionsOf } from './serve-options/service-options.js';
import { addSiteOptions, type SiteFlags, siteRulesOf } from './serve-options/site-options.js';
import { addTlsOptions, type TlsFlags, tlsOptionsOf } from './serve-options/tls-options.js';
import { refuseRepeats, subcommand } from './subcommand.js';

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
interface Flags
  extends NetworkFlags,
    ServiceFlags,
    CacheFlags,
    SiteFlags,
    LimitFlags,
    TlsFlags,
    LogFlags,
    AdminFlags,
    RunningFlags {
  readonly config?: string;
  readonly proxy?: string[];
  readonly cacheAnswers?: boolean;
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
  addRunningOptions(command);
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

/** The options of a server from the flags of the command line. What is not among them is left out. */
export function serveOptions(folder: string | undefined, flags: Partial<Flags>): PartialOptions {
  return defined({
    folder,
    ...networkOptionsOf(flags),
    ...serviceOptionsOf(flags),
    ...proxyOptionsOf(flags.proxy, flags.cacheAnswers),
    ...cacheOptionsOf(flags),
    rules: withProxyRoute(flags.proxy, siteRulesOf(flags)),
    ...limitOptionsOf(flags),
    tls: tlsOptionsOf(flags),
    ...logOptionsOf(flags),
    ...adminOptionsOf(flags),
    ...runningOptionsOf(flags),
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
