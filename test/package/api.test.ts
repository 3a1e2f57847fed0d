import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import * as api from '../../src/index.js';
import { declarationsOf } from './declarations.js';

const INDEX = fileURLToPath(new URL('../../src/index.d.ts', import.meta.url));
const MODULE = fileURLToPath(new URL('../../src/module/index.d.ts', import.meta.url));

describe('the public API', () => {
  const declarations = declarationsOf(INDEX);

  it('is found whole by this test', () => {
    const names = declarations.map(({ name }) => name);
    expect(names).to.include.members(Object.keys(api));
    expect(names).to.include.members(['StackOptions', 'Connection', 'ServeOptions']);
  });

  it('has a docstring for each export', () => {
    const bare = [...declarations, ...declarationsOf(MODULE)].filter(({ docstring }) => docstring.length < 8);
    expect(bare.map(({ name, file }) => `${name} in ${file}`)).to.deep.equal([]);
  });
});
