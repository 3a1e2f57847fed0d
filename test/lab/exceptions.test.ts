/** What a student's code may throw, and what the student is told of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import pc from 'picocolors';
import { judge, UNTIL_FAILURE } from '../../src/lab/judge.js';
import { uncaughtWords } from '../../src/lab/judging/exceptions.js';
import { runCase } from '../../src/lab/judging/run-case.js';
import { findLab } from '../../src/lab/labs.js';
import { describeJudgement } from '../../src/lab/report.js';

const LAB = findLab('rto')!;
const PLAIN = pc.createColors(false);
const WORDS = { name: 'a case', section: 'RFC 6298', nudge: 'think', hint: 'look' };

const refuse = () => {
  throw new Error('do not look');
};

describe('an exception of a student’s code', () => {
  /** What a case says came, of a function that throws this. */
  async function cameOf(thrown: unknown): Promise<string | undefined> {
    const run = () => {
      throw thrown;
    };
    return (await runCase({ ...WORDS, run })).failure?.came;
  }

  it('is a red case, whatever it is', async () => {
    const proxy = new Proxy({}, { getPrototypeOf: refuse, get: refuse });
    expect(await cameOf(new RangeError('too far'))).to.equal('RangeError: too far');
    expect(await cameOf('oops')).to.equal('an exception: oops');
    expect(await cameOf(undefined)).to.equal('an exception: undefined');
    expect(await cameOf(Object.assign(new Error(), { message: 5 }))).to.equal('Error: 5');
    expect(await cameOf(Object.create(null))).to.equal('an exception: (it has no text)');
    expect(await cameOf(proxy)).to.equal('an exception: (it has no text)');
    expect(await cameOf(Object.defineProperty(new Error('late'), 'stack', { get: refuse }))).to.equal('Error: late');
    expect(await cameOf('x'.repeat(1e6))).to.have.length('an exception: '.length + 2000);
  });

  it('has words where nothing catches it, with the reason of a promise', () => {
    const wrapped = new Error('This error originated … The promise rejected with the reason "5".');
    expect(uncaughtWords(wrapped)).to.match(/^an exception in a timer or a promise: 5/);
    expect(uncaughtWords(null)).to.equal('an exception in a timer or a promise: an exception: null');
  });

  it('reaches a terminal as text, without its control characters', async () => {
    const result = await runCase({ ...WORDS, run: () => Promise.reject(new Error('\x1b[2J\rgreen')) });
    const judgement = { lab: 'rto', isGreen: false, cases: [result], total: 1, milliseconds: 1 };
    expect(describeJudgement(judgement, PLAIN, { hint: false })).to.include('Error: \\x1b[2J\\x0dgreen\n');
  });

  it('keeps the file from being loaded, and says why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fastpath-exceptions-'));
    try {
      const file = join(folder, 'round-trip.ts');
      const problemOf = async (text: string) => {
        writeFileSync(file, `${text};\nexport class RoundTrip {}\n`);
        return (await judge(LAB, file, UNTIL_FAILURE)).trouble?.message;
      };
      expect(await problemOf('throw Object.create(null)')).to.equal('(it has no text)');
      expect(await problemOf("const fs = require('fs')")).to.match(/^there is no require here: the file is a module/);
      expect(await problemOf('@sealed class Clock {}')).to.match(/; the file may use ES2023, and so no decorators/);
      const url = new URL('../../src/net/tcp/congestion/hystart.js', import.meta.url).href;
      writeFileSync(file, `import '${url}';`);
      expect((await judge(findLab('cubic')!, file, UNTIL_FAILURE)).trouble?.message).to.equal(
        `the file cannot import ${url}: only what it imported at first`,
      );
      writeFileSync(file, 'export {};');
      expect((await judge(LAB, file, UNTIL_FAILURE)).trouble?.message).to.equal(
        'the stack imports RoundTrip from your file, and it is not there: has it lost its name or its `export`?',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
