import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { askServer, ControlSocket } from '../../src/serve/control-socket.js';

describe('control socket', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-sock-'));
    path = join(folder, 'fp0.sock');
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('tells every visitor the numbers of that moment', async () => {
    let requests = 0;
    const socket = new ControlSocket(path, () => ({ requests: ++requests }));
    expect(await askServer(path)).to.deep.equal({ requests: 1 });
    expect(await askServer(path)).to.deep.equal({ requests: 2 });
    await socket.close();
    expect(existsSync(path)).to.equal(false);
  });

  it('takes the place of a socket that a dead server left', async () => {
    writeFileSync(path, '');
    const socket = new ControlSocket(path, () => ({ alive: true }));
    expect(await askServer(path)).to.deep.equal({ alive: true });
    await socket.close();
  });

  it('finds nobody where nobody is', async () => {
    expect(await askServer(path)).to.equal(undefined);
  });
});
