/**
 * The package as npm publishes it: which files it has, whether tools find its types, and whether programs in each form
 * that people write can use it. The programs are those of README.md and docs/.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage } from '@arethetypeswrong/core';
import { expect } from 'chai';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { ENTRIES, exportsOf } from '../../scripts/api/surface.js';
import { type Packed, pack, run, typeCheck, UnpackedPackage, write } from './packed.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Unpacked size at most, bytes. It has 19 MB today, 5 of them the bundle. Half as much again would mean that something
 * slipped in.
 */
const MOST_BYTES = 28 * 2 ** 20;

/** Two hosts in memory: one says hello to the other. What each form of program below runs. */
const PROGRAM = `
const network = new VirtualNetwork({ seed: 1 });
const [a, b] = network.link();
const host = (device, address) => {
  const stack = createStack({
    device, clock: network.clock, random: network.random, addresses: [IpNetwork.parse(address)],
  });
  network.add(stack, device);
  stack.start();
  return stack;
};
const server = host(a, '10.0.0.1/24');
const client = host(b, '10.0.0.2/24');
let heard = '';
const handler = (connection) => ({
  received(bytes, from, to) { heard += Buffer.from(bytes.subarray(from, to)).toString(); return to - from; },
  acknowledged() {}, ended() { connection.close(); }, timedOut() {}, closed() {},
});
server.listen(7, handler);
client.connect({ address: IpAddress.parse('10.0.0.1'), port: 7 }, {
  connected(connection) {
    const hello = Buffer.from('hello');
    connection.send(SummedBytes.of(hello), 0, hello.length);
    return handler(connection);
  },
  failed(reason) { throw new Error(reason); },
});
network.runUntil(() => heard === 'hello');
console.log(heard);
`;
const NAMES = 'createStack, IpAddress, IpNetwork, SummedBytes, VirtualNetwork';
/** What the program needs to be TypeScript. */
const typed = (text: string) =>
  text
    .replace('(device, address)', '(device: Device, address: string)')
    .replace('(connection) => ({', '(connection: Connection): ConnectionHandler => ({');

describe('the package', function () {
  this.timeout(180_000);
  let packed: Packed;
  before(async () => {
    packed = await pack();
  });
  after(() => rmSync(packed.project, { recursive: true, force: true }));

  it('has the code, its sources and its pages, and nothing else', () => {
    const allowed =
      /^(dist\/program\/|dist\/src\/|dist\/man\/|dist\/web\/|src\/|docs\/|examples\/|labs\/|packaging\/|schema\/|README\.md$|(CHANGELOG|CONTRIBUTING|SECURITY)\.md$|LICENSE$|package\.json$)/;
    expect(packed.files.filter((file) => !allowed.test(file))).to.deep.equal([]);
    const needed = [
      'dist/web/inspector/app.js',
      'dist/program/index.js',
      'dist/src/index.d.ts',
      'dist/program/cli.js',
      'src/index.ts',
      'labs/checksum/README.md',
      'CHANGELOG.md',
    ];
    expect(packed.files).to.include.members(needed);
    const builtFromNothing = packed.files
      .filter((file) => file.startsWith('dist/src/'))
      .filter((file) => !packed.files.includes(file.replace(/^dist\//, '').replace(/\.(js|d\.ts(\.map)?)$/, '.ts')));
    expect(builtFromNothing, 'left over from an older build: npm run clean').to.deep.equal([]);
  });

  it('stays small', () => {
    const bytes = packed.files.reduce((sum, file) => sum + readFileSync(join(packed.folder, file)).length, 0);
    expect(bytes).to.be.below(MOST_BYTES);
  });

  it('is clean for publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: packed.folder, strict: true, pack: false });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).to.deep.equal([]);
  });

  it('is clean for "are the types wrong", as a package of ECMAScript modules', async () => {
    const result = await checkPackage(new UnpackedPackage(packed));
    const problems = 'problems' in result ? result.problems : [{ kind: 'there are no types' }];
    // CommonJS reaches it by require() of an ECMAScript module, which Node has since 20.19: the next test shows it.
    const known = new Set(['CJSResolvesToESM', 'NoResolution']);
    const wrong = problems.filter(({ kind }) => !known.has(kind));
    expect(wrong).to.deep.equal([]);
    const unresolved = problems.filter(
      (problem) =>
        problem.kind === 'NoResolution' && 'resolutionKind' in problem && problem.resolutionKind !== 'node10',
    );
    expect(unresolved, 'only the resolution of TypeScript before 4.7 knows no "exports"').to.deep.equal([]);
  });

  it('runs in JavaScript, as an ECMAScript module and as CommonJS', () => {
    const module = write(packed, 'program.mjs', `import { ${NAMES} } from 'fastpath';${PROGRAM}`);
    const common = write(packed, 'program.cjs', `const { ${NAMES} } = require('fastpath');${PROGRAM}`);
    expect(run(packed, module)).to.equal('hello\n');
    expect(run(packed, common)).to.equal('hello\n');
  });

  it('compiles in TypeScript, for Node, a bundler and CommonJS, as do the examples of pages and docstrings', () => {
    const types = 'type Connection, type ConnectionHandler, type Device';
    const head = `import { ${NAMES}, ${types} } from 'fastpath';`;
    const esm = write(packed, 'typed.mts', head + typed(PROGRAM));
    const cjs = write(packed, 'typed.cts', head + typed(PROGRAM));
    const wrong = write(packed, 'wrong.mts', "import { createStack } from 'fastpath'; createStack({ devise: 1 });");
    expect(typeCheck(packed, [esm], ['--module', 'preserve', '--moduleResolution', 'bundler'])).to.equal('');
    const pages = ['README.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'))];
    const examples = pages.flatMap((page) => {
      const text = readFileSync(join(ROOT, page === 'README.md' ? page : `docs/${page}`), 'utf8');
      return Array.from(text.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, code = ''], i) =>
        write(packed, `pages/${basename(page, '.md')}-${i + 1}.mts`, code),
      );
    });
    const docstrings = ENTRIES.flatMap(({ specifier, path }) =>
      exportsOf(path).flatMap(({ name, examples: codes }) =>
        codes.map((code, i) => write(packed, `${specifier.replace('/', '-')}/${name}-${i + 1}.mts`, code)),
      ),
    );
    expect(docstrings.length).to.be.greaterThan(150);
    expect(examples.length).to.be.greaterThan(2);
    const complaints = typeCheck(packed, [esm, cjs, wrong, ...examples, ...docstrings], ['--module', 'nodenext']);
    const files = [...complaints.matchAll(/^[\w./-]+\.[mc]?ts/gm)].map(([file]) => file);
    expect(files, complaints).to.deep.equal(['wrong.mts']);
  });
});
