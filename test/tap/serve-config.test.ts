/**
 * `fastpath serve site.yaml`: several sites on one address, and a new configuration for a server that goes on. A
 * download that is under way during a reload ends whole.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeInNamespace } from '../support/namespace.js';
import { fastpath, readableFolder, ServeProcess } from '../support/serve-process.js';

/** More than any socket's buffers take in. */
const LARGE_BYTES = 32 * 1024 * 1024;

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

describeInNamespace(import.meta.url, 'fastpath serve with a configuration file', () => {
  const folder = readableFolder('fastpath-config-');
  const config = join(folder, 'site.yaml');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run'), WWW: join(folder, 'www') };
  let server: ServeProcess | undefined;

  before(() => {
    for (const name of ['www', 'docs', 'shop']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'index.html'), `this is ${name}`);
    }
    writeFileSync(join(folder, 'docs', 'big.bin'), Buffer.alloc(LARGE_BYTES, 'docs'));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  const WWW = `
  - folder: \${WWW}
    hosts: [www.example, 10.77.0.2]
    aliases: old.example
`;
  const DOCS = `
  - folder: docs
    hosts: "*.docs.example"
`;
  const SHOP = `
  - folder: shop
    hosts: shop.example
    redirects: [{from: /buy/*, to: "/:splat"}]
`;
  const NEWS = `
  - folder: shop
    hosts: news.example
`;
  const write = (...lines: string[]) => writeFileSync(config, lines.join('\n'));

  async function start(...args: string[]): Promise<ServeProcess> {
    server = await ServeProcess.start(args, { env });
    return server;
  }

  /** Until the server has said so once more than before. */
  async function reload(process: ServeProcess, event = 'reloaded') {
    const count = process.events.filter((each) => each.event === event).length;
    process.child.kill('SIGHUP');
    let seen = 0;
    return process.event(event, () => ++seen > count);
  }

  const ask = (host: string, path = '/', headers: Record<string, string> = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const options = { host: '10.77.0.2', path, headers: { ...headers, Host: host }, agent: false };
      get(options, (response) => {
        let body = '';
        response.on('data', (piece: Buffer) => (body += piece));
        response.on('end', () => resolve({ status: response.statusCode, body, headers: response.headers }));
      }).on('error', reject);
    });

  describe('one server after another configuration', () => {
    before(async () => {
      write('port: 8080', 'unknownHost: misdirected', 'sites:', WWW, DOCS, SHOP);
      await start('--config', config, '--port', '80'); // options of the command line are on top of the file
    });
    after(async () => {
      if (server?.child.exitCode === null) expect(await server.end()).to.equal(0);
    });

    it('answers for each host from its own folder, redirects aliases, and refuses unknown hosts', async () => {
      const { hostField } = await server!.event('ready');
      expect(hostField, 'what a client needs who has the address alone').to.equal('www.example');
      expect((await ask('www.example')).body).to.equal('this is www');
      expect((await ask('a.docs.example')).body).to.equal('this is docs');
      expect(await ask('old.example', '/x?y')).to.deep.include({ status: 301 });
      expect((await ask('old.example', '/x?y')).headers.location).to.equal('http://www.example/x?y');
      expect((await ask('shop.example', '/buy/me')).headers.location).to.equal('/me');
      expect((await ask('nobody.example')).status).to.equal(421);
    });

    it('goes on as it was when the new configuration is wrong', async () => {
      write('prot: 80', 'sites:', WWW, '  - folder: gone');
      const { message } = await reload(server!, 'warning');
      expect(message)
        .to.contain('nothing has changed: the configuration is wrong')
        .and.contain('site.yaml:1:1: prot: there is no such key; did you mean "port"?')
        .and.contain(`sites[1].folder: ${join(folder, 'gone')}: there is no such folder`);
      expect((await ask('shop.example')).body).to.equal('this is shop');
    });

    it('takes a new configuration while a download from a site that goes is under way', async () => {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const headers = { Host: 'a.docs.example' };
        get({ host: '10.77.0.2', path: '/big.bin', headers, agent: false }, resolve).on('error', reject);
      });
      response.pause();
      const general = ['limits: {header: 300}', 'workers: 2', 'reload: {config: true}'];
      write(...general, 'unknownHost: misdirected', 'sites:', WWW, NEWS);
      const { sites, changed, needRestart } = await reload(server!);
      expect({ sites, changed, needRestart }).to.deep.equal({
        sites: {
          added: ['news.example'],
          removed: ['*.docs.example', 'shop.example'],
          changed: [],
          kept: ['www.example'],
        },
        changed: ['limits'],
        needRestart: ['workers'],
      });
      expect((await ask('news.example')).body).to.equal('this is shop');
      expect((await ask('a.docs.example')).status).to.equal(421);
      expect((await ask('www.example', '/', { 'X-Long': 'x'.repeat(400) })).status).to.equal(431);
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece)).resume();
      await new Promise((resolve) => response.on('close', resolve));
      expect(Buffer.concat(pieces).equals(Buffer.alloc(LARGE_BYTES, 'docs'))).to.equal(true);
    });

    it('refuses modules that the next start would refuse', async () => {
      write('modules: [{use: dnss}]', 'reload: {config: true}', 'sites:', SHOP);
      const warnings = () =>
        server!.events.filter(({ event }) => event === 'warning').map(({ message }) => String(message));
      await server!.event('warning', ({ message }) => String(message).includes('there is no package dnss'));
      expect(warnings().at(-1))
        .to.contain('nothing has changed')
        .and.contain('modules[0].use: there is no package dnss');
    });

    it('reads the file again when it changes, if the file says so', async () => {
      write('reload: {config: true}', 'sites:', SHOP);
      await server!.event('reloaded', ({ sites }) =>
        (sites as { added: string[] }).added.some((name) => name.startsWith('shop')),
      );
      expect((await ask('any.example')).body).to.equal('this is shop');
    });
  });

  describe('started for one case', () => {
    afterEach(async () => {
      if (server?.child.exitCode === null) await server.end('SIGKILL');
    });

    it('looks at a folder again after SIGHUP if there is no configuration', async () => {
      const process = await start(join(folder, 'shop'), '--watch', 'off');
      writeFileSync(join(folder, 'shop', 'new.txt'), 'new');
      expect((await ask('x', '/new.txt')).status).to.equal(404);
      await reload(process);
      expect((await ask('x', '/new.txt')).body).to.equal('new');
    });

    it('does not start with a configuration that is wrong, and says all that is', async () => {
      write('prot: 80', 'workers: many', 'sites:', WWW);
      const { code, stderr } = await fastpath(['serve', config], { env });
      expect(code).to.equal(2);
      expect(stderr).to.contain(`${config}:1:1: prot: there is no such key`).and.contain(':2:10: workers: must be');
    });
  });
});
