import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isAlive } from '../../../src/serve/process/process-id.js';
import {
  describeProcess,
  outsideNumber,
  type RuntimeState,
  RuntimeStates,
  runtimeFolder,
  runtimeFolders,
} from '../../../src/serve/process/runtime-state.js';
import { ServeError } from '../../../src/serve/serve-error.js';

describe('runtime state', () => {
  let folder: string;
  let states: RuntimeStates;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-state-'));
    states = new RuntimeStates(join(folder, 'run'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const ours = (change: Partial<RuntimeState> = {}): RuntimeState => ({
    ...describeProcess(),
    interfaceName: 'fp0',
    url: 'http://10.77.0.2/',
    folder: 'site',
    since: '2026-01-01T00:00:00.000Z',
    ...change,
  });

  /** A process that has ended, so that its number is free. */
  const deadPid = () => spawnSync('true').pid;

  const never = () => expect.fail('there was nothing to take back');

  it('claims a free name and gives it back without a trace', () => {
    states.claim(ours(), never);
    expect(states.list().map(({ pid }) => pid)).to.deep.equal([process.pid]);
    states.release(ours());
    expect(readdirSync(states.folder)).to.deep.equal([]);
  });

  it('refuses a name that a living process has, and says which one', () => {
    states.claim(ours(), never);
    const claim = () => states.claim(ours(), never);
    expect(claim)
      .to.throw(ServeError, `fp0 is taken: fastpath (process ${process.pid}) serves site`)
      .with.property('code', 'interface-taken');
  });

  it('takes over from a dead process, after handing over what it left', () => {
    const undo = { addresses: ['10.77.0.1/24'], wasDown: true };
    states.claim(ours({ pid: deadPid(), undo }), never);
    const left: RuntimeState[] = [];
    states.claim(ours(), (state) => left.push(state));
    expect(left.map((state) => state.undo)).to.deep.equal([undo]);
    expect(states.list().map(({ pid }) => pid)).to.deep.equal([process.pid]);
  });

  it('knows a number that came again for another process', () => {
    expect(isAlive(ours())).to.equal(true);
    expect(isAlive(ours({ processStart: '1' }))).to.equal(false);
  });

  it('lets another network namespace have the same name', () => {
    states.claim(ours(), never);
    states.claim(ours({ networkNamespace: '1' }), never);
    expect(states.list()).to.have.lengthOf(2);
  });

  it('forgets dead servers elsewhere, except those that have left something to take back', () => {
    const undo = { addresses: ['10.77.0.1/24'], wasDown: true };
    states.claim(ours({ networkNamespace: '1', pid: deadPid() }), never);
    states.claim(ours({ networkNamespace: '2', pid: deadPid(), undo }), never);
    states.claim(ours(), never);
    expect(states.list().map(({ networkNamespace }) => networkNamespace)).to.have.members([
      ours().networkNamespace,
      '2',
    ]);
  });

  it('leaves servers of another PID namespace alone: to us each looks dead', () => {
    states.claim(ours({ networkNamespace: '1', pid: deadPid(), pidNamespace: '1' }), never);
    states.claim(ours(), never);
    expect(states.list()).to.have.lengthOf(2);
  });

  it('replaces a damaged file', () => {
    states.claim(ours(), never);
    writeFileSync(states.pathOf(ours()), '{"pid": 12');
    expect(states.list()).to.deep.equal([]);
    states.claim(ours(), never);
    expect(states.list()).to.have.lengthOf(1);
  });

  it('keeps a name with odd characters inside its folder', () => {
    states.claim(ours({ interfaceName: '../x' }), never);
    expect(existsSync(join(folder, 'x.json'))).to.equal(false);
    expect(states.list().map(({ interfaceName }) => interfaceName)).to.deep.equal(['../x']);
  });

  it('says so when the folder cannot be made', () => {
    writeFileSync(join(folder, 'file'), '');
    const blocked = new RuntimeStates(join(folder, 'file', 'run'));
    expect(() => blocked.claim(ours(), never)).to.throw(ServeError, 'cannot use the folder');
    expect(blocked.list()).to.deep.equal([]);
  });

  it("does not use a folder of another user's, nor a link: anybody may make one in /tmp", () => {
    const link = join(folder, 'link');
    symlinkSync(folder, link);
    expect(() => new RuntimeStates(link).claim(ours(), never)).to.throw(ServeError, 'cannot use the folder');
  });

  it('leaves the files of a server that has taken the name over', () => {
    states.claim(ours(), never);
    states.release(ours({ pid: 1, processStart: '5' }));
    expect(states.list()).to.have.lengthOf(1);
  });

  it("is looked for in root's folder and the own one; by root in those of all users", () => {
    const isOfService = (path: string) => path.startsWith('/run/fastpath-'); // what services run here
    const found = runtimeFolders({ XDG_RUNTIME_DIR: '/run/user/5' }, 5).filter((path) => !isOfService(path));
    expect(found).to.deep.equal(['/run/fastpath', '/run/user/5/fastpath']);
    expect(runtimeFolders({ FASTPATH_RUNTIME_DIR: '/x' }, 0)).to.deep.equal(['/x']);
    const uid = process.getuid?.() ?? 0;
    const [honest, forged] = [join(tmpdir(), `fastpath-${uid}`), join(tmpdir(), `fastpath-${uid + 77_777}`)];
    const isNew = !existsSync(honest);
    mkdirSync(honest, { recursive: true });
    mkdirSync(forged, { recursive: true });
    try {
      expect(runtimeFolders({}, 0)).to.include(honest).and.not.include(forged);
    } finally {
      if (isNew) rmSync(honest, { recursive: true });
      rmSync(forged, { recursive: true });
    }
  });

  it('lies in /run for root and in the own folder of anybody else', () => {
    expect(runtimeFolder({}, 0)).to.equal('/run/fastpath');
    expect(runtimeFolder({ XDG_RUNTIME_DIR: '/run/user/5' }, 5)).to.equal('/run/user/5/fastpath');
    expect(runtimeFolder({}, 5)).to.equal(join(tmpdir(), 'fastpath-5'));
    expect(runtimeFolder({ FASTPATH_RUNTIME_DIR: '/x' }, 0)).to.equal('/x');
  });

  it("knows a user's number outside of a user namespace", () => {
    expect(outsideNumber(0, '         0       1000          1\n')).to.equal(1000);
    expect(outsideNumber(7, '0 1000 1\n1 100000 65536\n')).to.equal(100_006);
    expect(outsideNumber(5, '0 0 4294967295\n')).to.equal(5);
    expect(outsideNumber(65_534, '0 1000 1\n')).to.equal(65_534);
  });

  it('can be written by an ordinary user who is root in a namespace of its own, where /run is not', function () {
    const uid = 65_534; // nobody: whatever there is in /run, it is not this user's
    const program = new URL('../../../src/serve/process/runtime-state.js', import.meta.url);
    const script = `
      const { describeProcess, runtimeFolder, RuntimeStates } = await import('${program}');
      const state = { ...describeProcess(), interfaceName: 'fp0', url: '', folder: '', since: '' };
      new RuntimeStates().claim(state, () => {});
      new RuntimeStates().release(state);
      console.log(process.getuid(), runtimeFolder());`;
    const env = { PATH: process.env.PATH, TMPDIR: folder };
    chmodSync(folder, 0o777);
    const asRoot = ['--user', '--map-root-user', '--'];
    const identity = process.getuid?.() === 0 ? { uid, gid: uid, cwd: '/' } : { cwd: '/' };
    const options = { ...identity, env, encoding: 'utf8' } as const;
    const why =
      spawnSync('unshare', [...asRoot, 'true'], options).status !== 0
        ? 'unshare makes no user namespace here'
        : spawnSync(process.execPath, ['-e', `import(${JSON.stringify(program.href)})`], options).status !== 0
          ? 'nobody may not read this folder'
          : undefined;
    if (why !== undefined) {
      this.test!.title += ` (skipped: ${why})`;
      this.skip();
    }
    const words = [...asRoot, process.execPath, '--input-type=module', '-e', script];
    const { stdout, stderr } = spawnSync('unshare', words, options);
    const number = identity.uid ?? process.getuid?.();
    expect(stdout, stderr).to.equal(`0 ${join(folder, `fastpath-${number}`)}\n`);
  });
});
