/** The numbers of the sites: which name has which, over many reloads. */
import { expect } from 'chai';
import { SiteNumbers } from '../../../src/serve/folders/site-numbers.js';

describe('the numbers of sites', () => {
  it('are two for a site that is loaded anew again and again', () => {
    const numbers = new SiteNumbers();
    let serving = numbers.take('a', new Set());
    const seen = [serving];
    for (let i = 0; i < 5; i++) {
      serving = numbers.take('a', new Set([serving]));
      seen.push(serving);
    }
    expect(seen).to.deep.equal([0, 1, 0, 1, 0, 1]);
  });

  it('go to another name only when 64 are given away, and never while they are in use', () => {
    const numbers = new SiteNumbers();
    for (let i = 0; i < 64; i++) expect(numbers.take(`site ${i}`, new Set())).to.equal(i);
    expect(numbers.take('one more', new Set([0, 1]))).to.equal(2);
    expect(numbers.names.get(2)).to.equal('one more');
    const all = new Set(Array.from({ length: 64 }, (_, i) => i));
    expect(numbers.take('beyond', all)).to.equal(64);
    expect(numbers.names.size).to.equal(65);
  });

  it('keep two sites apart that have the same name', () => {
    const numbers = new SiteNumbers();
    expect([numbers.take('a', new Set()), numbers.take('a', new Set([0]))]).to.deep.equal([0, 1]);
  });
});
