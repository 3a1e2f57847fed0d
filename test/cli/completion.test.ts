import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CLI } from '../support/serve-process.js';

/** What the program offers at Tab behind these words: the values alone. */
function offered(...words: string[]): string[] {
  const { stdout } = spawnSync(process.execPath, [CLI, 'complete', '--', ...words], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(':'))
    .map((line) => line.split('\t')[0] ?? '');
}

const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

describe('shell completion', function () {
  this.timeout(20_000);

  it('offers the commands', () => {
    expect(offered('')).to.include.members(['serve', 'status', 'doctor', 'completion']);
    expect(offered('ser')).to.deep.equal(['serve']);
  });

  it("offers a command's options, and an option's choices", () => {
    expect(offered('serve', '--work')).to.deep.equal(['--workers']);
    expect(offered('serve', '--symlinks', '')).to.have.members(['inside', 'all', 'none']);
  });

  it('offers files where an argument or an option takes one', () => {
    expect(offered('serve', 'examples/si')).to.include('examples/site/');
    expect(offered('dissect', 'test/captures/repl')).to.deep.equal(['test/captures/replay/']);
    expect(offered('serve', '--pcap', './pack')).to.include('./package.json');
  });

  for (const shell of ['bash', 'zsh', 'fish']) {
    const test = isInstalled(shell) ? it : it.skip;
    test(`prints a script that ${shell} can read (skipped where there is no ${shell})`, () => {
      const { stdout } = spawnSync(process.execPath, [CLI, 'completion', shell], { encoding: 'utf8' });
      const folder = mkdtempSync(join(tmpdir(), 'fastpath-completion-'));
      writeFileSync(join(folder, 'script'), stdout);
      const { status, stderr } = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8' });
      rmSync(folder, { recursive: true });
      expect(stdout).to.include('fastpath');
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    });
  }
});
