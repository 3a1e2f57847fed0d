import { expect } from 'chai';
import type { Store } from '../../../src/cache/library/store.js';
import { AnswerNote, AnswerReason } from '../../../src/http/sending/answer-log.js';
import { HttpStatistics } from '../../../src/http/sending/statistics.js';
import { ONE_SITE } from '../../../src/http/sites/sites.js';
import { FakeSlowPath } from '../../support/fake-slow-path.js';
import { get, HttpBench, makeExampleStore, request } from '../../support/http-bench.js';

/** Names of the reasons, by number. */
const NAMES = Object.keys(AnswerReason);

class ReasonBench extends HttpBench {
  readonly reasons: string[];

  constructor(store: Store, handler = false) {
    const note = new AnswerNote();
    const reasons: string[] = [];
    const answered = () => {
      reasons.push(NAMES[note.reason]!);
      note.reset();
    };
    const nothing = () => {};
    const log = { hasRoom: () => true, began: nothing, interim: nothing, acknowledged: nothing, closed: nothing };
    const site = {
      handler,
      routes: [{ path: '/api/', to: ['handler' as const] }],
      redirects: [{ from: '/old/*', to: '/', status: 301 as const }],
    };
    const hosts = [
      { name: 'example.org', site: 0 },
      { name: 'alias', site: 0, redirectTo: 'example.org' },
    ];
    super(
      store,
      {},
      { note, opened: () => ({ ...log, answered }) },
      { ...ONE_SITE, sites: [site], hosts },
      new FakeSlowPath(),
    );
    this.reasons = reasons;
  }

  /** The counters that a request changes, of those that say why it left the fast path. */
  counted(text: string): string[] {
    const before = { ...this.statistics };
    const connection = this.feed([text]);
    connection.disappear('reset');
    const names = Object.keys(before) as (keyof HttpStatistics)[];
    return names.filter((name) => name.startsWith('off') && this.statistics[name] !== before[name]);
  }
}

describe('the reason why a request does not take the fast path', () => {
  let store: Store;
  before(async () => {
    store = await makeExampleStore();
  });

  const rows: readonly (readonly [request: string, counter: string[], reason: string])[] = [
    [get('/a'), [], 'none'],
    [get('/a?x'), ['offTarget'], 'target'],
    [get('/%61'), ['offTarget'], 'target'],
    [get('/a', 'If-None-Match: "abc"'), ['offConditional'], 'conditional'],
    [get('/a', 'Range: bytes=0-1'), ['offRange'], 'range'],
    [get('/none'), ['offNoObject'], 'noObject'],
    [get('/old/x'), ['offRule'], 'rule'],
    [request('PUT', '/a'), ['offMethod'], 'method'],
    [get('/a').replace('example.org', 'alias'), ['offHost'], 'host'],
    [`${get('/a', 'Content-Length: 1')}x`, ['offBody'], 'body'],
  ];
  for (const [text, counters, reason] of rows) {
    it(`is counted and told to the log: ${text.split('\r\n').slice(0, 3).join(', ')}`, () => {
      const bench = new ReasonBench(store);
      expect(bench.counted(text)).to.deep.equal(counters);
      expect(bench.reasons).to.deep.equal([reason]);
    });
  }

  it('is counted once for a request that is handed over', () => {
    const bench = new ReasonBench(store, true);
    expect(bench.counted(get('/api/x'))).to.deep.equal(['offRoute']);
    expect(bench.counted(get('/none'))).to.deep.equal(['offNoObject']);
    expect(bench.counted(request('POST', '/a', 'Content-Length: 3'))).to.deep.equal(['offMethod']);
    expect(bench.counted(get('/none', 'Content-Length: 3'))).to.deep.equal(['offNoObject']);
    expect(bench.statistics).to.include({ handedOver: 4, offNoObject: 2, cacheMisses: 3 });
  });

  it('has a counter for every reason that no other counter has', () => {
    const counted = Object.keys(new HttpStatistics()).filter((name) => name.startsWith('off'));
    const ends = ['noHandler', 'handlerFailed', 'handlerTimeout', 'clientLeft']; // of requests that are handed over
    const upstreams = NAMES.filter((name) => name.startsWith('upstream'));
    const elsewhere = [
      ...ends,
      ...upstreams,
      'none',
      'carried',
      'refused',
      'requestTimeout',
      'unfinished',
      'waited',
      'stream',
    ];
    const expected = NAMES.filter((name) => !elsewhere.includes(name)).map(
      (name) => `off${name[0]!.toUpperCase()}${name.slice(1)}`,
    );
    expect(counted.sort()).to.deep.equal(expected.sort());
  });
});
