/**
 * `fastpath serve` while its files change: hundreds of files are rewritten, renamed over and removed while clients ask
 * for them; a release is switched by a link; a download goes on. No answer is an error, and none is mixed.
 */
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { describeInNamespace } from '../support/namespace.js';
import { readableFolder, type ServeEvent, ServeProcess } from '../support/serve-process.js';
import { PATIENCE_MS } from '../support/until.js';

const FILES = 200;
const ROUNDS = 2;
/** More than any socket's buffers take in. */
const LARGE_BYTES = 24 * 1024 * 1024;
const BODY_BYTES = 6_000;

/** A body that says of each byte which round it is of: one character, again and again. */
const bodyOf = (round: number) => String.fromCharCode(97 + round).repeat(BODY_BYTES + round);

describeInNamespace(import.meta.url, 'serving files that change', () => {
  const folder = readableFolder('fastpath-watch-');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let server: ServeProcess | undefined;

  beforeEach(() => {
    for (const release of ['1', '2']) {
      mkdirSync(join(folder, 'releases', release, 'many'), { recursive: true });
      writeFileSync(join(folder, 'releases', release, 'index.html'), `release ${release}`);
      writeFileSync(join(folder, 'releases', release, 'big.bin'), Buffer.alloc(LARGE_BYTES, release));
    }
    rmSync(join(folder, 'current'), { force: true });
    symlinkSync('releases/1', join(folder, 'current'));
  });
  afterEach(async () => {
    if (server !== undefined && server.child.exitCode === null) await server.end('SIGKILL');
    server = undefined;
  });
  after(() => {
    agent.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  const request = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      get({ host: '10.77.0.2', path, agent }, resolve).on('error', reject);
    });
  async function ask(path: string): Promise<{ status: number | undefined; body: string }> {
    const response = await request(path);
    const pieces: Buffer[] = [];
    for await (const piece of response) pieces.push(piece as Buffer);
    return { status: response.statusCode, body: Buffer.concat(pieces).toString() };
  }
  async function until(path: string, test: (answer: { status: number | undefined; body: string }) => boolean) {
    const deadline = Date.now() + PATIENCE_MS;
    for (let answer = await ask(path); !test(answer); answer = await ask(path)) {
      if (Date.now() > deadline) throw new Error(`${path} is still ${answer.status} ${answer.body.slice(0, 40)}`);
      await pause(20);
    }
  }

  it('answers each request with the old file or the new one, whole, while hundreds change', async () => {
    const many = join(folder, 'releases/1/many');
    for (let i = 0; i < FILES; i++) writeFileSync(join(many, `${i}.txt`), bodyOf(0));
    server = await ServeProcess.start([join(folder, 'releases/1')], { env });
    let isChanging = true;
    const seen = new Set<string>();
    const client = async (seed: number) => {
      for (let i = seed; isChanging; i = (i * 31 + 17) % FILES) {
        const { status, body } = await ask(`/many/${i}.txt`);
        const round = body.charCodeAt(0) - 97;
        seen.add(status === 200 && body === bodyOf(round) ? 'whole' : `${status} ${body.length}`);
        await pause(4); // a core for the server
      }
    };
    const clients = Array.from({ length: 4 }, (_, i) => client(i));
    for (let round = 1; round <= ROUNDS; round++) {
      for (let i = 0; i < FILES; i++) {
        const file = join(many, `${i}.txt`);
        if (i % 2 === 0) {
          writeFileSync(join(many, '.new'), bodyOf(round));
          renameSync(join(many, '.new'), file);
        } else {
          writeFileSync(file, bodyOf(round)); // truncated, and then written
        }
        if (i % 50 === 0) await pause(5);
      }
      await pause(150);
    }
    for (let i = 0; i < FILES; i++) await until(`/many/${i}.txt`, ({ body }) => body === bodyOf(ROUNDS));
    isChanging = false;
    await Promise.all(clients);
    expect([...seen]).to.deep.equal(['whole']);
    for (let i = 0; i < FILES; i += 3) unlinkSync(join(many, `${i}.txt`));
    await until('/many/198.txt', ({ status }) => status === 404);
    for (let i = 0; i < FILES; i += 3) await until(`/many/${i}.txt`, ({ status }) => status === 404);
    const { message } = await server.event('note', ({ message }) => String(message).startsWith('reloaded'));
    expect(message).to.match(/^reloaded .*\/many\//);
    // The loader looks at young files by itself too: not each file that goes is counted as an event's.
    const isCounted = ({ counters }: ServeEvent) => counter(counters, 'watch.refreshed') >= FILES;
    const { counters } = await server.event('status', isCounted);
    expect(counter(counters, 'watch.published')).to.be.above(0);
    expect(counter(counters, 'watch.errors')).to.equal(0);
    expect(await server.end()).to.equal(0);
  });

  it('serves another release when the link to the folder leads there, and a download ends with what it began with', async () => {
    server = await ServeProcess.start([join(folder, 'current')], { env });
    expect((await ask('/')).body).to.equal('release 1');
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ host: '10.77.0.2', path: '/big.bin', agent: false }, resolve).on('error', reject);
    });
    response.pause();
    symlinkSync('releases/2', join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'current'));
    await until('/', ({ body }) => body === 'release 2');
    expect((await ask('/many/1.txt')).status).to.equal(404);
    await server.event(
      'note',
      ({ message }) =>
        String(message).startsWith('another folder is served now') &&
        String(message).endsWith(`, from ${join(folder, 'releases/2')}`),
    );
    const pieces: Buffer[] = [];
    for await (const piece of response) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).equals(Buffer.alloc(LARGE_BYTES, '1'))).to.equal(true);
    writeFileSync(join(folder, 'releases/2/index.html'), 'release 2, mended');
    await until('/', ({ body }) => body === 'release 2, mended');
    expect(await server.end()).to.equal(0);
  });

  it('leaves files as they are with --watch off, until SIGHUP', async () => {
    server = await ServeProcess.start([join(folder, 'releases/2'), '--watch', 'off'], { env });
    const page = join(folder, 'releases/2/index.html');
    writeFileSync(page, 'later');
    utimesSync(page, 1, 1);
    await pause(300);
    expect((await ask('/')).body).to.equal('release 2');
    server.child.kill('SIGHUP');
    await until('/', ({ body }) => body === 'later');
  });
});

function counter(counters: unknown, name: string): number {
  return (counters as Record<string, number> | undefined)?.[name] ?? 0;
}
