import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AcmeAuthority, type ChallengeBoard } from '../../src/acme/authority.js';
import { AcmeFolder } from '../../src/acme/folder.js';
import { CertificateKeeper, type KeeperClock, validityOf } from '../../src/acme/keeper.js';
import { provableNames } from '../../src/acme/options.js';
import { untilRenewal, untilRetry } from '../../src/acme/schedule.js';
import { selfSigned } from '../../src/acme/self-signed.js';
import type { Store } from '../../src/cache/library/store.js';
import { loadCertificate } from '../../src/tls/certificate.js';
import { get, HttpBench, makeExampleStore } from '../support/http-bench.js';
import { MockAuthority } from './mock-authority.js';

const DAY = 86_400_000;
const MINUTE = 60_000;

/** A clock that the test moves. Nothing waits. */
class TestClock implements KeeperClock {
  at = Date.now();
  readonly #timers = new Set<{ due: number; call: () => void }>();

  now(): number {
    return this.at;
  }

  random(): number {
    return 0.5;
  }

  later(ms: number, call: () => void): () => void {
    const timer = { due: this.at + ms, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How long the next timer waits, ms. */
  get wait(): number {
    return Math.min(...[...this.#timers].map(({ due }) => due - this.at));
  }

  pass(ms: number): void {
    this.at += ms;
    for (const timer of [...this.#timers]) {
      if (timer.due > this.at || !this.#timers.delete(timer)) continue;
      timer.call();
    }
  }
}

/** Requests of the mock come to our own HTTP, in memory. */
class HttpBoard implements ChallengeBoard {
  readonly bench: HttpBench;
  readonly challenges = new Map<string, string>();
  put = async (path: string, answer: string): Promise<void> => {
    this.challenges.set(path, answer);
    this.bench.sites.useChallenges(new Map(this.challenges));
  };

  constructor(store: Store) {
    this.bench = new HttpBench(store);
  }

  take(path: string): void {
    this.challenges.delete(path);
    this.bench.sites.useChallenges(new Map(this.challenges));
  }

  fetch = async (_host: string, path: string): Promise<string> => {
    const { sent } = this.bench.feed([get(path)]);
    if (!sent.startsWith('HTTP/1.1 200 ')) throw new Error(sent);
    return sent.slice(sent.indexOf('\r\n\r\n') + 4);
  };
}

describe('acme: certificates from an authority (a mock of the protocol)', () => {
  let store: Store;
  let path: string;
  let folder: AcmeFolder;
  let board: HttpBoard;
  let mock: MockAuthority;
  let clock: TestClock;
  let told: string[];

  before(async () => {
    store = await makeExampleStore();
  });

  beforeEach(async () => {
    path = join(mkdtempSync(join(tmpdir(), 'fastpath-acme-')), 'kept');
    folder = new AcmeFolder(path);
    board = new HttpBoard(store);
    mock = await new MockAuthority(board.fetch).listen();
    clock = new TestClock();
    told = [];
  });

  afterEach(() => {
    mock.close();
    rmSync(join(path, '..'), { recursive: true, force: true });
  });

  function createKeeper(agree = true): CertificateKeeper {
    const options = { email: 'admin@example.org', agree, directory: mock.directory, folder: path };
    const events = { note: (text: string) => told.push(`note: ${text}`), warn: (text: string) => told.push(text) };
    return new CertificateKeeper(folder, new AcmeAuthority(options, folder, board), events, clock);
  }

  const read = (name: string) =>
    loadCertificate({ certificate: folder.fileOf(name), key: folder.fileOf(name) }, Date.now()).credential;

  it('proves the names over our own HTTP, keeps the certificate with its key, and lets nobody else read them', async () => {
    const keeper = createKeeper();
    keeper.keep([{ names: ['example.org', 'www.example.org'] }]);
    await keeper.settled();
    expect(told).to.deep.equal(['note: there is a new certificate for example.org, www.example.org']);
    expect(read('example.org').names).to.have.members(['example.org', 'www.example.org']);
    expect(mock.contacts).to.deep.equal(['mailto:admin@example.org']);
    expect([...board.challenges.keys()], 'challenges that are left').to.deep.equal([]);
    expect(statSync(path).mode & 0o777).to.equal(0o700);
    for (const file of readdirSync(path)) expect(statSync(join(path, file)).mode & 0o777, file).to.equal(0o600);
    expect(readdirSync(path)).to.have.length(2);
    keeper.close();
  });

  it('answers a challenge at its exact path alone, before the site, and not after it was taken down', async () => {
    await board.put('/.well-known/acme-challenge/x', 'x.y');
    const ask = (target: string) => board.bench.feed([get(target)]).sent;
    expect(ask('/.well-known/acme-challenge/x'))
      .to.match(/^HTTP\/1.1 200 /)
      .and.match(/\r\n\r\nx\.y$/);
    expect(ask('/.well-known/acme-challenge/x?')).to.match(/^HTTP\/1.1 404 /);
    expect(ask('/.well-known/acme-challenge/')).to.match(/^HTTP\/1.1 404 /);
    expect(ask('/a')).to.match(/^HTTP\/1.1 200 /);
    board.take('/.well-known/acme-challenge/x');
    expect(ask('/.well-known/acme-challenge/x')).to.match(/^HTTP\/1.1 404 /);
  });

  it('renews a third of its life before it expires, with the same account, and not before', async () => {
    const keeper = createKeeper();
    keeper.keep([{ names: ['example.org'] }]);
    await keeper.settled();
    for (let days = 0; days < 55; days++) clock.pass(DAY);
    await keeper.settled();
    expect(mock.issued, 'after 55 of 90 days').to.equal(1);
    for (let days = 0; days < 10; days++) clock.pass(DAY);
    await keeper.settled();
    expect([mock.issued, mock.accounts]).to.deep.equal([2, 1]);
    keeper.close();
  });

  it('tells a failure in one line, tries again later and later, and keeps the old certificate meanwhile', async () => {
    const { cert, key } = await selfSigned(['example.org'], Date.now());
    folder.keep('example.org', cert, key);
    const before = read('example.org').cert;
    mock.isDown = true;
    const keeper = createKeeper();
    keeper.keep([{ names: ['example.org'] }]);
    await keeper.settled();
    expect(told[0]).to.match(
      /^no certificate for example\.org yet: .*the mock is down.*; the next try is in 14 minutes$/,
    );
    expect(told[0]).not.to.contain('\n');
    clock.pass(clock.wait);
    await keeper.settled();
    expect(told[1]).to.match(/the next try is in 29 minutes$/);
    expect(read('example.org').cert).to.equal(before);
    mock.isDown = false;
    clock.pass(clock.wait);
    await keeper.settled();
    expect(told[2]).to.equal('note: there is a new certificate for example.org');
    keeper.close();
  });

  it('is refused by an authority that finds another answer at the name', async () => {
    board.put = async () => {};
    const keeper = createKeeper();
    keeper.keep([{ names: ['example.org'] }]);
    await keeper.settled();
    expect(told[0]).to.match(/^no certificate for example\.org yet: /);
    expect(mock.issued).to.equal(0);
    keeper.close();
  });

  it('asks for nothing while a certificate holds, and replaces a file that is none', async () => {
    const keeper = createKeeper();
    keeper.keep([{ names: ['example.org'] }]);
    await keeper.settled();
    keeper.keep([{ names: ['example.org'] }]);
    await keeper.settled();
    expect(mock.issued).to.equal(1);
    writeFileSync(folder.fileOf('example.org'), 'no certificate');
    keeper.keep([{ names: ['example.org'] }]);
    await keeper.settled();
    expect(mock.issued).to.equal(2);
    keeper.keep([{ names: ['example.org', 'new.example.org'] }]);
    await keeper.settled();
    expect(read('example.org').names).to.include('new.example.org');
    keeper.close();
  });

  it('makes a certificate of its own, which has the names, fits its key, and does not count as one of an authority', async () => {
    const { cert, key } = await selfSigned(['example.org', 'www.example.org'], Date.now());
    folder.keep('example.org', cert, key);
    expect(read('example.org').names).to.deep.equal(['example.org', 'www.example.org']);
    expect(validityOf(folder.certificate('example.org'), ['example.org'])).to.equal(undefined);
  });
});

describe('acme: when it asks', () => {
  it('is a third before the end, up to a tenth of that earlier by chance, and at once when that has passed', () => {
    const validity = { notBefore: 0, notAfter: 90 * DAY };
    expect(untilRenewal(validity, 0, 0)).to.equal(60 * DAY);
    expect(untilRenewal(validity, 0, 1)).to.equal(57 * DAY);
    expect(untilRenewal(validity, 59 * DAY, 0)).to.equal(DAY);
    expect(untilRenewal(validity, 80 * DAY, 0)).to.equal(0);
  });

  it('is a quarter of an hour after a failure, twice that after the next, and a day at most', () => {
    expect([1, 2, 3, 20].map((failures) => untilRetry(failures, 0) / MINUTE)).to.deep.equal([15, 30, 60, 1440]);
    expect(untilRetry(1, 1) / MINUTE).to.equal(13.5);
  });

  it('is for host names alone: no wildcard, no address, each once', () => {
    const hosts = [
      'Example.org',
      'example.org',
      '*.example.org',
      '192.0.2.1',
      '[2001:db8::1]',
      'localhost',
      'a-b.example',
    ];
    expect(provableNames(hosts)).to.deep.equal(['example.org', 'a-b.example']);
  });
});
