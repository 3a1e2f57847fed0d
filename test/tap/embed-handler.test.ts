/** A program that embeds a server, and answers requests itself. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import app from '../../examples/handlers/express.js';
import { FolderServer, type ServeEvents } from '../../src/index.js';
import { describeInNamespace } from '../support/namespace.js';

const warnings: string[] = [];
const events: ServeEvents = {
  note() {},
  warn: (text) => void warnings.push(text),
  loading() {},
  conflict() {},
  closing() {},
  died: (error) => void warnings.push(error.message),
};

describeInNamespace(import.meta.url, 'FolderServer.start({ handler })', () => {
  const runtime = mkdtempSync(join(tmpdir(), 'fastpath-embed-'));

  before(() => {
    process.env.FASTPATH_RUNTIME_DIR = runtime;
  });

  after(() => rmSync(runtime, { recursive: true, force: true }));

  it('runs an application in the thread that starts it, and needs no folder', async () => {
    const server = await FolderServer.start({ handler: app }, events);
    const { folder } = server.info;
    const answers = await Promise.all(
      ['1', '2', '3'].map(async (id) => {
        const answer = await fetch(`${server.info.url}api/users/${id}`);
        return answer.json();
      }),
    );
    expect(answers).to.deep.equal(['1', '2', '3'].map((id) => ({ id, from: '10.77.0.1' })));
    expect((await fetch(server.info.url)).status).to.equal(404);
    await server.stop();
    expect(existsSync(folder), 'the empty folder is removed').to.equal(false);
    expect(warnings).to.deep.equal([]);
  });

  it('keeps its answers if it is told to, and sends them by the fast path until a purge', async () => {
    let asked = 0;
    const handler = (_req: IncomingMessage, res: ServerResponse) => {
      res.writeHead(200, { 'Cache-Control': 'max-age=600', ETag: 'W/"1"', 'Cache-Tag': 'all' }).end(`${++asked}`);
    };
    const server = await FolderServer.start({ handler, handlerCache: {} }, events);
    const get = async () => {
      const answer = await fetch(`${server.info.url}page?a=1`);
      return [answer.headers.get('cache-status'), await answer.text()];
    };
    expect(await get()).to.deep.equal(['fastpath; fwd=uri-miss; fwd-status=200; stored', '1']);
    let hit = await get();
    while (hit[0] !== 'fastpath; hit') hit = await get();
    expect(hit[1]).to.equal('1');
    expect(await server.purge({ by: 'tag', tag: 'all' })).to.deep.equal([{ cache: '', answers: 1 }]);
    let again = await get();
    while (again[1] === '1') again = await get(); // a worker may not have heard of it yet
    expect(again[1]).to.equal('2');
    await server.stop();
    expect(warnings).to.deep.equal([]);
  });

  it('says what is wrong with a handler, and takes everything back', async () => {
    for (const [handler, message] of [
      ['/no/such.js', 'there is no handler /no/such.js'],
      [{ a: 1 } as never, 'this is no handler: an object of Object'],
    ] as const) {
      const error = await FolderServer.start({ handler }, events).then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error).to.include({ name: 'ServeError', code: 'bad-option' });
      expect(error?.message).to.include(message);
    }
  });
});
