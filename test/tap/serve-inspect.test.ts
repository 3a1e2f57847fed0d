/** `fastpath serve --inspect`: a page on loopback is told of frames, control blocks, counters and the cache. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeInNamespace } from '../support/namespace.js';
import { readableFolder, run, ServeProcess } from '../support/serve-process.js';

interface Tidings {
  readonly frames: readonly (readonly [number, number, string])[];
  readonly tcbs: readonly { readonly localPort: number; readonly info: { readonly state: string } }[];
  readonly live?: { readonly time: number; readonly keys: string };
  readonly counters?: Readonly<Record<string, number>>;
  readonly cache?: readonly { readonly path: string; readonly bytes: number; readonly hits: number }[];
}

describeInNamespace(import.meta.url, 'a server that the inspector looks at', () => {
  const folder = readableFolder('fastpath-inspect-');
  const www = join(folder, 'www');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  let server: ServeProcess | undefined;

  before(() => {
    mkdirSync(www);
    writeFileSync(join(www, 'index.html'), 'hello');
    writeFileSync(join(www, 'twice.txt'), '!');
    writeFileSync(join(www, 'never.txt'), '?');
  });

  afterEach(async () => {
    if (server?.child.exitCode === null) await server.end();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('tells who has the token of a request: its frames, its connection, the counters, the hits of the cache', async () => {
    server = await ServeProcess.start([www, '--user', 'root', '--inspect'], { env });
    const url = new URL(String((await server.event('ready')).inspector));
    expect((await fetch(`${url.origin}/events`)).status).to.equal(403);
    const stream = await fetch(`${url.origin}/events${url.search}`);
    const told: Tidings[] = [];
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (isEnough: () => boolean) => {
      while (!isEnough()) {
        text += (await reader.read()).value ?? '';
        const events = text.split('\n\n');
        text = events.pop() ?? '';
        const news = events.filter((event) => event.startsWith('data: ')); // beside "retry: 1000"
        told.push(...news.map((event) => JSON.parse(event.slice('data: '.length)) as Tidings));
      }
    };
    await until(() => told.some(({ counters }) => counters !== undefined));
    const asked = ['/', '/twice.txt', '/twice.txt'].map((path) => `http://10.77.0.2${path}`);
    expect((await run('curl', ['-s', ...asked])).stdout).to.equal('hello!!');
    const wasSeen = (words: string) =>
      told.some(({ frames }) => frames.some(([, , bytes]) => Buffer.from(bytes, 'base64').includes(words)));
    await until(() => wasSeen('GET / HTTP/1.1') && wasSeen('HTTP/1.1 200 OK'));
    await until(() => told.some(({ counters }) => (counters?.['http.requests'] ?? 0) > 0));
    const open = connect(80, '10.77.0.2');
    await until(() => told.some(({ tcbs }) => tcbs.some(({ info }) => info.state === 'ESTABLISHED')));
    // The list of connections, four bytes each, has it while it is there.
    const listed = () => Buffer.from(told.findLast(({ live }) => live)?.live?.keys ?? '', 'base64').length / 4;
    await until(() => listed() === 1);
    open.destroy();
    await until(() => listed() === 0);
    const hits = (wanted: string) => told.findLast(({ cache }) => cache)?.cache?.find(({ path }) => path === wanted);
    await until(() => (hits('/twice.txt')?.hits ?? 0) > 0);
    expect(hits('/index.html')?.bytes).to.equal(5);
    expect([hits('/twice.txt')?.hits, hits('/never.txt')?.hits]).to.deep.equal([2, 0]);
    const object = await fetch(`${url.origin}/object${url.search}&host=server&path=/index.html`);
    expect(await object.text()).to.equal('hello');
    await reader.cancel();
    expect(await server.end()).to.equal(0);
  });
});
