/**
 * Shell completion: `fastpath completion bash` prints a script, and that script asks `fastpath complete -- <words>`
 * at each Tab. Both commands come from @bomb.sh/tab, which reads the commands and options of the program. Here is what
 * it cannot know: that an argument is a file.
 */
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Complete, Command as Completed } from '@bomb.sh/tab';
import completeFrom from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { withExamples } from './subcommand.js';

const EXAMPLES = [
  { line: 'completion bash > ~/.local/share/bash-completion/completions/fastpath', meaning: 'for bash, for good' },
  { line: 'completion zsh > ~/.zfunc/_fastpath', meaning: 'for zsh, if ~/.zfunc is in its fpath' },
  { line: 'completion fish > ~/.config/fish/completions/fastpath.fish', meaning: 'for fish' },
];

/** The library has a script for PowerShell too, but the program is for Linux. */
const SHELLS = ['bash', 'zsh', 'fish'];

/** Arguments and options with such a name in their brackets take a path. */
const PATH = /^(folder|capture|paths?|file|site)\b/;

/** The script for bash calls a function of the package bash-completion, which a small machine has not. */
const BASH_WORDS = `if ! declare -F _get_comp_words_by_ref > /dev/null; then
    _get_comp_words_by_ref() {
        words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
        cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
    }
fi`;

/** Adds the commands `completion` and `complete`. Call it when the program has all its other commands. */
export function addCompletion(program: Command): void {
  const completions = completeFrom(program, { completionCommandName: 'completion' });
  const printing = program.commands.find((command) => command.name() === 'completion');
  if (printing !== undefined) {
    withExamples(printing, 'Print a completion script for a shell.', EXAMPLES);
    offerShells(printing, completions.commands.get('completion'));
    printing.hook('preAction', (_, { args: [shell] }) => {
      if (shell === 'bash') console.log(BASH_WORDS);
    });
  }
  for (const command of program.commands) {
    const completed = completions.commands.get(command.name());
    if (completed !== undefined) completePaths(command, completed);
  }
}

/** In place of those that the library names: in the help, in what is accepted, and at a Tab. */
function offerShells(printing: Command, completed: Completed | undefined): void {
  for (const argument of printing.registeredArguments) {
    argument.choices(SHELLS);
    const known = completed?.arguments.get(argument.name());
    if (known === undefined) continue;
    known.handler = (complete) => {
      for (const shell of SHELLS) complete(shell, '');
    };
  }
}

function completePaths(command: Command, completed: Completed): void {
  for (const argument of command.registeredArguments) {
    const known = completed.arguments.get(argument.name());
    if (known !== undefined && PATH.test(argument.name())) known.handler = listPaths;
  }
  for (const { long, flags } of command.options) {
    const known = completed.options.get(long?.slice(2) ?? '');
    const [, value = ''] = /[<[](\w+)/.exec(flags) ?? [];
    if (known !== undefined && PATH.test(value)) known.handler = listPaths;
  }
}

/** What lies in the folder of the word that is being typed. The word is the last argument. */
function listPaths(complete: Complete): void {
  const word = process.argv.at(-1) ?? '';
  const folder = word.endsWith('/') ? word : `${dirname(word)}/`;
  const prefix = folder === './' && !word.startsWith('./') ? '' : folder;
  for (const entry of entriesOf(folder)) {
    complete(`${prefix}${entry.name}${entry.isDirectory() ? '/' : ''}`, '');
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // not there, or not to be read: nothing to offer
  }
}
