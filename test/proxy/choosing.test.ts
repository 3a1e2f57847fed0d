/** Balancing, health and budgets alone: no connection, and time that the test gives. */
import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { choose } from '../../src/proxy/balance/balance.js';
import { hashKeyOf } from '../../src/proxy/balance/hash-key.js';
import { TrustList } from '../../src/proxy/fields/trust.js';
import { ServerHealth } from '../../src/proxy/health/server-health.js';
import { complete } from '../../src/proxy/options.js';
import { RetryBudget } from '../../src/proxy/retry-budget.js';
import { serverUrlProblem } from '../../src/proxy/server-url.js';

interface Fake {
  readonly id: string;
  weight: number;
  active: number;
  credit: number;
}

/** Servers a, b, c … of these weights. */
function servers(...weights: number[]): [Fake, ...Fake[]] {
  const all = weights.map((weight, i) => ({ id: 'abcdefgh'.charAt(i), weight, active: 0, credit: 0 }));
  return all as [Fake, ...Fake[]];
}

const KEYS = Array.from({ length: 10_000 }, (_, i) => `key-${i}`);

describe('round robin', () => {
  it('spreads the turns of a heavy server', () => {
    const all = servers(5, 1, 1);
    const order = Array.from({ length: 14 }, () => choose('round-robin', all, undefined).id).join('');
    expect(order).to.equal('aabacaaaabacaa');
  });
});

describe('least connections', () => {
  it('takes the server with the fewest requests for its weight, and takes turns among equals', () => {
    const all = servers(1, 2, 1);
    all[0].active = 1;
    (all[1] as Fake).active = 2;
    expect(choose('least-connections', all, undefined).id).to.equal('c');
    (all[2] as Fake).active = 1;
    const order = Array.from({ length: 4 }, () => choose('least-connections', all, undefined).id).join('');
    expect(order).to.equal('bacb');
  });
});

describe('the consistent hash', () => {
  const place = (all: [Fake, ...Fake[]]) => KEYS.map((key) => choose('hash', all, key).id);

  it('gives each server its share by weight', () => {
    const places = place(servers(1, 2, 1));
    for (const [id, part] of [
      ['a', 0.25],
      ['b', 0.5],
      ['c', 0.25],
    ] as const) {
      expect(places.filter((each) => each === id).length / KEYS.length).to.be.closeTo(part, 0.02);
    }
  });

  it('moves only the keys of a server that goes', () => {
    const before = place(servers(1, 1, 1, 1));
    const [a, b, c] = servers(1, 1, 1);
    const after = place([a, b as Fake, c as Fake]);
    for (const [i, id] of before.entries()) if (id !== 'd') expect(after[i]).to.equal(id);
  });

  it('takes turns for a request without the key', () => {
    const all = servers(1, 1);
    expect([1, 2, 3, 4].map(() => choose('hash', all, undefined).id).join('')).to.equal('abab');
  });

  it('is made of the named part of a request', () => {
    const req = {
      url: '/a/b?user=42&x=y',
      headers: { cookie: 'a=1; sid=s=7; sid=8', 'x-shard': '3' },
      socket: { remoteAddress: '::ffff:192.0.2.1' },
    } as unknown as IncomingMessage;
    expect(hashKeyOf(req, { of: 'target' })).to.equal('/a/b?user=42&x=y');
    expect(hashKeyOf(req, { of: 'path' })).to.equal('/a/b');
    expect(hashKeyOf(req, { of: 'address' })).to.equal('192.0.2.1');
    expect(hashKeyOf(req, { of: 'cookie', name: 'sid' })).to.equal('s=7');
    expect(hashKeyOf(req, { of: 'header', name: 'X-Shard' })).to.equal('3');
    expect(hashKeyOf(req, { of: 'query', name: 'user' })).to.equal('42');
    expect(hashKeyOf(req, { of: 'query', name: 'none' })).to.equal(undefined);
    expect(hashKeyOf(req, { of: 'header', name: 'none' })).to.equal(undefined);
  });
});

describe('the health of a server', () => {
  const rules = complete({
    servers: [{ url: 'http://a' }],
    passive: { failures: 3, withinMs: 1_000, pauseMs: 500 },
    check: { path: '/', rise: 2, fall: 3 },
    slowStartMs: 1_000,
  });

  it('pauses after so many failures in so short a time, and after a pause at the next one', () => {
    const health = new ServerHealth(rules);
    expect([health.failed(0), health.failed(600), health.failed(1_200)]).to.deep.equal([false, false, false]);
    expect(health.failed(1_300)).to.equal(true);
    expect([health.fitness(1_300), health.fitness(1_799), health.fitness(1_800)]).to.deep.equal([
      'paused',
      'paused',
      'up',
    ]);
    expect(health.failed(1_900), 'a trial that fails is no news').to.equal(false);
    expect([health.fitness(2_399), health.fitness(2_400)]).to.deep.equal(['paused', 'up']);
    expect(health.succeeded(2_500)).to.equal(true);
    expect([health.failed(2_600), health.fitness(2_600)]).to.deep.equal([false, 'up']);
  });

  it('forgets failures when a request is answered', () => {
    const health = new ServerHealth(rules);
    health.failed(0);
    health.failed(1);
    expect(health.succeeded(2)).to.equal(false);
    expect([health.failed(3), health.failed(4)]).to.deep.equal([false, false]);
  });

  it('goes down and up by checks in a row', () => {
    const health = new ServerHealth(rules);
    const run = (...checks: boolean[]) => checks.map((isRight) => health.checked(isRight, 0));
    expect(run(false, false, true, false, false)).to.deep.equal(Array(5).fill(undefined));
    expect(run(false)).to.deep.equal(['down']);
    expect(run(true, false, true)).to.deep.equal([undefined, undefined, undefined]);
    expect(health.fitness(0)).to.equal('down');
    expect(run(true)).to.deep.equal(['up']);
  });

  it('gives a server that has come back a share that grows', () => {
    const health = new ServerHealth(rules);
    expect(health.share(0)).to.equal(1);
    for (let i = 0; i < 3; i++) health.checked(false, 0);
    for (let i = 0; i < 2; i++) health.checked(true, 5_000);
    expect([5_000, 5_050, 5_500, 6_000].map((now) => health.share(now))).to.deep.equal([0.1, 0.1, 0.5, 1]);
  });
});

describe('the budget of retries', () => {
  it('has a retry for each five requests, and some saved', () => {
    const budget = new RetryBudget();
    const spent = () => {
      let count = 0;
      while (budget.spend()) count++;
      return count;
    };
    expect(spent()).to.equal(20);
    for (let i = 0; i < 51; i++) budget.earn();
    expect(spent()).to.equal(10);
    for (let i = 0; i < 10_000; i++) budget.earn();
    expect(spent()).to.equal(20);
  });
});

describe('the list of trusted proxies', () => {
  it('has addresses and networks of both families, in all their forms', () => {
    const list = new TrustList(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
    const trusted = ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.1', '2001:db8:1::1', '2001:db8::1%eth0'];
    for (const address of trusted) expect(list.has(address), address).to.equal(true);
    for (const address of ['11.0.0.1', '192.0.2.2', '2001:db9::1', 'x', '', undefined]) {
      expect(list.has(address), address).to.equal(false);
    }
  });

  it('refuses what is none', () => {
    for (const entry of ['10.0.0.0/33', 'example.org', '10.0.0.0/', '::/129', '10.0.0.0/-1', '']) {
      expect(() => new TrustList([entry]), entry).to.throw(RangeError);
    }
  });
});

describe('the URL of a server', () => {
  it('is one of a server and of nothing within it', () => {
    for (const url of ['http://a', 'https://a.b:8443/', 'http://[::1]:3000', 'unix:/run/a.sock']) {
      expect(serverUrlProblem(url), url).to.equal(undefined);
    }
    for (const url of [
      'a:80',
      'ftp://a',
      'http://u:p@a',
      'http://a/b',
      'http://a?b',
      'http://a#',
      'unix:a',
      'http://a:0',
    ]) {
      expect(serverUrlProblem(url), url).to.be.a('string');
    }
    expect(serverUrlProblem(`unix:/${'x'.repeat(107)}`)).to.match(/107/);
  });
});
