/** docs/modules.md: its modules run as they are written there, and its steps are parts of the whole. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { z } from 'zod';
import { definitionOf } from '../../src/module/index.js';
import { parseConfiguration } from '../../src/site/config/load.js';
import { modulePage } from '../support/module-page.js';
import { ModuleWorld } from '../support/module-world.js';
import { until } from '../support/until.js';

const PAGE = fileURLToPath(new URL('../../../docs/modules.md', import.meta.url));

describe('docs/modules.md', () => {
  let folder: string;
  let world: ModuleWorld;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-modules-'));
  });
  beforeEach(() => {
    world = new ModuleWorld();
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Serves a module of the page, with these options in its configuration. */
  async function serve(name: string, options: Record<string, unknown>): Promise<void> {
    const file = join(folder, name);
    writeFileSync(file, modulePage(name));
    const { default: exported } = (await import(pathToFileURL(file).href)) as { default: unknown };
    await world.serve(exported, definitionOf(exported).options?.(z).parse(options));
  }

  it('has a daytime that tells the time over TCP and UDP', async () => {
    await serve('daytime.js', {});
    const client = world.connect(13).end();
    expect([client.text, client.isEnded]).to.deep.equal(['Sun, 06 Nov 1994 08:49:37 GMT\r\n', true]);
    expect(world.query(13, 'anything')).to.deep.equal(['Sun, 06 Nov 1994 08:49:39 GMT\r\n']);
    expect(world.counters).to.include({ connections: 1, datagrams: 1, failures: 0 });
  });

  it('has an echo that counts the lines of a connection and of all, and sends any bytes back', async () => {
    await serve('echo.js', {});
    const first = world.connect(7, 'a\r\nb\n');
    const second = world.connect(7, 'c\ncount\nbye\n').end();
    expect([first.text, second.text, second.isEnded]).to.deep.equal(['1 a\r\n2 b\r\n', '1 c\r\n1 of 3\r\n', true]);
    expect(first.isEnded).to.equal(false);
    expect(world.query(7, '\xff\0 any')).to.deep.equal(['\xff\0 any']);
    expect(world.counters).to.include({ connections: 2, datagrams: 1, failures: 0 });
  });

  it('has a finger of about 70 lines that knows users, lists them, and refuses to forward', async () => {
    expect(modulePage('finger.js').split('\n').length).to.be.lessThan(75);
    await serve('finger.js', { users: { alice: 'works on the cache', Bob: 'is on holiday' } });
    const answers = ['alice\r\n', '/W bob\n', '\r\n', 'alice@elsewhere\r\n', 'carol\r\n', '../alice\r\n'].map((query) =>
      world.connect(79, query).end(),
    );
    await world.settle();
    world.pass(5);
    expect(answers.map(({ text }) => text)).to.deep.equal([
      'alice: works on the cache\r\n',
      'Bob: is on holiday\r\n',
      'Bob\r\nalice\r\n',
      'Finger forwarding service denied\r\n',
      'carol: nobody of that name\r\n',
      '../alice: nobody of that name\r\n',
    ]);
    expect(answers.map(({ reason }) => reason)).to.deep.equal(answers.map(() => 'closed'));
    expect(world.counters).to.include({ known: 3, denied: 2, failures: 0, openConnections: 0 });
  });

  it('has a finger that reads a plan once and then has it in its cache', async () => {
    const plans = join(folder, 'plans');
    mkdirSync(plans);
    writeFileSync(join(plans, 'dave.plan'), 'to learn TCP\n');
    await serve('finger.js', { plans });
    for (const [read, known] of [
      [1, 0],
      [1, 1],
    ] as const) {
      const client = world.connect(79, 'dave\r\n');
      // The plan is a real file, and its disk takes real time.
      await until(async () => {
        await world.settle();
        return client.text !== '';
      }, 'the plan');
      expect(client.text).to.equal('to learn TCP\n');
      expect(world.counters).to.include({ read, known });
    }
  });

  it('has steps whose code is that of the whole', () => {
    const whole = modulePage('finger.js');
    const page = readFileSync(PAGE, 'utf8');
    const steps = Array.from(page.matchAll(/```js\n( [\s\S]*?)```/g), ([, code = '']) => code);
    expect(steps.length).to.be.greaterThan(6);
    for (const step of steps) expect(whole).to.contain(step);
  });

  it('has a configuration that is right', () => {
    const text = modulePage('site.yaml');
    mkdirSync(join(folder, 'site'), { recursive: true });
    const { values } = parseConfiguration(text, join(folder, 'site.yaml'), {});
    const users = { alice: 'works on the cache', bob: 'is on holiday' };
    expect(values.modules).to.deep.equal([
      { use: './finger.js', options: { users, plans: '/srv/plans' }, from: folder },
    ]);
  });
});
