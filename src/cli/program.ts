/**
 * The program with all its subcommands. A new one is a file in this folder and a line here.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { ownFile } from '../own-files.js';
import { checkCommand } from './check.js';
import { addCompletion } from './completion.js';
import { dissectCommand } from './dissect.js';
import { doctorCommand } from './doctor.js';
import { experimentCommand } from './experiment.js';
import { inspectCommand } from './inspect.js';
import { labCommand } from './lab.js';
import { logCommand } from './log.js';
import { packetdrillCommand } from './packetdrill.js';
import { purgeCommand } from './purge.js';
import { replayCommand } from './replay.js';
import { serveCommand } from './serve.js';
import { statCommand } from './stat.js';
import { statusCommand } from './status.js';
import { topCommand } from './top.js';

/** In the order of the help text. */
const SUBCOMMANDS: readonly (() => Command)[] = [
  serveCommand,
  checkCommand,
  statusCommand,
  statCommand,
  topCommand,
  logCommand,
  purgeCommand,
  doctorCommand,
  replayCommand,
  dissectCommand,
  inspectCommand,
  packetdrillCommand,
  labCommand,
  experimentCommand,
];

/** The version in package.json. */
function packageVersion(): string {
  const text = readFileSync(ownFile('../../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The `fastpath` command; it throws instead of ending the process (commander's `exitOverride`). */
export function createProgram(): Command {
  const program = new Command('fastpath')
    .description('A TCP/IP stack of its own on a TAP interface, with a web server inside it.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'the help of a command')
    .addHelpText('after', '\nBegin with:\n  sudo fastpath serve examples/site\n');
  for (const create of SUBCOMMANDS) program.addCommand(create());
  addCompletion(program);
  for (const each of [program, ...program.commands]) each.exitOverride();
  return program;
}
