/** `fastpath experiment`: runs that explain TCP, draw it, and ask a question. */
import type { Command } from 'commander';
import type { Experiment, Outcome, Question } from '../experiment/experiment.js';
import { writeReason } from '../words/file-reasons.js';
import { unknownName } from './did-you-mean.js';
import { ExitCode } from './exit-codes.js';
import { parseCount } from './option-values.js';
import { refuseRepeats, subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'experiment', meaning: 'the list of experiments' },
  { line: 'experiment handshake', meaning: 'run one: it explains, draws, and asks a question' },
  { line: 'experiment lost-segment --svg lost.svg', meaning: 'the picture as a file, too' },
  { line: 'experiment lost-segment --seed 7', meaning: 'other numbers: other segments are lost, other delays' },
  { line: 'experiment handshake --answer 40', meaning: 'ask nothing: judge this answer' },
];

const AFTER = `
An experiment runs the whole stack in virtual time: it needs no privileges, sends nothing, and is the same each time.
Without a terminal and without --answer the question is printed and stays open. docs/experiments.md tells more.

Exit status: 0 right, or no answer was asked for; 1 the answer is wrong; 2 the command line makes no sense;
             7 the picture cannot be written; 130 Ctrl-C at the question
`;

interface Flags {
  readonly seed: number;
  readonly svg?: string;
  readonly answer?: string;
  readonly json?: boolean;
}

/** The subcommand `experiment`, for the command line. */
export function experimentCommand(): Command {
  const command = subcommand('experiment', 'Watch TCP at work in virtual time, and answer a question.', EXAMPLES)
    .argument('[name]', 'the experiment (default: list them)')
    .option(
      '--seed <number>',
      'the seed of all chance and of the numbers in the question',
      parseCount(0, 2 ** 31 - 1),
      1,
    )
    .option('--svg <file>', 'write the picture to this file')
    .option('--answer <number>', 'the answer to the question; a unit may stand behind it')
    .option('--json', 'one JSON object for each experiment, and nothing else; it holds the right answer, too')
    .addHelpText('after', AFTER)
    .action(async (name: string | undefined, flags: Flags) => {
      process.exitCode = await (name === undefined ? list(flags) : runNamed(name, flags));
    });
  refuseRepeats(command);
  return command;
}

async function list({ json, svg, answer }: Flags): Promise<number> {
  const useless = svg !== undefined ? '--svg' : answer !== undefined ? '--answer' : undefined;
  if (useless !== undefined) return complain(`${useless} wants the name of an experiment before it`, ExitCode.usage);
  const { EXPERIMENTS } = await import('../experiment/experiments.js');
  const width = Math.max(...EXPERIMENTS.map(({ name }) => name.length)) + 2;
  for (const { name, title } of EXPERIMENTS) {
    console.log(json ? JSON.stringify({ name, title }) : `${name.padEnd(width)}${title}`);
  }
  if (!json) console.log('\nBegin with: fastpath experiment handshake');
  return ExitCode.ok;
}

async function runNamed(name: string, flags: Flags): Promise<number> {
  const { EXPERIMENTS, findExperiment } = await import('../experiment/experiments.js');
  const experiment = findExperiment(name);
  if (experiment === undefined) {
    const names = EXPERIMENTS.map((each) => each.name);
    return complain(await unknownName('experiment', name, names), ExitCode.usage);
  }
  const outcome = experiment.run(flags.seed);
  const { readAnswer } = await import('../experiment/answer.js');
  const given = flags.answer === undefined ? undefined : readAnswer(outcome.question, flags.answer);
  if (typeof given === 'string') return complain(`--answer wants ${given}, not ${flags.answer}`, ExitCode.usage);
  if (!(await saved(outcome, flags))) return ExitCode.unreadable;
  if (flags.json) return tellPrograms(experiment, outcome, flags, given);
  await explain(experiment);
  await show(outcome);
  const { Interrupted } = await import('./ask-number.js');
  try {
    return await judge(outcome.question, given ?? (await ask(outcome.question)));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.log(); // the shell's prompt stands below the question
    return ExitCode.forced;
  }
}

async function tellPrograms(
  { name, title }: Experiment,
  { findings, question }: Outcome,
  { seed }: Flags,
  given?: number,
): Promise<number> {
  const { isRight } = await import('../experiment/experiment.js');
  const right = given === undefined ? undefined : isRight(question, given);
  console.log(JSON.stringify({ name, title, seed, findings, question, given, right }));
  return right === false ? ExitCode.failure : ExitCode.ok;
}

async function explain({ title, explanation }: Experiment): Promise<void> {
  const { default: pc } = await import('picocolors');
  console.log(`${pc.bold(await fitted(title))}\n`);
  for (const text of explanation) console.log(`${await fitted(text)}\n`);
}

async function show({ picture, findings, question }: Outcome): Promise<void> {
  const { pictureText, unitText } = await import('../experiment/experiment.js');
  console.log(`${pictureText(picture, terminalWidth())}\n`);
  for (const finding of findings) console.log(await fitted(finding, '- '));
  const choices = (question.choices ?? []).map((choice, index) => `\n  ${index + 1}  ${choice}`).join('');
  console.log(`\n${await fitted(`Question: ${question.text}${unitText(question)}`)}${choices}`);
}

/**
 * The answer of a person at a terminal, who may try twice. Undefined: nobody is there, or the person does not want to.
 */
async function ask(question: Question): Promise<number | undefined> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const { askNumber } = await import('./ask-number.js');
  const { isRight } = await import('../experiment/experiment.js');
  const { readAnswer } = await import('../experiment/answer.js');
  const hint = await fitted(`Not quite. ${question.hint} Try once more.`);
  return askNumber(process.stdin, process.stdout, {
    read: (text) => readAnswer(question, text),
    advice: (given) => (isRight(question, given) ? undefined : `\n${hint}\n`),
  });
}

async function judge(question: Question, given: number | undefined): Promise<number> {
  if (given === undefined) {
    console.log('\nAnswer it with --answer NUMBER.');
    return ExitCode.ok;
  }
  const { default: pc } = await import('picocolors');
  const { isRight, verdictOn } = await import('../experiment/experiment.js');
  const right = isRight(question, given);
  const verdict = verdictOn(question, given);
  const paint = right ? pc.green : pc.red;
  console.log(`\n${(await fitted(`${verdict} ${question.because}`)).replace(verdict, paint)}`);
  return right ? ExitCode.ok : ExitCode.failure;
}

/** Writes the picture if that was asked for. False: it went wrong, and that was said. */
async function saved({ picture }: Outcome, { svg }: Flags): Promise<boolean> {
  if (svg === undefined) return true;
  const { writeFileSync } = await import('node:fs');
  const { pictureSvg } = await import('../experiment/experiment.js');
  try {
    writeFileSync(svg, pictureSvg(picture));
    return true;
  } catch (error) {
    complain(`cannot write ${svg}: ${writeReason(error as Error)}`, ExitCode.unreadable);
    return false;
  }
}

/** Lines are at most this long, and shorter in a narrow terminal. */
const WIDTH = 78;

/** Text in lines that fit the terminal. */
async function fitted(text: string, mark = ''): Promise<string> {
  const { wrapped } = await import('../drawing/wrap.js');
  return wrapped(text, Math.min(WIDTH, terminalWidth() ?? WIDTH), mark).join('\n');
}

/** The columns of the terminal; undefined: the output goes elsewhere. */
function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

function complain(message: string, status: number): number {
  console.error(`fastpath: ${message}`);
  return status;
}
