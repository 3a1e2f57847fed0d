/**
 * Each experiment explains itself, gives the same run for the same seed, and knows the right answer from the run.
 * docs/experiments.md shows what they give.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { filled, PAGE } from '../../scripts/experiments.js';
import { readAnswer } from '../../src/experiment/answer.js';
import {
  answerText,
  type Experiment,
  isRight,
  type Outcome,
  pictureSvg,
  pictureText,
  unitText,
  verdictOn,
} from '../../src/experiment/experiment.js';
import { EXPERIMENTS, findExperiment } from '../../src/experiment/experiments.js';

/** The numbers of a finding, in order. */
function numbersOf(text: string | undefined): number[] {
  return (text?.match(/\d[\d,]*(\.\d+)?/g) ?? []).map((word) => Number(word.replaceAll(',', '')));
}

/** By experiment: the right answer worked out a second time, from what a reader sees in the findings or the picture. */
const BY_READING: Readonly<Record<string, (outcome: Outcome, picture: string) => number>> = {
  // Out and back.
  handshake: ({ findings }) => 2 * numbersOf(findings[0])[0]!,
  // Where the lost frame begins.
  'lost-segment': (_outcome, picture) => Number(/seq (\d+):.*\(lost\)/.exec(picture)![1]),
  // RFC 9438 section 4.6: beta_cubic is 0.7.
  'newreno-cubic': () => 70,
  // What waits in the deep queue, at the rate of the link.
  bufferbloat: ({ findings }) => (250_000 * 8) / (numbersOf(findings[0])[0]! * 1000),
  // After the first closed window the sender sends nothing but probes, until the window opens: they have no data.
  'zero-window': (_outcome, picture) => picture.split(/win 0,/).length - 2,
  // Who sent the ACK that was lost: its cross is half-way, and its line begins at the sender.
  'time-wait': (_outcome, picture) => (/\|-+x +\|.*\(lost\)/.test(picture) ? 1 : 2),
  // RFC 6298: SYNs at 0, 1, 3, 7, 15 s. The last one is answered at once.
  'syn-flood': ({ findings }) => Math.floor(Math.log2(numbersOf(findings[2])[0]! + 1)) + 1,
  'black-hole': (_outcome, picture) => {
    const sent = [...picture.matchAll(/^ *([\d.]+) {2}\|(.).*seq \d+:\d+, ack 37/gm)];
    const passed = sent.find(([, , head]) => head === '<');
    return (Number(passed![1]) - Number(sent[0]![1])) * 1000;
  },
  // The table has an entry every 32 bytes.
  'prefix-sums': ({ findings }) => numbersOf(findings[0])[0]! % 32,
};

function named(name: string): Experiment {
  const experiment = findExperiment(name);
  if (experiment === undefined) throw new Error(`no experiment ${name}`);
  return experiment;
}

/** One run of these takes most of a second. docs/experiments.md, below, has the same run from another day. */
const LONG = ['newreno-cubic', 'bufferbloat'];

const runs = new Map<string, Outcome>();

/** A run that several tests look at. */
function outcomeOf(name: string, seed: number): Outcome {
  const key = `${name} ${seed}`;
  const outcome = runs.get(key) ?? named(name).run(seed);
  runs.set(key, outcome);
  return outcome;
}

describe('experiments', () => {
  it('have names of their own, and a check of the answer by reading', () => {
    const names = EXPERIMENTS.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    expect(Object.keys(BY_READING)).to.have.members(names);
    expect(findExperiment('dance')).to.equal(undefined);
  });

  for (const [name, read] of Object.entries(BY_READING)) {
    for (const seed of [1, 2]) {
      it(`${name}, seed ${seed}: takes the right answer, refuses others, and says why`, () => {
        const outcome = outcomeOf(name, seed);
        const { question, picture } = outcome;
        expect(question.answer).to.be.closeTo(read(outcome, pictureText(picture)), question.tolerance ?? 0);
        expect(isRight(question, question.answer)).to.equal(true);
        expect(isRight(question, question.answer + (question.tolerance ?? 0) + 1)).to.equal(false);
        expect(isRight(question, readAnswer(question, answerText(question)) as number)).to.equal(true);
        if (question.choices !== undefined) expect(question.choices[question.answer - 1]).to.be.a('string');
        for (const text of [...outcome.findings, question.because, question.hint])
          expect(text).to.not.match(/NaN|Infinity|undefined/);
      });
    }

    it(`${name}: the same seed gives the same outcome, and a picture in both forms`, () => {
      const one = outcomeOf(name, 1);
      const other = LONG.includes(name) ? one : named(name).run(1);
      expect(other.findings).to.deep.equal(one.findings);
      expect(other.question).to.deep.equal(one.question);
      expect(pictureSvg(other.picture)).to.equal(pictureSvg(one.picture));
      expect(pictureSvg(one.picture))
        .to.match(/^<svg [\s\S]*<\/svg>\n$/)
        .and.not.match(/NaN|Infinity|undefined/);
      const lines = pictureText(one.picture).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).to.be.within(40, 120);
      expect(lines.length).to.be.within(5, 45);
    });
  }

  it('have as many answers among ten seeds, at least, as docs/experiments.md promises', () => {
    const words = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
    const rows = readFileSync(PAGE, 'utf8').matchAll(/^\| ([a-z-]+) \| [^|]+ \| (\w+)[^|]* \|$/gm);
    const promised = new Map([...rows].map(([, name = '', word = '']) => [name, words.indexOf(word)]));
    promised.delete('experiment'); // the head of the table
    expect([...promised.keys()]).to.have.members(EXPERIMENTS.map(({ name }) => name));
    for (const [name, count] of promised) {
      if (LONG.includes(name)) continue; // below
      const answers = new Set<number>();
      for (let seed = 1; seed <= 10 && answers.size < count; seed++) answers.add(outcomeOf(name, seed).question.answer);
      expect(answers.size, name).to.equal(count);
    }
  });

  it('have another answer for the next seed where a run is long', () => {
    const answers = [1, 2].map((seed) => Math.round(outcomeOf('bufferbloat', seed).question.answer));
    expect(Math.abs(answers[0]! - answers[1]!)).to.be.above(50);
    const kept = [1, 2].map((seed) => Math.round(outcomeOf('newreno-cubic', seed).question.answer));
    expect(kept).to.deep.equal([70, 70]);
  });

  it('black-hole: the findings agree with the picture, whichever seed', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { findings, picture } = outcomeOf('black-hole', seed);
      const [mtu = 0, delay = 0] = numbersOf(findings[0]);
      const text = pictureText(picture);
      const times = [...text.matchAll(/^ *([\d.]+) .*\[S/gm)].map(([, time]) => Number(time));
      expect(1000 * (times[1]! - times[0]!)).to.be.closeTo(delay, 0.01);
      // The D-SACK block of the picture is the one that is explained.
      expect(findings[1]).to.include(/sack 1 \{\d+:\d+\}/.exec(text)?.[0] ?? 'a block');
      // The pieces of the picture, in their order; they make up the first segment.
      const passed = [...text.matchAll(/\|<-+\| {2}\[\.\] seq (\d+):(\d+), ack 37,.*length (\d+)/g)];
      const first = passed.filter(([, from]) => Number(from) <= 1448).map(([, , , length]) => Number(length));
      expect(findings[2]).to.include(`in pieces of ${first.join(', ')} bytes`);
      expect(first.reduce((sum, length) => sum + length)).to.equal(1448);
      // What gets through fits, and another step of 32 bytes does not.
      const [, room = 0, largest = 0] = numbersOf(findings[3]);
      expect(room).to.equal(mtu - 52);
      expect(largest).to.be.within(room - 31, room);
    }
  });

  it('say how near an answer has to be, and give the exact one to those who are only near', () => {
    const { question } = outcomeOf('handshake', 1);
    expect(unitText(question)).to.equal(' (ms; 1 ms more or less is right, too)');
    expect(verdictOn(question, 31)).to.equal('Right: it is 30 ms.');
    expect(verdictOn(question, 30)).to.equal('Right.');
    expect(verdictOn(question, 32)).to.equal('No: it is 30 ms.');
    expect(unitText(outcomeOf('zero-window', 1).question)).to.equal(' (probes)');
    expect(unitText(outcomeOf('lost-segment', 1).question)).to.equal('');
  });

  it('show the SACK blocks, and windows in bytes', () => {
    const lost = pictureText(outcomeOf('lost-segment', 1).picture);
    expect(lost.match(/ack 1449, win 2\d{5}, sack 1 \{2889:\d+\}, length 0/g)).to.have.length(8);
    expect(lost)
      .to.include('`win` is in bytes')
      .and.match(/\[S\.\] seq 0, ack 1, win 65535/);
    expect(pictureText(outcomeOf('zero-window', 1).picture)).to.match(
      /seq 1:1441, ack 1, win 262144.*ack 1441, win 6560/s,
    );
  });

  it('read an answer as a person types it', () => {
    const question = { text: '', answer: 1, hint: '', because: '' };
    const read = (unit: string | undefined, ...texts: string[]) =>
      texts.map((text) => readAnswer({ ...question, ...(unit !== undefined && { unit }) }, text));
    expect(read(undefined, '42', '1,448', '-3')).to.deep.equal([42, 1448, -3]);
    expect(read('ms', ' 42 ms', '0.03 s', '250 µs', '42')).to.deep.equal([42, 30, 0.25, 42]);
    expect(read('bytes', '1.5 kB', '2 KiB', '1 byte')).to.deep.equal([1500, 2048, 1]);
    expect(read('%', '70 %', '70 percent')).to.deep.equal([70, 70]);
    expect(read('probes', '1 probe')).to.deep.equal([1]);
    expect(new Set(read('ms', '', 'ms', '4 2', 'forty', '30 kB', '1e3', '30,0', '1,0000'))).to.deep.equal(
      new Set(['a number of ms']),
    );
    expect(read(undefined, '3 ms')).to.deep.equal(['a number without a unit']);
  });

  it('take one of the choices of a question, by number or by its words, and nothing else', () => {
    const { question } = outcomeOf('time-wait', 1);
    const read = (text: string) => readAnswer(question, text);
    expect(['1', ' 3 ', 'the server', 'Client'].map(read)).to.deep.equal([1, 3, 2, 1]);
    const others = ['0', '4', '2 ms', '1.5', 'nobody', 'constructor'];
    expect(others.map(read)).to.deep.equal(others.map(() => 'one of 1 to 3'));
  });
});

describe('docs/experiments.md', () => {
  it('has the pictures and findings of the runs (npm run experiments writes them)', () => {
    const page = readFileSync(PAGE, 'utf8');
    expect(filled(page, outcomeOf)).to.equal(page);
  });

  it('says so when an experiment has no place in it', () => {
    expect(() => filled('# Experiments\n', outcomeOf)).to.throw('has no block');
  });
});
