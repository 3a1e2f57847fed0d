import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { PageServer } from '../../src/inspector/page-server.js';

const CAPTURE = fileURLToPath(new URL('../../../test/captures/replay/curl.pcapng', import.meta.url));

describe('inspector/page-server', () => {
  let server: PageServer;
  let url: URL;

  before(async () => {
    server = new PageServer({ capture: CAPTURE });
    await server.open(0);
    url = new URL(server.url('file=curl.pcapng'));
  });

  after(() => server.close());

  it('gives the page under a strict policy, to everybody on this machine', async () => {
    const answer = await fetch(`${url.origin}/`);
    expect(answer.status).to.equal(200);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).to.include("default-src 'none'").and.include("script-src 'self'").and.not.include('unsafe');
    const html = await answer.text();
    expect(html)
      .to.include('<script type="module" src="app.js">')
      .and.not.match(/https?:\/\//);
    for (const [name, type] of [
      ['app.js', 'text/javascript'],
      ['worker.js', 'text/javascript'],
      ['app.css', 'text/css'],
    ]) {
      const file = await fetch(`${url.origin}/${name}`);
      expect(file.headers.get('content-type')).to.include(type);
      expect((await file.text()).length).to.be.greaterThan(5_000);
    }
  });

  it('gives the capture to who has the token, and to nobody else', async () => {
    const answer = await fetch(`${url.origin}/capture${url.search}`);
    expect(new Uint8Array(await answer.arrayBuffer())).to.deep.equal(new Uint8Array(readFileSync(CAPTURE)));
    for (const query of ['', '?token=', `?token=${'A'.repeat(32)}`]) {
      expect((await fetch(`${url.origin}/capture${query}`)).status, query).to.equal(403);
    }
  });

  it('says that it has no capture of another name', async () => {
    const answer = await fetch(`${url.origin}/capture${url.search}&file=nosuch.pcap`);
    expect(answer.status).to.equal(404);
    expect(await answer.text()).to.equal('the address names nosuch.pcap, and fastpath inspect shows curl.pcapng\n');
    expect((await fetch(`${url.origin}/capture${url.search}&file=curl.pcapng`)).status).to.equal(200);
  });

  it('refuses another name in Host, other methods and other paths', async () => {
    const status = (host: string, path = '/') =>
      new Promise((resolve, reject) => {
        const asked = request({ port: url.port, host: url.hostname, path, headers: { host } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        asked.once('error', reject).end();
      });
    expect(await status('evil.example')).to.equal(421);
    expect(await status(`localhost:${url.port}`)).to.equal(200);
    expect(await status(url.host, '//'), 'no address').to.equal(400);
    expect(await status(url.host, 'http://[/'), 'no address').to.equal(400);
    expect((await fetch(`${url.origin}/`, { method: 'POST' })).status).to.equal(405);
    expect((await fetch(`${url.origin}/../../package.json${url.search}`)).status).to.equal(404);
    expect((await fetch(`${url.origin}/events${url.search}`)).status, 'no server is looked at').to.equal(404);
  });
});
