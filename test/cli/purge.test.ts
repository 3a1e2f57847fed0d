import { expect } from 'chai';
import { answerOf, describePurge } from '../../src/cli/purge.js';

describe('cli/purge', () => {
  it('says that something else listens there, if the answer is no object of JSON', () => {
    expect(() => answerOf(404, '<html>')).to.throw(/no listener for administrators: it answered 404/);
    for (const text of ['', 'null', '"x"']) {
      expect(() => answerOf(200, text), text).to.throw(/no listener for administrators/);
    }
  });

  it('says how the command is given a token, where the listener tells users of HTTP', () => {
    const answer = '{"error":"a token is needed","advice":"Send it: curl …"}';
    expect(() => answerOf(401, answer))
      .to.throw('a token is needed')
      .with.property('advice')
      .that.contains('--token-file FILE');
  });

  it('says that nothing has met the wish', () => {
    const read = { site: 'main', read: 0, changed: 0, removed: 0 };
    expect(describePurge({ purged: [read], answers: [] }, '/nope')).to.deep.equal([
      'nothing was purged: no site has a file /nope, and no cache an answer for it',
    ]);
    expect(describePurge({ purged: [{ ...read, read: 2 }] }, '/a')).to.deep.equal([
      'main: 2 files read, 0 changed, 0 gone',
    ]);
  });

  it('throws the words of the listener, and returns what it has done', () => {
    expect(() => answerOf(400, '{"error":"it has no such site"}')).to.throw('it has no such site');
    expect(answerOf(200, '{"purged":[]}')).to.deep.equal({ purged: [] });
  });
});
