/** What the proxy's thread decides without a thread: whose page goes with an error, and what is told of faults. */
import { expect } from 'chai';
import { ProxyFailure } from '../../src/proxy/failure.js';
import { pagesOf } from '../../src/proxy/thread/page-choice.js';
import { ProxyReport } from '../../src/proxy/thread/report.js';

describe('the page for an error', () => {
  const page = (text: string) => ({ 502: { type: 'text/html', body: Buffer.from(text) } });
  const choose = pagesOf([
    { hosts: ['a.example'], isDefault: false, pages: page('a') },
    { hosts: ['*.example'], isDefault: false, pages: page('wild') },
    { hosts: ['*.deep.example'], isDefault: false, pages: page('deep') },
    { hosts: [], isDefault: true, pages: page('default') },
  ]);
  const bodyFor = (host: string, status = 502) => {
    const found = choose(status, host);
    return found && String(found.body);
  };

  it('is that of the site with the host, else the longest wildcard, else the default site', () => {
    const hosts = ['A.example:80', 'b.example', 'x.deep.example', 'other.org', ''];
    expect(hosts.map((host) => bodyFor(host))).to.deep.equal(['a', 'wild', 'deep', 'default', 'default']);
  });

  it('is none if the site has none for the status', () => {
    expect(bodyFor('a.example', 504)).to.equal(undefined);
    expect(pagesOf([])(502, 'a')).to.equal(undefined);
  });
});

describe('the report of the proxy', () => {
  const trouble = (kind: 'reset' | 'connect' | 'client', target = '/') => ({
    ...{ upstream: 'app', server: 'http://a', status: 502, failure: new ProxyFailure(kind, 'it broke'), attempts: 2 },
    ...{ method: 'GET', target, host: 'h' },
  });

  it('tells a kind of fault once in a while, with the number of those between', () => {
    const lines: string[] = [];
    let now = 0;
    const report = new ProxyReport((text) => lines.push(text), { now: () => now, later: () => {} });
    for (let i = 0; i < 10; i++) report.trouble(trouble('reset'));
    report.trouble(trouble('connect'));
    now = 5_000;
    report.trouble(trouble('reset'));
    const line = 'upstream app: GET / (h) got 502: it broke; server http://a, 2 attempts';
    expect(lines).to.deep.equal([line, line, `${line}; 9 more of this kind since the last such line`]);
  });

  it('says nothing of clients that go away, and prints no control characters', () => {
    const lines: string[] = [];
    const report = new ProxyReport((text) => lines.push(text));
    report.trouble(trouble('client'));
    report.trouble(trouble('reset', '/\u001b[31m\u0085'));
    report.healthChanged({ upstream: 'app', server: 'http://a', change: 'down', reason: 'a\nb' });
    expect(lines).to.deep.equal([
      'upstream app: GET /?[31m? (h) got 502: it broke; server http://a, 2 attempts',
      'upstream app: http://a is down: a?b',
    ]);
  });

  it('tells of a server that comes and goes a few times only, and in the end how it is', () => {
    const lines: string[] = [];
    let now = 0;
    let due: { action: () => void; at: number } | undefined;
    const later = (action: () => void, ms: number) => {
      expect(due).to.equal(undefined);
      due = { action, at: now + ms };
    };
    const report = new ProxyReport((text) => lines.push(text), { now: () => now, later });
    const flap = (until: number) => {
      for (; now < until; now += 50) {
        if (due !== undefined && now >= due.at) {
          const { action } = due;
          due = undefined;
          action();
        }
        const change = (now / 50) % 2 === 0 ? 'down' : 'up';
        report.healthChanged({ upstream: 'app', server: 'http://a', change, reason: 'a check' });
      }
    };
    flap(12_000); // 240 changes
    const [down, up] = ['upstream app: http://a is down: a check', 'upstream app: http://a is up again: a check'];
    const more = (count: number) => `; it changed ${count} times before that, since the last such line`;
    expect(lines).to.deep.equal([down, up, down, `${up}${more(96)}`, `${up}${more(99)}`]);
    now = due?.at ?? 0;
    due?.action();
    due = undefined;
    expect(lines.at(-1)).to.equal(`${up}${more(39)}`);
    now += 60_000;
    report.healthChanged({ upstream: 'app', server: 'http://a', change: 'down', reason: 'a check' });
    expect(lines.at(-1)).to.equal(down);
    expect(due).to.equal(undefined);
  });
});
