import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const PROGRAM = fileURLToPath(new URL('../support/dns/hot-path.js', import.meta.url));
const FLAGS = '--expose-gc --max-semi-space-size=256 --max-inlined-bytecode-size-cumulative=3000';

describe('a query that was asked before', () => {
  it('is answered without a byte of heap, with EDNS and without, limits included', () => {
    const words = [...FLAGS.split(' '), '--max-inlined-bytecode-size-small=130', PROGRAM];
    const lines = execFileSync(process.execPath, words, { encoding: 'utf8' }).trim().split('\n');
    expect(lines).to.have.length(2);
    for (const line of lines) {
      const [answers, bytes] = line.split(' ').map(Number);
      expect(answers).to.equal(400_000);
      // The smallest object has 16 bytes. What is left is the compiler's, which is later on a busy machine.
      expect(bytes, 'bytes a query').to.be.lessThan(4);
    }
  });
});
