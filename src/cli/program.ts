/**
 * The program with its subcommands. A new one is a file in this folder and a line here.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { ownFile } from '../own-files.js';

/** In the order of the help text. Each is loaded when it is called for: a server does not wait for the others. */
const SUBCOMMANDS: Readonly<Record<string, () => Promise<() => Command>>> = {
  serve: async () => (await import('./serve.js')).serveCommand,
  check: async () => (await import('./check.js')).checkCommand,
  status: async () => (await import('./status.js')).statusCommand,
  stat: async () => (await import('./stat.js')).statCommand,
  top: async () => (await import('./top.js')).topCommand,
  log: async () => (await import('./log.js')).logCommand,
  purge: async () => (await import('./purge.js')).purgeCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
  replay: async () => (await import('./replay.js')).replayCommand,
  dissect: async () => (await import('./dissect.js')).dissectCommand,
  inspect: async () => (await import('./inspect.js')).inspectCommand,
  packetdrill: async () => (await import('./packetdrill.js')).packetdrillCommand,
  lab: async () => (await import('./lab.js')).labCommand,
  experiment: async () => (await import('./experiment.js')).experimentCommand,
};

/** The version in package.json. */
function packageVersion(): string {
  const text = readFileSync(ownFile('../../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * The `fastpath` command; it throws instead of ending the process (commander's `exitOverride`).
 * @param first the first word of the command line. If it needs one subcommand or none, the program has no others.
 */
export async function createProgram(first?: string): Promise<Command> {
  const program = new Command('fastpath')
    .description('A TCP/IP stack of its own on a TAP interface, with a web server inside it.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'the help of a command')
    .showHelpAfterError('(fastpath --help lists the commands)')
    .addHelpText('after', '\nBegin with:\n  sudo fastpath serve examples/site\n');
  const needsOne = first !== undefined && Object.hasOwn(SUBCOMMANDS, first);
  const needsNone = first === '-V' || first === '--version';
  const wanted = Object.entries(SUBCOMMANDS).filter(([name]) => (needsOne ? name === first : !needsNone));
  const loaded = await Promise.all(wanted.map(([, load]) => load()));
  for (const create of loaded) program.addCommand(create());
  if (!needsOne && !needsNone) (await import('./completion.js')).addCompletion(program);
  for (const each of [program, ...program.commands]) each.exitOverride();
  return program;
}
