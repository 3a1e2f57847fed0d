import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { expect } from 'chai';
import { ConfigSource } from '../../src/cli/config-source.js';
import { type HangUps, type Reloadable, Reloads } from '../../src/cli/reloads.js';
import type { Reporter } from '../../src/cli/reporter.js';
import type { PartialOptions } from '../../src/serve/configured.js';
import { faultOf } from '../../src/serve/faults.js';
import type { ServeOptions } from '../../src/serve/options.js';
import type { ReloadResult } from '../../src/serve/reload.js';
import { ServeError } from '../../src/serve/serve-error.js';
import { loadConfiguration } from '../../src/site/config/load.js';
import { ConfigFolder } from '../site/config/support.js';

describe('the options of a server with a configuration file', () => {
  let folder: ConfigFolder;
  beforeEach(() => {
    folder = new ConfigFolder();
    folder.write('site.yaml', 'port: 8080\nworkers: 2\nsites: [{folder: www}]\n');
  });
  afterEach(() => folder.remove());
  const source = (flags: PartialOptions = {}) => new ConfigSource(folder.at('site.yaml'), loadConfiguration, flags);

  it('are those of the file, with the command line on top', () => {
    const { options, isWatched } = source({ port: 81 }).readAgain(undefined);
    expect(options).to.include({ port: 81, workers: 2 });
    expect(options.sites?.map((site) => site.folder)).to.deep.equal([folder.at('www')]);
    expect(isWatched).to.equal(false);
  });

  it('are read anew each time', () => {
    const it = source();
    expect(it.readAgain(undefined).options.port).to.equal(8080);
    folder.write('site.yaml', 'port: 8081\nreload: {config: true}\nsites: [{folder: docs}]\n');
    const { options, isWatched } = it.readAgain(undefined);
    expect([options.port, isWatched]).to.deep.equal([8081, true]);
  });

  it('join those of the access log one by one, and need a log for them', () => {
    const it = source({ accessLog: { format: 'json' } });
    expect(() => it.readAgain(undefined))
      .to.throw(ServeError, 'options of an access log on the command line, and there is no log')
      .with.property('code', 'bad-option');
    expect(it.logsToStdout).to.equal(false);
    folder.write('site.yaml', 'sites: [{folder: www}]\nlog: {to: "-", format: w3c, keep: 9}\n');
    const { options } = it.readAgain(undefined);
    expect(options.accessLog).to.deep.equal({ target: { kind: 'stdout' }, format: 'json', keep: 9 });
    expect(it.logsToStdout).to.equal(true);
    folder.write('site.yaml', 'sites: [{folder: www}]\nlog: {format: w3c}\n');
    const alone = source();
    try {
      alone.readAgain(undefined);
      expect.fail('it was taken');
    } catch (error) {
      expect(alone.explained(error as ServeError).message.replace(`${folder.path}/`, '')).to.equal(
        'the configuration is wrong\nsite.yaml:2:6: log: options of an access log, and there is no log; ' +
          'write "to: FILE" beside them, or give --access-log FILE',
      );
    }
    const named = source({ accessLog: { target: { kind: 'file', path: '/a' } } }).readAgain(undefined).options;
    expect(named.accessLog).to.deep.equal({ target: { kind: 'file', path: '/a' }, format: 'w3c' });
  });

  it('have the place in the file of what a start finds, unless the command line says it', () => {
    folder.write(
      'site.yaml',
      'sites: [{folder: www}]\nadmin: {listen: 127.0.0.1:1}\nnetwork: {interface: lo}\nlog: {to: a}\n',
    );
    const said = (path: string[], flags: PartialOptions = {}) => {
      const it = source(flags);
      it.readAgain(undefined);
      const { message } = it.explained(faultOf(path, 'no', 'Do this.', { code: 'address-taken' }));
      return message.replaceAll(`${folder.path}/`, '').split('\n').at(-1);
    };
    expect(said(['admin', 'listen'])).to.equal('site.yaml:2:17: admin.listen: no; do this');
    expect(said(['network', 'interface'])).to.equal('site.yaml:3:22: network.interface: no; do this');
    expect(said(['log', 'to'])).to.equal('site.yaml:4:11: log.to: no; do this');
    expect(said(['network', 'interface'], { network: { interfaceName: 'fp1' } })).to.equal('no');
    expect(said(['admin', 'listen'], { admin: { listen: { kind: 'unix', path: '/a' } } })).to.equal('no');
  });

  it('are refused with every problem of the file', () => {
    folder.write('site.yaml', 'port: 0\nworkers: x\n');
    expect(() => source().readAgain(undefined))
      .to.throw(ServeError)
      .with.property('message')
      .that.matches(/^the configuration is wrong\n.*site\.yaml:1:7: port: .*\n.*site\.yaml:2:10: workers: /);
  });

  it('are looked at for changes: one that was read is none, and one that is being written waits', () => {
    const it = source();
    let changes = 0;
    const look = () => it.look(() => changes++);
    it.readAgain(undefined);
    folder.write('site.yaml', 'port: 80\n');
    look();
    folder.write('site.yaml', 'port: 8081\nsites: [{folder: docs}]\n');
    look();
    expect(changes).to.equal(0);
    look();
    expect(changes).to.equal(1);
    it.readAgain(undefined);
    look();
    folder.remove();
    look();
    look();
    expect(changes).to.equal(1);
  });

  it('need no folder with a handler or a route that all sites have', () => {
    const read = (flags: PartialOptions) => new ConfigSource(undefined, undefined, flags).readAgain(undefined).options;
    expect(read({ handler: '/app.js' }).folder).to.equal(undefined);
    expect(read({ rules: { routes: [{ path: '/', to: [{ upstream: 'proxy' }] }] } }).folder).to.equal(undefined);
    expect(() => read({ rules: { spa: true } })).to.throw(ServeError, 'the command line no folder');
  });

  it('need a folder from somewhere', () => {
    folder.write('site.yaml', 'port: 81\n');
    expect(() => source().readAgain(undefined)).to.throw(ServeError, 'has no sites, and the command line no folder');
    expect(source({ folder: 'www' }).readAgain(undefined).options).to.include({ port: 81, folder: 'www' });
  });
});

const NOTHING: ReloadResult = {
  sites: { added: [], removed: [], changed: [], kept: [] },
  changed: [],
  needRestart: [],
};

describe('SIGHUP', () => {
  let folder: ConfigFolder;
  let said: string[];
  let signal: () => void;
  let hasTerminal: boolean;
  beforeEach(() => {
    folder = new ConfigFolder();
    folder.write('site.yaml', 'port: 8080\nsites: [{folder: www}]\n');
    said = [];
    hasTerminal = true;
  });
  afterEach(() => folder.remove());

  const hangUps: HangUps = {
    onSignal(signalled) {
      signal = signalled;
      return () => {
        signal = () => said.push('nobody listens');
      };
    },
    hasTerminal: () => hasTerminal,
  };

  function setUp(file: string | undefined, server: Partial<Reloadable> = {}) {
    const reporter = {
      warn: (text: string) => said.push(`warning: ${text.replaceAll(`${folder.path}/`, '')}`),
      reloading: () => said.push('reloading'),
      reloaded: (result: ReloadResult | undefined) => said.push(result === undefined ? 'refreshed' : 'reloaded'),
    } as unknown as Reporter;
    const reloads = new Reloads(
      new ConfigSource(file, loadConfiguration, {}),
      reporter,
      () => said.push('ends'),
      hangUps,
    );
    const whole: Reloadable = {
      user: undefined,
      refresh: async () => {},
      reload: async () => NOTHING,
      ...server,
    };
    return { reloads, server: whole };
  }

  /** Until nothing is under way any more: all that is awaited here is fulfilled at once. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('tells who asks for it what it did, or why nothing has changed', async () => {
    const { reloads, server } = setUp(folder.at('site.yaml'));
    const early = reloads.ask();
    reloads.begin(server, false);
    expect(await early).to.equal(NOTHING);
    folder.write('site.yaml', 'prot: 8081\nsites: [{folder: docs}]\n');
    const [first, second] = await Promise.allSettled([reloads.ask(), reloads.ask()]);
    for (const result of [first, second]) {
      expect(result).to.include({ status: 'rejected' });
      expect((result as PromiseRejectedResult).reason).to.be.instanceOf(ServeError);
      expect(((result as PromiseRejectedResult).reason as Error).message).to.contain('site.yaml:1:1');
    }
    folder.write('site.yaml', 'port: 8081\nsites: [{folder: docs}]\n');
    expect(await reloads.ask()).to.equal(NOTHING);
  });

  it('refuses those who still wait when the server ends', async () => {
    const { reloads } = setUp(folder.at('site.yaml'));
    const [asked] = await Promise.allSettled([reloads.ask(), reloads.release()]);
    expect(asked).to.include({ status: 'rejected' });
  });

  it('reads the configuration again, and names what waits for the next start', async () => {
    const given: ServeOptions[] = [];
    const { reloads, server } = setUp(folder.at('site.yaml'), {
      reload: async (options) => {
        given.push(options);
        return { ...NOTHING, needRestart: ['network', 'workers'] };
      },
    });
    reloads.begin(server, false);
    folder.write('site.yaml', 'port: 8081\nsites: [{folder: docs}]\n');
    signal();
    await settled();
    expect(given.map(({ port }) => port)).to.deep.equal([8081]);
    expect(said).to.deep.equal([
      'reloading',
      'warning: these settings differ, and wait for the next start: network, workers',
      'reloaded',
    ]);
  });

  it('changes nothing if the configuration is wrong, and says why', async () => {
    let reloaded = 0;
    const { reloads, server } = setUp(folder.at('site.yaml'), {
      reload: async () => {
        reloaded++;
        return NOTHING;
      },
    });
    reloads.begin(server, false);
    folder.write('site.yaml', 'port: x\n');
    signal();
    await settled();
    expect(reloaded).to.equal(0);
    expect(said).to.deep.equal([
      'reloading',
      'warning: nothing has changed: the configuration is wrong\n' +
        'site.yaml:1:7: port: must be a whole number from 1 to 65535, not "x"',
    ]);
  });

  it('ends no server by a defect: the old configuration stays, and the next reload counts', async () => {
    let failures = 1;
    const { reloads, server } = setUp(folder.at('site.yaml'), {
      reload: async () => {
        if (failures-- > 0) throw new RangeError('Maximum call stack size exceeded');
        return NOTHING;
      },
    });
    reloads.begin(server, false);
    const [asked] = await Promise.allSettled([reloads.ask()]);
    expect((asked as PromiseRejectedResult).reason).to.be.instanceOf(ServeError);
    const [, warning = ''] = said;
    expect(warning).to.contain('warning: nothing has changed: the reload failed, which should not have happened\n');
    expect(warning).to.contain('RangeError: Maximum call stack size exceeded');
    signal();
    await settled();
    expect(said.slice(2)).to.deep.equal(['reloading', 'reloaded']);
  });

  it('does not wait for a FIFO that stands in the place of the configuration', async function () {
    const { reloads, server } = setUp(folder.at('site.yaml'));
    reloads.begin(server, false);
    rmSync(folder.at('site.yaml'));
    if (spawnSync('mkfifo', [folder.at('site.yaml')]).status !== 0) {
      this.test!.title += ' (skipped: no mkfifo)';
      this.skip();
    }
    signal();
    await settled();
    expect(said).to.deep.equal([
      'reloading',
      'warning: nothing has changed: the configuration is wrong\nsite.yaml:1:1: this is no regular file',
    ]);
  });

  it('looks at the folder again if there is no configuration', async () => {
    const { reloads, server } = setUp(undefined);
    reloads.begin(server, false);
    signal();
    await settled();
    expect(said).to.deep.equal(['reloading', 'refreshed']);
  });

  it('during the start counts when the server runs; during a reload it counts once more after it', async () => {
    let go = () => {};
    const { reloads, server } = setUp(undefined, {
      refresh: () =>
        new Promise((resolve) => {
          go = resolve;
        }),
    });
    signal();
    expect(said).to.deep.equal([]);
    reloads.begin(server, false);
    expect(said).to.deep.equal(['reloading']);
    signal();
    signal();
    expect(said).to.deep.equal(['reloading']);
    go();
    await settled();
    expect(said).to.deep.equal(['reloading', 'refreshed', 'reloading']);
    go();
    await settled();
    expect(said.at(-1)).to.equal('refreshed');
    expect(said.length).to.equal(4);
  });

  it('ends the server if it comes because the terminal is gone', async () => {
    const { reloads, server } = setUp(undefined);
    reloads.begin(server, false);
    hasTerminal = false;
    signal();
    await settled();
    expect(said).to.deep.equal(['ends']);
  });

  it('reloads a server that never had a terminal', async () => {
    hasTerminal = false;
    const { reloads, server } = setUp(undefined);
    reloads.begin(server, false);
    signal();
    await settled();
    expect(said).to.deep.equal(['reloading', 'refreshed']);
  });

  it('means nothing to a server that is ending', async () => {
    const { reloads, server } = setUp(undefined);
    reloads.begin(server, false);
    reloads.release();
    reloads.request();
    await settled();
    expect(said).to.deep.equal([]);
  });
});
