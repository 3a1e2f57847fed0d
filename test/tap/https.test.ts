/** HTTPS over TAP: curl, openssl, nghttp2's clients, nmap and Chromium, against `fastpath serve`. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeCertificateFor } from '../support/certificate.js';
import { describeInNamespace } from '../support/namespace.js';
import { CURL, needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';
import { until } from '../support/until.js';

const BIG_BYTES = 3_000_000;

describeInNamespace(import.meta.url, 'fastpath serve with HTTPS', () => {
  const folder = readableFolder('fastpath-https-');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  const log = join(folder, 'access.log');
  let server: ServeProcess | undefined;

  function certify(name: string, ...names: string[]): void {
    const made = makeCertificateFor(names.map((each) => `DNS:${each}`));
    if (made === undefined) throw new Error('openssl makes no certificate');
    writeFileSync(join(folder, `${name}.pem`), made.cert, { mode: 0o644 });
    writeFileSync(join(folder, `${name}.key`), made.key);
  }

  /** Sends SIGHUP and waits until it has been obeyed. */
  async function reloaded(): Promise<void> {
    const seen = server!.events.length;
    server!.child.kill('SIGHUP');
    await server!.eventAfter(seen, 'reloaded');
  }

  before(async function () {
    needs(this, 'curl', 'openssl');
    for (const site of ['one', 'two']) {
      mkdirSync(join(folder, site));
      writeFileSync(join(folder, site, 'index.html'), `<title>${site}</title>this is ${site}`);
      writeFileSync(join(folder, site, 'big.bin'), Buffer.alloc(BIG_BYTES, site));
    }
    writeFileSync(log, '');
    chmodSync(log, 0o666); // the server becomes nobody
    certify('one', 'one.example');
    certify('two', '*.two.example');
    const handler = [
      'export default (request, response) => {',
      "  response.setHeader('X-Path', request.url);",
      "  response.setHeader('X-Secure', String(request.socket.encrypted));",
      "  if (request.method === 'POST') request.pipe(response);",
      "  else { response.write('made '); setTimeout(() => response.end('by hand'), 20); }",
      '};',
    ];
    writeFileSync(join(folder, 'handler.mjs'), handler.join('\n'));
    const config = join(folder, 'site.yaml');
    const lines = [
      'tls:',
      '  certificates:',
      '    - {certificate: one.pem, key: one.key}',
      '    - {certificate: two.pem, key: two.key}',
      '  threads: 2',
      '  redirect: true',
      '  hsts: 1h',
      'log: {to: access.log}',
      'handler: handler.mjs',
      'sites:',
      '  - {folder: one, hosts: one.example}',
      '  - {folder: two, hosts: [www.two.example, "*.two.example"], aliases: old.two.example}',
    ];
    writeFileSync(config, lines.join('\n'));
    server = await ServeProcess.start([config, '--workers', '2'], { env });
  });

  after(async () => {
    if (server !== undefined) expect(await server.end(), server.stderr).to.equal(0);
    rmSync(folder, { recursive: true, force: true });
  });

  const RESOLVE = ['one.example', 'www.two.example', 'old.two.example'].flatMap((host) =>
    [80, 443].flatMap((port) => ['--resolve', `${host}:${port}:10.77.0.2`]),
  );
  const curl = async (...args: string[]) => {
    const { code, stdout, stderr } = await run('curl', [...CURL, ...RESOLVE, ...args]);
    expect(code, stderr).to.equal(0);
    return stdout;
  };
  const trust = (name: string) => ['--cacert', join(folder, `${name}.pem`)];
  const sClient = (...args: string[]) =>
    run('sh', ['-c', 'exec openssl s_client -connect 10.77.0.2:443 "$@" </dev/null', 'sh', ...args]);

  for (const version of ['1.1', '2']) {
    it(`answers curl over HTTP/${version}, each site with its certificate`, async () => {
      const format = '%{http_version} %{response_code} %{size_download}';
      const ask = (...args: string[]) => curl(`--http${version}`, '-o', '/dev/null', '-w', format, ...args);
      expect(await ask(...trust('one'), 'https://one.example/')).to.equal(`${version} 200 29`);
      expect(await ask(...trust('two'), 'https://www.two.example/')).to.equal(`${version} 200 29`);
      expect(await ask(...trust('one'), '-r', '5-9', 'https://one.example/big.bin')).to.equal(`${version} 206 5`);
      expect(await ask(...trust('two'), 'https://www.two.example/big.bin')).to.equal(`${version} 200 ${BIG_BYTES}`);
    });
  }

  for (const version of ['1.1', '2']) {
    it(`hands over to a handler what no file answers, over HTTP/${version}`, async () => {
      const url = 'https://one.example/of/hand?x=y';
      const answer = await curl(`--http${version}`, '-i', ...trust('one'), url);
      expect(answer)
        .to.match(/^HTTP\/[\d.]+ 200/)
        .and.match(/x-path: \/of\/hand\?x=y/i)
        .and.match(/x-secure: true/i)
        .and.match(/strict-transport-security: max-age=3600/i);
      expect(answer.endsWith('made by hand')).to.equal(true);
      const upload = join(folder, 'one', 'big.bin');
      const format = '%{response_code} %{size_download}';
      const args = ['-o', '/dev/null', '-w', format, '--data-binary', `@${upload}`, ...trust('one')];
      expect(await curl(`--http${version}`, ...args, url)).to.equal(`200 ${BIG_BYTES}`);
    });
  }

  it('tells browsers to stay with HTTPS, and sends those to it who come over HTTP', async () => {
    const head = await curl('--http1.1', '-I', ...trust('one'), 'https://one.example/');
    expect(head).to.match(/\r\nStrict-Transport-Security: max-age=3600\r\n/);
    const format = '%{response_code} %{redirect_url}';
    const where = (url: string) => curl('-o', '/dev/null', '-w', format, url);
    expect(await where('http://one.example/a%20b?c=d')).to.equal('308 https://one.example/a%20b?c=d');
    expect(await where('http://one.example/.well-known/acme-challenge/x')).to.equal('200 '); // the handler's
    expect(await curl('-i', 'http://one.example/.well-known/acme-challenge/x')).to.match(/x-secure: false/i);
    const alias = await curl('-o', '/dev/null', '-w', format, ...trust('two'), 'https://old.two.example/x');
    expect(alias).to.equal('301 https://www.two.example/x');
  });

  it('speaks TLS 1.2 and 1.3, and nothing older; and does not renegotiate', async () => {
    for (const version of ['-tls1_2', '-tls1_3']) expect((await sClient(version)).stdout).to.contain('Verify return');
    for (const version of ['-tls1', '-tls1_1']) {
      const { code, stdout } = await sClient(version, '-cipher', 'ALL:@SECLEVEL=0');
      expect(code, version).not.to.equal(0);
      expect(stdout, version).to.contain('Cipher is (NONE)');
    }
    const { stdout } = await run('sh', [
      '-c',
      '(sleep 0.3; echo R; sleep 0.3) | openssl s_client -tls1_2 -connect 10.77.0.2:443 2>&1',
    ]);
    expect(stdout).to.match(/no renegotiation|RENEGOTIATING[\s\S]*(alert|error)/i);
  });

  it('goes on with a session in whichever thread the next connection comes to', async () => {
    const file = join(folder, 'session');
    await sClient('-tls1_2', '-servername', 'one.example', '-sess_out', file);
    for (let i = 0; i < 4; i++) {
      const { stdout } = await sClient('-tls1_2', '-servername', 'one.example', '-sess_in', file);
      expect(stdout, `connection ${i}`).to.contain('Reused, TLSv1.2');
    }
  });

  it('has no weak cipher in the eyes of nmap', async function () {
    needs(this, 'nmap');
    const { stdout } = await run('nmap', ['-Pn', '-n', '-p', '443', '--script', 'ssl-enum-ciphers', '10.77.0.2']);
    if (!stdout.includes('ssl-enum-ciphers')) {
      this.test!.title += ' (nmap has no ssl scripts)';
      this.skip();
    }
    expect(stdout)
      .to.contain('TLSv1.2:')
      .and.not.match(/SSLv3:|TLSv1\.0:|TLSv1\.1:/);
    expect(stdout).to.match(/least strength: A/);
  });

  it('answers h2load: a thousand requests, many at a time', async function () {
    needs(this, 'h2load');
    const { stdout } = await run('h2load', ['-n', '1000', '-c', '10', '-m', '20', 'https://10.77.0.2/']);
    expect(stdout).to.match(/1000 done, 1000 succeeded, 0 failed, 0 errored, 0 timeout/);
    expect(stdout).to.match(/status codes: 1000 2xx/);
  });

  it('takes new certificates at SIGHUP and when files change, while downloads go on, and keeps the old ones if the new are wrong', async () => {
    certify('one', 'one.example'); // a first try may have left another
    await reloaded();
    const begin = server!.events.length;
    const download = curl(
      '--limit-rate',
      '1500k',
      '-o',
      '/dev/null',
      '-w',
      '%{size_download}',
      ...trust('one'),
      'https://one.example/big.bin',
    );
    const key = readFileSync(join(folder, 'one.key'));
    writeFileSync(join(folder, 'one.key'), readFileSync(join(folder, 'two.key')));
    server?.child.kill('SIGHUP');
    await server?.eventAfter(begin, 'warning', ({ message = '' }) =>
      /the key .*one\.key does not belong to/.test(String(message)),
    );
    await curl('-o', '/dev/null', ...trust('one'), 'https://one.example/');
    writeFileSync(join(folder, 'one.key'), key);
    certify('one', 'one.example', 'more.example');
    await reloaded();
    const seen = server!.events.length;
    const { stdout } = await run('sh', [
      '-c',
      'openssl s_client -connect 10.77.0.2:443 -servername one.example </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName',
    ]);
    expect(stdout).to.contain('more.example');
    expect(await download).to.equal(String(BIG_BYTES));
    certify('one', 'one.example', 'watched.example');
    const asks = ['-sS', '-o', '/dev/null', ...RESOLVE, ...trust('one'), 'https://one.example/'];
    await until(async () => (await run('curl', asks)).code === 0, 'the new certificate'); // it looks every two seconds
    // What SIGHUP took already is no news when the files are looked at.
    const isNews = ({ event, message }: { event: string; message?: unknown }) =>
      event === 'note' && message === 'new certificates are served now';
    await server?.eventAfter(seen, 'note', isNews);
    expect(server?.events.slice(seen).filter(isNews)).to.have.length(1);
  });

  it('shows Chromium a page over HTTP/2', async function () {
    needs(this, 'chromium');
    const { stdout } = await run('chromium', [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--ignore-certificate-errors', '--dump-dom'],
      ...[`--user-data-dir=${join(folder, 'chromium')}`, '--host-resolver-rules=MAP one.example 10.77.0.2'],
      'https://one.example/',
    ]);
    expect(stdout).to.contain('this is one');
  });

  it('logs and counts as on port 80', async () => {
    // Clients that were killed leave their connections to time-outs.
    const counters = await server!.counters((told) => told['tls.openConnections'] === 0);
    expect(counters['tls.http2Streams']).to.be.above(1);
    expect(counters['tls.tls13']).to.be.above(1);
    expect(counters['tls.openConnections']).to.equal(0);
    expect(counters['http.cacheHits']).to.be.above(8);
    expect(counters['stack.tcp.payloadBytesRead']).to.equal(0);
    expect(readFileSync(log, 'utf8')).to.match(/"GET \/big\.bin HTTP\/1\.1" 200 3000000/);
  });
});
