import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { type ManPage, manPages } from '../../src/cli/man-page.js';
import { createProgram } from '../../src/cli/program.js';

const program = await createProgram();
const pages = manPages(program, { date: '2026-01-02', version: '1.2.3' });
const pageOf = (file: string): ManPage => {
  const page = pages.find((each) => each.file === file);
  if (page === undefined) throw new Error(`no page ${file}`);
  return page;
};
const hasMandoc = spawnSync('mandoc', ['-T', 'lint'], { input: '' }).error === undefined;

describe('manual pages', () => {
  it('are one for the program and one for each command', () => {
    const commands = program.commands.map((command) => command.name()).filter((name) => name !== 'complete');
    expect(pages.map(({ file }) => file)).to.have.members([
      'fastpath.1',
      ...commands.map((name) => `fastpath-${name}.1`),
    ]);
  });

  it('have every option of the command, with what it means', () => {
    const { text } = pageOf('fastpath-serve.1');
    const serve = program.commands.find((command) => command.name() === 'serve');
    for (const { flags } of serve?.options ?? []) {
      expect(text, flags).to.include(`.B ${flags.replaceAll('-', '\\-')}`);
    }
    expect(text).to.include('.SH EXAMPLES').and.include('Exit status: 0 ended by Ctrl');
    expect(text).to.include('.TH FASTPATH-SERVE 1 "2026-01-02" "fastpath 1.2.3" "User Commands"');
  });

  it('name the other pages', () => {
    expect(pageOf('fastpath.1').text).to.include('.BR fastpath\\-serve (1)');
    expect(pageOf('fastpath-status.1').text).to.include('.BR fastpath (1)');
  });

  (hasMandoc ? it : it.skip)('are well-formed to mandoc (skipped where it is not installed)', () => {
    for (const { file, text } of pages) {
      const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning'], { input: text, encoding: 'utf8' });
      expect(stdout, file).to.equal('');
    }
  });
});
