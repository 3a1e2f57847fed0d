/** `fastpath experiment` as a person uses it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { askNumber, Interrupted } from '../../src/cli/ask-number.js';
import { readAnswer } from '../../src/experiment/answer.js';
import { EXPERIMENTS, findExperiment } from '../../src/experiment/experiments.js';
import { commandHere } from '../support/command-here.js';
import { CLI } from '../support/serve-process.js';

const experiment = (...words: string[]) => commandHere('experiment', ...words);

/** The program, as a shell starts it. */
const spawned = (...words: string[]) =>
  spawnSync(process.execPath, [CLI, 'experiment', ...words], { encoding: 'utf8' });

describe('fastpath experiment', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-experiment-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('lists all experiments', async () => {
    const { status, stdout } = await experiment();
    expect(status).to.equal(0);
    for (const { name, title } of EXPERIMENTS) expect(stdout).to.include(name).and.include(title);
    const [first = ''] = (await experiment('--json')).stdout.split('\n');
    expect(JSON.parse(first)).to.deep.equal({ name: EXPERIMENTS[0]!.name, title: EXPERIMENTS[0]!.title });
  });

  it('explains, draws and asks; status 0 for the right answer and 1 for a wrong one', async () => {
    const { answer } = findExperiment('handshake')!.run(5).question;
    const right = spawned('handshake', '--seed', '5', '--answer', String(answer));
    expect(right.status).to.equal(0);
    expect(right.stdout).to.match(/The handshake[\s\S]*\|-+>\|[\s\S]*Question:[\s\S]*Right\./);
    const wrong = await experiment('handshake', '--seed', '5', '--answer', String(answer + 9));
    expect(wrong.status).to.equal(1);
    expect(wrong.stdout).to.include(`No: it is ${answer} ms.`);
  });

  it('wants a name before an answer or a picture, and says why a picture cannot be written', async () => {
    expect((await experiment('--answer', '3')).stderr).to.include('--answer wants the name of an experiment before it');
    expect((await experiment('--svg', join(folder, 'x.svg'))).status).to.equal(2);
    const { status, stderr } = await experiment('handshake', '--svg', join(folder, 'none/x.svg'));
    expect(status).to.equal(7);
    expect(stderr).to.include(`cannot write ${join(folder, 'none/x.svg')}: there is no such folder`);
  });

  it('leaves the question open when nobody is there to answer', async () => {
    const { status, stdout } = await experiment('handshake');
    expect(status).to.equal(0);
    expect(stdout)
      .to.include('Answer it with --answer')
      .and.not.match(/Right|No:/);
  });

  it('writes the picture as a file, and the outcome as JSON', async () => {
    const file = join(folder, 'lost.svg');
    const { status, stdout } = await experiment('lost-segment', '--svg', file, '--json', '--answer', '0');
    expect(status).to.equal(1);
    expect(readFileSync(file, 'utf8'))
      .to.include('(lost)')
      .and.match(/^<svg /);
    expect(JSON.parse(stdout)).to.deep.include({ name: 'lost-segment', seed: 1, given: 0, right: false });
  });

  it('refuses what makes no sense', async () => {
    expect(await experiment('handshaek'))
      .to.include({ status: 2 })
      .and.property('stderr')
      .includes('handshake?');
    expect(await experiment('handshake', '--answer', 'many')).to.include({ status: 2 });
    const { status, stdout, stderr } = await experiment('time-wait', '--answer', '7');
    expect([status, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.include('--answer wants one of 1 to 3, not 7');
    const unwritable = await experiment('handshake', '--svg', join(folder, 'no/such/place.svg'), '--answer', '1');
    expect(unwritable).to.include({ status: 7 }).and.property('stderr').includes('no such folder');
  });

  it('asks a person again until the answer is a number', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    input.end('some\n40 ms\n7\n');
    const read = (text: string) => readAnswer({ text, unit: 'ms', answer: 30, hint: '', because: '' }, text);
    expect(await askNumber(input, output, { read })).to.equal(40);
    expect(String(output.read())).to.include('Please give a number of ms.');
  });

  it('gives a person a hint after a wrong answer, and a second try', async () => {
    const advice = (given: number) => (given === 30 ? undefined : 'Look again.');
    const typed = async (text: string) => {
      const [input, output] = [new PassThrough(), new PassThrough()];
      input.end(text);
      const read = (line: string) => (/^\d+$/.test(line) ? Number(line) : 'a number');
      return [await askNumber(input, output, { read, advice }), String(output.read()).includes('Look again.')];
    };
    expect(await typed('7\nwhat\n30\n')).to.deep.equal([30, true]);
    expect(await typed('7\n8\n30\n')).to.deep.equal([8, true]);
    // What is no answer uses up no try.
    expect(await typed('what\n7\nwhat\n30\n')).to.deep.equal([30, true]);
    expect(await typed('30\n7\n')).to.deep.equal([30, false]);
  });

  it('ends at Ctrl-C with an error of its own, which becomes exit status 130', async () => {
    const input = new PassThrough();
    const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
    const asked = askNumber(input, output, { read: Number });
    input.write('\x03');
    const error = await asked.catch((problem: unknown) => problem);
    expect(error).to.be.instanceOf(Interrupted);
  });

  it('ends with an empty line, and with the end of the input', async () => {
    for (const typed of ['\n', '']) {
      const input = new PassThrough();
      input.end(typed);
      expect(await askNumber(input, new PassThrough(), { read: Number })).to.equal(undefined);
    }
  });
});
