/** A folder to serve, a runtime folder and the interface fp0: for tests of `fastpath serve` from the outside. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { CLI, type Ended, fastpath, needs, readableFolder, run, ServeProcess } from './serve-process.js';

/** Nobody, who may open /dev/net/tun whatever its mode is on this machine, and nothing else. */
const AS_NOBODY = [
  'setpriv',
  ...['--reuid', '65534', '--regid', '65534', '--clear-groups'],
  ...['--inh-caps', '-all,+dac_override', '--ambient-caps', '-all,+dac_override'],
];

/** Whether there is another user: in a user namespace there is not. */
export function hasOtherUsers(): boolean {
  const [program = '', ...args] = AS_NOBODY;
  return spawnSync(program, [...args, 'true']).status === 0;
}

/** Where there is no other user such a test skips, aloud. */
export function needsAnotherUser(test: Mocha.Context): void {
  needs(test, 'setpriv');
  if (hasOtherUsers()) return;
  test.test!.title += ' (this user cannot become another one)';
  test.skip();
}

export class ServeGround {
  readonly folder: string;
  /** With an index.html that says hello. */
  readonly site: string;
  readonly runtime: string;
  readonly env: NodeJS.ProcessEnv;
  readonly host = new HostInterface('fp0');
  readonly #started: ServeProcess[] = [];

  constructor(prefix: string) {
    this.folder = readableFolder(prefix);
    this.site = join(this.folder, 'site');
    this.runtime = join(this.folder, 'run');
    this.env = { ...process.env, FASTPATH_RUNTIME_DIR: this.runtime };
    mkdirSync(this.site);
    writeFileSync(join(this.site, 'index.html'), 'hello');
  }

  /** For `afterEach`: ends the servers that still run. */
  async endServers(): Promise<void> {
    for (const server of this.#started.splice(0)) if (server.child.exitCode === null) await server.end('SIGKILL');
    rmSync(this.runtime, { recursive: true, force: true });
  }

  /** For `after`. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  start = (...args: string[]): Promise<ServeProcess> => this.startOn(this.site, ...args);

  async startOn(folder: string, ...args: string[]): Promise<ServeProcess> {
    return this.#keep(await ServeProcess.start([folder, ...args], { env: this.env }));
  }

  /** As another user, who has a folder of their own for state. */
  async startAsNobody(): Promise<ServeProcess> {
    return this.#keep(await ServeProcess.start([this.site], { env: this.#nobodysEnv() }, AS_NOBODY));
  }

  /** Starts, and does not wait for the self-probe. */
  begin(...args: string[]): ServeProcess {
    return this.#keep(new ServeProcess(args, { env: this.env }));
  }

  /** Runs it to its end. */
  serve = (...args: string[]): Promise<Ended> => fastpath(['serve', '--json', ...args], { env: this.env });

  serveAsNobody(): Promise<Ended> {
    const [program = '', ...args] = AS_NOBODY;
    const command = [...args, process.execPath, CLI, 'serve', '--json', this.site];
    return run(program, command, { env: this.#nobodysEnv() });
  }

  expectNothingLeft(): void {
    expect(this.host.exists, 'the interface').to.equal(false);
    expect(existsSync(this.runtime) ? readdirSync(this.runtime) : [], 'state files').to.deep.equal([]);
  }

  #keep(server: ServeProcess): ServeProcess {
    this.#started.push(server);
    return server;
  }

  #nobodysEnv(): NodeJS.ProcessEnv {
    const own = join(this.folder, 'nobody');
    mkdirSync(own, { recursive: true });
    chmodSync(own, 0o777);
    return { ...this.env, FASTPATH_RUNTIME_DIR: join(own, 'run') };
  }
}
