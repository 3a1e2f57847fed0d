/**
 * Holds the early path to the textbook path (scripts/oracle): a short, repeatable part of what `npm run oracle` does
 * with millions of steps. It runs in a process of its own, since a module hook opens the private fields of src/net.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ORACLE = fileURLToPath(new URL('../../../scripts/oracle/main.js', import.meta.url));

function oracle(...options: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ORACLE, ...options], { encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

describe('the oracle of the early path', () => {
  it('finds the same frames, control blocks and counters with the path and without it', () => {
    const { status, text } = oracle('--steps', '8000');
    expect(status, text).to.equal(0);
    expect(Number(/(\d+) taken early/.exec(text)?.[1]), text).to.be.greaterThan(2000);
  });

  // Each is a store that the path has to make, and the oracle sees at another place that it is missing.
  for (const store of [
    'snd.wl1 = segment.sequence;',
    'host.timers.stop(tcb, LOSS_PROBE);',
    'snd.moreToCome = false;',
  ]) {
    it(`notices when the path lacks "${store}"`, () => {
      const { status, text } = oracle('--steps', '6000', '--without', store);
      expect(text).to.match(/^DIFFERENT: seed/);
      expect(status).to.equal(1);
    });
  }
});
