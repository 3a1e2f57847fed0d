import { expect } from 'chai';
import { createProgram } from '../../src/cli/program.js';

const LONGEST_LINE = 120;

const { commands } = await createProgram();

describe('the help of each command', () => {
  it('has no line of more than 120 characters, notes and examples included', () => {
    const tooLong = commands.flatMap((command) => {
      let text = '';
      command.configureOutput({ writeOut: (part) => void (text += part), getOutHelpWidth: () => 80 });
      command.outputHelp();
      expect(text, command.name()).to.include(command.name());
      return text.split('\n').filter((line) => line.length > LONGEST_LINE);
    });
    expect(tooLong).to.deep.equal([]);
  });

  it('shows the default of a time or a size with its unit', () => {
    const bare = commands.flatMap(({ options }) =>
      options.filter(
        ({ flags, defaultValue, defaultValueDescription }) =>
          /<(time|size|duration)>/.test(flags) &&
          typeof defaultValue === 'number' &&
          !/[a-z]/i.test(defaultValueDescription ?? ''),
      ),
    );
    expect(bare.map(({ flags }) => flags)).to.deep.equal([]);
  });
});
