import { readFileSync } from 'node:fs';
import { expect } from 'chai';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8'));
const LEAST = '>=20.19';

/** Whether the least Node that we promise is in a range: alternatives, each with a least version. */
function admitsLeast(range: string): boolean {
  return range.split('||').some((alternative) => {
    const [, sign, major, minor = '0'] = /^\s*(>=|\^)?\s*(\d+|\*)(?:\.(\d+))?/.exec(alternative) ?? [];
    if (major === '*' || (sign === '>=' && Number(major) < 20)) return true;
    return Number(major) === 20 && Number(minor) <= 19;
  });
}

describe('the packages that are installed', () => {
  it('all run on the oldest Node that we promise', () => {
    const { engines } = read('package.json');
    expect(engines.node).to.equal(LEAST);
    const { packages } = read('package-lock.json') as { packages: Record<string, { engines?: { node?: string } }> };
    const strange = Object.entries(packages).filter(([, { engines }]) => !admitsLeast(engines?.node ?? '*'));
    expect(strange.map(([name, { engines }]) => `${name} wants ${engines?.node}`)).to.deep.equal([]);
    expect([admitsLeast('>=22'), admitsLeast('^18 || >=20.20'), admitsLeast('6.* || >= 10.*')]).to.deep.equal([
      false,
      false,
      true,
    ]);
  });
});
