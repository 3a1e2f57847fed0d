/** `fastpath lab` as a person uses it: from a scratch copy to green, with the things that go wrong on the way. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import pc from 'picocolors';
import { checkFile } from '../../src/lab/check.js';
import { productSource } from '../../src/lab/folder.js';
import { findLab } from '../../src/lab/labs.js';
import { describeJudgement } from '../../src/lab/report.js';
import { commandHere } from '../support/command-here.js';
import { CLI } from '../support/serve-process.js';

const LAB = findLab('rto')!;

const PLAIN = pc.createColors(false);

describe('fastpath lab', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-lab-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs the command in the student's folder. What it prints has no colours, which there would be with CI set. */
  async function lab(...words: string[]) {
    const home = process.cwd();
    process.chdir(folder);
    try {
      const { status, stdout, stderr } = await commandHere('lab', ...words);
      return { status, stdout: stripVTControlCharacters(stdout), stderr };
    } finally {
      process.chdir(home);
    }
  }

  /** The same as a program of its own. */
  function spawned(...words: string[]) {
    return spawnSync(process.execPath, [CLI, 'lab', ...words], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
  }

  it('gives a scratch copy that has no type errors, is red, and does not begin twice', async () => {
    expect(await lab('start', 'rto')).to.include({ status: 0, stderr: '' });
    const { status, stdout } = await lab('check', 'rto');
    expect(status).to.equal(1);
    expect(stdout).to.include('red, 0 of 13').and.include('think').and.not.include('error TS');
    expect(await lab('start', 'rto')).to.deep.include({ status: 7, stdout: '' });
  });

  it('hints at every red case when asked, and tells of the first one alone otherwise', async () => {
    const file = join(folder, 'two-faults.ts');
    const faulty = productSource(LAB).replace('this.#varianceTimes4 = r << 1;', 'this.#varianceTimes4 = 0;');
    writeFileSync(file, faulty.replace('this.#backoff++;', ''));
    const { judgement } = await checkFile(LAB, file);
    const red = judgement.cases.filter(({ failure }) => failure !== undefined);
    expect(red.length).to.be.at.least(2);
    const hints = (hint: boolean) => describeJudgement(judgement, PLAIN, { hint }).match(/^ +hint /gm)?.length ?? 0;
    expect(hints(true)).to.equal(red.length);
    expect(hints(false)).to.equal(0);
  });

  it('shows a type error where TypeScript is there, judges all the same, and the right file is green', async () => {
    const file = join(folder, 'lab/rto/round-trip.ts');
    const wrong =
      "\nconst text: number = 'a word';\nconsole.log(text, '\\x1b[2J');\nconst none: number[] = [];\nnone[0]++;\n";
    writeFileSync(file, productSource(LAB) + wrong);
    const { status, stdout } = spawned('check', 'rto', '--hint');
    expect(stdout).to.include('green, 13 of 13').and.include('a word \\x1b[2J\n').and.include('error TS2322');
    expect(stdout).to.include('bytes[i] ?? 0 is 0 there');
    expect(status).to.equal(0);
    expect((await lab()).stdout).to.match(/✓ rto +green 13\/13/);
  });

  it('advises to begin the next lab, or to go on with it', async () => {
    expect((await lab()).stdout).to.include('Begin with: fastpath lab start checksum\n');
    await lab('start', 'checksum');
    expect((await lab()).stdout).to.include('Go on with: fastpath lab watch checksum\n');
  });

  it('marks folders anew, whatever they say of themselves', async () => {
    for (const student of ['ann', 'bob']) mkdirSync(join(folder, student, 'rto'), { recursive: true });
    writeFileSync(join(folder, 'ann/rto/round-trip.ts'), productSource(LAB));
    writeFileSync(join(folder, 'bob/rto/round-trip.ts'), 'export class RoundTrip {');
    writeFileSync(join(folder, 'bob/rto/.lab.json'), '{"lab":"rto","state":"green","passed":8,"total":8}');
    const { stdout } = await lab('mark', 'ann', 'bob', '--csv');
    const [head, ann, bob] = stdout.split('\n');
    expect(head).to.equal('student,lab,state,passed,total,reason');
    expect(ann).to.equal('ann,rto,green,13,13,');
    expect(bob).to.match(/^bob,rto,red,0,0,"?line 1/);
  });

  it('ends a file that never comes back, and names the case', async () => {
    const file = join(folder, 'endless.ts');
    writeFileSync(file, productSource(LAB).replace('this.#backoff++;', 'for (;;) this.#backoff++;'));
    const { judgement } = await checkFile(LAB, file, { bounds: { computing: 500, waiting: 60_000 } });
    expect(judgement.trouble).to.deep.include({
      kind: 'endless',
      message: 'this case computed for 0.5 s: an endless loop?',
    });
    expect(judgement.trouble?.during).to.include('each time-out doubles the next');
    expect(judgement.cases.length, 'cases before it').to.equal(6);
  });

  it('says on which line a file is no TypeScript, and what nothing has caught', async () => {
    const file = join(folder, 'broken.ts');
    writeFileSync(file, 'export class RoundTrip {\n  sample(: void {}\n}\n');
    expect((await checkFile(LAB, file)).judgement.trouble?.message).to.match(/^line 2, column 10: /);
    writeFileSync(
      file,
      "await new Promise(() => setTimeout(() => { throw new Error('late'); }));\nexport class RoundTrip {}\n",
    );
    const { judgement, output } = await checkFile(LAB, file);
    const message = 'an exception in a timer or a promise: Error: late at Timeout._onTimeout';
    expect(judgement.trouble?.message).to.equal(`${message} (net/tcp/parts/round-trip.ts:1)`);
    expect(output).to.equal('');
  });

  it('says that a file waits for what never comes', async () => {
    const file = join(folder, 'waiting.ts');
    writeFileSync(file, 'await new Promise(() => {});\nexport class RoundTrip {}\n');
    const { trouble } = (await checkFile(LAB, file)).judgement;
    expect(trouble).to.include({ kind: 'endless', during: '' });
    expect(trouble?.message).to.match(/^the file did not come to an end while it was loaded/);
  });

  it('shows what the code prints, up to a bound', async () => {
    const file = join(folder, 'talking.ts');
    writeFileSync(file, productSource(LAB));
    appendFileSync(file, "\nconsole.log('x'.repeat(100_000));\n");
    const { judgement, output } = await checkFile(LAB, file);
    expect(judgement.isGreen).to.equal(true);
    expect(output).to.equal('x'.repeat(16_384));
  });

  it('ends a file that fills the memory, and shows nothing of V8', async () => {
    const file = join(folder, 'growing.ts');
    const growing = 'for (const all: number[][] = []; ; ) all.push(new Array(100_000).fill(this.#backoff++));';
    writeFileSync(file, `console.log('begins');\n${productSource(LAB).replace('this.#backoff++;', growing)}`);
    const { judgement, output } = await checkFile(LAB, file, { heapMb: 64 });
    expect(judgement.trouble).to.deep.include({ kind: 'memory' });
    expect(judgement.trouble?.during).to.include('each time-out doubles the next');
    expect(output).to.equal('begins\n');
  });

  it('says what is wrong with the command line', async () => {
    const extra = await lab('start', 'cubic', 'here', 'now');
    expect(extra).to.deep.include({ status: 2, stdout: '' });
    expect(extra.stderr).to.include('makes nothing of these words: now');
    expect(await lab('check', 'chekcsum'))
      .to.deep.include({ status: 2 })
      .and.property('stderr')
      .includes('checksum');
    expect(await lab('dance'))
      .to.deep.include({ status: 2 })
      .and.property('stderr')
      .includes('no action dance');
    expect(await lab('check', 'cubic'))
      .to.deep.include({ status: 7 })
      .and.property('stderr')
      .includes('lab start cubic');
  });
});
