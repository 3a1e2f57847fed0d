import { expect } from 'chai';
import { productSource } from '../../src/lab/folder.js';
import type { Lab } from '../../src/lab/lab.js';
import { scratchCopy, withoutBody } from '../../src/lab/scratch.js';

const SOURCE = `import { b } from '../device/b.js';

/** Adds. */
export function add(
  one: number,
  other: number,
): number {
  if (one > 0) {
    return one + other;
  }
  return other;
}

class Sums {
  /** Takes one. */
  #take(one: number): void {
    this.#total = add(this.#total, one);
  }
}
`;

describe('a scratch copy', () => {
  it('has the contract in place of a body, and all else as it was', () => {
    const text = withoutBody(SOURCE, { name: 'add', contract: ['Add both.'] });
    const open = "): number {\n  // Add both.\n  throw new Error('add is not written yet');\n}\n\nclass Sums {";
    expect(text).to.include(open).and.include('/** Adds. */').and.include('this.#total = add(');
    expect(text).not.to.include('return');
  });

  it('finds a method by its private name, and no call of it', () => {
    const text = withoutBody(SOURCE, { name: '#take', contract: ['Add it.'] });
    expect(text).to.include(
      "  #take(one: number): void {\n    // Add it.\n    throw new Error('#take is not written yet');\n",
    );
    expect(text).to.include('return one + other;');
  });

  it('is refused when the product has no such function any more', () => {
    expect(() => withoutBody(SOURCE, { name: 'sub', contract: [] })).to.throw('there is no function sub');
  });

  it('imports the product wherever its folder is', () => {
    const lab = { file: 'net/wire/a.ts', holes: [] } as unknown as Lab;
    expect(scratchCopy(lab, SOURCE)).to.include("from '@fastpath/net/device/b.js'");
  });

  it('is not made of a source that is missing: the message names what cannot be read', () => {
    const nowhere = { file: 'net/nowhere.ts', holes: [] } as unknown as Lab;
    expect(() => productSource(nowhere)).to.throw(/^cannot read .*\/src\/net\/nowhere\.ts: there is no such file$/);
  });
});
