/** Certificates by ACME over TAP, from a mock of an authority: it fetches the challenges from our port 80. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { expect } from 'chai';
import { MockAuthority } from '../acme/mock-authority.js';
import { describeInNamespace } from '../support/namespace.js';
import { fastpath, readableFolder, ServeProcess } from '../support/serve-process.js';

const US = '10.77.0.2';

describeInNamespace(import.meta.url, 'fastpath serve with certificates by ACME (a mock of the protocol)', () => {
  const folder = readableFolder('fastpath-acme-tap-');
  const kept = join(folder, 'acme');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  let server: ServeProcess | undefined;
  let mock: MockAuthority;

  /** As an authority does it: the name leads to the server, and redirects are not followed. */
  const fetchChallenge = (host: string, path: string) =>
    new Promise<string>((resolve, reject) => {
      request({ host: US, path, headers: { Host: host } }, (answer) => {
        if (answer.statusCode === 200) void text(answer).then(resolve, reject);
        else reject(new Error(`${answer.statusCode}`));
      })
        .on('error', reject)
        .end();
    });

  before(async () => {
    mkdirSync(join(folder, 'www'));
    writeFileSync(join(folder, 'www', 'index.html'), 'served');
    mock = await new MockAuthority(fetchChallenge).listen();
    const lines = [
      'tls:',
      '  redirect: true',
      `  acme: {email: admin@one.example, agree: true, folder: acme, directory: "${mock.directory}"}`,
      'sites:',
      '  - {folder: www, hosts: one.example, aliases: www.one.example}',
      '  - {folder: www, hosts: two.example, acme: false}',
    ];
    writeFileSync(join(folder, 'site.yaml'), lines.join('\n'));
    server = await ServeProcess.start([join(folder, 'site.yaml'), '--workers', '2'], { env });
  });

  after(async () => {
    mock.close();
    if (server !== undefined) expect(await server.end(), server.stderr).to.equal(0);
    rmSync(folder, { recursive: true, force: true });
  });

  const shown = () =>
    new Promise<{ issuer: string; names: string }>((resolve, reject) => {
      const socket = connect({ host: US, port: 443, servername: 'one.example', rejectUnauthorized: false }, () => {
        const { issuer, subjectaltname = '' } = socket.getPeerCertificate();
        socket.destroy();
        resolve({ issuer: String(issuer.CN), names: subjectaltname });
      });
      socket.on('error', reject);
    });

  it('shows one of its own first and says so, then that of the authority, and keeps it to itself', async () => {
    const said = 'one.example shows a certificate that it signed itself';
    await server?.event('warning', ({ message = '' }) => String(message).startsWith(said));
    await server?.event('note', ({ message = '' }) => /new certificates are served now/.test(String(message)));
    expect(await shown()).to.deep.equal({ issuer: 'mock authority', names: 'DNS:one.example, DNS:www.one.example' });
    expect([mock.issued, mock.accounts]).to.deep.equal([1, 1]);
    expect(statSync(kept).mode & 0o777).to.equal(0o700);
    expect(statSync(join(kept, 'one.example.pem')).mode & 0o777).to.equal(0o600);
    expect(readFileSync(join(kept, 'one.example.pem'), 'utf8')).to.match(/CERTIFICATE.*PRIVATE KEY/s);
    const late = await fetchChallenge('one.example', '/.well-known/acme-challenge/none').catch((error: Error) => error);
    expect(String(late)).to.match(/404/);
  });

  it('starts again with the certificate that it has, and asks for none', async () => {
    expect(await server?.end()).to.equal(0);
    server = await ServeProcess.start([join(folder, 'site.yaml')], { env });
    expect((await shown()).issuer).to.equal('mock authority');
    expect(mock.issued).to.equal(1);
  });

  it('does not start for an operator who has not agreed to the terms', async () => {
    const config = join(folder, 'not.yaml');
    writeFileSync(config, readFileSync(join(folder, 'site.yaml'), 'utf8').replace('agree: true', 'agree: false'));
    const { code, stderr } = await fastpath(['serve', config, '--interface', 'fp9']);
    expect(code).not.to.equal(0);
    expect(stderr).to.match(/tls\.acme\.agree is not true/);
  });
});
