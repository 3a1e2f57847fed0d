/** The modules of docs/modules.md in `fastpath serve`, asked by this machine's own sockets. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { modulePage } from '../support/module-page.js';
import { describeInNamespace } from '../support/namespace.js';
import { fastpath, readableFolder, type ServeEvent, ServeProcess } from '../support/serve-process.js';

const OURS = '10.77.0.2';

describeInNamespace(import.meta.url, 'fastpath serve with modules', () => {
  const folder = readableFolder('fastpath-modules-');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  let server: ServeProcess;

  before(async () => {
    mkdirSync(join(folder, 'site'));
    mkdirSync(join(folder, 'plans'));
    writeFileSync(join(folder, 'site', 'index.html'), 'a site');
    writeFileSync(join(folder, 'plans', 'dave.plan'), 'to learn TCP\n');
    for (const name of ['finger.js', 'daytime.js']) writeFileSync(join(folder, name), modulePage(name));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'faulty.js'), FAULTY);
    const page = modulePage('site.yaml').replace('/srv/plans', join(folder, 'plans'));
    writeFileSync(join(folder, 'site.yaml'), page);
    const modules = ['--module', './daytime.js', '--module', './faulty.js'];
    const args = [join(folder, 'site.yaml'), '--workers', '2', '--admin', join(folder, 'admin.sock'), ...modules];
    server = await ServeProcess.start(args, { env, cwd: folder });
  });

  after(async () => {
    if (server !== undefined) await server.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Sends a line to a port, and gives all that comes until the end. */
  async function ask(port: number, line: string): Promise<string> {
    const socket = connect(port, OURS);
    socket.end(line);
    return text(socket).catch((error: NodeJS.ErrnoException) => `${error.code}`);
  }

  /** The first status whose counters satisfy `test`. */
  function counters(test: (counters: Record<string, number>) => boolean): Promise<ServeEvent> {
    return server.event('status', ({ counters }) => test(counters as Record<string, number>));
  }

  it('names them when it is ready', async () => {
    const { modules } = await server.event('ready');
    const names = (modules as { name: string; listeners: string[] }[]).map(({ name, listeners }) => [
      name,
      ...listeners,
    ]);
    expect(names).to.deep.equal([
      ['finger', 'tcp/79'],
      ['daytime', 'tcp/13', 'udp/13'],
      ['faulty', 'tcp/9'],
    ]);
  });

  it('answers finger from the cache and from a file, with the options of the configuration', async () => {
    const answers = await Promise.all(['alice\r\n', 'dave\r\n', 'carol\r\n'].map((line) => ask(79, line)));
    expect(answers).to.deep.equal([
      'alice: works on the cache\r\n',
      'to learn TCP\n',
      'carol: nobody of that name\r\n',
    ]);
    await counters(
      (all) => all['finger.known'] === 1 && all['finger.read'] === 1 && all['finger.openConnections'] === 0,
    );
  });

  it('tells the time over TCP and UDP', async () => {
    expect(await ask(13, '')).to.match(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n$/);
    const socket = createSocket('udp4');
    socket.send('', 13, OURS);
    const [message] = (await once(socket, 'message')) as [Buffer];
    socket.close();
    expect(Math.abs(Date.parse(message.toString()) - Date.now())).to.be.lessThan(10_000);
  });

  it('goes on when a module throws, and counts it', async () => {
    expect(await ask(9, 'x\n')).to.equal('ECONNRESET');
    const { message } = await server.event('warning', (event) => String(event.message).includes('faulty'));
    expect(message).to.contain('faulty: a call failed, and its connection is reset: this module is faulty');
    await counters((all) => all['faulty.failures'] === 1);
    expect(await ask(79, 'alice\r\n')).to.equal('alice: works on the cache\r\n');
  });

  it('shows their counters in status and stat, and as metrics', async () => {
    const status = await fastpath(['status'], { env });
    expect(status.stdout).to.match(/module finger on tcp\/79: .*connections \d+/);
    const stat = await fastpath(['stat', '--once', '--all', '--filter', 'finger.*'], { env });
    expect(stat.stdout).to.contain('finger.known').and.contain('finger.openConnections');
    const socket = connect(join(folder, 'admin.sock'));
    socket.end('GET /metrics HTTP/1.0\r\n\r\n');
    const metrics = await text(socket);
    expect(metrics)
      .to.match(/^# TYPE fastpath_module_finger_known_total counter$/m)
      .and.match(/^fastpath_module_finger_known_total [12]$/m);
    expect(metrics).to.match(/^# TYPE fastpath_module_finger_open_connections gauge$/m);
    expect(metrics).not.to.match(/counter="(finger|daytime|faulty)/);
  });

  it('ends at once although a module is there', async () => {
    expect(await server.end()).to.equal(0);
  });

  it('says what is wrong with a module before anything is made', async () => {
    const wrong = await fastpath(['serve', join(folder, 'site'), '--module', './none.js'], { env, cwd: folder });
    expect([wrong.code, wrong.stderr.split('\n')[0]]).to.deep.equal([2, 'fastpath: there is no module ./none.js']);
  });

  it('says which module cannot begin in its worker, and where', async () => {
    writeFileSync(
      join(folder, 'late.js'),
      FAULTY.replace('actions:', "objects() { throw new Error('too late'); }, actions:"),
    );
    const wrong = await fastpath(['serve', join(folder, 'site'), '--module', './late.js'], { env, cwd: folder });
    expect(wrong.code).to.equal(1);
    expect(wrong.stderr)
      .to.contain('module faulty cannot begin: too late (at Object.objects')
      .and.not.contain('defect');
  });
});

const FAULTY = `export default {
  name: 'faulty',
  listeners: () => [{ transport: 'tcp', port: 9 }],
  actions: { fail() { throw new Error('this module is faulty'); } },
  control: { failing: { on: 'input', run: 'fail', next: {} } },
};`;
