/**
 * Each lab is green with the product's own file, red with the scratch copy, and with each typical mistake it fails in
 * the case whose hint helps. All of that runs in this process: each file gets a graph of modules of its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { productSource } from '../../src/lab/folder.js';
import { judge, UNTIL_FAILURE } from '../../src/lab/judge.js';
import { loadCases } from '../../src/lab/judging/run.js';
import type { Judgement, Lab } from '../../src/lab/lab.js';
import { LABS } from '../../src/lab/labs.js';
import { NOT_WRITTEN, scratchCopy } from '../../src/lab/scratch.js';
import { MISTAKES } from './mistakes.js';
import type { Mutant } from './mutants/mutant.js';

let folder: string;
let files = 0;

/** Judges this text as the student's file. */
function judgeText(lab: Lab, text: string): Promise<Judgement> {
  const path = join(folder, `${lab.name}-${++files}.ts`);
  writeFileSync(path, text);
  return judge(lab, path, UNTIL_FAILURE);
}

/** The product's file with one text in it replaced. It must be there exactly once, or the mistake no longer fits. */
function mistaken(lab: Lab, from: string, to: string): string {
  const source = productSource(lab);
  expect(source.split(from).length - 1, `how often the file of ${lab.name} has: ${from}`).to.equal(1);
  return source.replace(from, () => to);
}

/** The mutants of a lab: test/lab/mutants/NAME.ts. */
async function mutantsOf({ name }: Lab): Promise<readonly Mutant[]> {
  const { mutants } = (await import(`./mutants/${name}.js`)) as { mutants: readonly Mutant[] };
  return mutants;
}

const firstFailure = ({ cases }: Judgement) => cases.find(({ failure }) => failure !== undefined);

describe('the labs', () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-labs-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const lab of LABS) {
    describe(lab.name, () => {
      it('is green with the product’s own file', async () => {
        const judgement = await judgeText(lab, productSource(lab));
        expect(judgement.trouble).to.equal(undefined);
        expect(firstFailure(judgement)).to.equal(undefined);
        expect(judgement.isGreen).to.equal(true);
      });

      it('is red with the scratch copy, and says which body is missing', async () => {
        const judgement = await judgeText(lab, scratchCopy(lab, productSource(lab)));
        expect(judgement.isGreen).to.equal(false);
        const names = lab.holes.map(({ name }) => `${name} ${NOT_WRITTEN}`);
        expect(names).to.include(firstFailure(judgement)?.failure?.came);
      });

      it('gives three mistakes or more to judge', () => {
        expect(MISTAKES[lab.name]).to.have.length.at.least(3);
      });

      it('condemns each sentence of the contract that is left out or broken, in the case whose hint helps', async () => {
        const wrong: string[] = [];
        for (const [from, to, fails] of await mutantsOf(lab)) {
          const judgement = await judgeText(lab, mistaken(lab, from, to));
          const name = judgement.trouble?.message ?? firstFailure(judgement)?.name ?? 'no case';
          if (!name.startsWith(fails)) wrong.push(`${from} => ${to}: red is ${name}`);
        }
        expect(wrong).to.deep.equal([]);
      });

      for (const { title, from, to, fails } of MISTAKES[lab.name] ?? []) {
        it(`who ${title} is told what helps`, async () => {
          const judgement = await judgeText(lab, mistaken(lab, from, to));
          expect(judgement.trouble).to.equal(undefined);
          expect(firstFailure(judgement)?.name).to.equal(fails);
        });
      }
    });
  }

  it('have a nudge, a hint and a section in every case, and a sentence of its own for each', async () => {
    for (const lab of LABS) {
      const cases = await loadCases(lab.name);
      expect(new Set(cases.map(({ name }) => name)).size, lab.name).to.equal(cases.length);
      for (const { name, section, nudge, hint } of cases) {
        expect(
          [section, nudge, hint].filter((text) => text.length < 10),
          `${lab.name}: ${name}`,
        ).to.deep.equal([]);
      }
    }
  });
});
