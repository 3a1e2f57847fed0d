/** What the README says is so. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { EXIT_CODE_OF, ExitCode } from '../../src/cli/exit-codes.js';
import { createProgram } from '../../src/cli/program.js';
import * as api from '../../src/index.js';

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const README = readFileSync(path('README.md'), 'utf8');

/** The first cells of the rows of the table under the heading that contains `heading`. */
function firstCells(heading: string): string[] {
  const section = README.slice(README.indexOf(heading));
  const table = /(?:^\|.*\n)+/m.exec(section)![0];
  return table
    .split('\n')
    .slice(2, -1)
    .map((row) => row.split('|')[1]!.trim());
}

describe('the README', () => {
  it('lists every exit code', () => {
    const codes = firstCells('### Exit codes').map(Number);
    expect(codes).to.deep.equal([...new Set<number>(Object.values(ExitCode))].sort((a, b) => a - b));
    expect(codes).to.include.members(Object.values(EXIT_CODE_OF));
  });

  it('lists every command', async () => {
    const names = firstCells('## Commands').map((cell) => /`fastpath (\S+?)[ `]/.exec(cell)![1]);
    const program = await createProgram();
    const shown = program.createHelp().visibleCommands(program);
    expect([...names, 'help']).to.have.members(shown.map((command) => command.name()));
  });

  it('names options that serve has', async () => {
    const serve = (await createProgram('serve')).commands.find((command) => command.name() === 'serve')!;
    const flags = firstCells('### The options of serve').map((cell) => /`(--\S+?)[ `]/.exec(cell)![1]);
    expect(serve.options.map(({ long }) => long)).to.include.members(flags);
  });

  it('shows a session with the files that are there', () => {
    const files = readdirSync(path('examples/site'), { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    const bytes = files.reduce((sum, file) => sum + statSync(`${file.parentPath}/${file.name}`).size, 0);
    expect(README).to.contain(`(${files.length} files, ${Math.round(bytes / 1024)} KiB in memory)`);
    expect(README).to.contain(`Content-Length: ${statSync(path('examples/site/try/index.html')).size}\n`);
  });

  it('imports what the package exports, here and in the example', () => {
    for (const text of [README, readFileSync(path('examples/embed.ts'), 'utf8')]) {
      const names = /import \{ ([^}]+) \} from 'fastpath'/.exec(text)![1]!.split(', ');
      expect(Object.keys(api)).to.include.members(names);
    }
  });

  it('links to files that are there', () => {
    for (const [, target] of README.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      expect(() => statSync(path(target!)), target).not.to.throw();
  });
});
