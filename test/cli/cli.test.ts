import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createProgram } from '../../src/cli/program.js';
import { commandHere } from '../support/command-here.js';
import { fastpath } from '../support/serve-process.js';

const root = (name: string) => readFileSync(fileURLToPath(new URL(`../../../${name}`, import.meta.url)), 'utf8');

describe('command line', () => {
  it('prints the version of the package', async () => {
    const { code, stdout } = await fastpath(['--version']);
    expect([code, stdout.trim()]).to.deep.equal([0, JSON.parse(root('package.json')).version]);
  });

  it('without a command: prints what there is and exits with 2', async () => {
    const { code, stderr } = await fastpath([]);
    expect(code).to.equal(2);
    expect(stderr).to.match(/serve .*Serve a folder/);
  });

  for (const args of [
    ['serve'],
    ['serve', '.', '--nonsense'],
    ['serve', '.', '--mtu', '9'],
    ['nonsense'],
    ['serve', '.', 'x'],
  ]) {
    it(`"${args.join(' ')}" is refused with 2 and a way on`, async () => {
      const { status, stderr } = await commandHere(...args);
      expect(status).to.equal(2);
      expect(stderr).to.match(/error: /);
    });
  }

  const refusals: readonly (readonly [string, number, string])[] = [
    ['serve nope.yaml', 2, 'nope.yaml:1:1: there is no such file'],
    ['serve site.yaml --config ho.yaml', 2, 'two configuration files: site.yaml and ho.yaml'],
    ['stat --interval 0', 2, 'Too small: the least is 100ms.'],
    ['status -i fp-none', 1, 'no server is running on fp-none'],
    ['top --interval 50ms', 2, 'Too small: the least is 100ms.'],
    ['purge index.html', 2, '"index.html" is no path and no URL: write /index.html, or http://host/index.html'],
  ];
  for (const [line, code, words] of refusals) {
    it(`"${line}" ends with ${code}, and says why`, async () => {
      const { status, stderr } = await commandHere(...line.split(' '));
      expect([status, stderr.includes(words)], stderr).to.deep.equal([code, true]);
    });
  }

  it('every command begins its help with examples, and its summary ends with a full stop', async () => {
    const program = await createProgram();
    for (const command of program.createHelp().visibleCommands(program)) {
      if (command.name() === 'help') continue;
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) });
      command.outputHelp();
      expect(help.indexOf('Examples:'), command.name()).to.be.within(1, help.indexOf('Usage:'));
      expect(help.slice(0, help.indexOf('Usage:')), command.name()).to.contain(`  fastpath ${command.name()}`);
      expect(command.summary(), command.name()).to.match(/\.$/);
    }
  });

  it('an example in a help text is accepted by the parser of its command', async () => {
    for (const { name, line } of await exampleLines()) {
      const command = (await createProgram(name)).commands.find((each) => each.name() === name)!;
      const words = line
        .split(/ +/)
        .slice(2)
        .map((word) => word.replace(/^"|"$/g, ''));
      const parse = () => command.exitOverride().parseOptions(words).unknown;
      let unknown: string[] | undefined;
      expect(() => (unknown = parse()), line).not.to.throw();
      expect(unknown, line).to.deep.equal([]);
    }
  });
});

/** All lines `fastpath <name> …` in the help texts. */
async function exampleLines(): Promise<{ name: string; line: string }[]> {
  return (await createProgram()).commands.flatMap((command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    const lines = help
      .slice(0, help.indexOf('Usage:'))
      .split('\n')
      .map((line) => line.trim());
    return lines.filter((line) => line.startsWith('fastpath ')).map((line) => ({ name: command.name(), line }));
  });
}
