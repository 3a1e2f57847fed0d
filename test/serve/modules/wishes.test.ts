/** Modules that somebody wants: found as files and packages, checked, and refused with a sentence that helps. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Faults } from '../../../src/serve/faults.js';
import { httpPlan } from '../../../src/serve/modules/http-row.js';
import { checkPorts } from '../../../src/serve/modules/ports.js';
import { loadWishes } from '../../../src/serve/modules/wishes.js';

/** A module with a port, `port` or 7, and what else is given. */
const SOURCE = (name: string, more = '') => `export default {
  name: '${name}',
  options: (z) => z.strictObject({ port: z.int().max(65535).default(7), fn: z.any().optional() }),
  listeners: ({ port }) => [{ transport: 'tcp', port }],
  actions: { speak: () => 'said' },
  control: { speaking: { run: 'speak', next: { said: 'close' } } },
  ${more}
};`;

describe('wishes for modules', () => {
  let folder: string;
  let files = 0;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-wishes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A file that no test has imported yet. */
  function write(source: string): string {
    const name = `module-${files++}.mjs`;
    writeFileSync(join(folder, name), source);
    return `./${name}`;
  }

  async function problem(...wishes: { use: string; options?: Record<string, unknown> }[]): Promise<string> {
    const faults = new Faults();
    await loadWishes(
      wishes.map((wish) => ({ ...wish, from: folder })),
      faults,
    );
    const [error] = faults.list;
    if (error === undefined) throw new Error('no problem');
    expect(error.code).to.equal('bad-option');
    return `${error.message} | ${error.advice}`;
  }

  it('are files, from their folder, with options as their schema makes them', async () => {
    const [plan] = await loadWishes([{ use: write(SOURCE('echo')), from: folder }], new Faults());
    expect([plan?.name, plan?.options]).to.deep.equal(['echo', { port: 7 }]);
    expect(plan?.url).to.match(/^file:\/\/.*\/module-\d+\.mjs$/);
  });

  it('are packages, found as Node finds them, those for import alone too', async () => {
    const home = join(folder, 'node_modules', 'echo-module');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"name":"echo-module","exports":{"import":"./m.mjs"}}');
    writeFileSync(join(home, 'm.mjs'), SOURCE('echo'));
    const [plan] = await loadWishes([{ use: 'echo-module', from: folder, options: { port: 8 } }], new Faults());
    expect([plan?.name, plan?.options]).to.deep.equal(['echo', { port: 8 }]);
  });

  it('are refused where nothing is found, with the place, and with a hint for a path without ./', async () => {
    expect(await problem({ use: './none.js' })).to.equal(
      `there is no module ./none.js | It is looked for at ${join(folder, 'none.js')}.`,
    );
    expect(await problem({ use: 'ldapp' })).to.match(/^there is no package ldapp in .* \| Did you mean ldap\?$/);
    expect(await problem({ use: 'none' })).to.equal(
      `there is no package none in ${folder} | Install it there: npm install none`,
    );
    expect(await problem({ use: write(SOURCE('echo')).slice(2) })).to.match(
      /there is no package .* For the file write \.\//,
    );
  });

  it('are refused when the file cannot be loaded', async () => {
    expect(await problem({ use: write('export default {') })).to.match(
      /cannot be loaded: \S+\.mjs:1:17: SyntaxError: /,
    );
    expect(await problem({ use: write("import 'no-such-package';") })).to.match(
      /cannot be loaded: \S+\.mjs:1:8: Error: .*no-such-package/,
    );
    expect(await problem({ use: write("throw new Error('not today');") })).to.match(
      /cannot be loaded: \S+\.mjs:1:7: Error: not today/,
    );
  });

  it('are refused when the export is no module', async () => {
    expect(await problem({ use: write('export const a = 1;') })).to.contain(
      'it has no default export that is an object',
    );
    expect(await problem({ use: write('export default {};') })).to.contain('its name must be small letters');
    expect(await problem({ use: write(SOURCE('stack')) })).to.contain('the name "stack" is taken');
    expect(await problem({ use: write(SOURCE('http')) })).to.contain('the name "http" is taken');
    expect(await problem({ use: write(SOURCE('echo', "counters: { 'a b': '' },")) })).to.contain(
      '"a b" is no name for a counter',
    );
    expect(await problem({ use: write(SOURCE('echo', 'control: { a: { run: "dance", next: {} } },')) })).to.contain(
      'state "a" runs "dance", which is no action',
    );
    expect(await problem({ use: write(SOURCE('echo', 'listeners: () => [],')) })).to.contain('no list of ports');
    expect(
      await problem({ use: write(SOURCE('echo', "listeners: () => [{ transport: 'tcp', port: 0 }],")) }),
    ).to.contain('0 is no port');
  });

  it('are refused when their options are wrong, with each option', async () => {
    const use = write(SOURCE('echo'));
    expect(await problem({ use, options: { port: 'x', speed: 1 } })).to.match(
      /the options of module echo \(.*\) are wrong: port: must be a number, not "x"; speed: there is no such key/,
    );
    expect(await problem({ use, options: { fn: () => 1 } })).to.contain('cannot be sent to a worker');
    const plain = write(SOURCE('plain', 'options: undefined, listeners: () => [{ transport: "tcp", port: 7 }],'));
    expect(await problem({ use: plain, options: { port: 1 } })).to.contain(
      'module plain takes no options, and "port" is given',
    );
  });

  it('are refused when two have one name, or one port, or that of HTTP', async () => {
    const [use, other] = [write(SOURCE('echo')), write(SOURCE('other'))];
    expect(await problem({ use }, { use })).to.contain('two modules are called echo');
    const ports = async (...wishes: { use: string; options?: Record<string, unknown> }[]) => {
      const faults = new Faults();
      const plans = await loadWishes(
        wishes.map((wish) => ({ ...wish, from: folder })),
        faults,
      );
      checkPorts([httpPlan({ folder }), ...plans], faults);
      return () => faults.throwAll();
    };
    expect(await ports({ use }, { use: other, options: { port: 8 } })).not.to.throw();
    expect(await ports({ use }, { use: other })).to.throw('echo and other both want tcp/7');
    expect(await ports({ use, options: { port: 80 } })).to.throw('http and echo both want tcp/80');
  });
});
