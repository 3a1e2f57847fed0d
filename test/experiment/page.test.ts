/** docs/experiments.md shows what the experiments give. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { filled, PAGE } from '../../scripts/experiments.js';

describe('docs/experiments.md', function () {
  this.timeout(60_000);

  it('has the pictures and findings of the runs (npm run experiments writes them)', () => {
    const page = readFileSync(PAGE, 'utf8');
    expect(filled(page)).to.equal(page);
  });

  it('says so when an experiment has no place in it', () => {
    expect(() => filled('# Experiments\n')).to.throw('has no block');
  });
});
