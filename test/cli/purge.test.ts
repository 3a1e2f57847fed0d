import { expect } from 'chai';
import { answerOf } from '../../src/cli/purge.js';

describe('cli/purge', () => {
  it('says that something else listens there, if the answer is no JSON', () => {
    expect(() => answerOf(404, '<html>')).to.throw(/no listener for administrators: it answered 404/);
    expect(() => answerOf(200, '')).to.throw(/no listener for administrators/);
  });

  it('throws the words of the listener, and returns what it has done', () => {
    expect(() => answerOf(400, '{"error":"it has no such site"}')).to.throw('it has no such site');
    expect(answerOf(200, '{"purged":[]}')).to.deep.equal({ purged: [] });
  });
});
