/** A service manager is a datagram socket: here one that the test reads. sd_notify(3). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { expect } from 'chai';
import koffi from 'koffi';
import { JsonReporter } from '../../../src/cli/json-reporter.js';
import { ServiceReporter } from '../../../src/cli/service-reporter.js';
import { AF_UNIX, addressOf, O_NONBLOCK, SOCK_DGRAM, sys } from '../../../src/net/device/libc.js';
import { ServiceManager } from '../../../src/serve/process/service-manager.js';
import { ServeError } from '../../../src/serve/serve-error.js';
import { INFO, SNAPSHOT } from '../../support/server-facts.js';

const bind = koffi.load(null).func('bind', 'int', ['int', 'uintptr_t', 'uint']);

/** The manager's end: what has been said since the last look. */
class Listener {
  readonly #fd = sys.socket(AF_UNIX, SOCK_DGRAM | O_NONBLOCK, 0);
  readonly #buffer = new Uint8Array(4096);

  constructor(path: string) {
    const name = Buffer.from(path.replace(/^@/, '\0'));
    const address = Buffer.concat([Uint8Array.of(AF_UNIX, 0), name]);
    if (bind(this.#fd, addressOf(address), address.length) !== 0) throw new Error(`cannot bind ${path}`);
  }

  heard(): string[] {
    const messages: string[] = [];
    for (;;) {
      const length = sys.read(this.#fd, addressOf(this.#buffer), this.#buffer.length);
      if (length < 0) return messages;
      messages.push(Buffer.from(this.#buffer.subarray(0, length)).toString());
    }
  }

  close(): void {
    sys.close(this.#fd);
  }
}

describe('the service manager', () => {
  let folder: string;
  let listener: Listener | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-notify-'));
  });
  afterEach(() => {
    listener?.close();
    listener = undefined;
    rmSync(folder, { recursive: true });
  });

  const managerOn = (path: string, more: NodeJS.ProcessEnv = {}) => {
    listener = new Listener(path);
    const manager = ServiceManager.fromEnvironment({ NOTIFY_SOCKET: path, ...more });
    if (manager === undefined) throw new Error('no manager');
    return { manager, listener };
  };

  it('is none where the environment names none', () => {
    expect(ServiceManager.fromEnvironment({})).to.equal(undefined);
  });

  it('gets each message in one datagram, on a path and on an abstract name', () => {
    for (const path of [join(folder, 'notify'), `@fastpath-test-${process.pid}`]) {
      const { manager, listener } = managerOn(path);
      manager.notify('READY=1', 'STATUS=http://10.0.0.2/');
      manager.notify('WATCHDOG=1');
      expect(listener.heard()).to.deep.equal(['READY=1\nSTATUS=http://10.0.0.2/', 'WATCHDOG=1']);
      manager.close();
      listener.close();
    }
    listener = undefined;
  });

  it('asks for a sign of life twice an interval, if it asks this process', () => {
    const interval = { WATCHDOG_USEC: '30000000' };
    const here = managerOn(join(folder, 'a'), { ...interval, WATCHDOG_PID: `${process.pid}` });
    expect(here.manager.watchdogMs).to.equal(15_000);
    here.manager.close();
    here.listener.close();
    const elsewhere = managerOn(join(folder, 'b'), { ...interval, WATCHDOG_PID: '1' });
    expect(elsewhere.manager.watchdogMs).to.equal(undefined);
    elsewhere.manager.close();
  });

  it('may go away: serving goes on', () => {
    const { manager, listener: its } = managerOn(join(folder, 'notify'));
    its.close();
    listener = undefined;
    expect(() => manager.notify('WATCHDOG=1')).not.to.throw();
    manager.close();
  });

  it('whose socket cannot be reached is an error that names it', () => {
    const path = join(folder, 'nobody-there');
    expect(() => ServiceManager.fromEnvironment({ NOTIFY_SOCKET: path })).to.throw(`connect: ENOENT (${path})`);
  });

  it('hears of the life of a server: ready, alive, stopping, and why it failed', () => {
    const { manager, listener } = managerOn(join(folder, 'notify'), { WATCHDOG_USEC: '30000000' });
    const reporter = new ServiceReporter(new JsonReporter(() => {}), manager);
    reporter.ready(INFO, SNAPSHOT);
    reporter.alive();
    reporter.alive(); // within the same interval: not said again
    reporter.stopping('SIGTERM');
    reporter.closing(2);
    reporter.failed(new ServeError('unreadable', 'no folder'));
    expect(listener.heard()).to.deep.equal([
      `READY=1\nMAINPID=${process.pid}\nSTATUS=http://10.77.0.2/`,
      'WATCHDOG=1',
      'STOPPING=1\nSTATUS=closing connections (SIGTERM)\nEXTEND_TIMEOUT_USEC=30000000',
      'STATUS=waiting for 2 answers',
      'STATUS=no folder',
    ]);
    manager.close();
  });

  it('gives a server that ends more time for as long as its grace lasts, and not after', () => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const { manager, listener } = managerOn(join(folder, 'notify'));
      const reporter = new ServiceReporter(new JsonReporter(() => {}), manager);
      reporter.stopping('SIGTERM');
      reporter.stopping('SIGTERM'); // the second signal begins nothing twice
      mock.timers.tick(30_000);
      const asked = listener.heard().filter((message) => message === 'EXTEND_TIMEOUT_USEC=30000000');
      expect(asked, 'each 10 s for 30 s more').to.have.length(3);
      reporter.stopped(undefined, 0);
      mock.timers.tick(60_000);
      expect(listener.heard()).to.deep.equal([]);
      manager.close();
    } finally {
      mock.timers.reset();
    }
  });
});
