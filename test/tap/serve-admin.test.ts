/** The admin listener of a running server: its numbers are those of the requests, and what it is told happens. */
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { UNNAMED } from '../../src/admin/metrics.js';
import { describeInNamespace } from '../support/namespace.js';
import { fastpath, needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';
import { until } from '../support/until.js';

const URL = 'http://10.77.0.2';
const TOKEN = 'abcdefghij-0123456789';

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

describeInNamespace(import.meta.url, 'the admin listener of a server', () => {
  const folder = readableFolder('fastpath-admin-');
  const www = join(folder, 'www');
  const config = join(folder, 'site.yaml');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run'), FASTPATH_ADMIN_TOKEN: TOKEN };
  let server: ServeProcess | undefined;
  let admin = '';

  // One server for all; the last test ends it.
  before(async () => {
    mkdirSync(www);
    writeFileSync(join(www, 'index.html'), 'hello');
    writeFileSync(join(www, 'a.txt'), 'old');
    configure('9s');
    const log = ['--access-log', 'none'];
    const options = ['--admin', '127.0.0.1:0', '--watch', 'off']; // a purge is to find what nobody has noticed
    server = await ServeProcess.start([config, '--user', 'root', ...options, ...log], { env });
    admin = String((await server.event('ready')).admin);
  });

  after(async () => {
    if (server?.child.exitCode === null) await server.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function configure(idleTimeout: string): void {
    writeFileSync(config, `sites:\n  - {name: main, folder: www}\nlimits:\n  idleTimeout: ${idleTimeout}\n`);
  }

  async function metrics(): Promise<ReadonlyMap<string, number>> {
    const { status, body } = await ask(`http://${admin}/metrics`);
    expect(status).to.equal(200);
    const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
  }

  const tell = (path: string) =>
    new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const sent = request(`http://${admin}${path}`, { method: 'POST', headers, agent: false }, (answer) => {
        void whole(answer).then(resolve, reject);
      });
      sent.on('error', reject).end();
    });

  it('counts as many requests as were made, in counters and in histograms', async () => {
    const duration = 'fastpath_http_request_duration_seconds_count{site="main"}';
    let before = await metrics();
    await until(async () => {
      before = await metrics();
      const records = before.get('fastpath_log_records_total') ?? 0;
      return records > 0 && before.get(duration) === records; // the self-probe's are in
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const paths = [...new Array(300).fill('/'), ...new Array(100).fill('/none')];
    const answers = await Promise.all(paths.map((path) => ask(`${URL}${path}`, agent)));
    agent.destroy();
    expect(answers.filter(({ status }) => status === 200)).to.have.length(300);
    const site = (rest: string) => `fastpath_http_site_responses_total{site="main",class="${rest}"}`;
    const wanted: readonly (readonly [string, number])[] = [
      ['fastpath_http_requests_total', 400],
      ['fastpath_http_cache_lookups_total{result="hit"}', 300],
      ['fastpath_http_cache_lookups_total{result="miss"}', 100],
      ['fastpath_http_responses_total{status="200"}', 300],
      ['fastpath_http_responses_total{status="4xx"}', 100],
      ['fastpath_log_records_total', 400],
      [site('2xx'), 300],
      [site('4xx'), 100],
      [duration, 400],
      ['fastpath_http_response_size_bytes_bucket{site="main",le="+Inf"}', 400],
    ];
    const grown = async () => {
      const now = await metrics();
      return wanted.map(([name]) => [name, (now.get(name) ?? 0) - (before.get(name) ?? 0)] as const);
    };
    await until(async () => (await grown()).every(([, by], i) => by >= (wanted[i]?.[1] ?? 0))).catch(() => {}); // shown below
    expect(await grown()).to.deep.equal(wanted);
    const unnamed = [...(await metrics()).keys()].filter((name) => name.startsWith(UNNAMED));
    expect(unnamed, 'counters without a metric').to.deep.equal([]);
  });

  it('passes promtool as it is', async function () {
    needs(this, 'promtool', 'curl');
    const { stdout, stderr } = await run('sh', ['-c', `curl -sS http://${admin}/metrics | promtool check metrics`]);
    expect(stdout + stderr).to.equal('');
  });

  it('shows its counters and its busiest names to stat and top', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    const watched = fastpath(['top', '--once', '--interval', '1s', '--json'], { env });
    let isOver = false;
    const load = (async () => {
      for (; !isOver; await pause(5)) for (const path of ['/', '/', '/a.txt']) await ask(`${URL}${path}`, agent);
    })();
    const { url, client, requests } = JSON.parse((await watched).stdout);
    const filtered = ['--filter', 'http.requests'];
    const [counters, once] = await Promise.all([
      fastpath(['stat', '--count', '1', ...filtered, '--json'], { env }),
      fastpath(['stat', '--once', ...filtered], { env }),
    ]);
    isOver = true;
    await load;
    agent.destroy();
    expect(requests).to.be.greaterThan(3);
    expect(url.map(({ key }: { key: string }) => key)).to.deep.equal(['10.77.0.2/', '10.77.0.2/a.txt']);
    expect(client[0].key).to.equal('10.77.0.1');
    const { value, perSecond } = JSON.parse(counters.stdout).counters['http.requests'];
    expect(value).to.be.greaterThan(requests - 1);
    expect(perSecond).to.be.greaterThan(0);
    expect(once.stdout).to.match(/^http\.requests +[\d,]+ +\. +[\d.,]+$/m);
  });

  it('reloads, and says what came of it or what is wrong', async () => {
    configure('8s');
    const done = await tell('/reload');
    expect(done.status).to.equal(200);
    expect(JSON.parse(done.body).reloaded).to.deep.include({ changed: ['limits'], needRestart: [] });
    configure('soon');
    const failed = await tell('/reload');
    expect(failed.status).to.equal(422);
    expect(JSON.parse(failed.body).error).to.contain('site.yaml:4:').and.to.contain('idleTimeout');
    expect((await ask(`${URL}/`)).body).to.equal('hello');
  });

  it('purges: the file is read again', async () => {
    writeFileSync(join(www, 'a.txt'), 'old'); // a first try may have left another
    await tell('/purge?url=/a.txt');
    expect((await ask(`${URL}/a.txt`)).body).to.equal('old');
    writeFileSync(join(www, 'a.txt'), 'new');
    const purged = await tell('/purge?url=/a.txt');
    expect(purged.status).to.equal(200);
    expect(JSON.parse(purged.body).purged).to.have.length(1);
    expect(JSON.parse(purged.body).purged[0]).to.include({ site: 'main', read: 1 });
    expect((await ask(`${URL}/a.txt`)).body).to.equal('new');
    writeFileSync(join(www, 'a.txt'), 'newer');
    expect(JSON.parse((await tell('/purge?prefix=/&site=main')).body).purged[0]).to.include({ read: 2 });
    expect((await ask(`${URL}/a.txt`)).body).to.equal('newer');
    expect((await tell('/purge?url=/a.txt&site=other')).status).to.equal(404);
    expect(JSON.parse((await tell('/purge?url=/nope')).body).hint).to.contain('no site has such a file');
  });

  it('drains: first it is not ready and still answers, then it ends in order', async () => {
    expect((await ask(`http://${admin}/readyz`)).status).to.equal(200);
    expect((await tell('/drain?delay=8s')).status).to.equal(202);
    const ready = await ask(`http://${admin}/readyz`);
    expect(ready).to.deep.equal({ status: 503, body: '{"status":"draining"}\n' });
    expect((await ask(`http://${admin}/healthz`)).status).to.equal(200);
    const stays = new Agent({ keepAlive: true });
    const [last] = (await once(get(`${URL}/`, { agent: stays }), 'response')) as [IncomingMessage];
    expect(last.headers.connection, 'of a client that would ask again').to.equal('close');
    expect((await whole(last)).body).to.equal('hello');
    stays.destroy();
    expect((await tell('/reload')).status).to.equal(409);
    expect(await server?.closed()).to.equal(0);
    expect((await server?.event('stopping'))?.signal).to.equal('drain');
  });
});

function ask(url: string, agent: Agent | false = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => void whole(answer).then(resolve, reject)).on('error', reject);
  });
}

async function whole(answer: IncomingMessage): Promise<Answer> {
  return { status: answer.statusCode, body: Buffer.concat(await answer.toArray()).toString() };
}
