/**
 * The common shape of a subcommand, one file each in this folder: a function that returns a commander `Command` with
 * its name, summary, arguments, options and action.
 *
 * - `src/cli.ts` adds it to the program. A file imports little at its top; heavy modules are imported inside the
 *   action, so that `fastpath --help` is quick.
 * - The action throws `ServeError` for what the user can mend (the exit code comes from its kind) and sets
 *   `process.exitCode` from `ExitCode` for anything else that is not 0; it never calls `process.exit`.
 * - With `--json` standard output carries JSON, one object a line, and nothing else.
 * - Help shows examples before options: people copy first and read later.
 */
import { Command } from 'commander';

/** One line of the examples in a help text. */
export interface Example {
  /** What to type, without the leading `fastpath `. */
  readonly line: string;
  readonly meaning: string;
}

/**
 * A new command whose help begins with a summary and examples.
 * @param name the word on the command line, such as `serve`.
 */
export function subcommand(name: string, summary: string, examples: readonly Example[]): Command {
  return withExamples(new Command(name), summary, examples);
}

/** Gives a command its summary and examples: for one that a library has made, too. */
export function withExamples(command: Command, summary: string, examples: readonly Example[]): Command {
  command.summary(summary).description('');
  command.addHelpText('before', formatExamples(summary, examples));
  command.showHelpAfterError(`(fastpath ${command.name()} --help shows examples and every option)`);
  return command;
}

/**
 * Refuses an option that is given twice, unless it collects its values: silently taking the last one hides a mistake.
 * Call it when the command has all its options.
 */
export function refuseRepeats(command: Command, repeatable: readonly string[] = []): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (repeatable.includes(name) || !(option.required || option.optional)) continue;
    let count = 0;
    command.on(`option:${option.name()}`, () => {
      count++;
      if (count > 1) command.error(`error: option '${option.flags}' was given twice; it takes one value`);
    });
  }
}

/** The top of a help text: the summary, then the examples with what they do. */
function formatExamples(summary: string, examples: readonly Example[]): string {
  const blocks = examples.map(({ line, meaning }) => `  # ${meaning}\n  fastpath ${line}`);
  return `${summary}\n\nExamples:\n${blocks.join('\n\n')}\n`;
}
