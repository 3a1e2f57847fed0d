import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { askServer, ControlSocket } from '../../../src/serve/process/control-socket.js';

describe('control socket', () => {
  let folder: string;
  let path: string;
  let socket: ControlSocket | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-sock-'));
    path = join(folder, 'fp0.sock');
  });

  afterEach(async () => {
    await socket?.close();
    socket = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const answering = (describe: () => object) => {
    socket = new ControlSocket(path);
    socket.answer(describe);
    return socket;
  };

  it('tells every visitor the numbers of that moment', async () => {
    let requests = 0;
    const control = answering(() => ({ requests: ++requests }));
    expect(await askServer(path)).to.deep.equal({ requests: 1 });
    expect(await askServer(path)).to.deep.equal({ requests: 2 });
    await control.close();
    socket = undefined;
    expect(existsSync(path)).to.equal(false);
  });

  it('has an empty answer while the server is still starting', async () => {
    socket = new ControlSocket(path);
    expect(await askServer(path)).to.deep.equal({});
  });

  it('takes the place of a socket that a dead server left', async () => {
    writeFileSync(path, '');
    answering(() => ({ alive: true }));
    expect(await askServer(path)).to.deep.equal({ alive: true });
  });

  it('is open to its owner alone, and leaves the umask as it was', () => {
    const umask = process.umask();
    answering(() => ({}));
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(process.umask()).to.equal(umask);
  });

  it('turns away visitors beyond its bound', async () => {
    answering(() => ({}));
    const closed: Promise<boolean>[] = [];
    const visitors: Socket[] = [];
    for (let i = 0; i < 40; i++) {
      const visitor = connect({ path, allowHalfOpen: true }); // keeps its side open
      let answer = '';
      visitor.on('data', (data) => (answer += data)).on('error', () => {});
      closed.push(
        new Promise((resolve) =>
          visitor.once('end', () => resolve(answer !== '')).once('close', () => resolve(answer !== '')),
        ),
      );
      visitors.push(visitor);
    }
    const answered = (await Promise.all(closed)).filter(Boolean).length;
    for (const visitor of visitors) visitor.destroy();
    expect(answered).to.equal(16);
  });

  it('finds nobody where nobody is', async () => {
    expect(await askServer(path)).to.equal(undefined);
  });
});
