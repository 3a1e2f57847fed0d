/** `fastpath check <file>`: whether a configuration is right, and everything that counts with it. */
import type { Command } from 'commander';
import { ServeError } from '../serve/serve-error.js';
import { ExitCode } from './exit-codes.js';
import { subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'check site.yaml', meaning: 'everything that is wrong; or else all that counts, defaults marked' },
  { line: 'check site.yaml --json', meaning: 'the same for a program' },
  { line: 'check --schema', meaning: 'the JSON Schema for editors; put it into a file beside site.yaml' },
];

const NOTES = `
Exit status: 0 the configuration is right; 2 it is not, and each line says where and why.
docs/configuration.md lists all keys.
`;

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
    const configuration = loadConfiguration(file);
    const { warnings } = configuration;
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
