/** Parts of a folder: which paths lie in them, and which parts lie in others. */
import { expect } from 'chai';
import { isInParts, outermost } from '../../../src/cache/folder/parts.js';

describe('cache/folder/parts', () => {
  it('have a path in them if it is one of them, or lies below one, with the slash of a folder or without', () => {
    const parts = new Set(['/a', '/b/c']);
    const paths = ['/a', '/a/', '/a/x/y', '/b/c/d', '/ab', '/b', '/b/', '/', '/c'];
    expect(paths.filter((path) => isInParts(path, parts))).to.deep.equal(['/a', '/a/', '/a/x/y', '/b/c/d']);
    expect(
      paths.every((path) => isInParts(path, new Set(['']))),
      'the whole folder',
    ).to.equal(true);
  });

  it('without those that lie in others', () => {
    expect(outermost(new Set(['/a/b', '/a', '/ab', '/c/d/e', '/c/d']))).to.deep.equal(['/a', '/ab', '/c/d']);
    expect(outermost(new Set(['/a', '', '/b/c']))).to.deep.equal(['']);
  });
});
