/** Which running server a command is for. */
import { expect } from 'chai';
import { choose, findServer, type Registered } from '../../src/cli/find-server.js';
import { registeredServers } from '../../src/cli/registered-servers.js';
import { ControlSocket } from '../../src/serve/process/control-socket.js';
import { describeProcess, type RuntimeState, RuntimeStates } from '../../src/serve/process/runtime-state.js';
import { ServeError } from '../../src/serve/serve-error.js';
import { TemporaryFolder } from '../cache/support.js';

const HERE = '4026531840';
const names: Readonly<Record<string, string>> = { '5': 'lab' };

function server(interfaceName: string, networkNamespace: string, pid: number): Registered {
  const ids = { pid, processStart: '1', pidNamespace: '1', networkNamespace, interfaceName };
  return { state: { ...ids, url: '', folder: '/srv', since: '' }, path: `/run/${pid}.sock` };
}

/** The process number, or what is said. */
function chosen(running: readonly Registered[], wish?: string): number | string {
  try {
    return choose(running, wish, HERE, (namespace) => names[namespace] ?? namespace, 'Name a file.').state.pid;
  } catch (error) {
    if (!(error instanceof ServeError)) throw error;
    return `${error.message}. ${error.advice}`;
  }
}

describe('the server that a command is for', () => {
  const [own, second, lab, other] = [
    server('fp0', HERE, 11),
    server('fp1', HERE, 12),
    server('fp0', '5', 13),
    server('fp0', '6', 14),
  ];

  it('is the only one, wherever it runs', () => {
    expect(chosen([own])).to.equal(11);
    expect(chosen([lab])).to.equal(13);
  });

  it('is that of this network namespace, if others run in others', () => {
    expect(chosen([lab, own, other])).to.equal(11);
    expect(chosen([lab, own, other], 'fp0')).to.equal(11);
  });

  it('is named by its interface, or by its process number', () => {
    expect(chosen([own, second], 'fp1')).to.equal(12);
    expect(chosen([lab, own, other], '14')).to.equal(14);
  });

  it('has to be named among several, which are told with their namespaces and processes', () => {
    expect(chosen([own, second])).to.equal(
      'several servers are running: fp0 (process 11), fp1 (process 12). ' +
        'Choose one: --interface NAME, or the number of its process.',
    );
    expect(chosen([lab, other], 'fp0')).to.contain('fp0 in netns lab (process 13), fp0 in netns 6 (process 14)');
  });

  it('may not be there', () => {
    expect(chosen([])).to.equal('no server is running. Name a file.');
    expect(chosen([own, lab], 'fp7')).to.equal(
      'no server is running on fp7. There is fp0 (process 11), fp0 in netns lab (process 13).',
    );
  });
});

describe('the register of servers', () => {
  const folder = new TemporaryFolder();
  const before = process.env.FASTPATH_RUNTIME_DIR;
  const states = new RuntimeStates(folder.path);
  const own = { ...describeProcess(), url: '', folder: '/srv', since: '' };
  beforeEach(() => {
    process.env.FASTPATH_RUNTIME_DIR = folder.path;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.FASTPATH_RUNTIME_DIR;
    else process.env.FASTPATH_RUNTIME_DIR = before;
  });
  after(() => folder.remove());

  /** Makes the file of a server. */
  function register(interfaceName: string, rest: Partial<RuntimeState> = {}): RuntimeState {
    const state = { ...own, interfaceName, ...rest };
    folder.write(states.pathOf(state).slice(folder.path.length + 1), JSON.stringify(state));
    return state;
  }

  it('has dead ones, which no command chooses or names: `stat`, `top`, `log`, `purge` agree with `status`', async () => {
    register('fp0');
    register('fp1', { processStart: '1' }); // the number is used again
    register('fp2', { pidNamespace: '1', networkNamespace: '2' }); // nobody answers there
    const other = register('fp3', { pidNamespace: '1', networkNamespace: '2' });
    const socket = new ControlSocket(states.pathOf(other, 'sock'));
    socket.answer(() => ({ uptimeSeconds: 1 }));
    try {
      const servers = await registeredServers('all');
      const living = servers.filter(({ alive }) => alive).map(({ state }) => state.interfaceName);
      expect(living.sort()).to.deep.equal(['fp0', 'fp3']);
      expect((await findServer(undefined, 'sock')).interfaceName).to.equal('fp0');
      expect((await findServer('fp3', 'log')).path).to.equal(states.pathOf(other, 'log'));
      const error = await findServer('fp1', 'sock').catch((reason: ServeError) => reason);
      expect(error).to.be.instanceOf(ServeError);
      expect((error as ServeError).message).to.equal('no server is running on fp1');
      const { advice } = error as ServeError;
      expect(advice.match(/fp\d/g)?.sort(), advice).to.deep.equal(['fp0', 'fp3']);
    } finally {
      await socket.close();
    }
  });
});
