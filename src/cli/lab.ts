/** `fastpath lab`: labs in which a student writes parts of the stack, and sees them judged in seconds. */
import type { Command } from 'commander';
import type { Lab } from '../lab/lab.js';
import { didYouMean, unknownName } from './did-you-mean.js';
import { ExitCode } from './exit-codes.js';
import { subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'lab', meaning: 'the labs, how long they take, and which of yours are green' },
  { line: 'lab start checksum', meaning: 'a scratch copy of one file in lab/checksum, with its bodies taken out' },
  { line: 'lab check checksum', meaning: 'put your file into the real stack and judge it; --hint says more' },
  { line: 'lab watch checksum', meaning: 'the same whenever you save' },
  { line: 'lab page', meaning: 'the same labs in a web page, where the stack runs in the page' },
  { line: 'lab mark students/* --csv', meaning: 'for teachers: judge every lab in these folders anew' },
  { line: 'lab serve', meaning: 'as root: serve a site over TAP with your green parts in the stack' },
];

const AFTER = `
The folder of a lab is lab/NAME unless you name another one. No privileges are needed, apart from serve. Your file is
run as a program of yours: a teacher judges the files of others in a container. docs/labs.md begins from nothing.

Exit status: 0 done, or green; 1 red; 2 the command line makes no sense; 7 a file cannot be read or written
`;

/** The actions, for the help and for completion. */
const ACTIONS = ['list', 'start', 'check', 'watch', 'page', 'mark', 'serve'] as const;

export interface LabFlags {
  readonly hint?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** The subcommand `lab`, for the command line. */
export function labCommand(): Command {
  return subcommand('lab', 'Write parts of the stack yourself, and see them judged in seconds.', EXAMPLES)
    .argument('[action]', `${ACTIONS.join(', ')} (default: list)`)
    .argument('[names...]', 'the lab, and a folder for it; for mark: folders')
    .option('--hint', 'check, watch: nearly the answer, too')
    .option('--json', 'list, check, mark: JSON, and nothing else')
    .option('--csv', 'mark: a table for a spreadsheet')
    .addHelpText('after', AFTER)
    .action(async (action: string | undefined, names: string[], flags: LabFlags) => {
      process.exitCode = await run(action ?? 'list', names, flags);
    });
}

/** How many words may follow an action; mark takes any number of folders. */
const MOST_NAMES: Readonly<Record<string, number>> = { list: 1, start: 2, check: 2, watch: 2, page: 0, serve: 1 };

async function run(action: string, names: readonly string[], flags: LabFlags): Promise<number> {
  const extra = names.slice(MOST_NAMES[action] ?? names.length);
  if (extra.length > 0) return complain(`lab ${action} makes nothing of these words: ${extra.join(' ')}`);
  const actions = await import('./lab-actions.js');
  switch (action) {
    case 'list':
      return actions.list(names[0], flags);
    case 'mark':
      return names.length === 0 ? complain('mark wants the folders of the students') : actions.mark(names, flags);
    case 'serve':
      return actions.serve(names);
    case 'page':
      return actions.page();
    case 'start':
    case 'check':
    case 'watch': {
      const lab = await labNamed(names[0]);
      return typeof lab === 'string' ? complain(lab) : actions[action](lab, names[1], flags);
    }
    default:
      return complain(
        `there is no action ${action}${await didYouMean(action, ACTIONS)} there are ${ACTIONS.join(', ')}`,
      );
  }
}

/** The lab of this name, or what is wrong. */
async function labNamed(name: string | undefined): Promise<Lab | string> {
  const { findLab, LABS } = await import('../lab/labs.js');
  const names = LABS.map((lab) => lab.name);
  if (name === undefined) return `which lab? ${names.join(', ')}`;
  const found = findLab(name);
  if (found !== undefined) return found;
  return unknownName('lab', name, names);
}

function complain(message: string): number {
  console.error(`fastpath: ${message}`);
  return ExitCode.usage;
}
