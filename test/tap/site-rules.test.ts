/**
 * The rules of a site over a real TAP interface: beside nginx, which serves the same folder with the rules that it has
 * too, and in Chromium, as a single-page application with a service worker and a sound that is sought by Range.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { describeInNamespace } from '../support/namespace.js';
import { CURL, needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';
import { PATIENCE_MS } from '../support/until.js';

const OURS = 'http://10.77.0.2';
const NGINX = 'http://127.0.0.1:8090';
const THEN = new Date('2024-05-06T07:08:09Z');

const PAGE = `<!doctype html><meta charset="utf-8"><title>App</title><link rel="stylesheet" href="/assets/app.css">
<link rel="icon" href="data:,"><p id="p">It does not run.</p><audio id="a" src="/sound.wav" preload="auto" muted></audio>
<script type="module" src="/assets/app.js"></script>`;
const APP = `import { join } from './part.js';
const audio = document.getElementById('a');
const once = (name) => new Promise((resolve) => audio.addEventListener(name, resolve, { once: true }));
if (audio.readyState < 1) await once('loadedmetadata');
const seeked = once('seeked');
audio.currentTime = 50;
await seeked;
await navigator.serviceWorker.register('/sw.js');
const { active } = await navigator.serviceWorker.ready;
const route = location.pathname;
const missing = (await fetch('/data/none.json')).status;
const told = [audio.currentTime, Boolean(active), route, missing];
await fetch('/done/' + join(told));
`;

/** A minute of silence: 8,000 samples a second of a byte each. */
function wav(): Buffer {
  const samples = 60 * 8_000;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22); // mono
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(8_000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples, 40);
  return Buffer.concat([head, Buffer.alloc(samples, 128)]);
}

describeInNamespace(import.meta.url, 'the rules of a site over a TAP interface', () => {
  const folder = readableFolder('fastpath-rules-');
  const site = join(folder, 'site');
  let server: ServeProcess;
  let nginx: ChildProcess | undefined;

  function write(name: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(site, name)), { recursive: true });
    writeFileSync(join(site, name), content);
    utimesSync(join(site, name), THEN, THEN);
  }

  before(async () => {
    mkdirSync(join(folder, 'logs'));
    chmodSync(join(folder, 'logs'), 0o777); // the server becomes a user of few rights
    write('index.html', PAGE);
    write('about.html', 'about');
    write('404.html', 'not here');
    write('assets/app.css', 'p { color: green }');
    write('assets/app.js', APP);
    write('assets/part.js', "export const join = (parts) => parts.map((part) => encodeURIComponent(part)).join('+');");
    // A handler that does nothing makes Chromium say so on the console, sooner or later.
    write('sw.js', "addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));");
    write('sound.wav', wav());
    write('docs/a b.txt', 'text');
    writeFileSync(
      join(folder, 'site.yaml'),
      `log: {to: ${folder}/logs/access.log, format: json}
sites:
  - folder: ${site}
    cleanUrls: keep
    spa: true
    browse: true
    cors: true
    redirects: [{ from: /old, to: /about, status: 302 }, { from: /gone, status: 410 }, { from: "/x/*", to: "/docs/:splat" }]
    headers: [{ match: "/**", set: { X-All: "yes" } }, { match: "/assets/**", set: { Cache-Control: max-age=99 } }]
`,
    );
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
    server = await ServeProcess.start([join(folder, 'site.yaml')], { env });
  });

  after(async () => {
    nginx?.kill();
    if (server?.child.exitCode === null) expect(await server.end()).to.equal(0);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Status and fields, and the body. */
  async function ask(base: string, path: string, ...args: string[]) {
    const { code, stdout, stderr } = await run('curl', [...CURL, '-i', ...args, base + path]);
    expect(code, stderr).to.equal(0);
    const end = stdout.indexOf('\r\n\r\n');
    const [status = '', ...lines] = stdout.slice(0, end).split('\r\n');
    const fields = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.replace(/^.*?: /, '')]),
    );
    return { status: Number(status.split(' ')[1]), fields, body: stdout.slice(end + 4) };
  }

  it('agree with nginx where both have them', async function () {
    needs(this, 'curl');
    needs(this, 'nginx');
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; error_log stderr; pid ${folder}/nginx.pid; events {}
      http {
        types { text/html html; text/javascript js; text/css css; text/plain txt; audio/wav wav; }
        charset utf-8; charset_types text/html text/css text/javascript text/plain; access_log off;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fcgi;
        uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        server {
          listen 127.0.0.1:8090; root ${site}; autoindex on; absolute_redirect off; error_page 404 /404.html;
          add_header X-All yes always;
          location = /old { return 302 /about; }
          location = /gone { return 410; }
          location /x/ { rewrite ^/x/(.*)$ /docs/$1 permanent; }
          location /assets/ { add_header X-All yes; add_header Cache-Control max-age=99; }
          location / { try_files $uri $uri.html $uri/ =404; }
        }
      }`,
    );
    nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
    await run('curl', ['-sS', '--retry', '20', '--retry-connrefused', '--retry-delay', '1', '-o', '/dev/null', NGINX]);
    const paths = [
      '/',
      '/about',
      '/about.html',
      '/docs',
      '/docs/',
      '/docs/a%20b.txt',
      '/assets/app.js',
      '/old',
      '/gone',
    ];
    for (const path of [...paths, '/none.txt', '/x/a%20b.txt', '/sound.wav']) {
      const [ours, theirs] = [await ask(OURS, path), await ask(NGINX, path)];
      expect(ours.status, path).to.equal(theirs.status);
      const isFile = ours.status === 200 && path !== '/docs/';
      const names = ['location', 'x-all', 'cache-control', ...(isFile ? ['content-type', 'content-length'] : [])];
      for (const name of [...names, ...(isFile ? ['last-modified', 'accept-ranges'] : [])]) {
        expect(ours.fields.get(name), `${path}: ${name}`).to.equal(theirs.fields.get(name));
      }
      if (isFile || path === '/none.txt') expect(ours.body, path).to.equal(theirs.body);
    }
  });

  it('answer a preflight', async function () {
    needs(this, 'curl');
    const preflight = ['-X', 'OPTIONS', '-H', 'Origin: http://a.example', '-H', 'Access-Control-Request-Method: GET'];
    const { status, fields } = await ask(OURS, '/data/none.json', ...preflight);
    expect([status, fields.get('access-control-allow-origin')]).to.deep.equal([200, '*']);
  });

  it('make an application run in Chromium, with its worker and its sound, and nothing on the console', async function () {
    needs(this, 'chromium');
    const entriesOf = () => {
      const lines = readFileSync(join(folder, 'logs', 'access.log'), 'utf8').split('\n');
      return lines.slice(0, -1).map((line) => JSON.parse(line) as { target: string; status: number });
    };
    const before = entriesOf().length; // a second try has the entries and the profile of the first one behind it
    const profile = mkdtempSync(join(folder, 'chromium-'));
    const arguments_ = [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--mute-audio'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--enable-logging=stderr', '--remote-debugging-port=0'],
      `--unsafely-treat-insecure-origin-as-secure=${OURS}`,
      `--user-data-dir=${profile}`,
      `${OURS}/users/7`,
    ];
    const browser = spawn('chromium', arguments_, { stdio: ['ignore', 'ignore', 'pipe'] });
    const exited = once(browser, 'exit');
    let said = '';
    browser.stderr?.on('data', (text) => (said += text));
    /** The entry of a request, once it is there: an answer is logged when it has ended. */
    const logged = async (is: (entry: { target: string; status: number }) => boolean) => {
      for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(50)) {
        const found = entriesOf().slice(before).find(is);
        if (found !== undefined) return found;
      }
      throw new Error(`it is not in the log. Chromium said:\n${said}`);
    };
    try {
      const { target } = await logged((entry) => entry.target.startsWith('/done/'));
      expect(target).to.equal('/done/50+true+%2Fusers%2F7+404');
    } finally {
      browser.kill();
      await exited;
    }
    await logged((entry) => entry.target === '/sound.wav' && entry.status === 206);
    const told = said.split('\n').filter((line) => line.includes('CONSOLE') && !/none\.json|\/done\//.test(line));
    expect(told).to.deep.equal([]);
  });
});
