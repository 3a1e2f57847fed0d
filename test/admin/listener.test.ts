/** The admin listener over real sockets: endpoints, methods, who may do what, and how it opens and closes. */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Health } from '../../src/admin/health.js';
import { AdminListener } from '../../src/admin/listener.js';
import { Metrics } from '../../src/admin/metrics.js';
import { AdminError, type AdminSource, type DrainWish, type PurgeWish, type TagWish } from '../../src/admin/source.js';
import type { PurgedAnswers } from '../../src/shared-cache/thread/messages.js';
import { type AdminAddress, formatAdminAddress, parseAdminAddress } from '../../src/site/admin-address.js';
import { fullCounters, reading } from './support.js';

const TOKEN = 'abcdefghij-0123456789';
/** Time stands still here. So no worker is stuck, however slow the machine is. */
const NOW = 1_700_000_000_000;
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };

/** A server that remembers what it was asked for. */
class FakeServer implements AdminSource {
  readonly purges: (PurgeWish | TagWish)[] = [];
  answers: readonly PurgedAnswers[] = [];
  readonly drains: DrainWish[] = [];
  reloads = 0;
  failure: Error | undefined;

  read() {
    return reading([fullCounters()]);
  }

  async purge(wish: PurgeWish | TagWish) {
    this.purges.push(wish);
    return { files: [{ site: 'shop', read: 1, changed: 1, removed: 0 }], answers: this.answers };
  }

  async reload() {
    if (this.failure !== undefined) throw this.failure;
    this.reloads++;
    return { changed: ['limits'] };
  }

  drain(wish: DrainWish) {
    this.drains.push(wish);
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Ask = (method: string, path: string, headers?: Record<string, string>) => Promise<Answer>;

describe('the admin listener', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-admin-'));
  const path = join(folder, 'admin.sock');
  let health: Health;
  let source: FakeServer;
  let listener: AdminListener | undefined;

  beforeEach(() => {
    source = new FakeServer();
    health = new Health();
    health.state = 'serving';
    health.beat([1], NOW);
  });
  afterEach(async () => {
    await listener?.close();
    listener = undefined;
  });
  after(() => rmSync(folder, { recursive: true }));

  function create(address: AdminAddress, token?: string): AdminListener {
    const metrics = new Metrics(source);
    return new AdminListener({ address, token }, { health, metrics, source, now: () => NOW });
  }

  async function open(where: string, token?: string): Promise<Ask> {
    listener = create(parseAdminAddress(where), token);
    await listener.open();
    const { address } = listener;
    if (address === undefined) throw new Error('it does not listen');
    const target = address.kind === 'unix' ? { socketPath: address.path } : address;
    return (method, asked, headers = {}) =>
      new Promise((resolve, reject) => {
        const sent = request({ ...target, method, path: asked, headers, agent: false }, async (answer) => {
          const chunks = await answer.toArray();
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() });
        });
        sent.on('error', reject).end();
      });
  }

  it('answers metrics, health and readiness on loopback without a token', async () => {
    const ask = await open('127.0.0.1:0');
    const metrics = await ask('GET', '/metrics');
    expect(metrics.status).to.equal(200);
    expect(metrics.headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
    expect(metrics.body).to.contain('\nfastpath_http_requests_total 0\n');
    expect(await ask('GET', '/healthz')).to.include({ status: 200, body: '{"status":"serving"}\n' });
    expect((await ask('GET', '/readyz')).status).to.equal(200);
    health.state = 'draining';
    expect(await ask('GET', '/readyz')).to.include({ status: 503, body: '{"status":"draining"}\n' });
    expect((await ask('GET', '/')).body).to.contain('"path":"/purge","method":"POST"');
  });

  it('says what it does not have, and which method a path takes', async () => {
    const ask = await open('127.0.0.1:0', TOKEN);
    expect((await ask('GET', '/nothing')).status).to.equal(404);
    expect((await ask('GET', '/toString')).status).to.equal(404);
    const wrong = await ask('GET', '/reload', AUTHORIZED);
    expect(wrong.status).to.equal(405);
    expect(wrong.headers.allow).to.equal('POST');
    const posted = await ask('POST', '/metrics', AUTHORIZED);
    expect(posted.status).to.equal(405);
    expect(posted.headers.allow).to.equal('GET, HEAD');
    expect(await ask('HEAD', '/healthz')).to.include({ status: 200, body: '' });
    expect(source.reloads).to.equal(0);
  });

  it('changes something with the token alone: 401 without it or with another one', async () => {
    const ask = await open('127.0.0.1:0', TOKEN);
    const without = await ask('POST', '/reload');
    expect(without.status).to.equal(401);
    expect(without.headers['www-authenticate']).to.equal('Bearer realm="fastpath"');
    expect((await ask('POST', '/reload', { authorization: 'Bearer no-such-token-here' })).status).to.equal(401);
    expect(source.reloads).to.equal(0);
    const done = await ask('POST', '/reload', AUTHORIZED);
    expect(done).to.include({ status: 200, body: '{"reloaded":{"changed":["limits"]}}\n' });
    expect(source.reloads).to.equal(1);
  });

  it('changes nothing over TCP if the server has no token: 403, which says how to get one', async () => {
    const ask = await open('127.0.0.1:0');
    const refused = await ask('POST', '/drain', AUTHORIZED);
    expect(refused.status).to.equal(403);
    expect(refused.body).to.contain('--admin-token-file');
    expect(source.drains).to.deep.equal([]);
  });

  it('refuses web pages: another Host than an address or localhost, and every Origin', async () => {
    const ask = await open('127.0.0.1:0', TOKEN);
    const rebound = await ask('GET', '/metrics', { host: 'evil.example:9464' });
    expect(rebound.status).to.equal(421);
    for (const host of ['localhost:9999', '127.0.0.1', '[::1]:1', 'a.localhost']) {
      expect((await ask('GET', '/metrics', { host })).status, host).to.equal(200);
    }
    const forged = await ask('POST', '/reload', { ...AUTHORIZED, origin: 'http://127.0.0.1' });
    expect(forged.status).to.equal(403);
    expect(forged.headers).not.to.have.any.keys('access-control-allow-origin');
    expect((await ask('OPTIONS', '/reload', { origin: 'http://evil.example' })).status).to.equal(405);
    expect(source.reloads).to.equal(0);
  });

  it('asks for the token in all but health, if other machines can reach it', async () => {
    const ask = await open('0.0.0.0:0', TOKEN);
    expect((await ask('GET', '/metrics', { host: 'metrics.example' })).status).to.equal(401);
    expect((await ask('GET', '/metrics', { host: 'metrics.example', ...AUTHORIZED })).status).to.equal(200);
    expect((await ask('GET', '/readyz', { host: 'metrics.example' })).status).to.equal(200);
  });

  it('does not listen where other machines can reach it, without a token', () => {
    expect(() => create(parseAdminAddress('0.0.0.0:0'))).to.throw(AdminError, 'can be reached from other machines');
    expect(() => create(parseAdminAddress('[::]:0'))).to.throw(AdminError, 'there is no token');
  });

  it('purges by path, by URL and by prefix', async () => {
    const ask = await open('127.0.0.1:0', TOKEN);
    await ask('POST', '/purge?url=/a%2520b.css', AUTHORIZED);
    await ask('POST', '/purge?url=http://Shop.example:81/x/../y.js?v=1', AUTHORIZED);
    const last = await ask('POST', '/purge?prefix=/assets/&site=shop', AUTHORIZED);
    expect(source.purges).to.deep.equal([
      { path: '/a b.css', target: '/a%20b.css', isPrefix: false, isSoft: false },
      { path: '/y.js', target: '/y.js?v=1', isPrefix: false, isSoft: false, host: 'shop.example', port: '81' },
      { path: '/assets/', target: '/assets/', isPrefix: true, isSoft: false, site: 'shop' },
    ]);
    expect(last.body).to.equal('{"purged":[{"site":"shop","read":1,"changed":1,"removed":0}]}\n');
  });

  it('purges kept answers by a tag, and softly', async () => {
    const ask = await open('127.0.0.1:0', TOKEN);
    source.answers = [{ cache: 'app', answers: 3 }];
    const { body } = await ask('POST', '/purge?tag=news&soft', AUTHORIZED);
    await ask('POST', '/purge?url=/a&soft=true', AUTHORIZED);
    expect(source.purges).to.deep.equal([
      { tag: 'news', isSoft: true },
      { path: '/a', target: '/a', isPrefix: false, isSoft: true },
    ]);
    expect(JSON.parse(body).answers).to.deep.equal([{ cache: 'app', answers: 3 }]);
  });

  for (const query of [
    '',
    '?url=/a&prefix=/b',
    '?url=/a&tag=b',
    '?tag=',
    '?tag=a&site=shop',
    '?url=/a&soft=maybe',
    '?url=a.css',
    '?url=/%2500',
    '?url=http://x/a&site=shop',
    '?urls=/a',
    '?url=/a&url=/b',
  ]) {
    it(`refuses to purge "${query}" with 400 and a word of advice`, async () => {
      const ask = await open('127.0.0.1:0', TOKEN);
      const refused = await ask('POST', `/purge${query}`, AUTHORIZED);
      expect(refused.status).to.equal(400);
      expect(JSON.parse(refused.body)).to.have.keys('error', 'advice');
      expect(source.purges).to.deep.equal([]);
    });
  }

  it('drains with a delay and a grace', async () => {
    const ask = await open('127.0.0.1:0', TOKEN);
    const done = await ask('POST', '/drain?delay=5s&grace=forever', AUTHORIZED);
    expect(done).to.include({ status: 202, body: '{"draining":{"delaySeconds":5,"graceSeconds":"forever"}}\n' });
    await ask('POST', '/drain', AUTHORIZED);
    expect(source.drains).to.deep.equal([{ delayMs: 5_000, graceMs: Number.POSITIVE_INFINITY }, { delayMs: 0 }]);
    expect((await ask('POST', '/drain?delay=forever', AUTHORIZED)).status).to.equal(400);
  });

  it('answers with the error of a reload that fails', async () => {
    const ask = await open('127.0.0.1:0', TOKEN);
    source.failure = new AdminError('failed', 'nothing has changed: site.yaml:3:5: no such key', 'Mend it.');
    const failed = await ask('POST', '/reload', AUTHORIZED);
    expect(failed.status).to.equal(422);
    expect(JSON.parse(failed.body)).to.deep.equal({ error: source.failure.message, advice: 'Mend it.' });
  });

  it('refuses a body, which it would not read', async () => {
    const ask = await open('127.0.0.1:0', TOKEN);
    expect((await ask('POST', '/reload', { ...AUTHORIZED, 'transfer-encoding': 'chunked' })).status).to.equal(400);
    expect(source.reloads).to.equal(0);
  });

  it('on a Unix socket is open to its owner alone, who needs no token', async () => {
    const umask = process.umask();
    const ask = await open(path);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(process.umask()).to.equal(umask);
    expect((await ask('POST', '/reload')).status).to.equal(200);
    await listener?.close();
    expect(existsSync(path)).to.equal(false);
  });

  it('takes the place of a socket that a dead server left, but of nothing else', async () => {
    await open(path);
    const living = listener;
    const second = create(parseAdminAddress(path));
    await rejected(second.open(), 'another process listens');
    await living?.close();
    writeFileSync(path, 'precious');
    await rejected(second.open(), 'is no socket');
    rmSync(path);
    await rejected(create(parseAdminAddress(`${path}/none/a.sock`)).open(), `there is no folder ${path}/none`);
  });

  it('says that an address is taken, and frees it at once when it closes', async () => {
    await open('127.0.0.1:0');
    const address = listener?.address as AdminAddress;
    const second = create(address);
    await rejected(second.open(), `another process listens on ${formatAdminAddress(address)}`);
    const idle = connect(address as { host: string; port: number });
    await new Promise((resolve) => idle.once('connect', resolve));
    const closed = listener?.close();
    await second.open();
    expect(second.address).to.deep.equal(address);
    await second.close();
    await closed;
  });
});

async function rejected(action: Promise<void>, text: string): Promise<void> {
  try {
    await action;
  } catch (error) {
    expect(error).to.be.instanceOf(AdminError);
    expect((error as Error).message).to.contain(text);
    return;
  }
  throw new Error(`no error: ${text}`);
}
