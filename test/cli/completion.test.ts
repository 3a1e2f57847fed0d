import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { commandHere } from '../support/command-here.js';
import { CLI } from '../support/serve-process.js';

/** What the program offers at Tab behind these words: the values alone. */
async function offered(...words: string[]): Promise<string[]> {
  const { stdout } = await commandHere('complete', '--', ...words);
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(':'))
    .map((line) => line.split('\t')[0] ?? '');
}

const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

/** Stands in for the program, in each shell: it offers one word. */
const PROGRAM: Readonly<Record<string, string>> = {
  bash: "fastpath() { printf 'serve\\tserves\\n:4\\n'; }",
  fish: "function fastpath; printf 'serve\\tserves\\n:4\\n'; end",
  zsh: "fastpath() { printf 'serve\\tserves\\n:4\\n'; }",
};

/** What the shell does at Tab behind `fastpath ser`; bash is as on a machine without the package bash-completion. */
const TAB: Readonly<Record<string, string>> = {
  bash: 'COMP_WORDS=(fastpath ser) COMP_CWORD=1; compopt() { :; }; __fastpath_complete; echo $COMPREPLY',
  fish: 'complete -C "fastpath ser"',
  zsh: '_describe() { print -l $completions; }; words=(fastpath ser) CURRENT=2; _fastpath',
};

/** What is offered there. */
function atTab(shell: string, script: string): string {
  const before = shell === 'zsh' ? 'compdef() { :; }; ' : '';
  const line = `${before}${PROGRAM[shell]}; source ${script}; ${TAB[shell]}`;
  const { stdout, stderr } = spawnSync(shell, ['-c', line], { encoding: 'utf8' });
  return stdout + stderr;
}

describe('shell completion', () => {
  it('offers the commands', async () => {
    expect(await offered('')).to.include.members(['serve', 'status', 'doctor', 'completion']);
    expect(await offered('ser')).to.deep.equal(['serve']);
    const program = spawnSync(process.execPath, [CLI, 'complete', '--', 'ser'], { encoding: 'utf8' });
    expect(program.stdout).to.match(/^serve\t/);
  });

  it("offers a command's options, and an option's choices", async () => {
    expect(await offered('serve', '--work')).to.deep.equal(['--workers']);
    expect(await offered('serve', '--symlinks', '')).to.have.members(['inside', 'all', 'none']);
  });

  it('offers the shells of Linux, and prints a script for no other', async () => {
    expect(await offered('completion', '')).to.have.members(['bash', 'zsh', 'fish']);
    const { status, stderr } = await commandHere('completion', 'powershell');
    expect([status, stderr]).to.satisfy(() => status === 2 && stderr.includes('Allowed choices are bash, zsh, fish.'));
    expect((await commandHere('completion', '--help')).stdout).not.to.contain('powershell');
  });

  it('offers files where an argument or an option takes one', async () => {
    expect(await offered('serve', 'examples/si')).to.include('examples/site/');
    expect(await offered('dissect', 'test/captures/repl')).to.deep.equal(['test/captures/replay/']);
    expect(await offered('serve', '--pcap', './pack')).to.include('./package.json');
  });

  for (const shell of ['bash', 'zsh', 'fish']) {
    const test = isInstalled(shell) ? it : it.skip;
    test(`prints a script that ${shell} can read (skipped where there is no ${shell})`, async () => {
      const { stdout } = await commandHere('completion', shell);
      const folder = mkdtempSync(join(tmpdir(), 'fastpath-completion-'));
      writeFileSync(join(folder, 'script'), stdout);
      const { status, stderr } = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8' });
      expect(atTab(shell, join(folder, 'script')).trim()).to.match(/^serve(?:[:\t]serves)?$/);
      rmSync(folder, { recursive: true });
      expect(stdout).to.include('fastpath');
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    });
  }
});
