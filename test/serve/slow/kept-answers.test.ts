import { expect } from 'chai';
import { Library } from '../../../src/cache/library/library.js';
import { keptName } from '../../../src/http/index.js';
import { latin1Bytes } from '../../../src/net/wire/latin1.js';
import { KeptAnswers } from '../../../src/serve/slow/kept-answers.js';
import type { KeptAnswer } from '../../../src/shared-cache/library-publisher.js';
import { answerOf } from '../../../src/shared-cache/stored-object.js';
import type { CacheSetups } from '../../../src/shared-cache/thread/messages.js';

const NAME = keptName('http', 'example.org', '/a');

function kept(text = 'hello'): KeptAnswer {
  const body = Buffer.from(text);
  const place = { scheme: 'http', host: 'example.org', target: '/a' } as const;
  const head = { status: 200, message: 'OK', fields: [], born: 1, until: 2 };
  const answer = answerOf({ ...place, ...head, body }, 'fastpath; hit');
  if (answer === null) throw new Error('it can be published');
  return { name: NAME, answer, body };
}

const servers = [{ url: 'http://127.0.0.1:1' }];

describe('what is kept of the handler and of upstreams', () => {
  it('has a key space for each cache, and none for those without one', () => {
    const upstreams = { a: { servers, cache: {} }, b: { servers }, c: { servers, cache: {} } };
    const answers = new KeptAnswers(new Library());
    const spaces = answers.spacesFor({ handler: './app.js', handlerCache: {}, upstreams });
    expect(spaces).to.have.all.keys('', 'a', 'c');
    expect(new Set(Object.values(spaces)).size).to.equal(3);
    expect(answers.spacesFor({ handlerCache: {}, upstreams })).to.deep.equal({ a: spaces.a, c: spaces.c });
    expect(answers.useUpstreams(upstreams)).to.have.all.keys('a', 'c');
  });

  it('is published and withdrawn in the order of the messages', () => {
    const { library, answers, id } = cacheOf('a');
    answers.take({ kind: 'keep', cacheId: id, kept: kept() });
    answers.take({ kind: 'keep', cacheId: id, kept: kept('newer') });
    expect(library.find(latin1Bytes(NAME), answers.spaceOf('a'))?.payloadLength).to.equal(5);
    expect(library.statistics.stored).to.equal(1);
    answers.take({ kind: 'drop', cacheId: id, name: NAME });
    expect(library.statistics.stored).to.equal(0);
  });

  it('goes on with an upstream that stays as it is, and is gone with one that changes', () => {
    const library = new Library();
    const a = { servers, cache: {} };
    const answers = new KeptAnswers(library);
    const { a: { id = 0 } = {}, b } = answers.useUpstreams({ a, b: a });
    for (const cacheId of [id, b?.id ?? 0]) answers.take({ kind: 'keep', cacheId, kept: kept() });
    expect(library.statistics.stored).to.equal(2);
    expect(answers.useUpstreams({ a: { servers: [...servers], cache: {} } }).a?.id).to.equal(id);
    expect(library.statistics.stored).to.equal(1);
    const other = { servers: [{ url: 'http://127.0.0.1:2' }], cache: {} };
    expect(answers.useUpstreams({ a: other }).a?.id).to.not.equal(id);
    expect(library.statistics.stored).to.equal(0);
    answers.take({ kind: 'keep', cacheId: id, kept: kept() }); // its thread has not heard of the change
    expect(library.statistics.stored).to.equal(0);
  });

  it('is gone with a handler that is loaded anew, also what its thread still sends', () => {
    const library = new Library();
    const answers = new KeptAnswers(library);
    const options = { handler: './app.js', handlerCache: {} };
    const [first, second] = [answers.newForHandler(options), answers.newForHandler(options)];
    const keep = (setups: CacheSetups) => answers.take({ kind: 'keep', cacheId: setups['']?.id ?? 0, kept: kept() });
    answers.useHandler(first);
    keep(first);
    keep(second); // it does not serve yet
    expect(library.statistics.published).to.equal(1);
    answers.useHandler(second);
    expect(library.statistics.stored).to.equal(0);
    keep(first);
    expect(library.statistics.stored).to.equal(0);
    answers.useUpstreams({});
    keep(second);
    expect(library.statistics.stored).to.equal(1);
  });

  it('is gone with the thread that had it, which alone could purge it', () => {
    const { library, answers, id } = cacheOf('a');
    answers.take({ kind: 'keep', cacheId: id, kept: kept() });
    answers.lost(true);
    expect(library.statistics.stored).to.equal(1);
    answers.lost(false);
    expect(library.statistics.stored).to.equal(0);
  });

  it('counts what finds no memory, and takes the older answer away', () => {
    const { library, answers, id } = cacheOf('a', new Library(2 ** 20));
    answers.take({ kind: 'keep', cacheId: id, kept: kept() });
    answers.take({ kind: 'keep', cacheId: id, kept: kept('x'.repeat(2 ** 21)) });
    expect(answers.withoutRoom).to.equal(1);
    expect(library.statistics.stored).to.equal(0);
  });
});

function cacheOf(name: string, library = new Library()) {
  const answers = new KeptAnswers(library);
  const setups = answers.useUpstreams({ [name]: { servers, cache: {} } });
  return { library, answers, id: setups[name]?.id ?? 0 };
}
