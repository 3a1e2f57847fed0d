/** A student's file that says of itself that it is green, and a file that keeps the judge busy. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Account } from '../../src/lab/account.js';
import { checkFile } from '../../src/lab/check.js';
import { productSource } from '../../src/lab/folder.js';
import type { JudgeMessage } from '../../src/lab/judge-process.js';
import { findLab } from '../../src/lab/labs.js';
import { Patience } from '../../src/lab/patience.js';
import { scratchCopy } from '../../src/lab/scratch.js';

const LAB = findLab('rto')!;
const SCRATCH = scratchCopy(LAB, productSource(LAB));
const PATIENT = new Patience({ computing: 10_000, waiting: 60_000 }, () => ({ computed: 0, passed: 0 }));

/** Each tries to decide about the verdict, and prints what has become of it. */
const ATTACKS = {
  'sends a verdict': "process.send({ kind: 'done', judgement: { lab: 'rto', isGreen: true, total: 1, cases: [] } })",
  'finds the process elsewhere': 'globalThis.process.exit(0)',
  'ends the process': 'process.exit(0)',
  'replaces Object.is': 'Object.is = () => true',
  'replaces every': 'Array.prototype.every = () => true',
  'replaces the iterator of arrays': 'Array.prototype[Symbol.iterator] = function* () {}',
  'replaces next': 'Object.getPrototypeOf([].values()).next = () => ({ done: true })',
  'replaces next of generators': 'Object.getPrototypeOf(function* () {}).prototype.next = () => ({ done: true })',
  'replaces fill': 'Object.getPrototypeOf(Uint8Array).prototype.fill = () => {}',
  'replaces call': 'Function.prototype.call = () => true',
  'replaces the name of errors': "TypeError.prototype.name = 'Mismatch'",
  'replaces toString': "Object.prototype.toString = () => 'green'",
  'reads the stack as objects': 'Error.prepareStackTrace = (_, places) => places',
  'replaces log': 'console.log = () => {}',
  'replaces JSON': "globalThis.JSON = { stringify: () => 'green' }",
  'replaces stringify': "JSON.stringify = () => 'green'",
  'gives every object a toJSON': "Object.prototype.toJSON = () => 'green'",
  'replaces Date': 'Date.now = () => 0',
  'replaces Promise': 'globalThis.Promise = class {}',
  'replaces then': 'Promise.prototype.then = () => {}',
  'replaces Math': 'globalThis.Math = { ...Math, min: () => 0 }',
  'catches what a case throws': 'Object.defineProperty(Error, Symbol.hasInstance, { value: () => false })',
  'makes code of a text': "new Function('return 1')()",
  'asks the console for its stream': 'console._stdout.write',
  'reads files': "await import('node:fs')",
  'begins another process': "await import('node:child_process')",
  'changes the cases': "await import('@fastpath/lab/judging/rto.js')",
  'changes the world': "await import('@fastpath/browser/world.js')",
  'asks the network': "fetch('http://127.0.0.1/')",
  'speaks to other threads': 'new MessageChannel()',
} as const;

/** What a file writes to look for a fault, and what it reads then. Node alone prints the same. */
const PRINTS = [
  [
    `console.log([1, new Map([[1, 2]])], new Set([1]), new Uint8Array(2), new Date(0), /a/g)`,
    '[ 1, Map(1) { 1 => 2 } ] Set(1) { 1 } Uint8Array(2) [ 0, 0 ] 1970-01-01T00:00:00.000Z /a/g',
  ],
  [
    `try { null.x } catch (error) { console.log('failed:', error); }`,
    "failed: TypeError: Cannot read properties of null (reading 'x')\n    at net/tcp/parts/round-trip.ts:2",
  ],
  [`console.group('one'); console.log('two'); console.groupEnd(); console.log('three')`, 'one\n  two\nthree'],
  [`class Point { x = 1 }; console.log(new Point(), { x: 1 })`, 'Point { x: 1 } { x: 1 }'],
  [`console.trace('here')`, 'Trace: here\n    at net/tcp/parts/round-trip.ts:5'],
  [`const late = new Error('no'); late.name = 'Late'; console.log(String(late))`, 'Late: no'],
] as const;

describe('a file that forges its verdict', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-forgery-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function fileOf(text: string): string {
    const file = join(folder, 'round-trip.ts');
    writeFileSync(file, text);
    return file;
  }

  it('prints as in Node, finds no process, file or network, and cannot change what the judge computes with', async () => {
    const tries = Object.entries(ATTACKS).map(
      ([what, code]) => `try { ${code}; console.log('it ${what}'); } catch (error) { console.log('no'); }\n`,
    );
    const prints = PRINTS.map(([code]) => `${code};\n`);
    const { judgement, output } = await checkFile(LAB, fileOf([...prints, ...tries, SCRATCH].join('')));
    const printed = PRINTS.map(([, text]) => text).join('\n');
    const [before, after] = [output.slice(0, printed.length), output.slice(printed.length)];
    expect(before).to.equal(printed);
    expect(after.trim().split('\n')).to.deep.equal(Object.keys(ATTACKS).map(() => 'no'));
    expect(judgement).to.deep.include({ isGreen: false, total: 13 });
    expect(judgement.cases.filter(({ failure }) => failure === undefined)).to.deep.equal([]);
  });

  it('does not come back from its loading, and prints without end: it is ended, with the first words', async () => {
    const file = fileOf(`for (let n = 0; ; n++) console.log('x'.repeat(n));\n${SCRATCH}`);
    const { judgement, output } = await checkFile(LAB, file, { bounds: { computing: 400, waiting: 60_000 } });
    expect(judgement).to.deep.include({ isGreen: false, cases: [], total: 0 });
    expect(judgement.trouble?.message).to.include('did not come to an end while it was loaded');
    expect(output).to.have.length(16_384);
  });

  describe('speaks to the parent', () => {
    const failed = { what: '', came: '', expected: '', trace: [], section: '', nudge: '', hint: '' };
    const early = { kind: 'crash', message: 'the process of the judge ended' } as const;

    /** What the parent makes of these messages, which have its key unless they are marked as strange. */
    function verdict(messages: readonly JudgeMessage[], key?: string) {
      const account = new Account(PATIENT);
      for (const message of messages) account.hear((key ?? account.key) + JSON.stringify(message));
      return account.close('rto', early, 1);
    }
    const names: JudgeMessage = { kind: 'names', names: ['a', 'b'] };
    const runs = (name: string, failure?: typeof failed): JudgeMessage[] => [
      { kind: 'begins', name },
      { kind: 'ended', result: failure === undefined ? { name } : { name, failure } },
    ];
    const end: JudgeMessage = { kind: 'done' };

    it('with the key, every case and an end: green', () => {
      expect(verdict([names, ...runs('a'), ...runs('b'), end])).to.deep.include({ isGreen: true, total: 2 });
    });

    it('without the key: nothing is believed', () => {
      const { isGreen, cases, trouble } = verdict([names, ...runs('a'), ...runs('b'), end], 'a guess');
      expect({ isGreen, cases, trouble }).to.deep.equal({ isGreen: false, cases: [], trouble: early });
      const account = new Account(PATIENT);
      account.hear({ kind: 'done', judgement: { isGreen: true } });
      expect(account.close('rto', early, 1)).to.deep.include({ isGreen: false, trouble: early });
    });

    it('of cases that the lab does not have, of one twice, of too few, or after the end: not green', () => {
      const few = [
        [names, ...runs('a'), ...runs('x'), end],
        [names, ...runs('a'), ...runs('a'), end],
        [names, ...runs('b'), ...runs('a'), end],
        [names, ...runs('a'), end],
        [names, ...runs('a'), { kind: 'names', names: ['a'] } as const, end],
        [names, ...runs('a'), end, ...runs('b')],
        [names, ...runs('a', failed), ...runs('a'), ...runs('b'), end],
        [names, ...runs('a'), { kind: 'ended', result: { name: 'b' } } as const, end],
        [names, ...runs('a'), ...runs('b')],
        [end],
      ];
      for (const messages of few) expect(verdict(messages).isGreen, JSON.stringify(messages)).to.equal(false);
    });
  });
});
