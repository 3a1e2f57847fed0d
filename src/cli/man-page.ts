/**
 * Manual pages, made of the commands themselves: what `--help` says, in roff. See man(7). The build writes them
 * (scripts/man-pages.ts), so they cannot say anything else than the help.
 */
import type { EventEmitter } from 'node:events';
import type { Command, Option } from 'commander';

/** A page, and the name of its file: `fastpath-serve.1`. */
export interface ManPage {
  readonly file: string;
  readonly text: string;
}

/** The date and the source in the footer of each page. */
export interface ManPageFooter {
  /** ISO 8601, the day alone. */
  readonly date: string;
  readonly version: string;
}

/** A page for the program, and one for each of its subcommands that is not hidden. */
export function manPages(program: Command, footer: ManPageFooter): ManPage[] {
  const commands = program.createHelp().visibleCommands(program).filter(hasPage);
  const pageOf = (command: Command, name: string, seeAlso: readonly string[]) => ({
    file: `${name}.1`,
    text: page(command, name, seeAlso, footer),
  });
  const names = commands.map((command) => `${program.name()}-${command.name()}`);
  const own = pageOf(program, program.name(), names);
  return [own, ...commands.map((command, i) => pageOf(command, names[i] ?? '', [program.name()]))];
}

/** `help` is commander's own, and has no page. */
function hasPage(command: Command): boolean {
  return command.name() !== 'help';
}

function page(command: Command, name: string, seeAlso: readonly string[], { date, version }: ManPageFooter): string {
  const summary = command.summary() || command.description();
  const sections = [
    `.TH ${name.toUpperCase()} 1 "${date}" "fastpath ${version}" "User Commands"`,
    `.SH NAME\n${plain(name)} \\- ${plain(lowerFirst(summary.replace(/\.$/, '')))}`,
    `.SH SYNOPSIS\n.B ${plain(fullName(command))}\n${plain(command.usage())}`,
    section('DESCRIPTION', `${plain(summary)}`),
    section('EXAMPLES', verbatim(examplesOf(command))),
    commandsSection(command),
    ...optionSections(command),
    section('NOTES', verbatim(helpText(command, 'afterHelp'))),
    section('SEE ALSO', seeAlso.map((other) => `.BR ${plain(other)} (1)`).join(',\n')),
  ];
  return `${sections.filter((text) => text !== '').join('\n')}\n`;
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
}

/** The subcommands, each with its summary. */
function commandsSection(command: Command): string {
  const help = command.createHelp();
  const rows = help
    .visibleCommands(command)
    .filter(hasPage)
    .map((each) => row(help.subcommandTerm(each), help.subcommandDescription(each)));
  return section('COMMANDS', rows.join('\n'));
}

/** The options by their groups, in the order of the help. Arguments come first. */
function optionSections(command: Command): string[] {
  const help = command.createHelp();
  const argumentRows = help.visibleArguments(command).map((each) => row(help.argumentTerm(each), each.description));
  const groups = new Map<string, Option[]>();
  for (const option of help.visibleOptions(command)) {
    const group = option.helpGroupHeading ?? 'Options:';
    groups.set(group, [...(groups.get(group) ?? []), option]);
  }
  const sections = [...groups].map(([heading, options]) =>
    section(
      heading === 'Options:' ? 'OPTIONS' : heading.replace(/:$/, '').toUpperCase(),
      options.map((option) => row(help.optionTerm(option), help.optionDescription(option))).join('\n'),
    ),
  );
  return [section('ARGUMENTS', argumentRows.join('\n')), ...sections];
}

/** The text that a command puts before or after its help. */
function helpText(command: Command, event: 'beforeHelp' | 'afterHelp'): string {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  // A Command is an emitter, and its help texts are listeners. Its types do not say so.
  (command as unknown as EventEmitter).emit(event, { error: false, command, write });
  return text.trim();
}

/** What subcommand.ts puts before the help: the summary, then "Examples:". */
function examplesOf(command: Command): string {
  const [, examples = ''] = helpText(command, 'beforeHelp').split('Examples:\n');
  return examples;
}

function section(heading: string, body: string): string {
  return body === '' ? '' : `.SH ${heading}\n${body}`;
}

/** A tagged paragraph: a term, and what it means. */
function row(term: string, meaning: string): string {
  return `.TP\n.B ${plain(term)}\n${plain(meaning)}`;
}

function verbatim(text: string): string {
  return text === '' ? '' : `.nf\n${plain(text)}\n.fi`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Text without meaning to roff: no escapes, hyphens that can be copied, and no line that begins as a request. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(['.])/gm, '\\&$1');
}
