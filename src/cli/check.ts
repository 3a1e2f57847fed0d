/** `fastpath check <file>`: whether a configuration is right, and everything that counts with it. */
import type { Command } from 'commander';
import { ServeError } from '../serve/serve-error.js';
import type { LoadedConfiguration } from '../site/config/load.js';
import type { Problem } from '../site/config/problem.js';
import { ExitCode } from './exit-codes.js';
import { subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'check site.yaml', meaning: 'everything that is wrong; or else all that counts, defaults marked' },
  { line: 'check site.yaml --json', meaning: 'the same for a program' },
  { line: 'check --schema', meaning: 'the JSON Schema for editors; put it into a file beside site.yaml' },
];

const NOTES = `
It looks at all that a start looks at before it opens the network interface: files, modules and their data,
certificates, the handler, ports. Modules begin and the handler is loaded for a moment. The machine itself (interface,
addresses) is what "fastpath doctor" looks at.

Exit status: 0 the configuration is right; 2 it is not, and each line says where and why.
docs/configuration.md lists all keys.
`;

/** A start with the file alone refuses it. */
const LOG_ADVICE = 'write "to: FILE" beside them, unless the command line of the start has --access-log';

interface Flags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly schema?: boolean;
}

/** The subcommand `check`. */
export function checkCommand(): Command {
  return subcommand('check', 'Check a configuration file, and show what counts.', EXAMPLES)
    .argument('[file]', 'the configuration, in YAML')
    .option('--json', 'one JSON object, with the configuration or with the problems')
    .option('-q, --quiet', 'only what is wrong or odd')
    .option('--schema', 'print the JSON Schema of configurations')
    .addHelpText('after', NOTES)
    .action(async (file: string | undefined, flags: Flags) => {
      if (flags.schema) return printSchema();
      if (file === undefined) throw new ServeError('bad-option', 'check needs a file', 'fastpath check site.yaml');
      await check(file, flags);
    });
}

async function printSchema(): Promise<void> {
  const { jsonSchema } = await import('../site/config/json-schema.js');
  console.log(JSON.stringify(jsonSchema(), undefined, 2));
}

async function check(file: string, flags: Flags): Promise<void> {
  const { loadConfiguration } = await import('../site/config/load.js');
  const { ConfigError, describeProblem } = await import('../site/config/problem.js');
  const { effective, toJson, toYaml } = await import('../site/config/effective.js');
  try {
    const { userFaults } = await import('./user-fault.js');
    const configuration = loadConfiguration(file, process.env, userFaults);
    const { faults, doubts } = await tryConfiguration(configuration);
    if (faults.length > 0) throw new ConfigError(file, faults);
    const warnings = [...configuration.warnings, ...doubts];
    if (flags.json) {
      console.log(JSON.stringify({ file, valid: true, warnings, ...toJson(effective(configuration)) }));
      return;
    }
    for (const warning of warnings) console.error(`warning: ${describeProblem(file, warning)}`);
    if (!flags.quiet) console.log(toYaml(effective(configuration)).trimEnd());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.exitCode = ExitCode.usage;
    if (flags.json) console.log(JSON.stringify({ file, valid: false, problems: error.problems }));
    else console.error(error.message);
  }
}

/** What a start with this configuration would refuse, or warn of, before it opens its device. */
async function tryConfiguration(configuration: LoadedConfiguration) {
  const { FOR_NO_LOG, isForNoLog, optionsOf, overlay } = await import('../serve/configured.js');
  const { findFaults } = await import('../serve/trial.js');
  const { inOrder } = await import('../site/config/explain.js');
  const { needsNoFiles, withFolder } = await import('../serve/folders/empty-folder.js');
  const { UndoList } = await import('../serve/process/undo-list.js');
  const doubts: Problem[] = [];
  const faults: Problem[] = [];
  const undo = new UndoList();
  const { accessLog, ...given } = optionsOf(configuration);
  const hasNoLog = isForNoLog(accessLog);
  if (hasNoLog) doubts.push(configuration.place({ path: ['log'], message: `${FOR_NO_LOG}: ${LOG_ADVICE}` }));
  const options = overlay({ ...given, ...(accessLog !== undefined && !hasNoLog && { accessLog }) }, {});
  const user = userOf(configuration, await import('../serve/process/privileges.js'), faults, doubts);
  const isComplete = options.folder !== undefined || options.sites !== undefined || needsNoFiles(options);
  try {
    // A file without sites gets its folder on the command line.
    const whole = isComplete ? withFolder(options, undo) : { ...options, folder: '/' };
    const found = await findFaults({ ...whole, ...(user !== undefined && { user }) }, (path, message) => {
      doubts.push(configuration.place({ path, message }));
    });
    for (const fault of found) faults.push(...problemsOf(fault, configuration));
  } finally {
    await undo.run();
  }
  return { faults: inOrder(faults), doubts: inOrder(doubts) };
}

function problemsOf({ findings, message, advice }: ServeError, configuration: LoadedConfiguration): Problem[] {
  if (findings.length > 0) return findings.map((finding) => configuration.place(finding));
  return [configuration.place({ path: [], message: advice === '' ? message : `${message} (${advice})` })];
}

/** The user that root would become. That only root may is no fault of the file. */
function userOf(
  configuration: LoadedConfiguration,
  { chooseUser }: Pick<typeof import('../serve/process/privileges.js'), 'chooseUser'>,
  faults: Problem[],
  doubts: Problem[],
) {
  try {
    return chooseUser(configuration.values.user);
  } catch (error) {
    if (!(error instanceof ServeError)) throw error;
    const problem = configuration.place({ path: ['user'], message: error.message });
    (error.code === 'no-privilege' ? doubts : faults).push(problem);
    return undefined;
  }
}
