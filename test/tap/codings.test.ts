/**
 * Content codings over a real TAP interface: with the clients that people use, and beside nginx, which serves the same
 * folder with gzip_static and brotli_static, field by field.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { DUMP_PAGE } from '../support/chromium.js';
import { describeInNamespace } from '../support/namespace.js';
import { CURL, needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';

const OURS = 'http://10.77.0.2';
const NGINX_PORT = 8089;
const NGINX = `http://127.0.0.1:${NGINX_PORT}`;
const BROTLI_MODULE = '/usr/lib/nginx/modules/ngx_http_brotli_static_module.so';
/** Long ago: nothing counts as just written, and both servers say the same Last-Modified. */
const THEN = new Date('2024-05-06T07:08:09Z');

const STYLE = `p { color: rgb(1, 2, 3) } /* ${'a rule of style, '.repeat(200)} */\n`;
const SCRIPT = `// ${'a line of script, '.repeat(200)}\ndocument.getElementById('p').textContent = 'It runs.';\n`;
const PAGE =
  '<!doctype html><title>Codings</title><link rel="stylesheet" href="/made.css"><p id="p">It does not run.</p>' +
  '<script src="/side.js"></script>';

class World {
  readonly folder = readableFolder('fastpath-codings-');
  readonly site = join(this.folder, 'site');
  server: ServeProcess | undefined;
  nginx: ChildProcess | undefined;

  constructor() {
    mkdirSync(this.site);
    this.write('index.html', PAGE);
    this.write('made.css', STYLE);
    this.write('side.js', SCRIPT);
    this.write('side.js.gz', gzipSync(SCRIPT));
    this.write('side.js.br', brotliCompressSync(SCRIPT));
    this.write('plain.jpg', 'not really a picture');
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.site, name), content);
    utimesSync(join(this.site, name), THEN, THEN);
  }

  async start(...args: string[]): Promise<void> {
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(this.folder, 'run') };
    this.server = await ServeProcess.start([this.site, ...args], { env });
  }

  async startNginx(): Promise<void> {
    const hasBrotli = existsSync(BROTLI_MODULE);
    const configuration = `
      ${hasBrotli ? `load_module ${BROTLI_MODULE};` : ''}
      daemon off; master_process off; error_log stderr; pid ${this.folder}/nginx.pid;
      events {}
      http {
        types { text/html html; text/css css; text/javascript js; image/jpeg jpg; application/gzip gz; }
        charset utf-8; charset_types text/html text/css text/javascript;
        access_log off; client_body_temp_path ${this.folder}/body; proxy_temp_path ${this.folder}/proxy;
        fastcgi_temp_path ${this.folder}/fcgi; uwsgi_temp_path ${this.folder}/uwsgi; scgi_temp_path ${this.folder}/scgi;
        server {
          listen 127.0.0.1:${NGINX_PORT}; root ${this.site};
          gzip_static on; gzip_vary on; ${hasBrotli ? 'brotli_static on;' : ''}
        }
      }`;
    writeFileSync(join(this.folder, 'nginx.conf'), configuration);
    this.nginx = spawn('nginx', ['-p', this.folder, '-c', join(this.folder, 'nginx.conf')], { stdio: 'ignore' });
    await run('curl', ['-sS', '--retry', '20', '--retry-connrefused', '--retry-delay', '1', '-o', '/dev/null', NGINX]);
  }

  async stop(): Promise<void> {
    this.nginx?.kill();
    if (this.server?.child.exitCode === null) expect(await this.server.end()).to.equal(0);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Answer {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** An answer as it came over the wire: curl decodes nothing that it was not asked to. */
async function ask(world: World, base: string, path: string, ...args: string[]): Promise<Answer> {
  const [head, body] = [join(world.folder, 'head'), join(world.folder, 'body')];
  rmSync(body, { force: true });
  const { code, stderr } = await run('curl', [...CURL, '-D', head, '-o', body, ...args, base + path]);
  expect(code, stderr).to.equal(0);
  const [statusLine = '', ...lines] = readFileSync(head, 'latin1').trimEnd().split('\r\n');
  const fields = new Map(
    lines.map((line) => line.split(': ', 2)).map(([name = '', value = '']) => [name.toLowerCase(), value]),
  );
  return {
    status: Number(statusLine.split(' ')[1]),
    fields,
    body: existsSync(body) ? readFileSync(body) : Buffer.alloc(0),
  };
}

describeInNamespace(import.meta.url, 'content codings over a TAP interface', () => {
  const world = new World();
  before(() => world.start());
  after(async () => {
    await world.stop();
    world.remove();
  });

  it('come when they are made, while the files are served already', async function () {
    needs(this, 'curl');
    await world.server!.event('compressing', ({ files, totalFiles }) => files === totalFiles);
    const { fields, body } = await ask(world, OURS, '/made.css', '-H', 'Accept-Encoding: gzip, deflate, br, zstd');
    expect(fields.get('content-encoding')).to.equal('br');
    expect(brotliDecompressSync(body).toString()).to.equal(STYLE);
    const zipped = await ask(world, OURS, '/made.css', '-H', 'Accept-Encoding: gzip');
    expect(gunzipSync(zipped.body).toString()).to.equal(STYLE);
  });

  it('are what curl --compressed decodes to the file', async function () {
    needs(this, 'curl');
    for (const [path, content] of [
      ['/made.css', STYLE],
      ['/side.js', SCRIPT],
      ['/', PAGE],
    ] as const) {
      const { fields, body } = await ask(world, OURS, path, '--compressed');
      expect(body.toString()).to.equal(content);
      expect(fields.has('content-encoding'), path).to.equal(path !== '/'); // too short for a variant
    }
  });

  it('are ranges of the variant, and resume only the same variant', async function () {
    needs(this, 'curl');
    const accept = ['-H', 'Accept-Encoding: gzip'];
    const whole = await ask(world, OURS, '/side.js', ...accept);
    const tag = whole.fields.get('etag')!;
    const rest = await ask(world, OURS, '/side.js', ...accept, '-H', 'Range: bytes=10-', '-H', `If-Range: ${tag}`);
    expect(rest.status).to.equal(206);
    expect(Buffer.concat([whole.body.subarray(0, 10), rest.body])).to.deep.equal(whole.body);
    const other = ['-H', 'Accept-Encoding: br', '-H', 'Range: bytes=10-', '-H', `If-Range: ${tag}`];
    expect((await ask(world, OURS, '/side.js', ...other)).status).to.equal(200);
  });

  it('show a page with its script and style in Chromium', async function () {
    needs(this, 'chromium');
    const { stdout, stderr } = await run('chromium', [
      ...DUMP_PAGE,
      `--user-data-dir=${join(world.folder, 'chromium')}`,
      `${OURS}/`,
    ]);
    expect(stdout, stderr).to.contain('<p id="p">It runs.</p>');
    const { counters } = await world.server!.event(
      'status',
      (event) => ((event.counters as Record<string, number>)['http.brotliAnswers'] ?? 0) > 2,
    );
    expect((counters as Record<string, number>)['stack.tcp.payloadBytesRead']).to.equal(0);
  });

  it('agree with nginx, field by field', async function () {
    needs(this, 'curl');
    needs(this, 'nginx');
    await world.startNginx();
    const gzip = ['-H', 'Accept-Encoding: gzip'];
    const requests: readonly (readonly [what: string, path: string, args: readonly string[]])[] = [
      ['no field', '/side.js', []],
      ['gzip', '/side.js', gzip],
      ['HEAD', '/side.js', [...gzip, '-I']],
      ['gzip excluded', '/side.js', ['-H', 'Accept-Encoding: gzip;q=0']],
      ['a weight', '/side.js', ['-H', 'Accept-Encoding: deflate, gzip;q=0.5']],
      ['an unknown coding', '/side.js', ['-H', 'Accept-Encoding: compress']],
      ['If-Modified-Since', '/side.js', [...gzip, '-H', `If-Modified-Since: ${THEN.toUTCString()}`]],
      ['a file without variants', '/plain.jpg', gzip],
      ['a sidecar by its own name', '/side.js.gz', []],
      ...(existsSync(BROTLI_MODULE)
        ? ([
            ['br', '/side.js', ['-H', 'Accept-Encoding: br']],
            ['both', '/side.js', ['-H', 'Accept-Encoding: gzip, br']],
          ] as const)
        : []),
    ];
    for (const [what, path, args] of requests) {
      const [ours, theirs] = [await ask(world, OURS, path, ...args), await ask(world, NGINX, path, ...args)];
      expect(ours.status, what).to.equal(theirs.status);
      if (what !== 'HEAD') expect(ours.body.equals(theirs.body), what).to.equal(true);
      const names = ours.status === 200 ? [...FIELDS, 'last-modified'] : FIELDS;
      for (const name of names) expect(ours.fields.get(name), `${what}: ${name}`).to.equal(theirs.fields.get(name));
    }
  });
});

/** ETag is another text. nginx says Last-Modified in a 304 too, and offers no ranges of a variant. */
const FIELDS = ['content-encoding', 'content-length', 'content-type', 'vary'];
