import { expect } from 'chai';
import { requirementProblems } from '../../scripts/check-requirements.js';
import { idsWithoutTest, problemsOf, testsFor } from '../../scripts/requirements/check.js';
import { idsOfList, parseTable, withTests } from '../../scripts/requirements/table.js';
import { testsOfScript, testsOfSource } from '../../scripts/requirements/tests.js';

const SOURCE = `
describe('time', () => {
  it('doubles [6298-6]', () => {});
  for (const n of NAMES) it(\`grows by \${n.map((x) => \`\${x}\`)} (6298-2, 6298-3)\`, () => {});
  it("a peer's | sign [9293-E12] [LX-10]", () => {});
  it('claims nothing', () => {});
  // 6298-1 in a comment claims nothing, either
});
`;
const TESTS = [
  ...testsOfSource('net/time.test.ts', SOURCE),
  ...testsOfScript('packets/a.pkt', '// A.\n// Rows: 6298-6\n'),
];

const table = (...rows: string[]) =>
  parseTable(['| id | asked | answer | shown by |', '|---|---|---|---|', ...rows].join('\n'));

describe('the table of requirements', () => {
  it('of this repository has an answer and a test, or a reason, for each id', () => {
    expect(requirementProblems()).to.deep.equal([]);
  });

  it('finds ids in titles of any quotes, in templates and behind Rows:, and nowhere else', () => {
    expect(TESTS.map(({ name, ids }) => [name, ...ids])).to.deep.equal([
      ['net/time.test.ts: "doubles"', '6298-6'],
      ['net/time.test.ts: "grows by …"', '6298-2', '6298-3'],
      ['net/time.test.ts: "a peer\'s \\| sign"', '9293-E12', 'LX-10'],
      ['packets/a.pkt', '6298-6'],
    ]);
  });

  it('takes ids of the list from its first column only, several a row, with or without a star', () => {
    const list = '| id | § |\n|---|---|\n| 9293-MUST-4 9293-SHLD-5 | 3.1 see 6298-1 |\n| LX-1* | x |\n';
    expect(idsOfList(list)).to.deep.equal(['9293-MUST-4', '9293-SHLD-5', 'LX-1']);
  });

  it('is content with a row that names a test that claims its id, points to one that does, or has a reason', () => {
    const rows = table(
      '| 6298-6 | back off | doubles | packets/a.pkt |',
      '| 9293-MUST-19 | back off | so it does | see 6298-6 |',
      '| 9293-MAY-14 | flush | no, because nobody calls it |  |',
    );
    expect(problemsOf(rows, TESTS)).to.deep.equal([]);
  });

  for (const [what, row, complaint] of [
    ['without an answer', '| 6298-6 | x |  | packets/a.pkt |', 'has no answer'],
    ['without a question', '| 6298-6 |  | x | packets/a.pkt |', 'does not say what is asked'],
    ['without a test', '| 6298-6 | x | x |  |', 'names no test'],
    ['with an empty reason', '| 6298-6 | x | no, because |  |', 'names no test'],
    ['with a test that is not there', '| 6298-6 | x | x | packets/b.pkt |', 'is not there: packets/b.pkt'],
    ['with a test of something else', '| 6298-1 | x | x | packets/a.pkt |', 'does not claim it'],
    ['that points nowhere', '| 6298-6 | x | x | see 6298-9 |', 'which names no test'],
    ['that points to itself', '| 6298-6 | x | x | see 6298-6 |', 'which names no test'],
  ] as const) {
    it(`complains about a row ${what}`, () => {
      const problems = problemsOf(table(row), TESTS);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.contain(complaint);
    });
  }

  it('complains about an id with two rows, and about one of the list that has none', () => {
    const row = '| 6298-6 | x | x | packets/a.pkt |';
    expect(problemsOf(table(row, row), TESTS)).to.deep.equal(['6298-6 has two rows (line 3)']);
    expect(problemsOf(table(row), TESTS, '| 6298-6 6298-7 | 2 |')).to.deep.equal(['6298-7 has no row']);
  });

  it('fills in the last column, keeps what points elsewhere, and leaves the rest of the document alone', () => {
    const text = 'Words.\n| 6298-6 | a \\| b | c | old |\n| 6298-2 | a | b | see 6298-6 |\n\nEnd.';
    expect(withTests(text, (row) => testsFor(row, TESTS))).to.equal(
      'Words.\n| 6298-6 | a \\| b | c | net/time.test.ts: "doubles"<br>packets/a.pkt |\n' +
        '| 6298-2 | a | b | see 6298-6<br>net/time.test.ts: "grows by …" |\n\nEnd.',
    );
  });

  it('lists the ids that no test claims', () => {
    expect(idsWithoutTest(table('| 6298-6 | x | x |  |', '| 6298-1 | x | x |  |'), TESTS)).to.deep.equal(['6298-1']);
  });
});
