/** The examples that need a TAP interface, each as its head says: started, used by a client of Linux's, and ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import dnsPacket from 'dns-packet';
import { describeInNamespace } from '../support/namespace.js';
import { CLI } from '../support/serve-process.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

describeInNamespace(import.meta.url, 'the example', () => {
  const runtime = mkdtempSync(join(tmpdir(), 'fastpath-examples-'));
  let running: ChildProcess | undefined;

  after(() => rmSync(runtime, { recursive: true, force: true }));

  afterEach(async () => {
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    running.kill();
    await once(running, 'close');
  });

  /** Starts a program, and waits until it has said something that fits. */
  async function start(parameters: readonly string[], ready: RegExp): Promise<string> {
    const child = spawn(process.execPath, parameters, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, FASTPATH_RUNTIME_DIR: runtime },
    });
    running = child;
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (!ready.test(line)) continue;
      child.stdout.resume();
      return line;
    }
    throw new Error(`it ended: ${lines.join('\n')}`);
  }

  /** Sends, closes its side, and gives what comes back. */
  async function talk(port: number, sent: string): Promise<string> {
    const socket = connect(port, '10.77.0.2');
    socket.end(sent);
    return text(socket);
  }

  it('static-site.ts serves a folder', async () => {
    const line = await start(['dist/examples/static-site.js', 'examples/site'], /^serving/);
    expect(line).to.equal('serving examples/site at http://10.77.0.2/');
    const answer = await fetch('http://10.77.0.2/');
    expect(answer.status).to.equal(200);
    expect(await answer.text()).to.include('<title>');
    running!.kill();
    expect(await once(running!, 'close')).to.deep.equal([0, null]);
  });

  it('static-site.ts says in one line that a folder is not there', async () => {
    const child = spawn(process.execPath, ['dist/examples/static-site.js', '/no/such'], { cwd: ROOT });
    const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect(said.trim().split('\n')).to.have.length(1);
    expect(said).to.include('/no/such');
    expect(status).to.equal(1);
  });

  it('proxy.ts gives files itself, and the rest to the application behind it', async () => {
    const application = createServer((request, response) => response.end(`behind: ${request.url}`)).listen(
      0,
      '127.0.0.1',
    );
    await once(application, 'listening');
    const { port } = application.address() as AddressInfo;
    await start(['dist/examples/proxy.js', `http://127.0.0.1:${port}`], /^serving/);
    expect(await (await fetch('http://10.77.0.2/api/hello')).text()).to.equal('behind: /api/hello');
    expect(await (await fetch('http://10.77.0.2/')).text()).to.include('<title>');
    application.close();
    application.closeAllConnections();
  });

  it('proxy.ts has an application of its own for want of another', async () => {
    await start(['dist/examples/proxy.js'], /^serving/);
    const answer = await fetch('http://10.77.0.2/api/hello');
    expect(await answer.text()).to.equal('/api/hello for 10.77.0.1, who asked 10.77.0.2\n');
  });

  it('quote-module.js gives the quote of the day', async () => {
    const options = [CLI, 'serve', 'examples/site', '--module', './examples/quote-module.js', '--json'];
    await start(options, /"event":"ready"|"event":"probe"/);
    const quote = await talk(17, '');
    expect(quote).to.match(/\(RFC \d+\)\r\n$/);
    expect(await talk(17, '')).to.equal(quote);
  });

  it('tuntap2.ts runs a stack over a stream of frames', async () => {
    const standIn = new URL('../examples/support/register-tuntap2.js', import.meta.url).href;
    await start(['--import', standIn, 'dist/examples/tuntap2.js'], /^echoing/);
    expect(await talk(7, 'hello '.repeat(2_000))).to.equal('hello '.repeat(2_000));
  });

  it('client.ts fetches a page over its own TCP', async () => {
    expect(await start(['dist/examples/client.js'], /./)).to.equal('200 Hello, 10.77.0.2!');
  });

  it('dns-query.ts prints the answer of a DNS server on this machine', async () => {
    const server = createSocket('udp4');
    server.on('message', (query, { address, port }) => {
      const { id, questions = [] } = dnsPacket.decode(query);
      const answers = questions.map(({ name }) => ({ type: 'A' as const, name, ttl: 60, data: '192.0.2.7' }));
      server.send(dnsPacket.encode({ type: 'response', id, questions, answers }), port, address);
    });
    server.bind(53);
    await once(server, 'listening');
    const said = await start(['dist/examples/dns-query.js', 'www.example'], /data/);
    server.close();
    expect(said).to.include("data: '192.0.2.7'");
  });
});
